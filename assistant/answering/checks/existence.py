"""What a sentence says there is: "there is a translation site" is not said by "a social site with a translator"."""

import re
from itertools import pairwise

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.replaced import related
from assistant.language.sentences import Form

_THERE = re.compile(
    r"\b(?:there (?:is|are|was|were|exists?)|(?:es )?gibt(?: es)?)\b(?P<what>[^.,;:!?]*)", re.IGNORECASE
)
_NEAR = 3  # places from one word of a name to the next: "period of the notice"


def joined(claim: Claim, match: Match) -> str:
    """Two words that name one thing of which a sentence says that it exists, where they stand apart in the source."""
    found = _THERE.search(claim.text)
    if found is None or match.statement.unit.form is Form.ROW or _THERE.search(match.statement.text):
        return ""
    mine = [token for token in claim.tokens if found.start("what") <= token.start < found.end()]
    theirs = tokens(match.statement.text)
    for one, other in pairwise(mine):
        if one.stop or other.stop or one.figure or other.figure:
            continue
        here, there = _places(one, theirs), _places(other, theirs)
        if here and there and min(abs(first - second) for first in here for second in there) > _NEAR:
            return f"the source does not say “{claim.text[one.start : other.end]}”"
    return ""


def _places(token: Token, others: tuple[Token, ...]) -> list[int]:
    return [at for at, other in enumerate(others) if related(token, other) or holds(frozenset([other.key]), token.key)]
