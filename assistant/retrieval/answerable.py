"""Whether the documents answer a question at all, judged from the best hits before any model is called."""

from collections.abc import Sequence

from assistant.types import Hit

_LOOKED_AT = 10  # best hits
FLOOR = 0.25


def likely_answered(hits: Sequence[Hit]) -> bool:
    """Whether some hit is near enough in meaning and words to be worth a model's time."""
    return bool(hits) and strength(hits) >= FLOOR


def strength(hits: Sequence[Hit]) -> float:
    """How well the best hits match: the highest sum of cosine and covered words, halved; 0 to 1."""
    return max((0.5 * (hit.meaning + hit.coverage) for hit in hits[:_LOOKED_AT]), default=0.0)
