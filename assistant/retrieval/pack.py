"""Packs hits into numbered evidence inside a token budget: best first, neighbors joined."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.storage.catalog import Catalog
from assistant.types import Evidence, Hit

# Chunks of one text with no more than this between them are one stretch: only white space and rules are cut away.
_GAP = 8  # code points
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Chunks of one text that stand side by side."""

    text_id: int
    start: int
    end: int
    best: Hit  # of those that it joins


def pack(
    catalog: Catalog, hits: Sequence[Hit], budget: int, most: int, count: Callable[[str], int]
) -> tuple[Evidence, ...]:
    """At most `most` passages with at most `budget` tokens together, numbered from 1, best first by their scores.

    A hit that does not fit is passed over for a smaller one that does, and one that says word for word what a better
    one of another text says takes no room. `count` gives the tokens of a text.
    """
    rows = catalog.chunks(hit.chunk_id for hit in hits)
    chosen: list[_Stretch] = []
    said: dict[tuple[str, ...], int] = {}  # what is packed, by the text in which it stands
    left = budget
    for hit in sorted(hits, key=lambda hit: -hit.score):
        row = rows.get(hit.chunk_id)
        if row is None:
            continue  # gone since the search
        words = tuple(_WORD.findall(row.text.lower()))
        if said.get(words, row.text_id) != row.text_id:
            continue
        candidate = [*chosen, _Stretch(row.text_id, row.start, row.end, hit)]
        tokens = count(row.text)
        if tokens <= left and len(_joined(candidate)) <= most:
            chosen, left = candidate, left - tokens
            said[words] = row.text_id
    texts = {stretch.text_id: catalog.text(stretch.text_id) for stretch in chosen}
    ranked = sorted(_joined(chosen), key=lambda stretch: -stretch.best.score)
    return tuple(_evidence(number, stretch, texts[stretch.text_id]) for number, stretch in enumerate(ranked, 1))


def _joined(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """The stretches with those made one that stand side by side under the same heading."""
    joined: list[_Stretch] = []
    for stretch in sorted(stretches, key=lambda stretch: (stretch.text_id, stretch.start)):
        last = joined[-1] if joined else None
        if last is None or not _neighbors(last, stretch):
            joined.append(stretch)
            continue
        best = max(last.best, stretch.best, key=lambda hit: hit.score)
        joined[-1] = replace(last, end=max(last.end, stretch.end), best=best)
    return joined


def _neighbors(one: _Stretch, following: _Stretch) -> bool:
    same_place = one.text_id == following.text_id and one.best.heading == following.best.heading
    return same_place and following.start - one.end <= _GAP


def _evidence(number: int, stretch: _Stretch, text: str) -> Evidence:
    best = stretch.best
    return Evidence(
        number=number,
        path=best.path,
        page=best.page,
        page_label=best.page_label,
        heading=best.heading,
        text=text[stretch.start : stretch.end],
        start=stretch.start,
        end=stretch.end,
        score=best.score,
        title=best.title,
        date=best.date,
        dated=best.dated,
        family=best.family,
        edition=best.edition,
        newest=best.newest,
    )
