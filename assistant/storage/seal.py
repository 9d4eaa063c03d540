"""Notices, before anything is opened, that files of the index are not what the last run left.

A damaged store can crash the process that opens it, and a catalog with a flipped bit answers wrongly without a word. So
each file has a mark: size, times, inode, and the sum of its bytes. While size, times and inode are what they were
nobody has written to it, for no program can set the time of the last change (ctime); otherwise the file is read, and
the sum decides: a copied index is as good as the old one. Sums (CRC-32) find damage; they are no proof against an
attacker. What rots on the disk without being written is found when a passage is shown (retrieval/search.py).
"""

import json
import os
import shutil
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.storage.layout import DAMAGED, NEW_SEAL, SEAL

_BLOCK = 1 << 20  # bytes read at once


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file was when it was marked."""

    size: int  # bytes
    mtime_ns: int
    ctime_ns: int
    inode: int
    crc: int  # CRC-32 of its bytes


def mark(path: Path) -> Mark:
    """The mark of a file as it is now."""
    crc = 0
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        while block := file.read(_BLOCK):
            crc = zlib.crc32(block, crc)
    return Mark(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, crc)


def is_as_marked(path: Path, kept: Mark) -> bool:
    """Whether a file's bytes are those that were marked; they are read only where it has been written to since."""
    now = path.stat()
    if (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino) == (
        kept.size, kept.mtime_ns, kept.ctime_ns, kept.inode,
    ):  # fmt: skip
        return True
    return now.st_size == kept.size and mark(path).crc == kept.crc


def marks(folder: Path) -> str:
    """The marks of every file below a folder, as text to keep; locks are left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return json.dumps({path.relative_to(folder).as_posix(): asdict(mark(path)) for path in sorted(files)})


def intact(folder: Path, kept: str | None) -> bool:
    """Whether every marked file of a folder is there as it was marked."""
    if not kept or not folder.is_dir():
        return False
    try:
        return all(is_as_marked(folder / name, Mark(**values)) for name, values in json.loads(kept).items())
    except OSError:
        return False


def note_damage(index: Path) -> None:
    """Have the next run build the derived indexes anew; where nothing can be written there will be no run either."""
    with suppress(OSError):
        (index / DAMAGED).touch(mode=0o600)


def remove(path: Path) -> None:
    """Remove a derived index, whatever stands in its place; raises AssistantError where something of it stays."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise AssistantError(
            f"{path} cannot be removed: {error.strerror}", "Check its permissions, then run it again."
        ) from error


def write_seal(index: Path, catalog: Path, folder: str) -> None:
    """Mark the catalog, with the folder that it was made from; on the disk before the function returns."""
    text = json.dumps(asdict(mark(catalog)) | {"folder": folder})
    new = index / NEW_SEAL
    descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(index / SEAL)
    flush(index)


def break_seal(index: Path) -> None:
    """Take the catalog's mark away, on the disk before the function returns: what follows may be cut short."""
    with suppress(FileNotFoundError):
        (index / SEAL).unlink()
        flush(index)


def sealed(index: Path) -> tuple[Mark, str] | None:
    """The mark of the catalog and the folder that it was made from, None where there is none that can be read."""
    try:
        values = json.loads((index / SEAL).read_text(encoding="utf-8"))
        folder = values.pop("folder")
        return Mark(**{name: int(value) for name, value in values.items()}), str(folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def flush(path: Path) -> None:
    """Write a file, or the names in a folder, through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
