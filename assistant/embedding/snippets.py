"""Vectors of the snippets of a passage: a few words each, from the same run of the model as the passage's own vector.

One vector for 200 tokens says what a passage is about, and little of the one clause that answers a question. The model
gives a vector for every token, which has read all of the passage; the mean of a few neighbors is a vector of what they
say there, and costs nothing to embed ("late chunking", Günther et al. 2024, arXiv 2409.04701). scripts/LOG.md,
"Snippets".
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.embedder import Snippets, Vector

_TOKENS, _STEP = 24, 16  # of a snippet, and from the start of one to that of the next
_LARGEST = 127  # of an 8-bit integer


def pooled(states: NDArray[np.float32]) -> Snippets:
    """Snippets of a passage from the states of its tokens [tokens, dimensions], each as large as 8 bits let it be."""
    sums = np.vstack([np.zeros((1, states.shape[1]), states.dtype), np.cumsum(states, axis=0)])
    starts = np.arange(0, max(1, len(states) - _TOKENS // 2), _STEP)
    means = sums[np.minimum(starts + _TOKENS, len(states))] - sums[starts]
    largest = np.abs(means).max(axis=1, keepdims=True)
    snippets: Snippets = np.rint(means / np.where(largest, largest, 1) * _LARGEST).astype(np.int8)
    return snippets


def nearest(passages: Sequence[Snippets], vector: Vector) -> list[float]:
    """The cosine of a vector with the nearest snippet of each passage, which has at least one."""
    if not passages:
        return []
    every = np.concatenate(passages).astype(np.float32)
    cosines = (every @ vector) / np.linalg.norm(every, axis=1)
    starts = np.cumsum([0, *map(len, passages[:-1])])
    return [float(cosine) for cosine in np.maximum.reduceat(cosines, starts)]
