"""The file of the catalog: how it is opened, checked, read in one state, written, and sealed."""

import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from assistant.errors import IndexUnusable
from assistant.indexing import seal
from assistant.indexing.layout import CATALOG
from assistant.indexing.schema import REBUILD, SCHEMA_VERSION, TABLES, connect, readable

_TRIES = 2  # readings without a snapshot
_Result = TypeVar("_Result")


class Store:
    """The open file; a reader sees one state in `consistently`, the writer commits in short transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._has_written = False
        self.path = path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Open the catalog below `folder` for writing, making both where they do not exist (0700, 0600)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / CATALOG
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
        catalog = cls(connect(path, "rwc"), path)
        try:
            if catalog._version() == 0:
                catalog._db.executescript(f"BEGIN;{TABLES}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")
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
            raise IndexUnusable(f"there is no index at {folder}", "Make one with: assistant index FOLDER")
        # A journal left by a killed writer has to be rolled back by whoever comes next, so read-write where possible.
        writable = os.access(path, os.W_OK) and os.access(folder, os.W_OK)
        catalog = cls(connect(path, "rw" if writable else "ro"), path)
        try:
            catalog._check()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def _check(self) -> None:
        version = self._version()
        if version == 0:  # a run was stopped before it had made the tables
            raise IndexUnusable(f"the index at {self.path.parent} is empty", "Fill it with: assistant index FOLDER")
        if version != SCHEMA_VERSION:
            raise IndexUnusable(
                f"the index at {self.path.parent} was made by another version of the assistant", REBUILD
            )
        with readable(self.path):
            self._check_content()

    def _check_content(self) -> None:
        """Raise IndexUnusable where the file is not what the last run left (seal.py)."""
        index = self.path.parent
        with self.snapshot():  # nothing is committed between the two looks
            kept = seal.sealed(index)
            if kept is None:  # a run is at work, or was killed
                if (found := str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0])) != "ok":
                    raise sqlite3.DatabaseError(found)
            elif not seal.is_as_marked(self.path, kept[0]):
                raise IndexUnusable(
                    f"the catalog {self.path} was damaged or replaced since the last run",
                    f"Delete the folder {index} and run: assistant index {shlex.quote(kept[1])}",
                )

    def _version(self) -> int:
        with readable(self.path):
            return int(self._db.execute("PRAGMA user_version").fetchone()[0])

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
        if not self._has_written:
            seal.break_seal(self.path.parent)
            self._has_written = True
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled it back already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

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
