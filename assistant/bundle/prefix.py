"""The folder that the installer makes, and what in it is its own: nothing else is ever replaced or removed.

What it makes is marked before anything is put into it, and the mark is the last to go. Runs before anything is
installed: the standard library only.
"""

import re
import shutil
from pathlib import Path

from assistant.bundle import receipt
from assistant.bundle.manifest import INDEXES
from assistant.bundle.receipt import CURRENT, MARK, VERSIONS
from assistant.errors import UsageError

LOCK = ".lock"
_VERSION = re.compile(r"[0-9][\w.+]{0,40}-[0-9a-f]{12}", re.ASCII)
_OWN = {"bin", CURRENT, f"{CURRENT}.new", VERSIONS, LOCK, MARK}
_THEIRS = {INDEXES, "settings.toml", "assistant.toml"}  # a person's own, which are expected here
_TEXT = "The assistant's installer made this folder, and removes what it put here.\n"


def mark(folder: Path) -> None:
    """Make a folder, and say in it whose it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_marked(folder):
        (folder / MARK).write_text(_TEXT)


def check_own(prefix: Path) -> None:
    """Raise UsageError unless the installer made a folder, and every version in it."""
    versions = prefix / VERSIONS
    for path in (versions, prefix / "bin"):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise _foreign(path, prefix)
    listed = sorted(versions.iterdir()) if versions.is_dir() else []
    for path in listed:
        if not is_own(path):
            raise _foreign(path, prefix)
    if not listed and not _is_marked(prefix):
        hint = "Name another with --prefix: to install, a new or an empty one."
        raise UsageError(f"nothing of the assistant is in {prefix}", hint)


def is_own(version: Path) -> bool:
    """Whether the installer made the folder of a version: it is marked, still empty, or has its receipt."""
    if not _VERSION.fullmatch(version.name) or version.is_symlink() or not version.is_dir():
        return False
    if _is_marked(version) or not any(version.iterdir()):
        return True
    found = receipt.known(version)
    return found is not None and version.name == f"{found.version}-{found.bundle[:12]}"


def remove(version: Path) -> None:
    """Remove a version's folder, what shows whose it is last; one that is not the installer's stays."""
    if not is_own(version):
        return
    for path in version.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in (receipt.RECEIPT, MARK):
            path.unlink()
    for name in (receipt.RECEIPT, MARK):
        (version / name).unlink(missing_ok=True)
    version.rmdir()


def has_only_theirs(prefix: Path) -> bool:
    """Whether a folder holds nothing but what an uninstallation leaves: a person's indexes and settings, or nothing."""
    return all(path.name in _THEIRS for path in prefix.iterdir())


def strangers(prefix: Path) -> list[str]:
    """What stands at the top of an installation and is neither of it nor expected there."""
    return sorted(path.name for path in prefix.iterdir() if path.name not in _OWN | _THEIRS)


def _is_marked(folder: Path) -> bool:
    path = folder / MARK
    return path.is_file() and not path.is_symlink()


def _foreign(path: Path, prefix: Path) -> UsageError:
    said = f"{path} is not of the assistant, so nothing in {prefix} is replaced or removed"
    return UsageError(said, "Choose another place with --prefix, or move it away.")
