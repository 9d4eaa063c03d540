"""An embedder for many questions about the same documents: their passages come up again and again."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.embedding.embedder import Embedder, PassageVectors, Vector
from assistant.library import Index


class Remembering:
    """Embeds and counts each text once; the same text always has the same vector, so no figure changes."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vector] = {}
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimensions, self.window = embedder.dimensions, embedder.window
        self.count_tokens = lru_cache(maxsize=None)(embedder.count_tokens)

    def embed_one(self, text: str) -> Vector:
        """Embed one text."""
        return next(self.embed([text]))

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts in their order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self._embedder.embed(new), strict=True))
        yield from (self._vectors[text] for text in texts)

    def embed_passages(self, texts: Sequence[str]) -> Iterator[PassageVectors]:
        """Embed passages as the embedder does: a question needs none."""
        return self._embedder.embed_passages(texts)


def remembering(index: Index) -> Index:
    """The same open index, which from here on embeds no text of an answer twice."""
    index.embedder = Remembering(index.embedder)
    return index
