"""The catalog: one SQLite file that is the only truth of an index.

Files, their texts, the chunks cut from them and the vectors stand here; words and generations are made from it and
can be deleted at any time. Chunk ids are never used twice, so that a derived index can only lag behind, never lie.
The only place that knows SQL.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.embedding.embedder import Vector
from assistant.errors import IndexUnusable
from assistant.indexing.rows import ChunkRow, Counts, FileRow
from assistant.indexing.schema import REBUILD, SCHEMA_VERSION, TABLES, connect, readable
from assistant.types import Chunk, Document, Gap, Kind, PageGap, SourceFile, StoredText

FILE_NAME = "catalog.sqlite"


class Catalog:
    """An open catalog; a reader sees one state from `begin_read` on, the writer commits in short transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    @classmethod
    def create(cls, folder: Path) -> "Catalog":
        """Open the catalog below `folder` for writing, making both where they do not exist (0700, 0600)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE_NAME
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
    def open(cls, folder: Path) -> "Catalog":
        """Open the catalog below `folder` for reading; raises IndexUnusable where there is none or it is foreign."""
        path = folder / FILE_NAME
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
            self._db.execute("SELECT count(*) FROM meta").fetchone()

    def _version(self) -> int:
        with readable(self.path):
            return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Close the file; safe to call again."""
        self._db.close()

    def __enter__(self) -> "Catalog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin_read(self) -> None:
        """See one state of the index until `end_read`, whatever a writer commits meanwhile."""
        self._db.execute("BEGIN")
        self._db.execute("SELECT count(*) FROM meta").fetchone()  # SQLite takes the snapshot at the first read

    def end_read(self) -> None:
        """Let writers commit again."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside at once, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled it back already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- settings and state of the index ---

    def get(self, key: str) -> str | None:
        """Value of one entry of the index's state, None where it was never set."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, **values: str | int) -> None:
        """Set entries of the index's state."""
        self._db.executemany("REPLACE INTO meta VALUES (?, ?)", [(key, str(value)) for key, value in values.items()])

    # --- files ---

    def files(self) -> dict[str, FileRow]:
        """Every file by its path."""
        gaps: dict[int, list[PageGap]] = {}
        for file, reason, pages, detail in self._db.execute("SELECT file, reason, pages, detail FROM gaps"):
            gaps.setdefault(file, []).append(PageGap(Gap(reason), tuple(json.loads(pages)), detail))
        rows = self._db.execute(
            "SELECT id, path, kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, title, date, language,"
            " pages FROM files ORDER BY path"
        )
        return {
            row[1]: FileRow(
                id=row[0],
                source=SourceFile(row[1], Kind(row[2]), *row[3:8]),
                scanned_ns=row[8],
                sha256=row[9],
                title=row[10],
                date=_date(row[11]),
                language=row[12],
                pages=row[13],
                gaps=tuple(gaps.get(row[0], ())),
            )
            for row in rows
        }

    def files_without_text(self) -> tuple[str, ...]:
        """Paths of the files that gave no text at all, sorted."""
        rows = self._db.execute(
            "SELECT path FROM files WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.file = files.id) ORDER BY path"
        )
        return tuple(row[0] for row in rows)

    def add_file(
        self, source: SourceFile, scanned_ns: int, sha256: str, document: Document, chunks: Sequence[Chunk]
    ) -> list[int]:
        """Store a file in place of any with its path; returns the ids of its chunks, in their order."""
        self.remove_file(source.path)
        day = document.date.isoformat() if document.date else None
        file = self._db.execute(
            "INSERT INTO files (path, kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, title, date,"
            " language, pages) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (source.path, source.kind, source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device,
             scanned_ns, sha256, document.title, day, document.language, document.page_count),
        ).lastrowid  # fmt: skip
        self._db.executemany(
            "INSERT INTO gaps VALUES (?, ?, ?, ?)",
            [(file, gap.reason, json.dumps(gap.pages), gap.detail) for gap in document.gaps],
        )
        texts = [
            self._db.execute(
                "INSERT INTO texts (file, page, page_label, text) VALUES (?, ?, ?, ?)",
                (file, text.page, text.page_label, text.text),
            ).lastrowid
            for text in document.texts
        ]
        ids = []
        for chunk in chunks:
            headings = json.dumps(chunk.headings, ensure_ascii=False)
            row = (file, texts[chunk.text_number], chunk.start, chunk.end, headings, _hash(chunk.embedded_text))
            cursor = self._db.execute(
                "INSERT INTO chunks (file, text, start, end, headings, hash) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            ids.append(int(cursor.lastrowid or 0))
        return ids

    def touch_file(self, source: SourceFile, scanned_ns: int) -> None:
        """Note a file's new times where its content is what it was."""
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, device = ?, scanned_ns = ?"
            " WHERE path = ?",
            (source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device, scanned_ns, source.path),
        )

    def remove_file(self, path: str) -> list[int]:
        """Forget a file and everything cut from it; returns the ids of the chunks that went."""
        ids = [row[0] for row in self._db.execute(
            "SELECT chunks.id FROM chunks JOIN files ON files.id = chunks.file WHERE path = ?", (path,)
        )]  # fmt: skip
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))
        return ids

    # --- chunks ---

    def chunks(self, ids: Iterable[int]) -> dict[int, ChunkRow]:
        """The chunks that exist among `ids`."""
        rows: dict[int, ChunkRow] = {}
        for part in _parts(ids):
            rows |= {row.id: row for row in self._chunk_rows(f"WHERE chunks.id IN ({_marks(part)})", part)}
        return rows

    def all_chunks(self, after: int = 0) -> Iterator[ChunkRow]:
        """Every chunk with an id above `after`, ascending."""
        return self._chunk_rows("WHERE chunks.id > ? ORDER BY chunks.id", (after,))

    def chunk_ids(self) -> Iterator[int]:
        """Every chunk's id, ascending."""
        return (row[0] for row in self._db.execute("SELECT id FROM chunks ORDER BY id"))

    def _chunk_rows(self, where: str, values: Sequence[int]) -> Iterator[ChunkRow]:
        # SQLite's substr counts code points from 1, as Python does from 0.
        rows = self._db.execute(
            "SELECT chunks.id, chunks.file, path, title, date, language, texts.id, page, page_label, start, end,"
            " headings, substr(texts.text, start + 1, end - start)"
            " FROM chunks JOIN files ON files.id = chunks.file JOIN texts ON texts.id = chunks.text " + where,
            values,
        )
        for row in rows:
            (id_, file, path, title, day, language, text, page, label, start, end, headings, passage) = row
            yield ChunkRow(
                id_, file, path, title, _date(day), language, text, page, label, start, end,
                tuple(json.loads(headings)), passage,
            )  # fmt: skip

    def text(self, text_id: int) -> str:
        """One stored text, whole."""
        return str(self._db.execute("SELECT text FROM texts WHERE id = ?", (text_id,)).fetchone()[0])

    def stored_text(self, path: str, page: int | None) -> StoredText | None:
        """The text that a citation's offsets refer to, None where it is no longer there."""
        row = self._db.execute(
            "SELECT text, page, page_label FROM texts JOIN files ON files.id = texts.file WHERE path = ? AND page IS ?",
            (path, page),
        ).fetchone()
        return None if row is None else StoredText(*row)

    def file_ids_matching(self, where: str, values: Sequence[str]) -> list[tuple[int, str, str | None, int]]:
        """(id, path, date, mtime_ns) of the files for which an SQL condition on `files` holds."""
        return self._db.execute(f"SELECT id, path, date, mtime_ns FROM files WHERE {where}", values).fetchall()

    # --- vectors ---

    def pending(self) -> list[tuple[bytes, int]]:
        """The hashes that have no vector yet, each with one chunk that has it, in the order of the chunks."""
        return self._db.execute(
            "SELECT hash, min(id) FROM chunks WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash) GROUP BY hash ORDER BY min(id)"
        ).fetchall()

    def add_vectors(self, vectors: Iterable[tuple[bytes, Vector]]) -> None:
        """Store vectors by the hash of the text embedded."""
        self._db.executemany(
            "REPLACE INTO vectors VALUES (?, ?)", [(key, vector.astype("<f4").tobytes()) for key, vector in vectors]
        )

    def drop_vectors(self) -> None:
        """Forget every vector: another embedder takes over."""
        self._db.execute("DELETE FROM vectors")

    def drop_unused_vectors(self) -> None:
        """Forget the vectors of texts that no chunk has any more."""
        self._db.execute("DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash)")

    def vectors(self, after: int = 0, up_to: int | None = None) -> Iterator[tuple[int, int, Vector]]:
        """(chunk id, file id, vector) of the chunks above `after` that have one, by id."""
        rows = self._db.execute(
            "SELECT chunks.id, chunks.file, vector FROM chunks JOIN vectors ON vectors.hash = chunks.hash"
            " WHERE chunks.id > ? AND chunks.id <= ? ORDER BY chunks.id",
            (after, up_to if up_to is not None else 2**62),
        )
        return ((row[0], row[1], np.frombuffer(row[2], dtype="<f4")) for row in rows)

    def vectors_of(self, ids: Sequence[int]) -> dict[int, Vector]:
        """The vectors of those chunks among `ids` that have one."""
        vectors: dict[int, Vector] = {}
        for part in _parts(ids):
            rows = self._db.execute(
                "SELECT chunks.id, vector FROM chunks JOIN vectors ON vectors.hash = chunks.hash"
                f" WHERE chunks.id IN ({_marks(part)})",
                part,
            )
            vectors |= {row[0]: np.frombuffer(row[1], dtype="<f4") for row in rows}
        return vectors

    def embedded_prefix(self) -> int:
        """The highest id up to which every chunk has its vector; 0 where there is none."""
        first_pending = self._db.execute(
            "SELECT min(id) FROM chunks WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash)"
        ).fetchone()[0]
        below = 2**62 if first_pending is None else first_pending
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM chunks WHERE id < ?", (below,)).fetchone()[0])

    def count_chunks(self, up_to: int | None = None) -> int:
        """Chunks with an id of at most `up_to`."""
        bound = up_to if up_to is not None else 2**62
        return int(self._db.execute("SELECT count(*) FROM chunks WHERE id <= ?", (bound,)).fetchone()[0])

    def counts(self) -> Counts:
        """Files, physical pages, chunks, and chunks that still wait for their vector."""
        files, pages = self._db.execute("SELECT count(*), coalesce(sum(pages), 0) FROM files").fetchone()
        pending = self._db.execute(
            "SELECT count(*) FROM chunks WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash)"
        ).fetchone()[0]
        return Counts(files, pages, self.count_chunks(), pending)


def _parts(ids: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    """The ids in parts that one SQL statement takes."""
    left = iter(ids)
    while part := list(islice(left, size)):
        yield part


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))


def _hash(text: str) -> bytes:
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
