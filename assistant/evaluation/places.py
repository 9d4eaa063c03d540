"""Finds where evidence stands in the stored texts of an index, and how much of it passages cover.

Evidence was located by another reader than ours: white space, hyphens, the kind of quotes, table rules and
ligatures do not count.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.evaluation.questions import Piece
from assistant.storage.catalog import Catalog
from assistant.types import Citation, Evidence, Hit

_IGNORED = re.compile(r"[\s\u00ad\u2010-\u2015\u2018-\u201f\u2032\u2033\u2212'\"´`|*_#-]")
_OPENING = 400  # code points: of a longer text, only these must lie inside a budget

Passage = Hit | Evidence
Stretch = Passage | Citation  # what stands somewhere
Place = tuple[str, int | None]  # path and page: one stored text


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one stored text."""

    place: Place
    start: int
    end: int


class Texts:
    """The stored texts of one index, as evidence is looked for in them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._folded = lru_cache(maxsize=512)(self._fold)
        self._located = lru_cache(maxsize=4_096)(self._locate)

    def spans(self, piece: Piece) -> tuple[Span, ...]:
        """Where the piece's text stands; nothing where it has none, or where the text that was read lacks it."""
        return self._located(piece) if piece.text else ()

    def _locate(self, piece: Piece) -> tuple[Span, ...]:
        wanted = folded(piece.text)[0]
        if not piece.pages:
            return self._stated(piece) or self._found([(piece.doc, None)], wanted)
        places: list[Place] = [(piece.doc, page) for page in piece.pages]
        if piece.repeated:
            return tuple(span for place in places for span in self._found([place], wanted))
        return self._found(places, wanted)

    def _stated(self, piece: Piece) -> tuple[Span, ...]:
        """The offsets that the piece states, where its text does stand there."""
        stored = self._catalog.stored_text(piece.doc, None)
        if stored is None or piece.start is None or piece.end is None:
            return ()
        stands = folded(stored.text[piece.start : piece.end])[0] == folded(piece.text)[0]
        return (Span((piece.doc, None), piece.start, piece.end),) if stands else ()

    def _found(self, places: Sequence[Place], wanted: str) -> tuple[Span, ...]:
        """Where `wanted` stands in texts that follow one another: a span in each that it runs over."""
        parts = [self._folded(place) for place in places]
        at = "".join(text for text, _ in parts).find(wanted)
        if not wanted or at < 0:
            return ()
        spans = []
        begin = 0
        for place, (text, offsets) in zip(places, parts, strict=True):
            first, last = max(at - begin, 0), min(at + len(wanted) - begin, len(text))
            if first < last:
                spans.append(Span(place, offsets[first], offsets[last - 1] + 1))
            begin += len(text)
        return tuple(spans)

    def _fold(self, place: Place) -> tuple[str, list[int]]:
        stored = self._catalog.stored_text(*place)
        return folded(stored.text) if stored is not None else ("", [])


def folded(text: str) -> tuple[str, list[int]]:
    """`text` as it is compared, in lower case and without what does not count; for each character its offset."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if _IGNORED.match(character):
            continue
        plain = character if character.isascii() else unicodedata.normalize("NFKD", character)
        for letter in plain.lower():
            if not (unicodedata.combining(letter) or _IGNORED.match(letter)):
                letters.append(letter)
                offsets.append(offset)
    return "".join(letters), offsets


def is_of(passage: Stretch, piece: Piece) -> bool:
    """Whether a passage stands on the piece's page, or in its document where no page is known."""
    return passage.path == piece.doc and (not piece.pages or passage.page in piece.pages)


def shows(passage: Stretch, piece: Piece, texts: Texts) -> bool:
    """Whether a passage leads to the piece: it is of its page or, in a text without pages, shares half with it."""
    if not is_of(passage, piece) or piece.pages or not piece.text:
        return is_of(passage, piece)
    return any(
        _shared(passage, span.start, span.end) * 2 >= min(span.end - span.start, passage.end - passage.start)
        for span in texts.spans(piece)
    )


def holds(passage: Passage, piece: Piece, texts: Texts) -> bool:
    """As `shows`, for a passage that an answer is made from: half of the piece must be in it, or of its opening."""
    if not is_of(passage, piece) or piece.pages or not piece.text:
        return is_of(passage, piece)
    return any(
        _shared(passage, span.start, end) * 2 >= end - span.start
        for span in texts.spans(piece)
        for end in [min(span.end, span.start + _OPENING)]
    )


def prints(passage: Passage, piece: Piece) -> bool:
    """Whether a passage of the piece's page prints its figure, word for word and not as a part of a longer one."""
    return is_of(passage, piece) and _figure(piece.text).search(passage.text) is not None


def covered(passages: Iterable[Passage], spans: Iterable[Span]) -> tuple[int, int]:
    """Code points of the spans that stand in the passages, and of the passages; what overlaps counts once."""
    wanted = list(_joined((span.place, span.start, span.end) for span in spans))
    shown = list(_joined(((item.path, item.page), item.start, item.end) for item in passages))
    common = sum(
        max(0, min(end, other_end) - max(start, other_start))
        for place, start, end in shown
        for other_place, other_start, other_end in wanted
        if place == other_place
    )
    return common, sum(end - start for _, start, end in shown)


def length(spans: Iterable[Span]) -> int:
    """Code points of the spans; what overlaps counts once."""
    return sum(end - start for _, start, end in _joined((span.place, span.start, span.end) for span in spans))


def _joined(stretches: Iterable[tuple[Place, int, int]]) -> Iterator[tuple[Place, int, int]]:
    """The stretches without overlap, each text's in order."""
    last: tuple[Place, int, int] | None = None
    for place, start, end in sorted(stretches, key=lambda item: (item[0][0], item[0][1] or 0, item[1])):
        if last is not None and last[0] == place and start <= last[2]:
            last = (place, last[1], max(last[2], end))
            continue
        if last is not None:
            yield last
        last = (place, start, end)
    if last is not None:
        yield last


def _shared(passage: Stretch, start: int, end: int) -> int:
    return max(0, min(passage.end, end) - max(passage.start, start))


@lru_cache(maxsize=1_024)
def _figure(text: str) -> re.Pattern[str]:
    letters = r"\s*".join(map(re.escape, "".join(text.split())))
    return re.compile(rf"(?<!\d)(?<!\d[.,]){letters}(?!\d)(?![.,]\d)")
