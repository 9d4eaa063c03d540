"""Documents that a question names equally well: the reports of one company, the contracts with one partner.

"The latest report" asks for the newest of them, "over time" and "in each quarter" for all. Pure functions.
"""

from collections.abc import Sequence

from assistant.retrieval.asked import Asked
from assistant.storage.rows import ChunkRow
from assistant.types import Dated

# Of how well the best-named document is named (scripts/LOG.md, "Series").
_ALIKE = 0.75  # from which on another one may be meant as well
_OF_ONE = 0.6  # from which on it is of the same series: its name stands at the start of its text, not in its title
_BEHIND = 0.08  # taken from the score of passages of other documents than the newest, as from older versions
_NEARER = 0.5  # of the way to the best: so far the best passage of each document is raised
_STEP = 0.0001  # scores have four digits


def in_series(marks: Sequence[float], ask: Asked, rows: Sequence[ChunkRow], named: Sequence[float]) -> list[float]:
    """The scores of passages, as far as the question asks for the newest of several documents or for all of them.

    `named` says how well the question names each passage's document, over the best-named one.
    """
    if ask.latest:
        return _newest(marks, rows, named)
    return _each(marks, rows, named) if ask.throughout else list(marks)


def _newest(marks: Sequence[float], rows: Sequence[ChunkRow], named: Sequence[float]) -> list[float]:
    days = {
        row.file: row.date
        for row, share in zip(rows, named, strict=True)
        if share >= _ALIKE and row.date is not None and row.dated is not Dated.FILE
    }
    last = max(days.values(), default=None)
    behind = [last is not None and days.get(row.file) != last for row in rows]
    return [max(0.0, mark - _BEHIND) if late else mark for mark, late in zip(marks, behind, strict=True)]


def _each(marks: Sequence[float], rows: Sequence[ChunkRow], named: Sequence[float]) -> list[float]:
    best: dict[int, float] = {}
    for mark, row, share in zip(marks, rows, named, strict=True):
        if share >= _OF_ONE:
            best[row.file] = max(best.get(row.file, 0.0), mark)
    top = max(marks, default=0.0)
    order = sorted(best, key=lambda file: -best[file])
    raised = {file: _NEARER * (top - best[file]) - _STEP * number for number, file in enumerate(order)}
    return [min(1.0, max(0.0, mark + raised.get(row.file, 0.0))) for mark, row in zip(marks, rows, strict=True)]
