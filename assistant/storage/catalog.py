"""The catalog: one SQLite file that is the only truth of an index.

Files, their texts, the chunks cut from them and the vectors stand here; words and generations are made from it and
can be deleted at any time. Chunk ids are never used twice, so that a derived index can only lag behind, never lie.
SQL is known here and in its parts alone: store.py, file_rows.py, chunk_rows.py, vector_rows.py, and schema.py.
"""

from assistant.storage.chunk_rows import ChunkRows
from assistant.storage.file_rows import FileRows
from assistant.storage.rows import Counts
from assistant.storage.store import Store
from assistant.storage.vector_rows import VectorRows


class Catalog(Store, FileRows, ChunkRows, VectorRows):
    """An open catalog."""

    def counts(self) -> Counts:
        """Files, physical pages, chunks, and chunks that still wait for their vector."""
        files, pages = self._db.execute("SELECT count(*), coalesce(sum(pages), 0) FROM files").fetchone()
        pending = 0 if self.get("vectors") == "level" else self.count_pending(self.get("embedder") or "")
        return Counts(files, pages, self.count_chunks(), pending)
