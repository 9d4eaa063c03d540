"""Who does it and to whom it is done, in either voice: "A replaced B", "B was replaced by A"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from assistant.answering.checks.claim import Claim, Match, Token
from assistant.answering.checks.parts import parts_of
from assistant.answering.checks.replaced import related
from assistant.answering.checks.subject import LEADING, VERBS
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary
from assistant.language.units import names_unit

_BE = vocabulary("is are was were be been being wird werden wurde wurden worden")
_BY = vocabulary("by von vom durch")
_OBJECT = vocabulary("den dem einen einem diesen diesem ihn ihm")  # begins what it is done to, wherever that stands
_ARTICLES = vocabulary("the a an its their this these der die das ein eine einen einem")
_NOMINATIVE = vocabulary("der er")  # right behind the verb: begins who does it
_PRONOUNS = vocabulary("it they she he sie er es")
_OBJECTS = 2  # words behind the verb of a pronoun that may be what it is done to
_PARTICIPLE = re.compile(r"(?:ed|n|t|id|de)$")  # "paid", "made", "ersetzt"; "senior to" is no passive
_CUT = vocabulary(
    """
    who which that because if when unless after before until while whereas weil wenn falls nachdem bevor während
    """
)
_COMPARES = re.compile(r"\b(?:than|compared|als|verglichen)\b", re.IGNORECASE)  # has a check of its own


@dataclass(frozen=True, slots=True)
class _Deed:
    """A verb with who does it and to whom it is done."""

    verb: Token
    doer: tuple[Token, ...]
    done: tuple[Token, ...]
    name: tuple[Token, ...] = ()  # the doer without what follows it: "customer" of "by the customer on arrival"
    pronoun: bool = False  # it is "they" who do it
    sure: bool = True  # told by the voice or an ending, not by the order of the words alone


def reversed_voice(claim: Claim, match: Match) -> str:
    """Somebody who does in the sentence what the source says is done to him, and the other way round."""
    if match.statement.unit.form is Form.ROW or _COMPARES.search(claim.text):
        return ""
    source = list(_clauses(match.statement.text))
    for clause in _clauses(claim.text):
        for at in range(len(clause)):
            pairs = [pair for other in source for pair in _pairs(clause, at, other, claim.german)]
            wrong = next((theirs for mine, theirs in pairs if _turned(mine, theirs)), None)
            if wrong and not any(_straight(mine, theirs) for mine, theirs in pairs):
                return f"the source says the reverse: who “{wrong.verb.written}” whom"
    return ""


def _clauses(text: str) -> Iterator[tuple[Token, ...]]:
    for part in parts_of(text):
        cuts = [at for at, token in enumerate(part) if token.key in _CUT]
        for start, end in pairwise((0, *cuts, len(part))):
            yield part[start:end]


def _pairs(mine: Sequence[Token], at: int, theirs: Sequence[Token], german: bool) -> Iterator[tuple[_Deed, _Deed]]:
    """What a verb of one clause says, with each of another clause that is a form of it."""
    for place, other in enumerate(theirs):
        if _verb(mine[at], at, mine) and _verb(other, place, theirs) and related(mine[at], other):
            one, two = _deed(mine, at, german), _deed(theirs, place, german)
            if one and two:
                yield one, two


def _verb(token: Token, at: int, clause: Sequence[Token]) -> bool:
    """Whether a word may be a verb, of which two clauses that share it are compared."""
    low = token.written.lower()
    plain = not (token.stop or token.figure or token.capital or low.endswith("ly") or names_unit(low))
    figure = clause[at - 1].figure  # "norm A-12 replaces", "Norm 4 ersetzt", and not "36 pumps"
    counted = figure is not None and not figure.code and not (at > 1 and clause[at - 2].capital)
    return at > 0 and plain and not counted and clause[at - 1].key not in LEADING | _ARTICLES


def _deed(clause: Sequence[Token], at: int, german: bool) -> _Deed | None:
    """The sides of the verb at a place; None of a passive that does not say by whom."""
    be = next((number for number in range(at - 1, -1, -1) if clause[number].key in _BE), None)
    by = next((number for number, token in enumerate(clause) if token.key in _BY), None)
    close = be is not None and all(token.written.endswith("ly") for token in clause[be + 1 : at])
    said = close and not _PARTICIPLE.search(clause[at].written)  # "is senior to"
    passive = be is not None and not said and not clause[at].written.endswith("ing")
    if passive and by is not None and be is not None and by > be:
        agent = clause[by + 1 : at if by < at else len(clause)]
        inside = {id(token) for token in (*agent, clause[at])}
        done = [token for token in clause if id(token) not in inside]
        name = tuple(takewhile(lambda token: token.key not in LEADING, agent))
        return _Deed(clause[at], _named(agent), _named(done), _named(name))
    if passive:
        return None
    helper = next((number for number in range(at) if clause[number].key in VERBS), None)
    middle = helper if helper is not None and helper + 2 < at else at  # "hat die Norm 4 ersetzt"
    left, right = clause[:middle], [token for token in clause[middle + 1 :] if token is not clause[at]]
    begins, behind = next((token.key for token in left), ""), next((token.key for token in right), "")
    turned = begins in _OBJECT or (behind in _NOMINATIVE and begins != "der")
    first, last = _named(left), _named(right)
    who, whom = (last, first) if turned else (first, last)
    sure = not german or turned or begins in _NOMINATIVE or behind in _OBJECT
    return _Deed(clause[at], who, whom, who, begins in _PRONOUNS, sure)


def _named(found: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(token for token in found if not token.stop)


def _turned(mine: _Deed, theirs: _Deed) -> bool:
    """Whether the sides have changed places.

    A pronoun's side says nothing, and the other one has to. Where only the order of German words tells the sides, they
    must be of one kind: "Norm 4 ersetzt Norm 2".
    """
    if mine.pronoun:
        return any(_on(token, theirs.name, theirs.done) for token in mine.done[:_OBJECTS])
    crossed = [token for token in mine.doer if _on(token, theirs.done, theirs.doer)]
    back = [token for token in mine.done if _on(token, theirs.doer, theirs.done)]
    alike = any(token.figure for token in crossed) or any(_in(token, mine.done) for token in mine.doer)
    return bool(crossed and back) and ((mine.sure and theirs.sure) or alike)


def _straight(mine: _Deed, theirs: _Deed) -> bool:
    """Whether the sides stand as in the source, which may have the verb in several clauses."""
    return not _turned(mine, theirs) and any(_in(token, theirs.doer) for token in mine.doer)


def _on(token: Token, there: Sequence[Token], not_there: Sequence[Token]) -> bool:
    return _in(token, there) and not _in(token, not_there)


def _in(token: Token, others: Sequence[Token]) -> bool:
    same = any(token.key == other.key for other in others)
    return same or (token.figure is None and any(related(token, other) for other in others))
