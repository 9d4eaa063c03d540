"""Whether the documents answer a question at all, judged from the best hits before any model is called."""

from collections.abc import Sequence

from assistant.types import Hit

_LOOKED_AT = 20  # best hits
_COVERAGE_WEIGHT = 0.25
# Below it stood 1 of 92 answerable questions about the sample documents and most questions about other worlds
# (scripts/LOG.md, "Floor"). It is low on purpose: what it lets through is still checked sentence by sentence.
FLOOR = 0.38


def likely_answered(hits: Sequence[Hit]) -> bool:
    """Whether some hit is near enough in meaning and words to be worth a model's time."""
    return strength(hits) >= FLOOR


def strength(hits: Sequence[Hit]) -> float:
    """How well the best hit matches, from its cosine and its share of the question's words; at most 1.25."""
    return max((hit.meaning + _COVERAGE_WEIGHT * hit.coverage for hit in hits[:_LOOKED_AT]), default=0.0)
