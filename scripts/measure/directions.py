"""One random direction for each text: what embedders that cost nothing are made of."""

import hashlib

import numpy as np

from assistant.embedding.embedder import Vector


def direction(text: str, dimensions: int) -> Vector:
    """A standard normal float32 vector that depends on the text alone."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(dimensions, np.float32)
