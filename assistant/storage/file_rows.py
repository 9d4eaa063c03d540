"""The files in the catalog, with their texts and sections, and how what was cut from them is put in."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from assistant.indexing.cut import subject, text_key
from assistant.reading.ranks import sortable
from assistant.storage.chunk_rows import day_of
from assistant.storage.rows import DocumentRow, FileRow, ReadFile
from assistant.storage.schema import DOCUMENT, marks, parts
from assistant.types import Chunk, Dated, Document, Gap, Kind, PageGap, Section, SourceFile, StoredText

if TYPE_CHECKING:
    from assistant.reading.editions import Edition

OPENING = 3_000  # code points of a file's first text: its first page, about


class FileRows:
    """The part of the catalog that knows files."""

    _db: sqlite3.Connection

    def files(self, paths: Sequence[str] | None = None) -> dict[str, FileRow]:
        """Every file, or those among `paths`, by its path."""
        gaps: dict[int, list[PageGap]] = {}
        for file, reason, pages, detail in self._db.execute("SELECT file, reason, pages, detail FROM gaps"):
            gaps.setdefault(file, []).append(PageGap(Gap(reason), tuple(json.loads(pages)), detail))
        where = "" if paths is None else f"WHERE path IN ({marks(paths)})"
        rows = self._db.execute(
            "SELECT id, path, kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, reading, cutting,"
            f" limits FROM files {where} ORDER BY path",
            paths or (),
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
                limits=row[12],
            )
            for row in rows
        }

    def seen(self) -> dict[str, tuple[int, ...]]:
        """For every path what the last scan saw: size, mtime, ctime, inode, device; `files` takes far longer."""
        rows = self._db.execute("SELECT path, size, mtime_ns, ctime_ns, inode, device FROM files")
        return {row[0]: row[1:] for row in rows}

    def known_files(self, ids: Iterable[int]) -> set[int]:
        """Those of these ids under which the catalog still has a file; an id is never used twice."""
        asked = sorted(set(ids))
        rows = self._db.execute(f"SELECT id FROM files WHERE id IN ({marks(asked)})", asked)
        return {row[0] for row in rows}

    def files_without_text(self) -> tuple[str, ...]:
        """Paths of the files that gave no text at all, sorted."""
        rows = self._db.execute(
            "SELECT path FROM files WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.file = files.id) ORDER BY path"
        )
        return tuple(row[0] for row in rows)

    def put_file(self, read: ReadFile) -> tuple[list[int], list[int]]:
        """Store what reading a file gave, in place of what its path had; returns the words entries to add and remove.

        A file keeps its id, and a chunk its own where the same text is embedded under the same headings.
        """
        source, document = read.source, read.document
        day = document.date.isoformat() if document.date else None
        of = _edition(source, document.title, document.date, document.standing)
        values = (
            source.kind, source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device, read.scanned_ns,
            read.sha256, read.reading, read.cutting, document.title, subject(document), day, document.standing,
            of.date.isoformat() if of.date else None, of.dated, of.family, sortable(of.rank), document.language,
            document.page_count, read.limits,
        )  # fmt: skip
        named = (
            "kind, size, mtime_ns, ctime_ns, inode, device, scanned_ns, sha256, reading, cutting, title, subject,"
            " stated, standing, date, dated, family, edition, language, pages, limits"
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
        (came if document.texts else went).append(DOCUMENT + file)
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
            key = text_key(chunk.embedded_text)
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
        """The entries that the words index still has at the old path of their file."""
        chunks = self._db.execute(
            "SELECT chunks.id FROM chunks JOIN files ON files.id = file WHERE words = 0 ORDER BY chunks.id"
        )
        return [row[0] for row in chunks] + [DOCUMENT + id_ for id_ in self._with_text("words = 0")]

    def entries(self) -> set[int]:
        """Every entry that the words index should have: all chunks, and all files that have text."""
        chunks = self._db.execute("SELECT id FROM chunks")
        return {row[0] for row in chunks} | {DOCUMENT + id_ for id_ in self._with_text("1")}

    def documents(self, ids: Iterable[int] | None = None) -> list[DocumentRow]:
        """What these files, or all that have text, say of themselves."""
        wanted = self._with_text("1") if ids is None else ids
        sql = (
            "SELECT id, path, title, language, (SELECT substr(text, 1, ?) FROM texts WHERE file = files.id ORDER BY id)"
            " FROM files WHERE id IN ({}) ORDER BY id"
        )
        return [
            DocumentRow(id_, path, title, language, text or "")
            for part in parts(wanted)
            for id_, path, title, language, text in self._db.execute(sql.format(marks(part)), (OPENING, *part))
        ]

    def _with_text(self, condition: str) -> list[int]:
        sql = f"SELECT id FROM files WHERE EXISTS (SELECT 1 FROM texts WHERE file = files.id) AND {condition}"
        return [row[0] for row in self._db.execute(sql)]

    def words_follow(self) -> None:
        """Note that the words index has every file at its path."""
        self._db.execute("UPDATE files SET words = 1 WHERE words = 0")

    def touch_file(self, source: SourceFile, scanned_ns: int) -> None:
        """Note a file's new times, or place, where its content is what it was."""
        title, stated, standing = self._db.execute(
            "SELECT title, stated, standing FROM files WHERE path = ?", (source.path,)
        ).fetchone()
        of = _edition(source, title, day_of(stated), standing)
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, device = ?, scanned_ns = ?, date = ?,"
            " dated = ?, family = ?, edition = ? WHERE path = ?",
            (source.size, source.mtime_ns, source.ctime_ns, source.inode, source.device, scanned_ns,
             of.date.isoformat() if of.date else None, of.dated, of.family, sortable(of.rank), source.path),
        )  # fmt: skip

    def distrust(self, paths: Iterable[str]) -> None:
        """Have files read again that look as they did: what is stored of them is not what was read."""
        self._db.executemany("UPDATE files SET sha256 = '', mtime_ns = -1 WHERE path = ?", [(path,) for path in paths])

    def remove_file(self, path: str) -> list[int]:
        """Forget a file and everything cut from it; returns its entries in the words index."""
        file = self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        if file is None:
            return []
        chunks = self._db.execute("SELECT id FROM chunks WHERE file = ?", file).fetchall()
        self._db.execute("DELETE FROM files WHERE id = ?", file)
        return [row[0] for row in chunks] + [DOCUMENT + file[0]]

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

    def file_ids_matching(self, where: str, values: Sequence[str]) -> list[tuple[int, str, str, Dated]]:
        """(id, path, date in ISO form, how it is known) of the files for which an SQL condition on `files` holds."""
        rows = self._db.execute(f"SELECT id, path, date, dated FROM files WHERE {where}", values)
        return [(id_, path, day or "", Dated(dated)) for id_, path, day, dated in rows]

    def date_of(self, path: str) -> tuple[date | None, Dated]:
        """A file's date and how it is known, none where the index does not hold it."""
        row = self._db.execute("SELECT date, dated FROM files WHERE path = ?", (path,)).fetchone()
        return (day_of(row[0]), Dated(row[1])) if row else (None, Dated.FILE)

    def languages(self) -> dict[str, int]:
        """How many files are in each language (ISO 639-1), under "" those of which none is known."""
        return dict(self._db.execute("SELECT language, COUNT(*) FROM files GROUP BY language"))

    def newest(self, families: Iterable[str], files: Collection[int] | None = None) -> dict[str, str]:
        """The edition that sorts last in each family, and its path, among the files (all, or these) that gave text."""
        newest: dict[str, str] = {}
        for part in parts(sorted(set(families) - {""})):
            rows = self._db.execute(
                f"SELECT id, family, edition || ' ' || path FROM files WHERE family IN ({marks(part)})"
                " AND EXISTS (SELECT 1 FROM texts WHERE texts.file = files.id)",
                part,
            )
            for id_, family, order in rows:
                if files is None or id_ in files:
                    newest[family] = max(newest.get(family, ""), order)
        return newest


def _edition(source: SourceFile, title: str, stated: date | None, standing: str) -> "Edition":
    from assistant.reading.editions import edition  # its patterns take a tenth of a second: no question needs them

    return edition(source.path, title, stated, source.mtime_ns, standing)
