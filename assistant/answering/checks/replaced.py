"""Words of a sentence that stand where its source has others: who, what, which name, which number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.answering.checks.claim import Token, same_word, tokens
from assistant.language.synonyms import synonyms
from assistant.language.units import names_unit

_ROLE = re.compile(
    r"(?P<of>.{4,}?)(?P<role>gebern?|nehmern?|ors?|ers?|ees?)(?:s|in|innen)?"
)  # of the two sides of one thing
_MOST = 6  # words in the place of others; what is longer is another way of saying it


@dataclass(frozen=True, slots=True)
class Replaced:
    """What the sentence says in one place, and what the source says there and the sentence says nowhere."""

    mine: tuple[Token, ...]
    theirs: tuple[Token, ...]
    first: bool  # nothing of meaning stands before it in the sentence
    between: bool  # words of meaning that both have stand before and behind it

    @property
    def said(self) -> str:
        """The two, in words."""
        return f"the source says “{_written(self.theirs)}”, the answer says “{_written(self.mine)}”"


@lru_cache(maxsize=256)
def replacements(text: str, source: str) -> tuple[Replaced, ...]:
    """The places in which `text` differs from `source` by other words or figures, related words left out."""
    mine, theirs = tokens(text), tokens(source)
    spoken = [token.key for token in mine]
    matcher = SequenceMatcher(None, spoken, [token.key for token in theirs], autojunk=False)
    parts = matcher.get_opcodes()
    moved = [token for kind, i1, i2, _, _ in parts if kind != "equal" for token in mine[i1:i2]]
    found = []
    for kind, i1, i2, j1, j2 in parts:
        if kind != "replace":
            continue
        here = tuple(token for token in mine[i1:i2] if not token.stop)
        there = tuple(token for token in theirs[j1:j2] if not token.stop and not _among(token, moved))
        here = tuple(token for token in here if not any(related(token, other) for other in there))
        if here and there and len(here) <= _MOST and len(there) <= _MOST:
            before, behind = (any(not token.stop for token in side) for side in (mine[:i1], mine[i2:]))
            found.append(Replaced(here, there, not before, before and behind))
    return tuple(found)


def _among(token: Token, others: Sequence[Token]) -> bool:
    return any(related(other, token) for other in others)


def related(one: Token, other: Token) -> bool:
    """Whether two tokens may say the same: figures that agree, forms or compounds of one word."""
    if one.figure and other.figure:
        return one.figure.agrees(other.figure) or other.figure.agrees(one.figure)
    if one.figure or other.figure:
        return False
    counted = names_unit(one.written.lower())
    if counted and counted == names_unit(other.written.lower()):  # which kind of days is the units' check
        return True
    if other.key in synonyms(one.key):
        return True
    if _counterparts(one.written.lower(), other.written.lower()):
        return False
    short, long = sorted((one.key, other.key), key=len)
    compound = long.endswith(short) and len(short) >= 3  # "Tage" of "Arbeitstage"
    return same_word(one.key, other.key) or compound or (len(short) >= 5 and (short in long or short[:6] == long[:6]))


def _counterparts(one: str, other: str) -> bool:
    """Whether two words name the two sides of one thing: "employer" and "employee", "Mieter" and "Vermieter"."""
    if one in (f"ver{other}", f"un{other}") or other in (f"ver{one}", f"un{one}"):
        return True
    mine, theirs = _ROLE.fullmatch(one), _ROLE.fullmatch(other)
    if not mine or not theirs or mine["of"] != theirs["of"]:
        return False
    return mine["role"].rstrip("ns") != theirs["role"].rstrip("ns")


def _written(found: Sequence[Token]) -> str:
    return " ".join(token.written for token in found)
