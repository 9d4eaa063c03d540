"""How likely the documents answer a question at all, judged from the best hit before any model is called.

Made by scripts/fit_answerable.py from questions with an answer, the same questions with their evidence's documents left
out, and questions that a document of their kind leaves open; scripts/LOG.md, "Answerable".
"""

from collections.abc import Sequence
from math import exp

from assistant.types import Hit

_NEAR = 0.45  # cosine with what is asked beyond a document's name, from which a passage is no worse for it


_SCORE, _DISTANCE, _BIAS = 6.2, 3.7, -3.0  # of a logistic function of the two features
# Below it the model is not called. It is low on purpose: what it lets through is still checked sentence by sentence.
FLOOR = 0.14


def likely_answered(hits: Sequence[Hit]) -> bool:
    """Whether some hit is near enough to be worth a model's time."""
    return probability(hits) >= FLOOR


def probability(hits: Sequence[Hit]) -> float:
    """How likely the documents answer the question, 0 to 1, from its hits, best first."""
    if not hits:
        return 0.0
    score, distance = features(hits)
    return 1 / (1 + exp(-(_SCORE * score + _DISTANCE * distance + _BIAS)))


def features(hits: Sequence[Hit]) -> tuple[float, float]:
    """The score of the best hit, and how far it is from what is asked beyond a document's name: 0 or less."""
    best = max(hits, key=lambda hit: hit.score)
    return best.score, min(0.0, best.rest - _NEAR) if best.rest is not None else 0.0
