"""The vectors in the catalog: each stands once for its embedder and the hash of the text that was embedded, with its
snippets beside it; they come and go together.

One embedder is in use; another may be on its way in (`coming`): its vectors are collected beside those in use until
none is missing, so that questions are answered all the time.
"""

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np

from assistant.embedding.embedder import Embedder, PassageVectors, Snippets, Vector
from assistant.errors import IndexUnusable
from assistant.storage.place import index_command
from assistant.storage.schema import ABOVE_ALL, marks, parts
from assistant.storage.seal import note_damage

_USED = "(SELECT embedders.id FROM embedders JOIN meta ON meta.value = fingerprint AND meta.key = 'embedder')"
_MISSING = (
    "NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash AND embedder ="
    " (SELECT embedders.id FROM embedders WHERE fingerprint = ?))"
)
_HAVE = f"JOIN vectors ON vectors.hash = chunks.hash AND vectors.embedder = {_USED}"
# What one statement reads: a commit waits for each, and other readers for the commit.
_READ = 1_000  # vectors
_COUNTED = 10_000  # ids of chunks


class VectorRows:
    """The part of the catalog that knows vectors: those of the embedder in use, where nothing else is said."""

    _db: sqlite3.Connection
    path: Path

    def know(self, embedder: Embedder) -> None:
        """Let vectors of this embedder be kept."""
        self._db.execute(
            "INSERT OR IGNORE INTO embedders (name, fingerprint) VALUES (?, ?)", (embedder.name, embedder.fingerprint)
        )

    def pending(self, fingerprint: str) -> list[tuple[bytes, int]]:
        """The hashes that have no vector of an embedder yet, each with one chunk that has it, as the chunks come."""
        return self._db.execute(
            f"SELECT hash, min(id) FROM chunks WHERE {_MISSING} GROUP BY hash ORDER BY min(id)", (fingerprint,)
        ).fetchall()

    def count_pending(self, fingerprint: str, after: int = 0) -> int:
        """Chunks with an id above `after` that have no vector of an embedder yet."""
        last = int(self._db.execute("SELECT coalesce(max(id), 0) FROM chunks").fetchone()[0])
        sql = f"SELECT count(*) FROM chunks WHERE id > ? AND id <= ? AND {_MISSING}"
        starts = range(after, last, _COUNTED)
        return sum(int(self._db.execute(sql, (at, at + _COUNTED, fingerprint)).fetchone()[0]) for at in starts)

    def count_vectors(self) -> int:
        """Vectors of every embedder."""
        return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def add_vectors(self, fingerprint: str, made: Iterable[tuple[bytes, PassageVectors]]) -> None:
        """Store vectors and snippets of a known embedder by the hash of the text embedded."""
        number = self._db.execute("SELECT id FROM embedders WHERE fingerprint = ?", (fingerprint,)).fetchone()[0]
        rows = [(number, key, *_bytes_of(vectors)) for key, vectors in made]
        for table, column, at in (("vectors", "vector", 2), ("snippets", "vectors", 3)):
            self._db.executemany(
                f"REPLACE INTO {table} (embedder, hash, {column}, crc) VALUES (?, ?, ?, ?)",
                [(*row[:2], row[at], zlib.crc32(row[at])) for row in rows if row[at]],
            )

    def drop_damaged_vectors(self) -> int:
        """Forget the vectors that are not what was stored, or their snippets are not; returns how many. They are
        embedded again."""
        bad: set[tuple[bytes, int]] = set()
        for table, column in (("vectors", "vector"), ("snippets", "vectors")):
            rows = self._db.execute(f"SELECT hash, embedder, {column}, crc FROM {table}")
            bad |= {(row[0], row[1]) for row in rows if zlib.crc32(row[2]) != row[3]}
        self._db.executemany("DELETE FROM vectors WHERE hash = ? AND embedder = ?", sorted(bad))
        return len(bad)

    def drop_unused_vectors(self, limit: int) -> int:
        """Forget at most `limit` vectors that no chunk, or no embedder in use or coming, needs; returns how many."""
        return self._db.execute(
            "DELETE FROM vectors WHERE rowid IN (SELECT vectors.rowid FROM vectors WHERE"
            " NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash) OR embedder NOT IN"
            " (SELECT embedders.id FROM embedders JOIN meta ON meta.value = fingerprint"
            " WHERE meta.key IN ('embedder', 'coming')) LIMIT ?)",
            (limit,),
        ).rowcount

    def vectors(
        self, after: int = 0, up_to: int = ABOVE_ALL, files: Collection[int] | None = None
    ) -> Iterator[tuple[int, int, Vector]]:
        """(chunk id, file id, vector) of the chunks above `after` that have one, by id; only of `files` where given."""
        among = "" if files is None else " AND chunks.file IN (SELECT value FROM json_each(?))"
        chosen = [] if files is None else [json.dumps(sorted(files))]
        sql = (
            f"SELECT chunks.id, chunks.file, vector, crc FROM chunks {_HAVE}"
            f" WHERE chunks.id > ? AND chunks.id <= ?{among} ORDER BY chunks.id LIMIT ?"
        )
        rows = [(after, 0, b"", 0)]
        while rows:
            rows = self._db.execute(sql, (rows[-1][0], up_to, *chosen, _READ)).fetchall()
            yield from ((row[0], row[1], self._vector(row[2], row[3])) for row in rows)

    def distinct_vectors(self, up_to: int = ABOVE_ALL) -> Iterator[tuple[bytes, Vector]]:
        """(hash, vector) of what is embedded of the chunks up to an id, each once."""
        rows = self._db.execute(
            f"SELECT chunks.hash, vector, crc FROM chunks {_HAVE}"
            " WHERE chunks.id <= ? GROUP BY chunks.hash ORDER BY chunks.hash",
            (up_to,),
        )
        return ((row[0], self._vector(row[1], row[2])) for row in rows)

    def vectors_by_hash(self, hashes: Iterable[bytes]) -> dict[bytes, Vector]:
        """The vectors of those of the hashes that have one."""
        found: dict[bytes, Vector] = {}
        for part in parts(hashes):
            rows = self._db.execute(
                f"SELECT hash, vector, crc FROM vectors WHERE embedder = {_USED} AND hash IN ({marks(part)})", part
            )
            found |= {row[0]: self._vector(row[1], row[2]) for row in rows}
        return found

    def vectors_of(self, ids: Iterable[int]) -> dict[int, Vector]:
        """The vectors of those chunks among `ids` that have one."""
        found: dict[int, Vector] = {}
        for part in parts(ids):
            rows = self._db.execute(
                f"SELECT chunks.id, vector, crc FROM chunks {_HAVE} WHERE chunks.id IN ({marks(part)})", part
            )
            found |= {row[0]: self._vector(row[1], row[2]) for row in rows}
        return found

    def snippets_of(self, ids: Iterable[int], dimensions: int) -> dict[int, Snippets]:
        """The snippets of those chunks among `ids` that have some, [snippets, dimensions] each."""
        found: dict[int, Snippets] = {}
        for part in parts(ids):
            rows = self._db.execute(
                "SELECT chunks.id, vectors, crc FROM chunks JOIN snippets ON snippets.hash = chunks.hash"
                f" AND snippets.embedder = {_USED} WHERE chunks.id IN ({marks(part)})",
                part,
            )
            found |= {
                row[0]: np.frombuffer(self._sound(row[1], row[2]), np.int8).reshape(-1, dimensions) for row in rows
            }
        return found

    def _vector(self, data: bytes, crc: int) -> Vector:
        """The vector of these bytes."""
        return np.frombuffer(self._sound(data, crc), dtype="<f4")

    def _sound(self, data: bytes, crc: int) -> bytes:
        """The same bytes; raises IndexUnusable, and has the next run mend it, where they are not what was stored."""
        if zlib.crc32(data) != crc:
            note_damage(self.path.parent)
            raise IndexUnusable(
                f"the catalog {self.path} is damaged", f"Mend it with: {index_command(self.path.parent)}"
            )
        return data

    def embedded_prefix(self) -> int:
        """The highest id up to which every chunk has its vector; 0 where there is none."""
        first_pending = self._db.execute(
            f"SELECT min(chunks.id) FROM chunks LEFT {_HAVE} WHERE vectors.hash IS NULL"
        ).fetchone()[0]
        below = ABOVE_ALL if first_pending is None else first_pending
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM chunks WHERE id < ?", (below,)).fetchone()[0])


def _bytes_of(made: PassageVectors) -> tuple[bytes, bytes]:
    """A vector and its snippets as the tables have them."""
    return made.vector.astype("<f4").tobytes(), made.snippets.tobytes()
