"""The two sides of a comparison: "the old pump is louder than the new one" against the other way round."""

import re

from assistant.answering.checks.claim import Claim, Match, Token, tokens
from assistant.answering.checks.replaced import related
from assistant.language.antonyms import opposite

_THAN = re.compile(
    r"\b(?:than|compared (?:with|to)|as opposed to|versus|als|gegenüber|verglichen mit|im vergleich zu[mr]?)\b",
    re.IGNORECASE,
)
_APART = re.compile(r"[.;:!?]\s")  # what stands behind it belongs to another comparison


def exchanged_sides(claim: Claim, match: Match) -> str:
    """A comparison whose sides stand in each other's place, where the source compares with the same words."""
    mine, theirs = _sides(claim.text), _sides(match.statement.text)
    if mine is None or theirs is None or opposite(claim.text, match.statement.text):  # "older" for "younger" turns it
        return ""
    one, other = _only(mine[0], mine[1]), _only(mine[1], mine[0])
    crossed = _moved(one, *theirs) and _moved(other, *reversed(theirs))
    return "the source compares them the other way round" if crossed else ""


def _sides(text: str) -> tuple[tuple[Token, ...], tuple[Token, ...]] | None:
    """The words before and behind the one comparison of a text; none where it has no or several."""
    found = list(_THAN.finditer(text))
    if len(found) != 1:
        return None
    starts = [apart.end() for apart in _APART.finditer(text, 0, found[0].start())]
    end = _APART.search(text, found[0].end())
    told = [token for token in tokens(text) if not token.stop]
    before = tuple(token for token in told if (starts[-1] if starts else 0) <= token.start < found[0].start())
    behind = tuple(token for token in told if found[0].end() <= token.start < (end.start() if end else len(text)))
    return before, behind


def _only(side: tuple[Token, ...], other: tuple[Token, ...]) -> tuple[Token, ...]:
    """What tells a side from the other one: names, figures and words that the other has not."""
    return tuple(token for token in side if not any(related(token, one) for one in other))


def _moved(telling: tuple[Token, ...], kept: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
    """Whether something of what tells a side stands in the source on the other side, and not on its own."""
    return any(
        any(related(token, one) for one in other) and not any(related(token, one) for one in kept) for token in telling
    )
