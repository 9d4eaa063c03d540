"""The vectors in the catalog: each stands once for its embedder and the hash of the text that was embedded.

One embedder is in use; another may be on its way in (`coming`): its vectors are collected beside those in use until
none is missing, so that questions are answered all the time.
"""

import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np

from assistant.embedding.embedder import Embedder, Vector
from assistant.indexing.schema import ABOVE_ALL, marks, parts

_USED = "(SELECT embedders.id FROM embedders JOIN meta ON meta.value = fingerprint AND meta.key = 'embedder')"
_MISSING = (
    "NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash AND embedder ="
    " (SELECT embedders.id FROM embedders WHERE fingerprint = ?))"
)
_HAVE = f"JOIN vectors ON vectors.hash = chunks.hash AND vectors.embedder = {_USED}"


class VectorRows:
    """The part of the catalog that knows vectors: those of the embedder in use, where nothing else is said."""

    _db: sqlite3.Connection

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

    def count_pending(self, fingerprint: str) -> int:
        """Chunks that have no vector of an embedder yet."""
        return int(self._db.execute(f"SELECT count(*) FROM chunks WHERE {_MISSING}", (fingerprint,)).fetchone()[0])

    def count_vectors(self) -> int:
        """Vectors of every embedder."""
        return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def add_vectors(self, fingerprint: str, vectors: Iterable[tuple[bytes, Vector]]) -> None:
        """Store vectors of a known embedder by the hash of the text embedded."""
        number = self._db.execute("SELECT id FROM embedders WHERE fingerprint = ?", (fingerprint,)).fetchone()[0]
        self._db.executemany(
            "REPLACE INTO vectors (embedder, hash, vector) VALUES (?, ?, ?)",
            [(number, key, vector.astype("<f4").tobytes()) for key, vector in vectors],
        )

    def drop_unused_vectors(self, limit: int) -> int:
        """Forget at most `limit` vectors that no chunk, or no embedder in use or coming, needs; returns how many."""
        return self._db.execute(
            "DELETE FROM vectors WHERE rowid IN (SELECT vectors.rowid FROM vectors WHERE"
            " NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash) OR embedder NOT IN"
            " (SELECT embedders.id FROM embedders JOIN meta ON meta.value = fingerprint"
            " WHERE meta.key IN ('embedder', 'coming')) LIMIT ?)",
            (limit,),
        ).rowcount

    def vectors(self, after: int = 0, up_to: int = ABOVE_ALL) -> Iterator[tuple[int, int, Vector]]:
        """(chunk id, file id, vector) of the chunks above `after` that have one, by id."""
        rows = self._db.execute(
            f"SELECT chunks.id, chunks.file, vector FROM chunks {_HAVE} WHERE chunks.id > ? AND chunks.id <= ?"
            " ORDER BY chunks.id",
            (after, up_to),
        )
        return ((row[0], row[1], np.frombuffer(row[2], dtype="<f4")) for row in rows)

    def vectors_of(self, ids: Iterable[int]) -> dict[int, Vector]:
        """The vectors of those chunks among `ids` that have one."""
        found: dict[int, Vector] = {}
        for part in parts(ids):
            rows = self._db.execute(
                f"SELECT chunks.id, vector FROM chunks {_HAVE} WHERE chunks.id IN ({marks(part)})", part
            )
            found |= {row[0]: np.frombuffer(row[1], dtype="<f4") for row in rows}
        return found

    def embedded_prefix(self) -> int:
        """The highest id up to which every chunk has its vector; 0 where there is none."""
        first_pending = self._db.execute(
            f"SELECT min(chunks.id) FROM chunks LEFT {_HAVE} WHERE vectors.hash IS NULL"
        ).fetchone()[0]
        below = ABOVE_ALL if first_pending is None else first_pending
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM chunks WHERE id < ?", (below,)).fetchone()[0])
