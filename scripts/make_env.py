"""Makes or mends `.venv` from the lock files; called by scripts/ask and scripts/test, needs nothing but Python.

    make_env.py run|dev

A lock keeps two callers apart and is released by the system when its holder is killed. A mark is written last, so a
half-made environment is noticed and made anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


def say(text: str) -> None:
    """Tell the person what happens, on stderr: stdout belongs to the command that follows."""
    print(text, file=sys.stderr, flush=True)


def mark_of(lock: Path) -> Path:
    """Where a copy of the lock file stands once everything in it is installed."""
    return VENV / f"installed-{lock.name}"


def is_made(kind: str) -> bool:
    """Whether everything of the lock file, as it is now, is installed."""
    mark = mark_of(LOCKS[kind])
    return mark.is_file() and mark.read_bytes() == LOCKS[kind].read_bytes()


def pip(*arguments: str) -> None:
    """Run the environment's own pip; leaves with its code if it fails."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", *quiet, *arguments], check=False)
    if done.returncode != 0:
        say("error: the installation failed (see above); nothing is half-used.")
        say("       Check the network and the disk, then run the same command again.")
        sys.exit(done.returncode)


def make(kind: str) -> None:
    """Install one lock file, and the package itself, into a sound environment."""
    sound = any(is_made(other) for other in LOCKS)
    if VENV.exists() and not sound:
        say("Removing a half-made or outdated .venv")
        shutil.rmtree(VENV)
    if not VENV.exists():
        say(f"Making .venv with Python {sys.version.split()[0]}")
        venv.create(VENV, with_pip=True)
    lock = LOCKS[kind]
    for other in LOCKS.values():
        mark_of(other).unlink(missing_ok=True)
    number = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    say(f"Installing {number} packages from {lock.name}, every one checked against its hash (a minute or two)")
    pip("--require-hashes", "--no-deps", "--requirement", str(lock))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    # The development lock holds everything of the other one in the same versions (scripts/lock).
    for made in ["run", "dev"] if kind == "dev" else ["run"]:
        shutil.copyfile(LOCKS[made], mark_of(LOCKS[made]))


def main() -> None:
    """Make the environment unless another process has just done so."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the person's own Python runs this file
        say(f"error: Python {sys.version.split()[0]} is too old.")
        say("       Install Python 3.11 or newer, or name one: PYTHON=python3.12 ./scripts/ask ...")
        sys.exit(1)
    descriptor = os.open(ROOT / ".venv.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Waiting for another process that is making .venv")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    if not is_made(sys.argv[1]):
        make(sys.argv[1])


if __name__ == "__main__":
    main()
