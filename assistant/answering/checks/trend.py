"""What rises or falls from one figure to another: a claim about two rows of a table, or two sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.checks.claim import Claim, claim, holds
from assistant.answering.checks.table import columns
from assistant.answering.passages import Passage, Statement
from assistant.language.numbers import Figure, figures
from assistant.language.sentences import Form
from assistant.language.terms import content

_TREND = re.compile(
    r"(?P<what>.{3,120}?)\s+(?:(?:has|have|had|was|were|is|are|ist|sind)\s+)?"
    r"(?:(?P<up>ros(?:e|en)|rises?|increase[sd]?|gr(?:ew|own|ows?)|climb(?:s|ed)|stieg(?:en)?|steigt|gestiegen|wuchs)"
    r"|(?P<down>fell|fall(?:s|en)?|decrease[sd]?|decline[sd]?|drop(?:s|ped)|sank(?:en)?|sinkt|gesunken|fiel))"
    r"\s+(?:from|von)\s+(?P<first>.+?)\s+(?:to|auf)\s+(?P<last>.+?)[.!]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Trend:
    """What a sentence says to rise or fall, and from what to what."""

    what: str
    first: str
    last: str
    rises: bool

    @property
    def claims(self) -> tuple[Claim, Claim]:
        """The two statements that it is made of."""
        return claim(f"{self.what} was {self.first}."), claim(f"{self.what} was {self.last}.")

    @property
    def turned(self) -> str:
        """Why it goes the other way, if it does."""
        one, other = _value(self.first), _value(self.last)
        if one is None or other is None or _size(one, other) == (1 if self.rises else -1):
            return ""
        return f"from {one.written.strip()} to {other.written.strip()} is no {'rise' if self.rises else 'fall'}"


def trend(text: str) -> Trend | None:
    """The rise or fall that a sentence states, None where it states none."""
    found = _TREND.fullmatch(text.strip())
    return Trend(found["what"], found["first"], found["last"], bool(found["up"])) if found else None


def column(told: Trend, passages: Sequence[Passage]) -> tuple[tuple[Passage, Statement], ...]:
    """The two rows, in their order, that hold both figures in the column that is spoken of; empty where none do."""
    one, other = _value(told.first), _value(told.last)
    spoken = frozenset(content(told.what))
    for passage in passages if one and other else ():
        rows = [row for row in passage.statements if row.unit.form is Form.ROW]
        for at, row in enumerate(rows):
            heads, cells = columns(row)
            for number, head in enumerate(heads):
                named = content(head)
                if not named or not all(holds(spoken, word) for word in named) or not _in(one, cells[number]):
                    continue
                for later in rows[at + 1 :]:
                    others = columns(later)
                    if others[0] == heads and _in(other, others[1][number]):
                        return (passage, row), (passage, later)
    return ()


def _in(figure: Figure | None, cell: str) -> bool:
    return figure is not None and any(figure.agrees(other) for other in figures(cell))


def _value(text: str) -> Figure | None:
    """The first amount of a text."""
    return next((figure for figure in figures(text) if len(figure.values) == 1), None)


def _size(one: Figure, other: Figure) -> int:
    first, last = next(iter(one.values)), next(iter(other.values))
    return (last > first) - (last < first)
