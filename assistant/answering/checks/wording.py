"""A word in the place of another that says something else: "left the office" against "moved to the office"."""

from assistant.answering.checks.claim import Claim, Match, holds
from assistant.answering.checks.replaced import replacements
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_IDLE = vocabulary("includ among such following below above example")  # they join, and say nothing of their own
_MOST = 2  # words of the source in whose place one of the sentence stands


def exchanged(claim: Claim, match: Match) -> str:
    """A word of the sentence that stands, between words of the source, where the source has another."""
    if match.statement.unit.form is Form.ROW:
        return ""
    known = match.statement.stems
    for one in replacements(claim.text, match.statement.text):
        if len(one.mine) > 1 or len(one.theirs) > _MOST or not one.between:
            continue
        plain = not any(token.figure or token.capital or token.key in _IDLE for token in (*one.mine, *one.theirs))
        if plain and not holds(known, one.mine[0].key):
            return one.said
    return ""
