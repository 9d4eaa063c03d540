"""Table rows as sentences: true ones, and ones with the value of another row or column."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.language.terms import content
from assistant.retrieval.tables import labels
from assistant.types import Evidence
from planting.corpus import Source

_DAY = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December|of|as)$")
_NUMBER = re.compile(r"\d")
_CELL = re.compile(r"[(\[\-–—+$€£]*\d[\d,.]*[)\]%]*")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one table: what it is called, its cells, and the heads of these where the table has them."""

    label: str
    cells: tuple[str, ...]
    heads: tuple[str, ...] = ()
    place: int = 0


def tables(source: Source) -> Iterator[list[Row]]:
    """The tables of a document that have at least three rows with cells of one number."""
    for place, passage in enumerate(source.passages):
        rows = list(_markdown(passage, place)) or list(_printed(passage, place))
        names = [row.label.lower() for row in rows]
        rows = [row for row in rows if names.count(row.label.lower()) == 1]
        if len(rows) >= 3:
            yield rows


def _markdown(passage: Evidence, place: int) -> Iterator[Row]:
    heads: tuple[str, ...] = ()
    for line in passage.text.split("\n"):
        if not line.startswith("|"):
            heads = ()
            continue
        cells = tuple(cell.strip().strip("*") for cell in line.strip().strip("|").split("|"))
        if not heads:
            heads = cells
        elif len(cells) == len(heads) > 1 and re.search(r"\w", cells[0]) and any(map(_NUMBER.search, cells[1:])):
            yield Row(cells[0], cells[1:], heads[1:], place)


def _printed(passage: Evidence, place: int) -> Iterator[Row]:
    for line in passage.text.split("\n"):
        (label, *_) = labels(line) or ("",)
        cells = tuple(cell.strip("$€£,") for cell in line.strip()[len(label) :].split() if _CELL.fullmatch(cell))
        if (
            len(content(label)) > 1
            and not _DAY.search(label)
            and cells
            and re.fullmatch(r"[A-Z][\w ,&/()’'-]{3,60}", label)
            and "(" not in cells[0]
        ):
            yield Row(label, cells, (), place)


def said(row: Row, value: str, head: str, german: bool) -> str:
    """The row as a sentence with `value` in the column of `head`."""
    what = row.label.rstrip(":")
    if head:
        return (
            f"{head} für {what} ist {value}." if german else f"For {what}, the {head[0].lower() + head[1:]} is {value}."
        )
    return f"{what} beträgt {value}." if german else f"{what} was {value}."


def true_and_false(rows: list[Row], draw: random.Random, german: bool) -> tuple[str, str, Row]:
    """A true sentence of one row, and one with another row's or column's value, empty where none fits."""
    row = draw.choice(rows)
    at = next((number for number, cell in enumerate(row.cells) if _NUMBER.search(cell)), 0)
    columns = [number for number, cell in enumerate(row.cells) if _NUMBER.search(cell)] if row.heads else [at]
    at = draw.choice(columns) if columns else at
    head = row.heads[at] if row.heads else ""
    own = {cell.lower() for cell in row.cells} | {row.label.lower()}
    others = [one.cells[at] for one in rows if one is not row and len(one.cells) > at]
    others = [cell for cell in others if _NUMBER.search(cell) and cell.lower() not in own]
    across = (
        [row.cells[number] for number in columns if number != at and row.cells[number] != row.cells[at]]
        if row.heads
        else []
    )
    wrong = draw.choice([*others, *across]) if others or across else ""
    return said(row, row.cells[at], head, german), said(row, wrong, head, german) if wrong else "", row
