"""One score for a passage out of all that speaks for it; pure functions.

Two levels. What speaks for the passage as such, and for its document, orders the documents. Where the question names a
document, what it asks beyond the name orders the passages inside each, and the best of them stands where the best stood
before: the names, which stand all over the document, say nothing about the passage.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Signals(NamedTuple):
    """What speaks for one passage: 0 to 1 each, but for cosines (-1 to 1)."""

    cosine: float = 0.0  # of question and passage
    snippet: float = 0.0  # of question and the passage's nearest snippet; the same where it has none
    words: float = 0.0  # BM25 over the best passage's
    coverage: float = 0.0  # share of the question's words, by rarity, in title, headings and text
    headings: float = 0.0  # the same in the headings
    phrases: float = 0.0  # share of the question's pairs of neighboring words, by rarity, that are neighbors here
    document: float = 0.0  # how well the question names the document, over the best-named one
    document_words: float = 0.0  # BM25 of the document's best passage over that of all


class Rest(NamedTuple):
    """What speaks for one passage as the answer to the rest of the question, beyond the document's name."""

    cosine: float = 0.0  # of the rest and the passage
    snippet: float = 0.0  # of the rest and the passage's nearest snippet; the same where it has none
    coverage: float = 0.0  # share of the question's words, without those of the document's names and start, in the text
    row: float = 0.0  # how well it names a row of a table in the passage
    figures: float = 0.0  # how much of the passage is figures


# Weights: the best by the mean gain over seven unlike sets of questions, a loss on one counting half again
# (scripts/LOG.md, "Two levels" and "Snippets"); rounded, and frozen here.
_WEIGHTS = Signals(
    cosine=0.5, snippet=0.5, words=0.05, coverage=0.25, headings=0.1, phrases=0.2, document=0.1, document_words=0.1
)
_REST_WEIGHTS = Rest(
    cosine=0.35, snippet=0.35, coverage=0.3, row=0.4, figures=0.09
)  # where a document is named without a doubt
_NAMES_ROW = 1 / 6  # from which on a question counts as naming a row of a table, and figures speak for a passage
_NAMES_SHARE = 0.7  # of what speaks for a passage: so much of it is owed to the names, where the rest stands apart
_HIGHEST = sum(_WEIGHTS)


def scores(signals: Sequence[Signals], rests: Sequence[Rest], files: Sequence[int], strength: float) -> list[float]:
    """A score of 0 to 1 for each passage, comparable within one question; `files` tells which stand together.

    `strength` says how clearly the question names a document, 0 to 1.
    """
    if not signals:
        return []
    weights = _WEIGHTS._replace(
        document=strength * _WEIGHTS.document, document_words=strength * _WEIGHTS.document_words
    )
    base = np.array(signals) @ np.array(weights)
    apart = any(rest.cosine for rest in rests)  # the question has a rest, and it was searched for by itself
    inside = base * (1 - _NAMES_SHARE * strength * apart)
    inside += strength * (_with_rows(rests) @ np.array(_REST_WEIGHTS))
    _, group = np.unique(np.array(files), return_inverse=True)
    best, best_inside = (_highest(values, group) for values in (base, inside))
    total = inside - best_inside[group] + best[group]
    return [float(value) for value in np.clip(total / _HIGHEST, 0.0, 1.0)]


def _with_rows(rests: Sequence[Rest]) -> np.ndarray:
    """The values of each passage: rows by their root, and figures only as far as the question names any row."""
    values = np.array(rests)
    row, figures = Rest._fields.index("row"), Rest._fields.index("figures")
    values[:, figures] *= min(1.0, values[:, row].max() / _NAMES_ROW)
    values[:, row] **= 0.5
    return values


def _highest(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The highest value of each group, by the group's number."""
    highest = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(highest, group, values)
    return highest
