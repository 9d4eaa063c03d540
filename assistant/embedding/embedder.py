"""What an embedding model has to offer; nothing else in the package knows which one is in use."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]  # one dimension, unit length
Snippets = NDArray[np.int8]  # [snippets, dimensions], of any length


class PassageVectors(NamedTuple):
    """What is kept of an embedded passage."""

    vector: Vector
    snippets: Snippets  # none where the model gives no vectors of its tokens


class Embedder(Protocol):
    """Turns texts into unit vectors; the same text always gives the same vector."""

    @property
    def name(self) -> str:
        """How a setting names it: "bundled", "ollama:all-minilm"."""
        ...

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model: vectors with different fingerprints are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    @property
    def window(self) -> int:
        """Tokens of one text that the model reads."""
        ...

    def embed_one(self, text: str) -> Vector:
        """Embed one text."""
        ...

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts one after the other, in their order."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Iterator[PassageVectors]:
        """Embed passages in their order, each behind its first line end where it has one: before it stands its context.

        The vector is that of the whole text, as `embed` makes it; the snippets are of the passage alone.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, without the model's own marks."""
        ...
