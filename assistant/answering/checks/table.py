"""Tables: a figure belongs to its row, by the row's label, and to its column, by the column's head."""

import re
from collections.abc import Callable, Iterable

from assistant.answering.checks.claim import CHANGES, DOWN, UP, Claim, Match, holds, tokens
from assistant.answering.passages import Statement
from assistant.language.numbers import Figure, figures
from assistant.language.sentences import Form
from assistant.language.terms import content
from assistant.retrieval.tables import labels

_MINUS = re.compile(r"[(−–-]")
_CELL = re.compile(r"\S*\d\S*|[—–-]")


def cell(claim: Claim, match: Match) -> str:
    """The row or the column that the sentence's figure belongs to, where the sentence speaks of another."""
    if match.statement.unit.form is not Form.ROW:
        return ""
    return _other_row(claim, match) or _other_column(claim, match) or _other_sign(claim, match)


def _other_row(claim: Claim, match: Match) -> str:
    own = label(match.statement.text)
    mine = _words(own)
    if not mine:
        return ""
    spoken = frozenset((*claim.stems, *(token.key for token in claim.tokens if token.figure)))
    if 2 * sum(holds(spoken, word) for word in mine) < len(mine):
        return f"the source says this of “{own}”"
    for row in match.passage.statements:
        other = _words(label(row.text)) if row.unit.form is Form.ROW and row is not match.statement else frozenset()
        named = other and other != mine and all(holds(spoken, word) for word in other)
        if named and (other > mine or not all(holds(spoken, word) for word in mine)):
            return f"the source says this of “{own}”, not of “{label(row.text)}”"
    return ""


def _other_column(claim: Claim, match: Match) -> str:
    heads, cells = columns(match.statement)
    if not heads and _one_of_several(claim, match.statement):
        return "the source does not tell which column this is"
    asked = [figure for figure in claim.figures if not _names_column(figure, heads)]
    found = [figure for figure in asked if _at(figure, cells)]
    for figure, named in zip(found, _of_columns(claim, found, heads), strict=True):
        at = _at(figure, cells)
        if named and not set(at) & set(named):
            return f"the source says this of “{heads[at[0]]}”, not of “{heads[named[0]]}”"
    return ""


def _at(figure: Figure, cells: list[str]) -> list[int]:
    return [number for number, text in enumerate(cells) if any(figure.agrees(other) for other in figures(text))]


def _of_columns(claim: Claim, found: list[Figure], heads: list[str]) -> list[list[int]]:
    """The columns that a sentence says each of its figures of: as many are paired in order, else any of them."""
    spoken = frozenset((*claim.stems, *(token.key for token in claim.tokens if token.figure)))
    named = _named(heads, spoken, all) or _named(heads, spoken, any)
    if len(found) != len(named) or len(found) < 2:
        return [named] * len(found)
    return [[number] for number in sorted(named, key=lambda number: _place(heads, number, claim))]


def _place(heads: list[str], number: int, claim: Claim) -> int:
    """Where a sentence first has a word of a column's head that no other column shares."""
    distinct = _distinct(heads, number)
    places = [token.start for token in claim.tokens if holds(distinct, token.key)]
    return min(places, default=len(claim.text))


def _one_of_several(claim: Claim, row: Statement) -> bool:
    """Whether a sentence gives a figure of a row to one of several periods that stand above in no clear order."""
    periods = figures(row.header)
    told = [figure for figure in claim.figures if any(figure.agrees(other) for other in periods)]
    rest = [figure for figure in claim.figures if figure not in told]
    return len(periods) > len(told) > 0 and len(row.figures) > 1 and bool(rest)


def _other_sign(claim: Claim, match: Match) -> str:
    """A rise where the row has a change in parentheses or with a minus, or a fall where it has neither."""
    up, down = bool(claim.stems & UP), bool(claim.stems & DOWN)
    if up == down or match.held.isdisjoint(CHANGES):
        return ""
    for figure in claim.figures:
        cells = [found.group() for found in _CELL.finditer(match.statement.text) if _says(found.group(), figure)]
        if figure.percent and cells and all(bool(_MINUS.match(one)) == up for one in cells):
            return f"the source says {cells[0]}"
    return ""


def _says(cell: str, figure: Figure) -> bool:
    return any(abs(mine) == abs(theirs) for mine in figure.values for other in figures(cell) for theirs in other.values)


def label(row: str) -> str:
    """What a row is called: its first cell, or the words before its figures."""
    return _cells(row)[0] if "|" in row else next(iter(labels(row)), "")


def columns(row: Statement) -> tuple[list[str], list[str]]:
    """The heads of a row's cells and the cells, as many of one as of the other; both empty where no head is known."""
    if "|" in row.text:
        heads, cells = (_cells(line)[1:] for line in (row.header, row.text))
    else:
        heads = [figure.written.strip() for figure in figures(row.header)]
        cells = _CELL.findall(row.text[len(label(row.text)) :])
        plain = [cell for cell in cells if "%" not in cell]  # a last column says how much it changed
        cells = plain if len(plain) == len(heads) else cells
    return (heads, cells) if len(heads) == len(cells) > 0 else ([], [])


def _cells(line: str) -> list[str]:
    return [part.strip(" *") for part in line.strip().strip("|").split("|")]


def _named(heads: list[str], spoken: frozenset[str], most: Callable[[Iterable[bool]], bool]) -> list[int]:
    """The columns of whose words that no other column shares the sentence holds `most`: all, or any."""
    found = []
    for number in range(len(heads)):
        distinct = _distinct(heads, number)
        if distinct and most([holds(spoken, word) for word in distinct]):
            found.append(number)
    return found


def _distinct(heads: list[str], number: int) -> frozenset[str]:
    return _words(heads[number]).difference(*(_words(other) for other in heads if other != heads[number]))


def _names_column(figure: Figure, heads: list[str]) -> bool:
    return any(figure.agrees(other) for head in heads for other in figures(head))


def _words(text: str) -> frozenset[str]:
    return frozenset((*content(text), *(token.key for token in tokens(text) if token.figure)))
