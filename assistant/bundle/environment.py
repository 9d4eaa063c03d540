"""An installed version: made in a folder of its own, brought into use by one link, and only then the one before goes.

A folder without a receipt is what an interrupted installation left. Runs before anything is installed: the standard
library only.
"""

import hashlib
import os
import subprocess
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.bundle import placing, prefix, receipt
from assistant.bundle.manifest import MODELS, WHEELS, Entry
from assistant.bundle.receipt import VERSIONS, Receipt, prefix_links
from assistant.bundle.verify import Bundle
from assistant.errors import AssistantError

_ANOTHER = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")  # variables of another environment


def folder_of(bundle: Bundle, top: Path) -> Path:
    """Where the version of a bundle is installed: each bundle has a place of its own."""
    return top / VERSIONS / f"{bundle.manifest.version}-{_digest(bundle)[:12]}"


def make(bundle: Bundle, source: Path, version: Path, store: Path | None, say: Callable[[str], None]) -> None:
    """Make a version's folder with all packages and its receipt, and place the models; no folder is left on failure."""
    before = receipt.current(version.parent.parent)
    owned = receipt.known(before) if before else None
    kept_store, kept = kept_models(owned, store)
    placed: tuple[Entry, ...] = ()
    prefix.remove(version)
    prefix.mark(version)
    try:
        _create(version)
        say(f"Installing {len(bundle.manifest.below('wheels')):,} packages (a minute or two)")
        _pip(source, version)
        if store is not None:
            placed = placing.place_models(source, bundle.manifest.below(MODELS), store, say)
        models = tuple(sorted({*placed, *kept}, key=lambda entry: entry.path))
        taken = receipt.taken(version, bundle.manifest.version, _digest(bundle), kept_store, models)
        receipt.write(taken, version)
    except BaseException:
        prefix.remove(version)
        if store is not None:
            placing.remove_models(store, placed)
        raise


def kept_models(before: Receipt | None, store: Path | None) -> tuple[str, tuple[Entry, ...]]:
    """The store of a version that follows another, and what the one before placed there: it goes with the new one.

    A bundle without models keeps the store of before. What a person has removed meanwhile is nobody's, and so is what
    stands in another store than the one that is used now.
    """
    if before is None or (store and before.store != str(store)):
        return str(store or ""), ()
    there = (entry for entry in before.models if (Path(before.store) / entry.path).is_file())
    return before.store, tuple(there)


def use(version: Path) -> None:
    """Bring a version into use."""
    top = version.parent.parent
    (top / "bin").mkdir(exist_ok=True)
    for link, target in prefix_links(version).items():
        new = top / f"{link}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(top / link)


def remove_others(version: Path) -> None:
    """Remove every version but one."""
    for other in version.parent.iterdir():
        if other != version:
            prefix.remove(other)


def _digest(bundle: Bundle) -> str:
    return hashlib.sha256(bundle.manifest_bytes).hexdigest()


def _create(version: Path) -> None:
    venv.create(version, symlinks=True)
    _python(version, "Python's venv module", ["ensurepip", "--default-pip"])


def _pip(source: Path, version: Path) -> None:
    quiet = ("--quiet", "--isolated", "--disable-pip-version-check", "--no-input", "--no-cache-dir")
    offline = ("--no-index", "--find-links", str(source / WHEELS), "--only-binary", ":all:")
    listed = ("--require-hashes", "--no-deps", "--requirement", str(source / "requirements.txt"))
    _python(version, "pip", ["pip", "install", *quiet, *offline, *listed])


def _python(version: Path, who: str, module: Sequence[str]) -> None:
    """Run a module with a version's own Python; it finds no other programs.

    pip asks for the version of rustc, which where rustup installed it writes into the person's home.
    """
    environ = {name: value for name, value in os.environ.items() if name not in _ANOTHER and name[:4] != "PIP_"}
    done = subprocess.run(
        [version / "bin" / "python", "-I", "-m", *module],
        env=environ | {"PATH": str(version / "bin")}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise _failure(done.stdout, who)


def _failure(said: str, who: str) -> AssistantError:
    if "No space left" in said:
        return AssistantError("the disk is full; what was begun is removed again", "Make room, then run it again.")
    lines = [line for line in said.splitlines() if "rror" in line] or ["no reason given"]
    return AssistantError(f"{who} failed: {lines[-1][:300]}", "Nothing is installed. Run it again.")
