"""The installer, which a bundle's install.sh starts from the package's wheel: checks everything, and only then writes.

It runs before anything is installed, with the standard library only, and is a program of its own: it prints.
"""

import argparse
import fcntl
import io
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.bundle import environment, machine, placing, receipt
from assistant.bundle import prefix as owned
from assistant.bundle.manifest import INDEXES, MODELS, SERVER, Manifest
from assistant.bundle.prefix import LOCK
from assistant.bundle.receipt import CURRENT, MARK, PROGRAM, VERSIONS
from assistant.bundle.ticking import ticking
from assistant.bundle.verify import Bundle, verify
from assistant.errors import AssistantError, BundleRefused, IndexInUse

_QUESTION = "How many days of annual leave are there from the third year on?"
_NO_SERVER = "127.0.0.1:9"  # the sample is answered in quotes
_STOPPED = 130


def main(source: str, arguments: Sequence[str] | None = None) -> int:
    """Install from an unpacked bundle, or remove, as the command line says; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)
    os.umask(os.umask(0o022) | 0o022)  # whatever it is here, nobody else writes to the program
    options = _options(arguments)
    prefix = Path(os.path.abspath(options.prefix.expanduser()))  # noqa: PTH100 - a link stays one
    try:
        if options.uninstall:
            uninstall(prefix)
            return 0
        return install(Path(source), prefix)
    except KeyboardInterrupt:
        return _failed("stopped", "Run it again: what is half-made is made anew.", _STOPPED)
    except AssistantError as error:
        return _failed(str(error), error.hint, error.exit_code)
    except OSError as error:
        said = f"{error.filename or prefix}: {error.strerror or error}"
        return _failed(said, "Nothing is half-used. Put that right, then run it again.", 1)


def install(source: Path, prefix: Path) -> int:
    """Install and show that it works; safe to do again. What can be known to fail raises before anything is written."""
    print("Checking the bundle")
    bundle = verify(source, ticking("Checked", _size(source), print))
    store = placing.model_store() if bundle.manifest.below(MODELS) else None
    _check(bundle.manifest, source, prefix, store)
    version = environment.folder_of(bundle, prefix)
    with _alone(prefix):
        why = _why_due(version, prefix, bundle)
        if why is None:
            print("It is installed already, and every file is as it should be.")
        else:
            machine.check_idle(prefix)
            print(why)
            environment.make(bundle, source, version, store, print)
            environment.use(version)
        environment.remove_others(version)
        _place_indexes(bundle.manifest, source, prefix)
    return _shown(bundle.manifest, source, prefix, store)


def uninstall(prefix: Path) -> None:
    """Remove everything that was installed, but the indexes below it."""
    machine.check_name(prefix)
    owned.check_own(prefix)
    machine.check_idle(prefix)
    with _alone(prefix):
        for version in (prefix / VERSIONS).iterdir():
            if found := receipt.known(version):
                placing.remove_models(Path(found.store), found.models)
        for path in (prefix / CURRENT, prefix / PROGRAM):
            path.unlink(missing_ok=True)
        _clear(prefix)
    _remove_empty(prefix / "bin", prefix / INDEXES, prefix)
    kept = f"; what you made stays in {prefix}" if prefix.exists() else ""
    print(f"Removed{kept}.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sh install.sh", description="Install the assistant from this folder; no network.", allow_abbrev=False
    )
    parser.add_argument("--prefix", type=Path, default=Path("~/assistant"), help="where to [~/assistant]")
    parser.add_argument("--uninstall", action="store_true", help="remove what was installed; indexes stay")
    return parser.parse_args(arguments)


def _check(manifest: Manifest, source: Path, prefix: Path, store: Path | None) -> None:
    """Raise unless this machine can take the bundle."""
    machine.check_system(manifest)
    machine.check_python()
    machine.check_prefix(prefix, source)
    if store is not None:
        machine.check_writable(store, "Name another folder for models: OLLAMA_MODELS=FOLDER sh install.sh")
    machine.check_room(source, manifest, prefix, store)


@contextmanager
def _alone(prefix: Path) -> Iterator[None]:
    """Be the only installer; folders that a failed first installation made are taken away again."""
    made = [path for path in (prefix, *prefix.parents) if not path.exists()]
    owned.mark(prefix)
    (prefix / VERSIONS).mkdir(exist_ok=True)
    descriptor = os.open(prefix / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexInUse(f"another installer works in {prefix}", "Wait for it to end.") from None
        try:
            yield
        except BaseException:
            if receipt.current(prefix) is None:
                _clear(prefix)
                _remove_empty(*made)
            raise
    finally:
        os.close(descriptor)


def _clear(prefix: Path) -> None:
    """Remove the versions and what shows that there was an installation: the mark is the last to go."""
    for version in (prefix / VERSIONS).iterdir():
        owned.remove(version)
    _remove_empty(prefix / VERSIONS)
    for name in (LOCK, MARK):
        (prefix / name).unlink(missing_ok=True)


def _remove_empty(*folders: Path) -> None:
    """Remove those of these folders that hold nothing."""
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()


def _why_due(version: Path, prefix: Path, bundle: Bundle) -> str | None:
    """Why it is installed now, in words; None where exactly this version is in use and whole."""
    current, new = receipt.current(prefix), f"assistant {bundle.manifest.version} in {prefix}"
    if current is None:
        return f"Installing {new}"
    try:
        found = receipt.whole(prefix)
    except BundleRefused as damage:
        return (
            f"Making it anew: {damage}" if current == version else f"Installing {new}, where the one before is damaged"
        )
    return None if current == version else f"Replacing assistant {found.version} with {bundle.manifest.version}"


def _place_indexes(manifest: Manifest, source: Path, prefix: Path) -> None:
    for name in sorted({entry.path.split("/")[1] for entry in manifest.below(INDEXES)}):
        if not placing.place_index(source, name, manifest.below(f"{INDEXES}/{name}"), prefix):
            print(f"There is an index {name} already, which is not replaced")


def _shown(manifest: Manifest, source: Path, prefix: Path, store: Path | None) -> int:
    """Have the installed program show that it works, and say how to use it."""
    program = prefix / PROGRAM
    for catalog in sorted((prefix / INDEXES).glob("*/catalog.sqlite")):
        _say_state(program, catalog.parent)
    with tempfile.TemporaryDirectory() as trial:
        sample = next((prefix / CURRENT).glob("lib/python*/site-packages/assistant/bundle/sample"))
        index = ("--index", f"{trial}/index")
        own = ("--quiet", "--host", _NO_SERVER)  # whatever OLLAMA_HOST says: the doctor shows what is wrong with it
        _run(program, trial, "index", str(sample), *index, *own)
        print("\n== assistant doctor")
        healthy = _run(program, trial, "doctor", *index) == 0
        print(f"\n== assistant ask {shlex.quote(_QUESTION)}")
        answered = _run(program, trial, "ask", _QUESTION, "--no-model", *index, *own) == 0
    print()
    if not answered:
        return _failed("it is installed, and does not answer", f"Run: {program} doctor", 1)
    if manifest.below(MODELS) and store is None:
        print(f"The Ollama service takes its models from a folder of its own:\n    {placing.service_line(source)}")
    for entry in manifest.below(SERVER):
        print(f"The Ollama server is in {source / entry.path}")
    print(f"assistant {manifest.version} is installed{'' if healthy else '; see what the doctor says above'}.")
    print(f"    {shlex.quote(str(program))} index FOLDER\n    {shlex.quote(str(program))} ask QUESTION")
    return 0


def _say_state(program: Path, index: Path) -> None:
    """Say whether this version can use an index of the person's as it is."""
    asked = [str(program), "status", "--quiet", "--index", str(index)]
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode == 0:
        ask = shlex.join([str(program), "ask", "--index", str(index)])
        print(f"Your index {index} stays as it is:\n    {ask} QUESTION")
    else:
        print(f"Your index {index} cannot be used yet:\n{done.stderr.rstrip()}")


def _run(program: Path, folder: str, *arguments: str) -> int:
    sys.stdout.flush()
    return subprocess.run([program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode


def _size(source: Path) -> int:
    return sum(path.stat().st_size for path in source.rglob("*") if path.is_file())


def _failed(message: str, hint: str, code: int) -> int:
    print(f"error: {message}\n       {hint}", file=sys.stderr)
    return code
