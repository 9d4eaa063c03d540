"""From or until, before or after, by or to: the small word before a date or figure, and the kind of days counted."""

import re

from assistant.answering.checks.claim import Claim, Match, Token, tokens
from assistant.answering.checks.replaced import related
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_BEGIN = vocabulary("from since after starting ab seit nach")
_END = vocabulary("until till before by bis vor")
_BY = vocabulary("by um")
_TO = vocabulary("to auf")
_REACH = 3  # small words and "EUR" between it and what it is said of: "bis zum dritten"
_KIND = re.compile(r"(?P<kind>working|business|calendar|arbeits|werk|kalender)[ -]?(?:days?|tagen?)", re.IGNORECASE)


def reversed_(claim: Claim, match: Match) -> str:
    """A "from" where the source says "until" of the same, or a rise "by" what the source says it rose "to"."""
    if match.statement.unit.form is Form.ROW:
        return ""
    source = tokens(match.statement.text)
    for at, token in enumerate(claim.tokens):
        if token.stop:
            continue
        same = [number for number, other in enumerate(source) if not other.stop and related(token, other)]
        if len(same) != 1:
            continue
        for one, other in ((_BEGIN, _END), (_END, _BEGIN), (_BY, _TO)):
            if one is _BY and (token.figure is None or token.figure.dates):
                continue
            mine, theirs = _before(claim.tokens, at), _before(source, same[0])
            if mine in one and theirs in other and not (mine in other or theirs in one):
                return f"the source says “{theirs} {source[same[0]].written}”"
    return ""


def kind_added(claim: Claim, match: Match) -> str:
    """The "working" of "working days" that neither the statement nor what is around it says."""
    mine = _KIND.search(claim.text)
    if not mine or not claim.figures or _KIND.search(match.near) or re.search(mine["kind"], match.near, re.IGNORECASE):
        return ""
    return f"the source does not say “{mine.group()}”"


def _before(found: "tuple[Token, ...]", at: int) -> str:
    """The nearest of these words before a token, with nothing but small words between; empty where there is none."""
    for token in reversed(found[max(at - _REACH, 0) : at]):
        if token.key in _BEGIN | _END | _BY | _TO:
            return token.key
        if not token.stop and token.key not in ("eur", "usd", "gbp"):
            return ""
    return ""
