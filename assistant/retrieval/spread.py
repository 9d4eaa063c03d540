"""The order in which hits are shown: behind the best, pages that none has been shown of come first; pure functions.

The score stays what it is, and what goes into a prompt is chosen by it.
"""

from collections import Counter
from collections.abc import Sequence

from assistant.types import Hit

SPREAD = 40  # hits that are looked at
_KEPT = 5  # of the best, as they are
_AGAIN = 0.03  # of the score, taken for each passage of the same page that came before (scripts/LOG.md, "Pages")
_MOST = 3  # that are counted


def over_pages(hits: Sequence[Hit]) -> list[Hit]:
    """Hits, best first, with those behind that are of a page of which others come before; texts have no pages."""
    before: Counter[tuple[str, int | None]] = Counter()
    marks = []
    for hit in hits[:SPREAD]:
        page = (hit.path, hit.page)
        marks.append(hit.score - (_AGAIN * min(before[page], _MOST) if hit.page is not None else 0.0))
        before[page] += 1
    behind = sorted(range(min(_KEPT, len(marks)), len(marks)), key=lambda number: -marks[number])
    return [*hits[:_KEPT], *(hits[number] for number in behind), *hits[SPREAD:]]
