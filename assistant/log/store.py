"""The file of the log: how it is opened, appended to, read and erased from. SQL of the log is known here alone.

A connection lives for one reading or one transaction: several processes append at once, each under SQLite's own write
lock, which ends with its process, and no cache outlives an erasing. Only entries are appended; nothing is updated.
"""

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.errors import LogUnusable
from assistant.log import chain
from assistant.log.entry import Entry, Kind, Text, changed
from assistant.storage.erase import overwrite_unallocated
from assistant.storage.layout import LOG
from assistant.storage.ownership import APPLICATION
from assistant.storage.schema import PRAGMAS

VERSION = 1
_TABLES = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE texts (
    entry INTEGER NOT NULL, name TEXT NOT NULL, salt BLOB NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (entry, name));  -- with row ids: without them a text of a kilobyte takes five
"""
_WAIT_SECONDS = 10.0  # for others that append
# Closing a file ends the locks that its process has on it through any other opening (POSIX), so one at a time.
_ALONE = Lock()

Names = Mapping[int, Sequence[str]]  # of texts, by the number of their entry


@dataclass(frozen=True, slots=True)
class New:
    """An entry to be appended."""

    kind: Kind
    facts: Mapping[str, Any]
    texts: Mapping[str, str]


class Log:
    """The log of the index at a folder; its file is made with the first entry."""

    def __init__(self, index: Path) -> None:
        self.path = index / LOG

    def append(self, make: Callable[[], New]) -> int:
        """Append what `make` returns and return its number, on the disk before the function returns.

        `make` is called when nobody else can append or erase any more. Raises LogUnusable; then nothing was appended.
        """
        with self._writing() as db:
            return _append(db, make())

    def erase(self, choose: Callable[[Iterable[Entry]], Names], why: str) -> int:
        """Erase the texts that `choose` names, so that nothing of them stands in the file; returns how many.

        That they were erased is an entry of its own: the chain holds, and a text that is merely missing is noticed.
        """
        if not self.path.exists():
            return 0
        with self._writing() as db:
            names = {number: sorted(named) for number, named in choose(_entries(db)).items() if named}
            if not names:
                return 0
            rows = [(number, name) for number, named in names.items() for name in named]
            db.executemany("DELETE FROM texts WHERE entry = ? AND name = ?", rows)
            _append(db, New(Kind.ERASURE, {"why": why, "erased": names}, {}))
        self._overwrite()
        return len(rows)

    def entries(self, first: int = 1) -> list[Entry]:
        """The entries from this number on, oldest first; none where nothing was ever logged. Raises LogUnusable."""
        with self._reading() as db:
            return list(_entries(db, first))

    def last(self) -> int:
        """The number of the last entry, 0 where there is none."""
        with self._reading() as db:
            return int(db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0])

    def entry(self, number: int) -> Entry | None:
        """The entry of this number, None where there is none."""
        with self._reading() as db:
            return next(iter(_entries(db, number, number)), None)

    def rows(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """The rows of both tables as they stand, whatever somebody made of them: for `verify`."""
        with self._reading() as db:
            entries = db.execute("SELECT number, time, kind, facts, digest FROM entries ORDER BY number").fetchall()
            # By row id: the order of the key would be read from its index, which may leave rows out.
            return entries, db.execute("SELECT entry, name, salt, text FROM texts ORDER BY rowid").fetchall()

    def altered(self) -> list[str]:
        """The tables, indexes, views and triggers that are not as they were made: for `verify`. Raises LogUnusable."""
        with self._opened() as db:
            differing = _schema(db) ^ _made()
            return sorted({f"{kind} {name}" for kind, name, _, _ in differing})

    def is_whole(self) -> bool:
        """Whether the file's pages, and its index beside its table, are what SQLite writes. Raises LogUnusable."""
        with self._reading() as db:
            return bool(db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))

    def oldest_text(self) -> str | None:
        """The time of the oldest entry that still has texts, None where none has."""
        with self._reading() as db:
            row = db.execute("SELECT time FROM entries WHERE number = (SELECT min(entry) FROM texts)").fetchone()
            return None if row is None else str(row[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The open file in one state, with the tables that it was made with; an empty one where there is none."""
        with self._opened() as db:
            _check(db)
            yield db

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The open file in one state, whatever its tables are; an empty one where there is none."""
        with _ALONE, _told():
            if self.path.exists():
                # A journal left by a killed writer has to be rolled back by whoever comes next.
                writable = os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)
                with _connected(self._place("rw" if writable else "ro")) as db:
                    db.execute("BEGIN")
                    if _version(db) or _schema(db):
                        yield db
                        return
            with _connected(":memory:") as db:
                db.executescript(_TABLES)
                yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The open file, made where there is none (0600), for one transaction that is committed at the end."""
        with _ALONE, _told():
            if self.path.is_symlink() or not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
            with _connected(self._place("rw")) as db:
                db.execute("BEGIN IMMEDIATE")
                if not _version(db) and not _schema(db):
                    for statement in (*_TABLES.split(";"), f"PRAGMA application_id={APPLICATION}"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version={VERSION}")
                _check(db)
                yield db
                db.execute("COMMIT")

    def _overwrite(self) -> None:
        """Overwrite what SQLite leaves of deleted rows, while nobody reads or writes."""
        with _ALONE, _told(), _connected(self._place("rw")) as db:
            db.execute("BEGIN EXCLUSIVE")
            overwrite_unallocated(self.path)  # and the lock ends with it

    def _place(self, mode: str) -> str:
        return f"{self.path.resolve().as_uri()}?mode={mode}"


def note(index: Path, what: str, said: str) -> int:
    """Log an event that is no question, a connection that was refused say; returns its number. Raises LogUnusable."""
    return Log(index).append(lambda: New(Kind.EVENT, {"what": what}, {"said": said}))


@contextmanager
def _connected(place: str) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(place, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        for pragma in (*PRAGMAS, "trusted_schema=OFF"):
            db.execute(f"PRAGMA {pragma}")
        yield db
    finally:
        db.close()  # what is not committed is rolled back


def _version(db: sqlite3.Connection) -> int:
    """The version of the tables, 0 where there are none yet; raises LogUnusable where they are another program's."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version and (version, int(db.execute("PRAGMA application_id").fetchone()[0])) != (VERSION, APPLICATION):
        raise LogUnusable("the log was made by another version of the assistant", "Move the file away.")
    return version


def _schema(db: sqlite3.Connection) -> frozenset[tuple[Any, ...]]:
    """All that the file holds beside rows: tables, and whatever else somebody put there."""
    return frozenset(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


@cache
def _made() -> frozenset[tuple[Any, ...]]:
    """What the log's own tables are, with the index of their key, as this SQLite makes them."""
    with _connected(":memory:") as db:
        db.executescript(_TABLES)
        return _schema(db)


def _check(db: sqlite3.Connection) -> None:
    """Raise LogUnusable for other tables: a view shows other texts, and a trigger keeps what is erased."""
    if _schema(db) != _made():
        raise LogUnusable("the tables of the log were changed", "See: assistant log verify")


def _append(db: sqlite3.Connection, new: New) -> int:
    last = db.execute("SELECT number, digest FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    number, before = (last[0] + 1, str(last[1])) if last else (1, chain.START)
    texts = {name: Text(chain.salt(), _storable(text)) for name, text in new.texts.items()}
    digests = {name: chain.text_digest(text.salt, text.text) for name, text in texts.items()}
    facts = _storable(chain.canonical({**new.facts, "texts": digests}))
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    digest = chain.link(before, number, time, new.kind, facts)
    db.execute(
        "INSERT INTO entries (number, time, kind, facts, digest) VALUES (?, ?, ?, ?, ?)",
        (number, time, new.kind, facts, digest),
    )
    rows = [(number, name, text.salt, text.text) for name, text in texts.items()]
    db.executemany("INSERT INTO texts (entry, name, salt, text) VALUES (?, ?, ?, ?)", rows)
    return int(number)


def _storable(text: str) -> str:
    """The text without the lone surrogates that a model's JSON may hold and SQLite does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _entries(db: sqlite3.Connection, first: int = 1, last: int = 2**62) -> Iterator[Entry]:
    columns = "number, time, kind, facts, digest"
    rows = db.execute(f"SELECT {columns} FROM entries WHERE number BETWEEN ? AND ? ORDER BY number", (first, last))
    for number, time, kind, facts, digest in rows:
        texts = db.execute("SELECT name, salt, text FROM texts WHERE entry = ? ORDER BY name", (number,))
        try:
            read, named = json.loads(facts), Kind(kind)
        except (ValueError, TypeError, RecursionError):
            raise changed(number) from None
        if not isinstance(read, dict):
            raise changed(number)
        yield Entry(number, time, named, read, {name: Text(salt, text) for name, salt, text in texts}, digest)


@contextmanager
def _told() -> Iterator[None]:
    """Raise LogUnusable for whatever keeps the file from being read or written."""
    try:
        yield
    except sqlite3.Error as error:
        raise LogUnusable(*_words(str(error))) from error
    except OSError as error:
        read_only = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
        said = "the index is read-only" if read_only else (error.strerror or str(error)).lower()
        raise LogUnusable(said, "Check the permissions of the index.") from error


def _words(said: str) -> tuple[str, str]:
    """What SQLite's words mean here, and what to do; its own may hold a text."""
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return "the index is read-only", "Check the permissions of the index."
    if "locked" in said or "busy" in said:
        return "the log is busy", "Try again in a moment."
    if "full" in said:
        return "the disk is full", "Make room."
    if "disk I/O" in said:
        return "the disk reports an error", "Check the disk."
    return "the log is damaged", f"Move the file {LOG} of the index away, or bring it back from a copy."
