"""One score for how well a statement holds a sentence: its words, their order, its meaning, and what checks failed.

Fitted by scripts/fit_support.py on sentences whose truth is known; scripts/LOG.md, "Support".
"""

from difflib import SequenceMatcher
from math import exp
from typing import TYPE_CHECKING

from assistant.answering.checks.claim import Claim, Match, tokens
from assistant.answering.checks.replaced import related, replacements
from assistant.answering.sentences import Form

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_COPIED = 0.95  # share of words in the source's order from which a sentence is a copy, and its meaning the same
ENOUGH = 0.3  # from which a sentence is supported: true ones in other words lie lower than the copies it was fitted on

# Of a logistic function of the features, in their order, and its bias last.
WITH_MEANING = (7.53, 2.73, 2.95, -8.03, -8.27, 3.54, -10.82)
WITHOUT_MEANING = (8.44, 2.77, 3.38, -8.51, -8.03, -9.11)


def score(claim: Claim, match: Match, failed: bool, embedder: "Embedder | None") -> float:
    """How likely the statement says what the claim says, 0 to 1; the meaning of what failed is not compared."""
    found = features(claim, match, failed)
    compared = similarity(claim, match, embedder) if embedder and not failed and found[2] < _COPIED else None
    if compared is not None:
        found = (*found, compared)
    weights = WITHOUT_MEANING if compared is None else WITH_MEANING
    return round(1 / (1 + exp(-sum(weight * value for weight, value in zip(weights, (*found, 1.0), strict=True)))), 4)


def features(claim: Claim, match: Match, failed: bool) -> tuple[float, ...]:
    """Share of words held, held nearby, in order and replaced, and whether a check failed."""
    ordered, replaced = _as_row(claim, match) if match.statement.unit.form is Form.ROW else _as_sentence(claim, match)
    held = len(match.held) / max(len(claim.stems), 1)
    return held, match.share, ordered, replaced, float(failed)


def _as_sentence(claim: Claim, match: Match) -> tuple[float, float]:
    mine = [token.key for token in tokens(claim.text) if not token.stop]
    theirs = [token.key for token in tokens(match.statement.text) if not token.stop]
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    ordered = sum(block.size for block in matcher.get_matching_blocks())
    replaced = sum(len(one.mine) for one in replacements(claim.text, match.statement.text))
    return ordered / max(len(mine), 1), replaced / max(len(mine), 1)


def _as_row(claim: Claim, match: Match) -> tuple[float, float]:
    """A row has no order of words to keep: what counts is that it, its head and its headings have them."""
    mine = [token for token in tokens(claim.text) if not token.stop]
    theirs = tokens(f"{match.statement.text}\n{match.context}")
    return sum(any(related(token, other) for other in theirs) for token in mine) / max(len(mine), 1), 0.0


def similarity(claim: Claim, match: Match, embedder: "Embedder") -> float:
    """The cosine of claim and statement, the latter under the row that heads it."""
    header = f"{match.statement.header}\n" if match.statement.header else ""
    told = " ".join(f"{header}{match.statement.text}".split())
    mine, theirs = embedder.embed([claim.text, told])
    return float(mine @ theirs)
