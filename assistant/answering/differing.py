"""Whether documents say something else of the same: one figure differs, and everything that could explain it is alike.

Precision before recall: a false alarm in an answer costs more trust than a difference that is not noticed. Two
statements of different documents differ where they hold the same words of the question, share most of their other
words, all names and all figures but one, and that has the same unit. Documents of one kind, as contracts and reports
are, say other figures all the time: where the question names a document, only versions of that one are compared, and
what holds for another year or another name never is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering.passages import Passage, Statement
from assistant.answering.verify import Support
from assistant.language.expected import asks_when
from assistant.language.numbers import Figure, missing
from assistant.language.sentences import Form
from assistant.language.terms import content
from assistant.language.units import Unit, unit
from assistant.retrieval.asked import asked as asked_version
from assistant.retrieval.naming import proper_names
from assistant.retrieval.versions import newer
from assistant.types import Dated, Evidence

_ALIKE = 0.5  # share of words in common from which two statements speak of the same
_ALIKE_VERSIONS = 0.35  # the same for two versions of one document
_ASKED = 2  # words of the question that both statements hold themselves
# In hours, but for months and years, which are no number of days: 12 months are a year, and no number of weeks is one.
_DURATIONS = {
    "minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24), "week": Decimal(168),
    "month": Decimal("730.5"), "quarter": Decimal("2191.5"), "year": Decimal(8766),
}  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Differing:
    """Two statements of different documents, the newer first, and what each says."""

    newer: Support
    older: Support
    newer_says: str
    older_says: str


def differing(question: str, shown: Sequence[Support], passages: Sequence[Passage], *, named: bool) -> Differing | None:
    """The first of the statements in `shown` that another document contradicts, None where none does.

    `named`: whether the question names a document, so that another document is none that it asks for.
    """
    time = asked_version(question)
    if time.past or time.years or time.versions or time.until is not None:  # one of them is asked for
        return None
    asked = frozenset(content(question))
    for support in shown:
        mine = _statement(support)
        for passage, theirs in _others(support, passages) if mine else ():
            if not mine or not _comparable(support.passage, passage, named):
                continue
            if pair := _contradiction(question, asked, (support.passage, mine), (passage, theirs)):
                other = Support(passage, theirs.unit.start, theirs.unit.end, support.score)
                return _in_order(support, other, pair)
    return None


def _statement(support: Support) -> Statement | None:
    """The one statement that a support is; None where it is a part of one, or several."""
    place = support.start, support.end
    return next((one for one in support.passage.statements if (one.unit.start, one.unit.end) == place), None)


def _others(support: Support, passages: Sequence[Passage]) -> Iterator[tuple[Passage, Statement]]:
    path = support.passage.evidence.path
    return ((other, one) for other in passages if other.evidence.path != path for one in other.statements)


def _comparable(mine: Passage, theirs: Passage, named: bool) -> bool:
    """Whether one of two documents could contradict the other at all."""
    if _versions(mine.evidence, theirs.evidence):
        return True
    if named or (mine.evidence.family and mine.evidence.family == theirs.evidence.family):
        return False
    years = [_YEAR.findall(f"{item.title} {item.path} {item.heading}") for item in (mine.evidence, theirs.evidence)]
    return set(years[0]) == set(years[1])


def _versions(one: Evidence, other: Evidence) -> bool:
    """Whether one of two documents takes the place of the other."""
    return bool(one.family) and one.family == other.family and bool(newer(one)) != bool(newer(other))


def _contradiction(
    question: str, asked: frozenset[str], found: tuple[Passage, Statement], against: tuple[Passage, Statement]
) -> tuple[str, str] | None:
    """The figures, with their units, in which two statements about the same differ."""
    (passage, one), (other_passage, other) = found, against
    versions = _versions(passage.evidence, other_passage.evidence)
    rows = Form.ROW in (one.unit.form, other.unit.form)
    if rows and not (versions and one.header == other.header):
        return None
    held = [asked & (statement.stems | statement.around) for statement in (one, other)]
    if held[0] != held[1] or len(asked & one.stems & other.stems) < _ASKED:
        return None
    plain = [_plain(statement) for statement in (one, other)]
    mine, theirs = (frozenset(content(text)) for text in plain)
    enough = _ALIKE_VERSIONS if versions else _ALIKE
    if len(mine & theirs) < enough * len(mine | theirs) or _names(plain[0]) != _names(plain[1]):
        return None
    return _figures(question, one, other, versions)


def _plain(statement: Statement) -> str:
    """A statement without its figures and what they count: "three months" and "July" are no words of it."""
    text = statement.text
    for figure in reversed(statement.figures):
        counted = unit(statement.text, figure)
        text = f"{text[: figure.start]} {text[max(figure.end, counted.end if counted else 0) :]}"
    return text


def _names(text: str) -> frozenset[str]:
    """The proper names of a text without figures."""
    return frozenset(name for name in proper_names(text) if not any(map(str.isdigit, name)))


def _figures(question: str, one: Statement, other: Statement, versions: bool) -> tuple[str, str] | None:
    """The one figure of each that is another of the same unit, where all other figures agree."""
    when = asks_when(question)
    mine, theirs = (
        [figure for figure in statement.figures if when or not (versions and figure.dates)]
        for statement in (one, other)
    )
    lost, found = missing(mine, theirs), missing(theirs, mine)
    if len(lost) != 1 or len(found) != 1:
        return None
    first, second = unit(one.text, lost[0]), unit(other.text, found[0])
    dates = when and bool(lost[0].dates) and bool(found[0].dates)
    if not dates and not (first and second and _another(first, lost[0], second, found[0])):
        return None
    return _said(one.text, lost[0], first.end if first else 0), _said(other.text, found[0], second.end if second else 0)


def _another(one: Unit, figure: Figure, other: Unit, told: Figure) -> bool:
    """Whether two amounts are not the same: "three months" and "four weeks" are not, "1 year" and "12 months" are."""
    mine, theirs = _DURATIONS.get(one.name), _DURATIONS.get(other.name)
    if one.kind != other.kind:
        return False
    if mine is None or theirs is None:
        return one.name == other.name
    return not {value * mine for value in figure.values} & {value * theirs for value in told.values}


def _said(text: str, figure: Figure, end: int) -> str:
    return " ".join(text[figure.start : max(figure.end, end)].split())


def _in_order(mine: Support, theirs: Support, says: tuple[str, str]) -> Differing:
    """The two, the newer first: an older version behind the one that takes its place, else by their dates."""
    one, other = mine.passage.evidence, theirs.passage.evidence
    mine_first = bool(newer(other)) if _versions(one, other) else _day(one) >= _day(other)
    return Differing(mine, theirs, *says) if mine_first else Differing(theirs, mine, says[1], says[0])


def _day(item: Evidence) -> str:
    return "" if item.date is None or item.dated is Dated.FILE else item.date.isoformat()
