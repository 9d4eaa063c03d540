"""What each amount is for: "24 months for devices and 12 months for batteries", "heated to 80 °C, cooled to 4 °C"."""

import re
from collections.abc import Iterator

from assistant.answering.checks.claim import Claim, Match, Token, tokens
from assistant.answering.checks.replaced import related
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_CONJUNCT = re.compile(r",\s+|;\s+|\s+(?:and|und|but|aber)\s+(?:then\s+|dann\s+)?")
_FOR = vocabulary("for für in at")
_TO = vocabulary("to auf")
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_TURN = re.compile(r"\b(?:respectively|jeweils)\b", re.IGNORECASE)


def rebound(claim: Claim, match: Match) -> str:
    """An amount that the sentence gives to another of two things than the source, which has one for each."""
    if match.statement.unit.form is Form.ROW or _IN_TURN.search(claim.text + match.statement.text):
        return ""
    told = list(_bound(match.statement.text))
    if len(told) < 2 or len({token.key for _, token in told}) < len(told):
        return ""
    for part in _CONJUNCT.split(claim.text):
        spoken = tokens(part)
        amounts = [(amount, noun) for amount, noun in told if _in(amount, spoken)]
        nouns = [(amount, noun) for amount, noun in told if _in(noun, spoken)]
        for amount, noun in amounts if nouns else ():
            if not _in(noun, spoken):
                return f"the source says {amount.written} of “{noun.written}”"
    return ""


def _bound(text: str) -> Iterator[tuple[Token, Token]]:
    """Each conjunct's only amount with the word that "for" or "to" ties to it; nothing where a conjunct has none."""
    for part in _CONJUNCT.split(text):
        found = tokens(part)
        amounts = [at for at, token in enumerate(found) if _amount(token)]
        tied = [one for one in amounts if _to(found, one)] or amounts
        if not tied:
            continue
        before = _to(found, tied[0])
        after = next((at for at in range(tied[0] + 1, len(found) - 1) if found[at].key in _FOR), None)
        noun = before or next((token for token in found[after + 1 :] if not token.stop), None) if after else before
        if noun and not noun.figure:
            yield found[tied[0]], noun


def _amount(token: Token) -> bool:
    return bool(token.figure and token.figure.values and not _YEAR.fullmatch(token.written))


def _to(found: tuple[Token, ...], at: int) -> Token | None:
    """The word before the "to" of an amount: "heated" of "heated to 80 °C"."""
    tied = at >= 2 and found[at - 1].key in _TO and not found[at - 2].stop and not found[at - 2].figure
    return found[at - 2] if tied else None


def _in(token: Token, others: tuple[Token, ...]) -> bool:
    return any(related(token, other) for other in others)
