"""How likely the documents answer a question at all, judged from the best hit before any model is called.

Made by scripts/fit_answerable.py from questions with an answer, the same questions with their evidence's documents left
out, and questions that a document of their kind leaves open; scripts/LOG.md, "Answerable".
"""

from dataclasses import replace
from math import exp

from assistant.retrieval.naming import proper_names
from assistant.retrieval.search import Found

_NEAR = 0.45  # cosine with what is asked beyond a document's name, from which a passage is no worse for it
_SCORE, _DISTANCE, _LACKING, _BIAS = 6.2, 3.7, -2.8, -3.0  # of a logistic function of the features
# Below it the model is not called. It is low on purpose: what it lets through is still checked sentence by sentence.
FLOOR = 0.14
_MANY = 3  # names lacking, from which they count in full


def likely_answered(found: Found) -> bool:
    """Whether some hit is near enough to be worth a model's time.

    Names that are lacking refuse nothing: what holds "outside the European Union" answers a question about Japan.
    """
    return probability(Found(found.hits)) >= FLOOR


def probability(found: Found) -> float:
    """How likely the documents answer the question, 0 to 1."""
    if not found.hits:
        return 0.0
    score, distance, lacking = features(found)
    return 1 / (1 + exp(-(_SCORE * score + _DISTANCE * distance + _LACKING * lacking + _BIAS)))


def likely(question: str, found: Found) -> float:
    """As `probability`, where the question's names count only together: one that is lacking may stand for others.

    What holds "outside the European Union" answers a question about Japan; where three are lacking it is another
    contract.
    """
    missing = found.lacking * len(proper_names(question))
    counted = min(1.0, max(0.0, (missing - 1) / (_MANY - 1)))
    return probability(replace(found, lacking=found.lacking * counted))


def features(found: Found) -> tuple[float, float, float]:
    """The score of the best hit; how far it is from what is asked beyond a document's name, 0 or less; the share of
    the question's names that it lacks."""
    best = max(found.hits, key=lambda hit: hit.score)
    return best.score, min(0.0, best.rest - _NEAR) if best.rest is not None else 0.0, found.lacking
