"""The tables of the catalog, how its file is opened, and what all statements share."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from assistant.errors import IndexUnusable
from assistant.storage.place import rebuild_hint

SCHEMA_VERSION = 4
_HINTS = {"disk": "Check the disk, then try again.", "unable to open": "Check the permissions of the folder."}
_READER_SECONDS = 5.0  # to wait for a commit
_WRITER_SECONDS = 60.0  # to wait for readers: work would be lost

ABOVE_ALL = 2**62  # more than any id
# The words index has an entry for every chunk, by its id, and one for every file that has text, by this and its id.
DOCUMENT = 2**48
_Value = TypeVar("_Value")

PRAGMAS = (
    "foreign_keys=ON",
    "secure_delete=ON",  # deleted text is overwritten
    "temp_store=MEMORY",  # and never stands in a file elsewhere
    "synchronous=EXTRA",
    "cache_size=-16000",
    "cache_spill=OFF",  # a transaction that spills would lock readers out until it ends
)

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL, device INTEGER NOT NULL, scanned_ns INTEGER NOT NULL, sha256 TEXT NOT NULL,
    reading TEXT NOT NULL, cutting TEXT NOT NULL,  -- the versions of the code that read and cut it
    limits TEXT NOT NULL,  -- those under which reading it failed, empty where it did not
    words INTEGER NOT NULL DEFAULT 1,  -- 0 while the words index still has it at its old path
    title TEXT NOT NULL, stated TEXT, standing TEXT NOT NULL,  -- title, date and standing, as it says itself
    subject TEXT NOT NULL,  -- what stands for the title in what is embedded
    date TEXT, dated TEXT NOT NULL, family TEXT NOT NULL, edition TEXT NOT NULL,  -- reading/editions.py
    language TEXT NOT NULL, pages INTEGER);
CREATE INDEX files_family ON files (family);
CREATE TABLE gaps (
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    reason TEXT NOT NULL, pages TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX gaps_file ON gaps (file);
CREATE TABLE texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    page INTEGER, page_label TEXT, text TEXT NOT NULL);
CREATE INDEX texts_file ON texts (file);
CREATE TABLE sections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, text INTEGER NOT NULL REFERENCES texts ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, headings TEXT NOT NULL);
CREATE INDEX sections_text ON sections (text);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    section INTEGER NOT NULL REFERENCES sections ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    hash BLOB NOT NULL);  -- of the embedded text: the key of its vector
CREATE INDEX chunks_file ON chunks (file);
CREATE INDEX chunks_section ON chunks (section);
CREATE INDEX chunks_hash ON chunks (hash);
CREATE TABLE embedders (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE vectors (
    embedder INTEGER NOT NULL REFERENCES embedders, hash BLOB NOT NULL,
    vector BLOB NOT NULL,  -- little-endian float32, unit length
    crc INTEGER NOT NULL,  -- CRC-32 of these bytes
    PRIMARY KEY (hash, embedder));
CREATE TABLE snippets (  -- read for the candidates of a question alone, so they stand apart from what is read in rows
    embedder INTEGER NOT NULL, hash BLOB NOT NULL,
    vectors BLOB NOT NULL,  -- signed 8-bit integers, of the embedder's dimensions each (embedding/snippets.py)
    crc INTEGER NOT NULL,  -- CRC-32 of these bytes
    PRIMARY KEY (hash, embedder),
    FOREIGN KEY (hash, embedder) REFERENCES vectors (hash, embedder) ON DELETE CASCADE);
"""


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file in SQLite's mode `ro`, `rw` or `rwc`; raises IndexUnusable where that fails."""
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    try:
        seconds = _WRITER_SECONDS if mode == "rwc" else _READER_SECONDS
        db = sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise IndexUnusable(f"{path} cannot be opened: {error}", "Check the permissions of the folder.") from error
    # A rollback journal and not WAL: the SQLite of Python 3.11 can corrupt a WAL with two connections (PITFALLS.md).
    try:
        with readable(path):
            for pragma in PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise IndexUnusable where SQLite finds inside that the file is none of its own, damaged, or not to be had."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
            hint = next((hint for said, hint in _HINTS.items() if said in str(error)), "Try again in a moment.")
            raise IndexUnusable(f"the index at {path.parent} cannot be opened: {error}", hint) from error
        raise IndexUnusable(f"the catalog {path} is damaged: {error}", rebuild_hint(path.parent)) from error


def parts(values: Iterable[_Value], size: int = 500) -> Iterator[list[_Value]]:
    """Values in parts that one SQL statement takes."""
    left = iter(values)
    while part := list(islice(left, size)):
        yield part


def marks(values: Sequence[object]) -> str:
    """A question mark for each value of an SQL list."""
    return ",".join("?" * len(values))
