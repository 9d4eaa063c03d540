"""A word in the place of another that says something else: "left the office" against "moved to the office"."""

from assistant.answering.checks.claim import Claim, Match, holds, tokens
from assistant.answering.checks.replaced import replacements
from assistant.language.sentences import Form
from assistant.language.terms import content, vocabulary

# They join, and say nothing of their own.
_IDLE = vocabulary("includ among such following below above example first later")
_MOST = 2  # words of the source in whose place one of the sentence stands
_POINTS = vocabulary(  # to what another sentence names
    "it its they them their this these those such he she his her sie er es ihr ihre ihren diese dieser dieses dies das "
    "dabei dafür damit sein seine both beide"
)


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


def borrowed(claim: Claim, match: Match) -> str:
    """A word that only another statement of the passage has, where this one does not point to any."""
    statement = match.statement
    if statement.unit.form is Form.ROW or any(token.key in _POINTS for token in tokens(statement.text)):
        return ""
    above = frozenset(content(match.context))
    others = [one for one in match.passage.statements if one is not statement]
    for token in claim.tokens:
        if token.key not in claim.stems - _IDLE or token.key in match.held or holds(above, token.key):
            continue
        if any(token.key in one.stems for one in others):
            return f"the source does not say “{token.written}” of this"
    return ""
