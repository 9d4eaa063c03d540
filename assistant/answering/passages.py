"""A passage of evidence taken apart once a question: its units, their words and figures, and what stands around them.

Checking an answer and quoting without a model both read it; neither knows how it was made.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.numbers import Figure, figures
from assistant.answering.orders import is_order, orders
from assistant.answering.sentences import Form, Unit, split
from assistant.answering.terms import content
from assistant.dates import said
from assistant.retrieval.versions import newer
from assistant.types import Citation, Evidence

_PERIOD = re.compile(r"(?:19|20)\d\d|Q[1-4]|H[12]", re.IGNORECASE)  # the only figures of a table's head


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or table row of a passage, with the words and figures that it is made of."""

    unit: Unit  # offsets in the passage's text
    text: str
    stems: frozenset[str]  # of its own words and, for a table row, of the row that heads it
    figures: tuple[Figure, ...]
    around: frozenset[str]  # stems of its neighbors, of the headings and the title
    header: str = ""  # the row that heads this table row, verbatim


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of evidence, taken apart."""

    evidence: Evidence
    statements: tuple[Statement, ...]
    stems: frozenset[str]  # of everything in it, and of its headings and title
    context_figures: tuple[Figure, ...]  # of title, headings, path and date


def read(evidence: Evidence) -> Passage:
    """Take one piece of evidence apart; headings are context, and orders to a model nothing at all."""
    units = split(evidence.text)
    texts = [evidence.text[unit.start : unit.end] for unit in units]
    spoken = orders(evidence.text, units)
    own = [frozenset(() if number in spoken else content(text)) for number, text in enumerate(texts)]
    above = "\n".join(part for part in (evidence.title, *evidence.heading.split(" › ")) if not is_order(part))
    named = frozenset(content(f"{above} {evidence.path}"))
    heads = _header_rows(units, texts)
    statements = []
    for number, (unit, text) in enumerate(zip(units, texts, strict=True)):
        if unit.form is Form.HEADING or number in spoken or not (own[number] or figures(text)):
            continue
        head = heads[number]
        header = "" if head is None else texts[head]
        stems = own[number] if head is None else own[number] | own[head]
        # The rows beside a row are about something else; the sentences beside a sentence are what it goes on from.
        beside = [] if unit.form is Form.ROW else own[max(number - 1, 0) : number + 2]
        around = named.union(*beside, *_heading_above(units, own, number))
        statements.append(Statement(unit, text, stems, tuple(figures(text)), around, header))
    day = said(evidence.date, evidence.dated)
    context = f"{above}\n{evidence.path.replace('_', ' ')}\n{day}"
    return Passage(evidence, tuple(statements), named.union(*own), tuple(figures(context)))


def citation(evidence: Evidence, start: int, end: int, number: int, score: float) -> Citation:
    """Cite evidence.text[start:end], word for word."""
    return Citation(
        number=number,
        path=evidence.path,
        page=evidence.page,
        page_label=evidence.page_label,
        heading=evidence.heading,
        quote=evidence.text[start:end],
        start=evidence.start + start,
        end=evidence.start + end,
        score=round(min(max(score, 0.0), 1.0), 4),
        date=evidence.date,
        dated=evidence.dated,
        superseded_by=newer(evidence),
    )


def _heading_above(units: Sequence[Unit], own: Sequence[frozenset[str]], number: int) -> list[frozenset[str]]:
    for before in range(number - 1, -1, -1):
        if units[before].form is Form.HEADING:
            return [own[before]]
    return []


def _header_rows(units: Sequence[Unit], texts: Sequence[str]) -> list[int | None]:
    """For each unit the number of the row that heads its table, None where it is no row or heads the table itself."""
    heads: list[int | None] = []
    head: int | None = None
    for number, unit in enumerate(units):
        if unit.form is not Form.ROW:
            head = None
        elif number == 0 or units[number - 1].form is not Form.ROW:
            head = _head_of_run(units, texts, number)
        heads.append(None if head == number else head)
    return heads


def _head_of_run(units: Sequence[Unit], texts: Sequence[str], first: int) -> int | None:
    """A table's first row heads it where its figures, if any, are periods; in PDFs the line above may do so."""
    after = next((at for at in range(first + 1, len(units)) if content(texts[at]) or figures(texts[at])), None)
    if texts[first].startswith("|"):
        return first
    if after is not None and _heads(texts[first]):
        return first
    above = first - 1
    return above if above >= 0 and units[above].form is Form.HEADING and _heads(texts[above]) else None


def _heads(line: str) -> bool:
    return all(_PERIOD.fullmatch(figure.written) for figure in figures(line))
