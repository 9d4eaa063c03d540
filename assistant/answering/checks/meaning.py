"""One score for how well a statement holds a sentence: its words, their order, its meaning, and what checks failed.

Fitted by scripts/fit_support.py on sentences whose truth is known; scripts/LOG.md, "Support".
"""

from difflib import SequenceMatcher
from math import exp
from typing import TYPE_CHECKING

from assistant.answering.checks.claim import Claim, Match, tokens
from assistant.answering.checks.replaced import replacements

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_COPIED = 0.95  # share of words in the source's order from which a sentence is a copy, and its meaning the same
ENOUGH = 0.5  # probability from which a sentence is supported, where no check failed

# Of a logistic function of the features, in their order, and its bias last.
WITH_MEANING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
WITHOUT_MEANING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def score(claim: Claim, match: Match, failed: bool, embedder: "Embedder | None") -> float:
    """How likely the statement says what the claim says, 0 to 1; the meaning of what failed is not compared."""
    found = features(claim, match, failed)
    compared = similarity(claim, match, embedder) if embedder and not failed and found[2] < _COPIED else None
    if compared is not None:
        found = (*found, compared)
    weights = WITHOUT_MEANING if compared is None else WITH_MEANING
    return 1 / (1 + exp(-sum(weight * value for weight, value in zip(weights, (*found, 1.0), strict=True))))


def features(claim: Claim, match: Match, failed: bool) -> tuple[float, ...]:
    """Share of words held, held nearby, in order and replaced, and whether a check failed."""
    mine = [token.key for token in tokens(claim.text) if not token.stop]
    theirs = [token.key for token in tokens(match.statement.text) if not token.stop]
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    ordered = sum(block.size for block in matcher.get_matching_blocks()) / max(len(mine), 1)
    replaced = sum(len(one.mine) for one in replacements(claim.text, match.statement.text)) / max(len(mine), 1)
    held = len(match.held) / max(len(claim.stems), 1)
    return held, match.share, ordered, replaced, float(failed)


def similarity(claim: Claim, match: Match, embedder: "Embedder") -> float:
    """The cosine of claim and statement, the latter under the row that heads it."""
    header = f"{match.statement.header}\n" if match.statement.header else ""
    told = " ".join(f"{header}{match.statement.text}".split())
    mine, theirs = embedder.embed([claim.text, told])
    return float(mine @ theirs)
