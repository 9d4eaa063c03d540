"""One score for how well a statement holds a sentence: its words, its meaning, and whether a check failed.

Fitted by scripts/fit_support.py on sentences whose truth is known; scripts/LOG.md, "Support".
"""

from math import exp
from typing import TYPE_CHECKING

from assistant.answering.checks.claim import Claim, Match

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_COPIED = 0.95  # share of words held from which the meaning is not asked for
ENOUGH = 0.3  # from which a sentence is supported: true ones in other words lie lower than the copies it was fitted on
_ALIKE = 0.78  # cosine from which other words may say the same
# Of a logistic function of the features, in their order, and its bias last.
WITH_MEANING = (9.53, 5.04, -8.15, 4.16, -13.07)
WITHOUT_MEANING = (10.97, 5.29, -7.84, -11.18)


def score(claim: Claim, match: Match, failed: bool, embedder: "Embedder | None") -> float:
    """How likely the statement says what the claim says, 0 to 1; the meaning of what failed is not compared."""
    found = features(claim, match, failed)
    compared = similarity(claim, match, embedder) if embedder and not failed and found[0] < _COPIED else None
    if compared is not None:
        found = (*found, compared)
    weights = WITHOUT_MEANING if compared is None else WITH_MEANING
    return round(1 / (1 + exp(-sum(weight * value for weight, value in zip(weights, (*found, 1.0), strict=True)))), 4)


def features(claim: Claim, match: Match, failed: bool) -> tuple[float, ...]:
    """Share of the words that the statement holds, the same with those nearby, and whether a check failed."""
    return len(match.held) / max(len(claim.stems), 1), match.share, float(failed)


def near(claim: Claim, match: Match, embedder: "Embedder | None") -> bool:
    """Whether claim and statement are so near in meaning that they may say the same in other words."""
    return embedder is not None and similarity(claim, match, embedder) >= _ALIKE


def similarity(claim: Claim, match: Match, embedder: "Embedder") -> float:
    """The cosine of claim and statement, the latter under the row that heads it."""
    header = f"{match.statement.header}\n" if match.statement.header else ""
    told = " ".join(f"{header}{match.statement.text}".split())
    mine, theirs = embedder.embed([claim.text, told])
    return float(mine @ theirs)
