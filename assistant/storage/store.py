"""The file of the catalog: how it is opened, checked, read in one state, written, and sealed."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from assistant.errors import IndexUnusable
from assistant.storage import seal
from assistant.storage.erase import overwrite_unallocated
from assistant.storage.layout import CATALOG
from assistant.storage.lock import holder
from assistant.storage.ownership import APPLICATION
from assistant.storage.place import index_command, no_index, rebuild_hint
from assistant.storage.schema import SCHEMA_VERSION, TABLES, connect, readable

_TRIES = 2  # readings without a snapshot
_Result = TypeVar("_Result")


class Store:
    """The open file; a reader sees one state in `consistently`, the writer commits in short transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._has_written = False
        self.is_sealed = False  # when it was opened: no run was at work on it, or killed
        self.path = path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Open the catalog below `folder` for writing, making both where they do not exist (0700, 0600)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / CATALOG
        if not path.exists():  # somebody deleted one of no use: the mark that is left was its
            seal.break_seal(folder)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
        catalog = cls(connect(path, "rwc"), path)
        try:
            if catalog._number("user_version") == 0:
                named = f"PRAGMA application_id={APPLICATION};PRAGMA user_version={SCHEMA_VERSION};"
                catalog._db.executescript(f"BEGIN;{TABLES}{named}COMMIT;")
            catalog._check()
        except BaseException:
            catalog.close()
            raise
        return catalog

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the catalog below `folder` for reading; raises IndexUnusable where there is none or it is foreign."""
        path = folder / CATALOG
        if not path.is_file():
            raise no_index(folder)
        # A journal left by a killed writer has to be rolled back by whoever comes next, so read-write where possible.
        writable = os.access(path, os.W_OK) and os.access(folder, os.W_OK)
        catalog = cls(connect(path, "rw" if writable else "ro"), path)
        try:
            # A run at work has checked what it goes on from; a long look would hold its commits up, and all readers.
            catalog._check(trusted=bool(holder(folder)))
        except BaseException:
            catalog.close()
            raise
        return catalog

    def _check(self, trusted: bool = False) -> None:
        version = self._number("user_version")
        if version == 0:  # a run was stopped before it had made the tables
            index = self.path.parent
            raise IndexUnusable(f"the index at {index} is empty", f"Fill it with: {index_command(index, 'FOLDER')}")
        if self._number("application_id") != APPLICATION:
            raise IndexUnusable(f"{self.path} is not a catalog of the assistant", "Name another place with --index.")
        if version != SCHEMA_VERSION:
            raise IndexUnusable(
                f"the index at {self.path.parent} was made by another version of the assistant",
                rebuild_hint(self.path.parent),
            )
        with readable(self.path):
            self._check_content(trusted)

    def _check_content(self, trusted: bool) -> None:
        """Raise IndexUnusable where the file is not what the last run left (seal.py), unless a run is at work."""
        index = self.path.parent
        with self.snapshot():  # nothing is committed between the two looks
            kept = seal.sealed(index)
            self.is_sealed = kept is not None
            if kept is None:  # a run is at work, or was killed
                if not trusted and (found := str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0])) != "ok":
                    raise sqlite3.DatabaseError(found)
            elif not seal.is_as_marked(self.path, kept[0]):
                raise IndexUnusable(
                    f"the catalog {self.path} was damaged or replaced since the last run",
                    rebuild_hint(index),
                )

    def _number(self, pragma: str) -> int:
        """One of the numbers in the head of the file."""
        with readable(self.path):
            return int(self._db.execute(f"PRAGMA {pragma}").fetchone()[0])

    def close(self) -> None:
        """Close the file, after a run with its seal; safe to call again."""
        if self._has_written:
            self._has_written = False
            with suppress(OSError, sqlite3.Error):  # without it the next one to open looks more closely
                seal.write_seal(self.path.parent, self.path, self.get("folder") or "")
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See one state of the index inside, whatever a writer tries to commit meanwhile: it waits, so be quick."""
        if self._db.in_transaction:  # already inside of one
            yield
            return
        self._db.execute("BEGIN")
        try:
            self._db.execute("SELECT count(*) FROM meta").fetchone()  # SQLite takes the snapshot at the first read
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def consistently(self, read: Callable[[], _Result]) -> _Result:
        """What `read` returns of one state of the index.

        A writer waits for whoever holds a snapshot, and other readers for that writer. So it is read without one, again
        if a commit came between, and only then with commits held off.
        """
        if self._db.in_transaction:
            return read()
        for _ in range(_TRIES):
            before = self._data_version()
            try:
                result = read()
            except Exception:
                if self._data_version() == before:
                    raise
            else:
                if self._data_version() == before:
                    return result
        with self.snapshot():
            return read()

    def _data_version(self) -> int:
        """A number that another process's commit changes."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside at once, or nothing."""
        self._begin_writing()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled it back already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _begin_writing(self) -> None:
        """Break the seal before the first change."""
        if not self._has_written:
            seal.break_seal(self.path.parent)
            self._has_written = True

    def erase_remains(self) -> None:
        """Overwrite what is left in the file of rows that were deleted; outside of a transaction, with no rows open."""
        self._begin_writing()
        self._db.close()  # what it holds in its cache would be written back
        try:
            overwrite_unallocated(self.path)
        finally:
            self._db = connect(self.path, "rwc")

    def get(self, key: str) -> str | None:
        """Value of one entry of the index's state, None where it was never set."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, **values: str | int) -> None:
        """Set entries of the index's state."""
        self._db.executemany("REPLACE INTO meta VALUES (?, ?)", [(key, str(value)) for key, value in values.items()])

    def drop(self, *keys: str) -> None:
        """Remove entries of the index's state."""
        self._db.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in keys])
