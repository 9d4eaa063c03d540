"""What is denied: each "not" of a sentence must be the source's, and each "not" of the source the sentence's."""

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.answering.checks.claim import Claim, Match, holds, tokens
from assistant.language.terms import content, vocabulary

_NEGATORS = vocabulary(
    """
    not no never none neither nor cannot without nobody nothing nicht kein keine keinen keinem keiner keines nie niemals
    niemand ohne nichts weder
    """
)
# A "not" that denies nothing: bounds have their own check, and these only add.
_IDLE = re.compile(
    r"\b(?:not only|(?:but|including,?) not limited to|(?:no|not) (?:less|more|later|fewer|earlier) than|"
    r"or not|nicht nur|nicht (?:mehr|weniger|später) als|no\. ?\d)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[;:.()]|,\s+(?:and|but|or|unless|except|und|aber|oder|sondern|außer|wenn|falls|es sei)\b")
# What "not without approval" may be said with instead.
_CONDITION = re.compile(
    r"\b(?:unless|only (?:with|after|if)|except with|nur (?:mit|nach)|es sei denn)\b", re.IGNORECASE
)
_OPINION = frozenset(content("think believe seem appear expect suppose glaube denke meine scheint"))
_ANCHORS = 2


@dataclass(frozen=True, slots=True)
class _Denial:
    word: str
    after: tuple[str, ...]  # stems of what follows in its clause
    before: tuple[str, ...]


def changed(claim: Claim, match: Match) -> str:
    """How sentence and source contradict each other by a "not", if they do."""
    mine, theirs = list(_denials(claim.text)), list(_denials(match.statement.text))
    for denial in tuple(mine):  # each "not" of the source answers for one of the sentence
        same = next((other for other in theirs if _same(denial, other, claim.german)), None)
        if same:
            mine.remove(denial)
            theirs.remove(same)
    for denial in mine:
        if not _un(denial, match, len(_denials(claim.text))):
            return f"the source does not say “{denial.word}”"
    for denial in theirs:
        if _repeated(denial, claim, match, len(theirs)):
            return f"the source says “{denial.word}”"
    return ""


def denies(text: str) -> bool:
    """Whether a text says "not" of anything."""
    return bool(_denials(text))


@lru_cache(maxsize=1_000)
def _denials(text: str) -> tuple[_Denial, ...]:
    idle = [match.span() for match in _IDLE.finditer(text)]
    found, told = [], tokens(text)
    for at, token in enumerate(told):
        low = token.written.lower()
        if token.written == "NO":  # a sign or an abbreviation: "nitric oxide (NO)"
            continue
        if low not in _NEGATORS and not low.endswith(("n't", "n’t")):
            continue
        if any(start <= token.start < end for start, end in idle):
            continue
        end = _BREAK.search(text, token.end)
        starts = [match.end() for match in _BREAK.finditer(text, 0, token.start)]
        after = [one.key for one in told[at + 1 :] if not one.stop and (not end or one.start < end.start())]
        after = after[1:] if after and after[0] in _OPINION else after  # "I do not think that it is": it is not
        before = [one.key for one in told[:at] if not one.stop and (not starts or one.start >= starts[-1])]
        found.append(
            _Denial(
                "not" if low.endswith("t") and low not in _NEGATORS else low,
                tuple(after[:_ANCHORS]),
                tuple(before[-_ANCHORS:]),
            )
        )
    return tuple(found)


def _same(one: _Denial, other: _Denial, german: bool) -> bool:
    """Whether two denials deny the same word; a German "nicht" may stand before or behind it."""
    if one.after and other.after and not german:
        return any(holds(frozenset(other.after), word) for word in one.after)
    mine, theirs = (*one.before, *one.after), frozenset((*other.before, *other.after))
    return any(holds(theirs, word) for word in mine)


def _un(denial: _Denial, match: Match, count: int) -> bool:
    """Whether the source denies by the word itself: "unpaid" for "not paid", "closed" it cannot know."""
    own = match.statement.stems
    if denial.word in ("without", "ohne") and count > 1 and _CONDITION.search(match.statement.text):
        return True
    denied = [word for word in denial.after[:1] if word not in own]
    return any(f"{prefix}{word}" in own for word in denied for prefix in ("un", "in", "non", "im"))


def _repeated(denial: _Denial, claim: Claim, match: Match, count: int) -> bool:
    """Whether the claim says what the source denies: the words beside the "not", without it."""
    if count > 1 and denial.word in ("without", "ohne"):  # "not without" is "only with"
        return False
    spoken = frozenset(token.key for token in claim.tokens)
    beside = (*denial.after, *denial.before)
    repeated = [word for word in beside if holds(spoken, word)]
    if not denial.after:
        own = match.statement.stems
        return sum(holds(claim.stems, word) for word in own) >= 0.7 * len(own)
    return denial.after[0] in repeated and len(repeated) >= min(len(beside), 3)
