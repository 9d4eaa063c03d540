"""A passage of evidence taken apart once a question: its units, their words and figures, and what stands around them.

Checking an answer and quoting without a model both read it; neither knows how it was made.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from assistant.answering.orders import is_order, orders
from assistant.dates import said
from assistant.language.numbers import Figure, figures
from assistant.language.sentences import Form, Unit, split
from assistant.language.terms import content
from assistant.retrieval.tables import labels
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
    context_figures: tuple[Figure, ...]  # dates, periods and codes of title, headings, path and date
    forms: Mapping[str, tuple[str, ...]] = field(compare=False)  # its stems of five letters and more by the first five


def read(evidence: Evidence) -> Passage:
    """Take one piece of evidence apart; headings are context, and orders to a model nothing at all."""
    units = _rows_apart(evidence.text, split(evidence.text))
    texts = [evidence.text[unit.start : unit.end] for unit in units]
    spoken = orders(evidence.text, units)
    own = [frozenset(() if number in spoken else content(text)) for number, text in enumerate(texts)]
    title = "\n".join(part for part in (evidence.title, *evidence.heading.split(" › ")) if not is_order(part))
    named = frozenset(content(f"{title} {evidence.path}"))
    heads = _header_rows(evidence.text, units, texts)
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
    context = f"{title}\n{evidence.path.replace('_', ' ')}\n{day}"
    above = tuple(figure for figure in figures(context) if _names_period(figure))
    stems = named.union(*own)
    return Passage(evidence, tuple(statements), stems, above, _by_beginning(stems))


def _names_period(figure: Figure) -> bool:
    """Whether a heading's figure says of when or of what its text is: the 3 of "3. Term" says neither."""
    return bool(figure.dates or figure.code or _PERIOD.fullmatch(figure.written.strip()))


def _by_beginning(stems: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for stem in stems:
        if len(stem) >= 5:
            found[stem[:5]].append(stem)
    return {beginning: tuple(forms) for beginning, forms in found.items()}


def _rows_apart(text: str, units: Sequence[Unit]) -> list[Unit]:
    """The units with the rows of a table on their own, where it was read as running text or as a heading."""
    found: list[Unit] = []
    for unit in units:
        lines = list(_lines(text, unit))
        rows = [bool(labels(text[start:end])) for start, end in lines]
        if unit.form is Form.ROW or not (sum(rows) > 1 or rows == [True]):
            found.append(unit)
            continue
        for is_row, group in groupby(zip(rows, lines, strict=True), key=itemgetter(0)):
            places = [place for _, place in group]
            if is_row:
                found += [Unit(start, end, Form.ROW) for start, end in places]
            else:
                found.append(Unit(places[0][0], places[-1][1], unit.form))
    return found


def _lines(text: str, unit: Unit) -> Iterator[tuple[int, int]]:
    at = unit.start
    for line in text[unit.start : unit.end].split("\n"):
        short = line.strip()
        if short:
            start = at + line.index(short)
            yield start, start + len(short)
        at += len(line) + 1


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


def _header_rows(passage: str, units: Sequence[Unit], texts: Sequence[str]) -> list[int | None]:
    """For each unit the number of the row that heads its table, None where it is no row or heads the table itself."""
    heads: list[int | None] = []
    head: int | None = None
    for number, unit in enumerate(units):
        if unit.form is not Form.ROW:
            head = None
        elif (
            number == 0
            or units[number - 1].form is not Form.ROW
            or "\n\n" in passage[units[number - 1].end : unit.start]
        ):
            head = _head_of_run(units, texts, number)
        heads.append(None if head == number else head)
    return heads


def _head_of_run(units: Sequence[Unit], texts: Sequence[str], first: int) -> int | None:
    """A table's first row heads it where its figures, if any, are periods; in PDFs the line above may do so."""
    after = next((at for at in range(first + 1, len(units)) if content(texts[at]) or figures(texts[at])), None)
    if texts[first].startswith("|"):
        return first
    if after is not None and heads(texts[first]):
        return first
    above = first - 1
    return above if above >= 0 and units[above].form is Form.HEADING and heads(texts[above]) else None


def heads(line: str) -> bool:
    """Whether a row may head a table: its figures, if any, are periods."""
    return all(_PERIOD.fullmatch(figure.written) for figure in figures(line))
