"""The catalog: one SQLite file that is the only truth of an index.

Files, their texts, the chunks cut from them and the vectors stand here; words and generations are made from it and
can be deleted at any time. Chunk ids are never used twice, so that a derived index can only lag behind, never lie.
The only place that knows SQL.
"""

import json
import os
import shlex
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import IndexUnusable
from assistant.indexing import seal
from assistant.indexing.cut import subject
from assistant.indexing.rows import ChunkRow, Counts, FileRow, ReadFile
from assistant.indexing.schema import REBUILD, SCHEMA_VERSION, TABLES, connect, readable
from assistant.indexing.vector_rows import VectorRows, marks, parts
from assistant.reading.ranks import sortable
from assistant.types import Chunk, Dated, Document, Gap, Kind, PageGap, Section, SourceFile, StoredText

if TYPE_CHECKING:
    from assistant.reading.editions import Edition

FILE_NAME = "catalog.sqlite"
_TRIES = 2  # readings without a snapshot
_Result = TypeVar("_Result")


class Catalog(VectorRows):
    """An open catalog; a reader sees one state in `consistently`, the writer commits in short transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._has_written = False
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

    def __enter__(self) -> "Catalog":
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

    # --- settings and state of the index ---

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

    # --- files ---

    def files(self) -> dict[str, FileRow]:
        """Every file by its path."""
        gaps: dict[int, list[PageGap]] = {}
        for file, reason, pages, detail in self._db.execute("SELECT file, reason, pages, detail FROM gaps"):
            gaps.setdefault(file, []).append(PageGap(Gap(reason), tuple(json.loads(pages)), detail))
        rows = self._db.execute(
            "SELECT id, path, kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, reading, cutting"
            " FROM files ORDER BY path"
        )
        return {
            row[1]: FileRow(
                id=row[0],
                source=SourceFile(row[1], Kind(row[2]), *row[3:8]),
                scanned_ns=row[8],
                sha256=row[9],
                reading=row[10],
                cutting=row[11],
                gaps=tuple(gaps.get(row[0], ())),
            )
            for row in rows
        }

    def seen(self, paths: Sequence[str] | None = None) -> dict[str, tuple[int, ...]]:
        """For every path, or these, what the last scan saw: size, mtime, ctime, inode, device, and its clock."""
        where = "" if paths is None else f" WHERE path IN ({marks(paths)})"
        rows = self._db.execute(
            f"SELECT path, size, mtime_ns, ctime_ns, inode, device, scanned_ns FROM files{where}", paths or ()
        )
        return {row[0]: row[1:] for row in rows}

    def hashes(self, paths: Iterable[str]) -> dict[str, str]:
        """The SHA-256 of those files among `paths` that the index has."""
        wanted = list(paths)
        rows = self._db.execute(f"SELECT path, sha256 FROM files WHERE path IN ({marks(wanted)})", wanted)
        return dict(rows.fetchall())

    def files_without_text(self) -> tuple[str, ...]:
        """Paths of the files that gave no text at all, sorted."""
        rows = self._db.execute(
            "SELECT path FROM files WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.file = files.id) ORDER BY path"
        )
        return tuple(row[0] for row in rows)

    def put_file(self, read: ReadFile) -> tuple[list[int], list[int]]:
        """Store what reading a file gave, in place of what its path had; returns ids of chunks that came and that went.

        A file keeps its id, and a chunk its own where the same text is embedded under the same headings.
        """
        source, document = read.source, read.document
        day = document.date.isoformat() if document.date else None
        of = _edition(source, document.title, document.date, document.standing)
        values = (
            source.kind, source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device, read.scanned_ns,
            read.sha256, read.reading, read.cutting, document.title, subject(document), day, document.standing,
            of.date.isoformat() if of.date else None, of.dated, of.family, sortable(of.rank), document.language,
            document.page_count,
        )  # fmt: skip
        named = (
            "kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, reading, cutting, title, subject,"
            " stated, standing, date, dated, family, edition, language, pages"
        )
        before = self._db.execute("SELECT id, title, language FROM files WHERE path = ?", (source.path,)).fetchone()
        if before is None:
            sql = f"INSERT INTO files (path, {named}) VALUES ({marks((source.path, *values))})"
            file = int(self._db.execute(sql, (source.path, *values)).lastrowid or 0)
        else:
            file = int(before[0])
            self._db.execute(f"UPDATE files SET ({named}) = ({marks(values)}) WHERE id = ?", (*values, file))
        self._db.execute("DELETE FROM gaps WHERE file = ?", (file,))
        self._db.executemany(
            "INSERT INTO gaps VALUES (?, ?, ?, ?)",
            [(file, gap.reason, json.dumps(gap.pages), gap.detail) for gap in document.gaps],
        )
        last = int(self._db.execute("SELECT coalesce(max(id), 0) FROM texts WHERE file = ?", (file,)).fetchone()[0])
        sections = self._put_sections(file, document)
        alike = before is not None and before[1:] == (document.title, document.language)
        came, went = self._put_chunks(file, read.chunks, sections, alike)
        self._db.execute("DELETE FROM texts WHERE file = ? AND id <= ?", (file, last))
        return came, went

    def put_chunks(
        self, path: str, document: Document, chunks: Sequence[Chunk], cutting: str
    ) -> tuple[list[int], list[int]]:
        """Cut a file anew whose text is what it was; returns ids as `put_file` does."""
        file = int(self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()[0])
        self._db.execute("UPDATE files SET cutting = ?, subject = ? WHERE id = ?", (cutting, subject(document), file))
        rows = self._db.execute(
            "SELECT sections.id FROM sections JOIN texts ON texts.id = sections.text WHERE file = ? ORDER BY 1",
            (file,),
        )
        return self._put_chunks(file, chunks, [row[0] for row in rows], alike=True)

    def _put_sections(self, file: int, document: Document) -> list[int]:
        texts = [
            self._db.execute(
                "INSERT INTO texts (file, page, page_label, text) VALUES (?, ?, ?, ?)",
                (file, text.page, text.page_label, text.text),
            ).lastrowid
            for text in document.texts
        ]
        return [
            int(
                self._db.execute(
                    "INSERT INTO sections (text, start, end, headings) VALUES (?, ?, ?, ?)",
                    (texts[part.text_number], part.start, part.end, json.dumps(part.headings, ensure_ascii=False)),
                ).lastrowid
                or 0
            )
            for part in document.sections
        ]

    def _put_chunks(
        self, file: int, chunks: Sequence[Chunk], sections: Sequence[int], alike: bool
    ) -> tuple[list[int], list[int]]:
        """Store a file's chunks; those that the indexes would see as before keep their ids, if the file is `alike`."""
        rows = self._db.execute(
            "SELECT chunks.id, hash, headings FROM chunks JOIN sections ON sections.id = section WHERE file = ?"
            " ORDER BY chunks.id DESC",
            (file,),
        ).fetchall()
        kept: dict[tuple[bytes, str], list[int]] = {}
        for id_, key, headings in rows if alike else ():
            kept.setdefault((key, headings), []).append(id_)
        came: list[int] = []
        stay: set[int] = set()
        for chunk in chunks:
            key = _hash(chunk.embedded_text)
            place = (sections[chunk.section], chunk.start, chunk.end)
            if same := kept.get((key, json.dumps(chunk.headings, ensure_ascii=False))):
                stay.add(same[-1])
                self._db.execute("UPDATE chunks SET section = ?, start = ?, end = ? WHERE id = ?", (*place, same.pop()))
            else:
                sql = "INSERT INTO chunks (file, section, start, end, hash) VALUES (?, ?, ?, ?, ?)"
                came.append(int(self._db.execute(sql, (file, *place, key)).lastrowid or 0))
        went = [row[0] for row in rows if row[0] not in stay]
        self._db.executemany("DELETE FROM chunks WHERE id = ?", [(id_,) for id_ in went])
        return came, went

    def move_file(self, old: str, source: SourceFile, scanned_ns: int) -> None:
        """Note that a file has another path now; the words index has it at the old one until `words_follow`."""
        self._db.execute("UPDATE files SET path = ?, words = 0 WHERE path = ?", (source.path, old))
        self.touch_file(source, scanned_ns)

    def moved(self) -> list[int]:
        """Ids of the chunks that the words index still has at the old path of their file."""
        return [row[0] for row in self._db.execute(
            "SELECT chunks.id FROM chunks JOIN files ON files.id = file WHERE words = 0 ORDER BY chunks.id"
        )]  # fmt: skip

    def words_follow(self) -> None:
        """Note that the words index has every file at its path."""
        self._db.execute("UPDATE files SET words = 1 WHERE words = 0")

    def touch_file(self, source: SourceFile, scanned_ns: int) -> None:
        """Note a file's new times, or place, where its content is what it was."""
        title, stated, standing = self._db.execute(
            "SELECT title, stated, standing FROM files WHERE path = ?", (source.path,)
        ).fetchone()
        of = _edition(source, title, _date(stated), standing)
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, device = ?, scanned_ns = ?, date = ?,"
            " dated = ?, family = ?, edition = ? WHERE path = ?",
            (source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device, scanned_ns,
             of.date.isoformat() if of.date else None, of.dated, of.family, sortable(of.rank), source.path),
        )  # fmt: skip

    def remove_file(self, path: str) -> list[int]:
        """Forget a file and everything cut from it; returns the ids of the chunks that went."""
        ids = [row[0] for row in self._db.execute(
            "SELECT chunks.id FROM chunks JOIN files ON files.id = chunks.file WHERE path = ?", (path,)
        )]  # fmt: skip
        self._db.execute("DELETE FROM files WHERE path = ?", (path,))
        return ids

    def document(self, path: str) -> Document:
        """What reading a file gave, as far as cutting needs it."""
        file, title = self._db.execute("SELECT id, title FROM files WHERE path = ?", (path,)).fetchone()
        texts = self._db.execute(
            "SELECT id, text, page, page_label FROM texts WHERE file = ? ORDER BY id", (file,)
        ).fetchall()
        numbers = {row[0]: number for number, row in enumerate(texts)}
        sections = self._db.execute(
            "SELECT text, start, end, headings FROM sections WHERE text IN (SELECT id FROM texts WHERE file = ?)"
            " ORDER BY id",
            (file,),
        )
        return Document(
            title=title,
            texts=tuple(StoredText(*row[1:]) for row in texts),
            sections=tuple(Section(numbers[row[0]], row[1], row[2], tuple(json.loads(row[3]))) for row in sections),
        )

    # --- chunks ---

    def chunks(self, ids: Iterable[int]) -> dict[int, ChunkRow]:
        """The chunks that exist among `ids`."""
        rows: dict[int, ChunkRow] = {}
        for part in parts(ids):
            rows |= {row.id: row for row in self._chunk_rows(f"WHERE chunks.id IN ({marks(part)})", part)}
        return rows

    def all_chunks(self, after: int = 0) -> Iterator[ChunkRow]:
        """Every chunk with an id above `after`, ascending."""
        return self._chunk_rows("WHERE chunks.id > ? ORDER BY chunks.id", (after,))

    def known_chunks(self, ids: Iterable[int]) -> set[int]:
        """Those of the ids that are a chunk's."""
        return {
            row[0]
            for part in parts(ids)
            for row in self._db.execute(f"SELECT id FROM chunks WHERE id IN ({marks(part)})", part)
        }

    def chunk_ids(self) -> Iterator[int]:
        """Every chunk's id, ascending."""
        return (row[0] for row in self._db.execute("SELECT id FROM chunks ORDER BY id"))

    def _chunk_rows(self, where: str, values: Sequence[int]) -> Iterator[ChunkRow]:
        # SQLite's substr counts code points from 1, as Python does from 0.
        rows = self._db.execute(
            "SELECT chunks.id, chunks.file, path, title, subject, date, dated, family, edition, language, texts.id,"
            " page, page_label, chunks.start, chunks.end, headings,"
            " substr(texts.text, chunks.start + 1, chunks.end - chunks.start), hash"
            " FROM chunks JOIN files ON files.id = chunks.file JOIN sections ON sections.id = chunks.section"
            " JOIN texts ON texts.id = sections.text " + where,
            values,
        )
        for row in rows:
            (id_, file, path, title, about, day, dated, family, order, language, text, page, label, start, end,
             headings, passage, key) = row  # fmt: skip
            yield ChunkRow(
                id_, file, path, title, about, _date(day), Dated(dated), family, order, language, text,
                page, label, start, end, tuple(json.loads(headings)), passage, key,
            )  # fmt: skip

    def newest(self, families: Iterable[str], files: Collection[int] | None = None) -> dict[str, str]:
        """The edition that sorts last in each of these families, among the files (all, or these) that gave text."""
        newest: dict[str, str] = {}
        for part in parts(sorted(set(families) - {""})):
            rows = self._db.execute(
                f"SELECT id, family, edition FROM files WHERE family IN ({marks(part)})"
                " AND EXISTS (SELECT 1 FROM texts WHERE texts.file = files.id)",
                part,
            )
            for id_, family, order in rows:
                if files is None or id_ in files:
                    newest[family] = max(newest.get(family, ""), order)
        return newest

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

    def file_ids_matching(self, where: str, values: Sequence[str]) -> list[tuple[int, str, str, Dated]]:
        """(id, path, date in ISO form, how it is known) of the files for which an SQL condition on `files` holds."""
        rows = self._db.execute(f"SELECT id, path, date, dated FROM files WHERE {where}", values)
        return [(id_, path, day or "", Dated(dated)) for id_, path, day, dated in rows]

    def count_chunks(self, up_to: int | None = None) -> int:
        """Chunks with an id of at most `up_to`."""
        bound = up_to if up_to is not None else 2**62
        return int(self._db.execute("SELECT count(*) FROM chunks WHERE id <= ?", (bound,)).fetchone()[0])

    def counts(self) -> Counts:
        """Files, physical pages, chunks, and chunks that still wait for their vector."""
        files, pages = self._db.execute("SELECT count(*), coalesce(sum(pages), 0) FROM files").fetchone()
        pending = 0 if self.get("vectors") == "level" else self.count_pending(self.get("embedder") or "")
        return Counts(files, pages, self.count_chunks(), pending)


def _edition(source: SourceFile, title: str, stated: date | None, standing: str) -> "Edition":
    from assistant.reading.editions import edition  # its patterns take a tenth of a second: no question needs them

    return edition(source.path, title, stated, source.mtime_ns, standing)


def _hash(text: str) -> bytes:
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
