"""Whether a folder is an index: what stands in it is written over and removed only where that is proven.

A folder of somebody's notes may have a `words` of its own, and another program a `chroma`. Proof is the number that
the catalog and the log carry in their heads, the seal, or the note in the lock of a run that was killed before it made
a catalog.
"""

import json
from pathlib import Path

from assistant.storage.layout import CATALOG, LOCK, LOG
from assistant.storage.seal import sealed

APPLICATION = 0x41535354  # "ASST": SQLite keeps it in the head of the file (PRAGMA application_id)

_FIRST_FILES = frozenset({LOCK, CATALOG, f"{CATALOG}-journal"})  # what a run makes before anything else
_MAGIC = b"SQLite format 3\0"
_ID_AT, _HEAD_BYTES = 68, 100  # of an SQLite file
_LONGEST_NOTE = 1_000  # bytes


def is_ours(index: Path) -> bool:
    """Whether a folder is an index, or holds nothing that an index could harm; raises OSError where nobody may look."""
    head = _start(index / CATALOG, _HEAD_BYTES) or _start(index / LOG, _HEAD_BYTES)
    if head.startswith(_MAGIC):
        return int.from_bytes(head[_ID_AT : _ID_AT + 4], "big") == APPLICATION
    if sealed(index) is not None or _is_note(_start(index / LOCK, _LONGEST_NOTE)):
        return True
    names = {path.name for path in index.iterdir()}
    return names <= _FIRST_FILES and not head and not _start(index / LOCK, _LONGEST_NOTE)


def _start(path: Path, count: int) -> bytes:
    """The first bytes of a file, none where there is no such file."""
    if not path.is_file() or path.is_symlink():
        return b""
    with path.open("rb") as file:
        return file.read(count)


def _is_note(text: bytes) -> bool:
    """Whether this is what `lock.writer` writes into the lock."""
    try:
        return set(json.loads(text)) == {"pid", "since"}
    except (ValueError, TypeError, RecursionError):
        return False
