"""Vectors of the snippets of a passage: a few words each, from the same run of the model as the passage's own vector.

One vector for 200 tokens says what a passage is about, and little of the one clause that answers a question. The model
gives a vector for every token, which has read all of the passage; the mean of a few neighbors is a vector of what they
say there, and costs nothing to embed ("late chunking", Günther et al. 2024, arXiv 2409.04701). scripts/LOG.md,
"Snippets".
"""

from collections.abc import Mapping

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


def nearest_snippets(passages: Mapping[int, Snippets], vector: Vector) -> dict[int, float]:
    """The cosine of a vector with the nearest snippet of each passage, which has at least one."""
    if not passages:
        return {}
    every = np.concatenate(list(passages.values())).astype(np.float32)
    # Not `every @ vector`: the threads of BLAS would spin for a while behind it and take the other cores for nothing.
    cosines = np.einsum("ij,j->i", every, vector) / np.sqrt(np.einsum("ij,ij->i", every, every))
    starts = np.cumsum([0, *map(len, list(passages.values())[:-1])])
    return dict(zip(passages, map(float, np.maximum.reduceat(cosines, starts)), strict=True))
