"""Of how many it is said: "all" that the source does not say, and "with a disability" that the sentence leaves out."""

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.replaced import related
from assistant.answering.checks.subject import LEADING, VERBS
from assistant.language.sentences import Form
from assistant.language.terms import content, vocabulary
from assistant.language.units import names_unit

_ALL = vocabulary("all every both alle jeder jede jedes sämtliche beide")
_WHOLE = vocabulary("all both alle beide")  # "all days" are a quantity, "every day" a rate
_SAID = _ALL | vocabulary(
    "each any either neither no none everyone anyone whole entire two and und kein keine zwei allen"
)
_LIMIT = vocabulary(
    "below above over under with without of for in on at during exceeding unter über mit ohne von für "
    "an am bei während auf"
)
_DEFINITE = vocabulary("the this these its their our such any der die das den dem diese dieser dieses")
_SUBJECT = 2  # words of meaning before the phrase that limits them
_PHRASE = 2  # words of meaning by which the phrase is known


def quantified(claim: Claim, match: Match) -> str:
    """The "all" or "every" that a sentence puts to what the source says without one."""
    if match.statement.unit.form is Form.ROW or any(token.key in _SAID for token in tokens(match.statement.text)):
        return ""
    for at, token in enumerate(claim.tokens[:-1]):
        following = claim.tokens[at + 1]
        if (
            token.key in _ALL
            and not following.stop
            and not following.figure
            and (token.key in _WHOLE or not names_unit(following.written))
        ):
            return f"the source does not say “{token.written} {following.written}”"
    return ""


def unlimited(claim: Claim, match: Match) -> str:
    """What limits the source's subject, "receipts below 25 euros", where the sentence says it of all receipts."""
    if match.statement.unit.form is Form.ROW:
        return ""
    subject, phrase = _limited(tokens(match.statement.text))
    spoken = [token for token in claim.tokens if not token.stop]
    above = frozenset(content(match.context))
    if not phrase or not all(any(related(one, other) for other in spoken) for one in subject):
        return ""
    if any(related(one, other) for one in phrase for other in spoken) or any(holds(above, one.key) for one in phrase):
        return ""
    return f"the source says this of “{match.statement.text[subject[0].start : phrase[-1].end]}” only"


def _limited(found: tuple[Token, ...]) -> tuple[list[Token], list[Token]]:
    """The subject at the beginning of a statement and the phrase right behind it that limits it."""
    subject: list[Token] = []
    at = 0
    while at < len(found) and found[at].key not in _LIMIT:
        token = found[at]
        if token.key in VERBS or token.figure or token.key in LEADING or len(subject) == _SUBJECT:
            return [], []
        subject += [] if token.stop else [token]
        at += 1
    rest = found[at + 1 :]
    if not subject or not rest or rest[0].key in _DEFINITE:
        return [], []
    phrase: list[Token] = []
    for token in rest:
        if token.key in VERBS or len(phrase) == _PHRASE:
            break
        phrase += [] if token.stop else [token]
    return subject, phrase
