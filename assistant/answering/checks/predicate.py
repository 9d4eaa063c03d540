"""Whether a text says anything of anything: a name or a heading alone could be read as an answer to any question."""

import re
from collections.abc import Sequence

from assistant.answering.checks.claim import Token, tokens
from assistant.answering.checks.subject import VERBS
from assistant.language.sentences import is_row
from assistant.language.terms import STOP_DE, STOP_EN, vocabulary
from assistant.language.units import names_unit

_SHORT = 4  # words of meaning that a name or heading has at most
_HELPERS = VERBS | vocabulary(
    "be been being am cannot get gets got has isn't aren't wasn't weren't don't doesn't didn't won't shouldn't bist bin"
)
_PAST = vocabulary(
    """
    paid took gave left led held kept sold bought built sent spent lost met made found won began went came rose fell
    grew wrote ran put set cost cut let hit read became said told thought brought taught stood drew drove spoke
    """
)
_PLURALS = vocabulary("people staff children men women they we you i who that which and everyone police")
_BEFORE_NOUN = (STOP_EN | STOP_DE) - _PLURALS - vocabulary("not also only then now never always must may can will")
_IMPERATIVE = vocabulary("here the a an your all any it them this these no only every each")


def predicates(text: str) -> bool:
    """Whether a text has a verb; what is long, or a row of a table, needs none that is told by its form."""
    plain = [token for token in tokens(text) if not (token.stop or token.figure)]
    named = all(token.capital for token in plain)  # "Party B: Alba Ltd."
    return is_row(text) or (len(plain) > _SHORT and not named) or has_verb(text)


def has_verb(text: str) -> bool:
    """Whether a text has a verb, as far as forms and places tell."""
    found = tokens(text)
    if any(token.key in _HELPERS or token.written.lower() in _HELPERS for token in found):
        return True
    english = any(token.key in STOP_EN - STOP_DE for token in found)
    german = any(token.key in STOP_DE - STOP_EN for token in found)
    if found and found[0].capital and len(found) > 2 and found[1].key in _IMPERATIVE:
        return True
    return any(
        (not english and _verb_de(text, found, at)) or (not german and _verb_en(text, found, at))
        for at in range(1, len(found))
    )


def _verb_en(text: str, found: Sequence[Token], at: int) -> bool:
    """Whether the word at a place may be an English verb."""
    before, low = found[at - 1], found[at].written.lower()
    if not _may(found[at]) or low.endswith(("ing", "ly")) or before.key in _BEFORE_NOUN or _parted(text, found, at):
        return False
    return low.endswith(("s", "ed")) or low in _PAST or before.written.endswith("s") or before.key in _PLURALS


def _verb_de(text: str, found: Sequence[Token], at: int) -> bool:
    """Whether the word at a place may be a German verb: nouns have capitals, and adjectives mostly other endings."""
    low = found[at].written.lower()
    if not _may(found[at]):
        return False
    noun = found[at - 1].key in _BEFORE_NOUN and not _parted(text, found, at)
    return low.endswith("t") or (not noun and low.endswith(("en", "te", "ten")))


def _may(token: Token) -> bool:
    return not (token.figure or token.capital or token.stop or names_unit(token.written.lower()))


def _parted(text: str, found: Sequence[Token], at: int) -> bool:
    """Whether a mark stands between a word and the one before it."""
    return bool(re.search(r"[,;:()]", text[found[at - 1].end : found[at].start]))
