"""What was and is no more: "was head of sales until 2024" against "is head of sales"."""

import re

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.language.numbers import figures, missing
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_PAST = vocabulary("was were had war waren hatte hatten")
_PRESENT = vocabulary("is are has have ist sind hat haben")
_HOLDS = _PRESENT | vocabulary(
    "may must can will shall should does do darf dürfen muss müssen kann können wird werden soll sollen gilt gelten"
)
_ENDED = re.compile(
    r"\b(?P<word>formerly|former|previously|used to|ehemal(?:s|ige[nrs]?)|vormals|frühere[nrs]?|"
    r"(?:until|till|bis)(?: (?:the|end of|zum|Ende))*)\b(?P<day>[^;,]{0,20}\b(?:19|20)\d\d\b)?",
    re.IGNORECASE,
)
_CUT = re.compile(r"[;,]|\.\s")
_DONE = re.compile(r"(?:ed|en|t)$")  # a participle: "was closed" leaves "is closed" open


def past(claim: Claim, match: Match) -> str:
    """The "was" or "until 2024" of the source where the sentence says that it is so."""
    if match.statement.unit.form is Form.ROW:
        return ""
    return _was(claim, match) or _ended(claim, match)


def _was(claim: Claim, match: Match) -> str:
    theirs = tokens(match.statement.text)
    spoken, said = {token.key for token in claim.tokens}, {token.key for token in theirs}
    was = next((at for at, token in enumerate(theirs) if token.key in _PAST), None)
    if was is None or not spoken & _PRESENT or spoken & _PAST or said & _HOLDS or _participle(theirs[was + 1 :]):
        return ""
    return f"the source says “{theirs[was].written}”"


def _participle(following: tuple[Token, ...]) -> bool:
    """Whether the next word of meaning is a participle."""
    word = next((token for token in following if not token.stop), None)
    return word is not None and not word.figure and not word.capital and bool(_DONE.search(word.written))


def _ended(claim: Claim, match: Match) -> str:
    text = match.statement.text
    for found in _ENDED.finditer(text):
        dated = found["word"].lower().startswith(("until", "till", "bis"))
        said = tokens(_segment(text, found))
        if (
            (dated and not found["day"])
            or any(token.key in _HOLDS for token in said)
            or _kept(claim, found)
            or not _speaks_of(claim, said)
        ):
            continue
        return f"the source says “{' '.join(found.group().split())}”"
    return ""


def _segment(text: str, found: re.Match[str]) -> str:
    """What stands between the commas around a marker, and where that is only a date, all of its sentence."""
    cuts = [cut.span() for cut in _CUT.finditer(text)]
    start = max((end for _, end in cuts if end <= found.start()), default=0)
    stop = min((begin for begin, _ in cuts if begin >= found.end()), default=len(text))
    return text[start:stop] if text[start : found.start()].strip() or text[found.end() : stop].strip() else text


def _kept(claim: Claim, found: re.Match[str]) -> bool:
    """Whether the sentence has the marker, or its date."""
    if re.search(rf"\b{found['word'].split()[0]}\b", claim.text, re.IGNORECASE):
        return True
    days = figures(found["day"] or "")
    return bool(days) and not missing(days, figures(claim.text))


def _speaks_of(claim: Claim, said: tuple[Token, ...]) -> bool:
    named = [token for token in said if not token.stop and not token.figure]
    spoken = frozenset(token.key for token in claim.tokens)
    return 2 * sum(holds(spoken, token.key) for token in named) > len(named)
