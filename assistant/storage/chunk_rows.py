"""The chunks in the catalog, each with its passage and where it stands, and the stored texts that they are cut from."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from assistant.storage.rows import ChunkRow
from assistant.storage.schema import ABOVE_ALL, marks, parts
from assistant.types import Dated, StoredText

_TEXTS = 500  # stored texts that are kept while chunks are read


class ChunkRows:
    """The part of the catalog that knows chunks."""

    _db: sqlite3.Connection

    def chunks(self, ids: Iterable[int]) -> dict[int, ChunkRow]:
        """The chunks that exist among `ids`."""
        rows: dict[int, ChunkRow] = {}
        for part in parts(ids):
            # All at once: a commit waits for rows that are still to come, and other readers for the commit.
            found = self._found(f"WHERE chunks.id IN ({marks(part)})", part).fetchall()
            rows |= {row.id: row for row in self._built(found)}
        return rows

    def all_chunks(self, after: int = 0) -> Iterator[ChunkRow]:
        """Every chunk with an id above `after`, ascending."""
        return self._built(self._found("WHERE chunks.id > ? ORDER BY chunks.id", (after,)))

    def chunks_with(self, hashes: Iterable[bytes], up_to: int) -> dict[bytes, list[int]]:
        """Ids of the chunks up to an id, by the hash of what is embedded of them."""
        found: dict[bytes, list[int]] = {}
        for part in parts(hashes):
            rows = self._db.execute(
                f"SELECT hash, id FROM chunks WHERE hash IN ({marks(part)}) AND id <= ? ORDER BY id",
                (*part, up_to),
            )
            for key, id_ in rows:
                found.setdefault(key, []).append(id_)
        return found

    def count_hashes(self, up_to: int) -> int:
        """Different texts that are embedded of the chunks with an id of at most `up_to`."""
        return int(self._db.execute("SELECT count(DISTINCT hash) FROM chunks WHERE id <= ?", (up_to,)).fetchone()[0])

    def chunk_ids(self) -> Iterator[int]:
        """Every chunk's id, ascending."""
        return (row[0] for row in self._db.execute("SELECT id FROM chunks ORDER BY id"))

    def _found(self, where: str, values: Sequence[int]) -> sqlite3.Cursor:
        return self._db.execute(
            "SELECT chunks.id, chunks.file, path, title, subject, date, dated, family, edition, language, texts.id,"
            " page, page_label, chunks.start, chunks.end, headings, hash"
            " FROM chunks JOIN files ON files.id = chunks.file JOIN sections ON sections.id = chunks.section"
            " JOIN texts ON texts.id = sections.text " + where,
            values,
        )

    def _built(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[ChunkRow]:
        texts: dict[int, str] = {}  # SQLite's substr takes half a millisecond in a long text, and most share one
        for row in rows:
            (id_, file, path, title, about, day, dated, family, order, language, text, page, label, start, end,
             headings, key) = row  # fmt: skip
            if text not in texts:
                if len(texts) >= _TEXTS:
                    texts.clear()
                texts[text] = self.text(text)
            yield ChunkRow(
                id_, file, path, title, about, day_of(day), Dated(dated), family, order, language, text,
                page, label, start, end, tuple(json.loads(headings)), texts[text][start:end], key,
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

    def length_of(self, file: int) -> int:
        """Code points in one file's chunks."""
        sql = 'SELECT coalesce(sum("end" - start), 0) FROM chunks WHERE file = ?'
        return int(self._db.execute(sql, (file,)).fetchone()[0])

    def count_chunks(self, up_to: int = ABOVE_ALL) -> int:
        """Chunks with an id of at most `up_to`."""
        return int(self._db.execute("SELECT count(*) FROM chunks WHERE id <= ?", (up_to,)).fetchone()[0])


def day_of(value: str | None) -> date | None:
    """The day that the catalog keeps as ISO text."""
    return date.fromisoformat(value) if value else None
