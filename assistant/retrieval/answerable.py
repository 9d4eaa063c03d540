"""How likely the documents answer a question at all, judged from the best hit before any model is called.

Made by scripts/fit_answerable.py from questions with an answer, the same questions with their evidence's documents left
out, and questions that a document of their kind leaves open; scripts/LOG.md, "Answerable".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from assistant.types import Hit

_NEAR = 0.45  # cosine with what is asked beyond a document's name, from which a passage is no worse for it


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function of two features."""

    score: float
    distance: float
    bias: float

    def __call__(self, score: float, distance: float) -> float:
        """The probability, 0 to 1."""
        return 1 / (1 + exp(-(self.score * score + self.distance * distance + self.bias)))


FITTED = Logistic(score=6.2, distance=3.7, bias=-3.0)
# Below it the model is not called. It is low on purpose: what it lets through is still checked sentence by sentence.
FLOOR = 0.14


def likely_answered(hits: Sequence[Hit]) -> bool:
    """Whether some hit is near enough to be worth a model's time."""
    return probability(hits) >= FLOOR


def probability(hits: Sequence[Hit]) -> float:
    """How likely the documents answer the question, 0 to 1, from its hits, best first."""
    return FITTED(*features(hits)) if hits else 0.0


def features(hits: Sequence[Hit]) -> tuple[float, float]:
    """The score of the best hit, and how far it is from what is asked beyond a document's name: 0 or less."""
    best = max(hits, key=lambda hit: hit.score)
    return best.score, min(0.0, best.rest - _NEAR) if best.rest is not None else 0.0
