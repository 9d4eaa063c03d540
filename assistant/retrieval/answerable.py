"""How likely the documents answer a question at all, judged from the best hit before any model is called.

Made by scripts/fit_answerable.py from questions with an answer, the same questions with their evidence's documents left
out, and questions that a document of their kind leaves open; scripts/LOG.md, "A probability".
"""

from dataclasses import replace
from math import exp
from typing import NamedTuple

from assistant.retrieval.search import Found

_NEAR = 0.45  # cosine with what is asked beyond a document's name, from which a passage is no worse for it
_LEADS = 0.25  # from which on a hit stands out as far as one can
# Below it the model is not called. It is low on purpose: what it lets through is still checked sentence by sentence.
FLOOR = 0.23
_MANY = 3  # names lacking: it is about something else, however many more are


class Features(NamedTuple):
    """What tells questions that the documents answer from others."""

    score: float = 0.0  # of the best hit
    distance: float = 0.0  # how far it is from what is asked beyond a document's name, 0 or less
    lacking: float = 0.0  # names of the question that it lacks, over three: one may stand for others
    lead: float = 0.0  # of the best hit over the tenth, up to 0.25: what answers a question stands out
    absent: float = 0.0  # share of the question's words that the document which it names has nowhere


# Of a logistic function, for as many answerable questions as others.
_WEIGHTS = Features(score=5.0, distance=1.0, lacking=-2.4, lead=4.6, absent=-2.4)
_BIAS = -2.5


def likely_answered(found: Found) -> bool:
    """Whether some hit is near enough to be worth a model's time.

    What is lacking refuses nothing: what holds "outside the European Union" answers a question about Japan.
    """
    return probability(replace(found, lacking=0.0, absent=0.0)) >= FLOOR


def probability(found: Found) -> float:
    """How likely the documents answer the question, 0 to 1."""
    if not found.hits:
        return 0.0
    weighted = sum(weight * value for weight, value in zip(_WEIGHTS, features(found), strict=True))
    return 1 / (1 + exp(-(weighted + _BIAS)))


def features(found: Found) -> Features:
    """The features of what was found for a question; there is at least one hit."""
    best = max(found.hits, key=lambda hit: hit.score)
    distance = min(0.0, best.rest - _NEAR) if best.rest is not None else 0.0
    lacking = min(_MANY, found.lacking) / _MANY
    return Features(best.score, distance, lacking, min(_LEADS, found.lead), found.absent)
