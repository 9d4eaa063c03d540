"""The cheap embedder: deterministic, without a model, for runs that are made by the thousand.

A text's vector is the sum of one random direction a word, and half of one a pair of neighbors: texts that share words
are near each other, and texts of the same words in another order are not the same.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from measure.directions import direction

from assistant import embedding
from assistant.config import Config
from assistant.embedding.embedder import Embedder, PassageVectors, Vector
from assistant.embedding.tokens import count_tokens

NOTE = "cheap embedder"
FIRST, SECOND = "bundled", "ollama:second"  # what a setting names; each gives a cheap embedder of its own
_DIMENSIONS = 64


class CheapEmbedder:
    """An `Embedder` of about 20,000 texts a second; embedders of different names agree in nothing."""

    dimensions = _DIMENSIONS
    window = 256

    def __init__(self, name: str) -> None:
        self.name = name
        self.fingerprint = f"cheap:{name}"

    def embed_one(self, text: str) -> Vector:
        """Embed one text."""
        words = re.findall(r"\w+", text.lower())
        total = np.zeros(_DIMENSIONS, np.float32)
        for word in words or [""]:
            total += _direction(self.name, word)
        for pair in pairwise(words):
            total += 0.5 * _direction(self.name, " ".join(pair))
        vector: Vector = total / np.linalg.norm(total)
        return vector

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts one after the other."""
        return map(self.embed_one, texts)

    def embed_passages(self, texts: Sequence[str]) -> Iterator[PassageVectors]:
        """Embed passages, each with the vector of its second half as its only snippet."""
        for text in texts:
            half = self.embed_one(text[len(text) // 2 :])
            yield PassageVectors(self.embed_one(text), np.rint(half[None] / np.abs(half).max() * 127).astype(np.int8))

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, as the bundled model counts them."""
        return count_tokens(text)


def use() -> None:
    """From now on every embedder that this process and its forks load is a cheap one."""
    embedding.load = _load


def _load(name: str, config: Config) -> Embedder:  # noqa: ARG001 - as the one that it stands for
    return CheapEmbedder(name)


@lru_cache(maxsize=200_000)
def _direction(name: str, word: str) -> Vector:
    return direction(f"{name} {word}", _DIMENSIONS)
