"""Finds the headings on the pages of a PDF, by its outline or by the type that lines are set in.

It knows nothing of PDF files: pages come as text and lines.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.reading.pdf_structure import OutlineEntry
from assistant.reading.pdf_text import Line, PageText
from assistant.types import Section

Pages = Mapping[int, PageText]  # by physical number, from 1; pages without text are absent


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a page's text; a smaller `level` stands further out."""

    start: int
    end: int
    level: tuple[float, ...]
    title: str


Path = tuple[Heading, ...]  # the headings that are open, from the outermost


@dataclass(frozen=True, slots=True)
class _Body:
    """What most of a document is set in; nine of ten lines are shorter than `line_length`."""

    size: float
    weight: int
    line_length: int


_OUTERMOST = 10_000  # an outline's headings stand outside of all that are found by their type
_PAGES_A_HEADING = 3  # an outline with fewer headings leaves room for others
_EDGE = 3  # lines at the top and bottom of a page that may be a running header or footer
_REPEATED = 3  # pages with the same line there make it one
_LONGEST = 110  # code points of a heading without an outline
_LARGER = 1.12  # times the body's size
_HEAVIER = 1.3  # times the body's weight
_SPREAD = 0.95  # times its size, a character's share of the line's width: columns of a table are wider
_CROWDED = 0.34  # share of a page's lines that look like headings: it is a table or a cover

_NUMBER = re.compile(r"(?:§+\s*)?((?:\d{1,2}\.)*\d{1,2})\.?\)?(?=\s)")
_KEYWORD = re.compile(
    r"(part|teil|chapter|kapitel|article|artikel|section|abschnitt|item|note|appendix|annex|anhang|schedule|exhibit)"
    r"\s+([\divxlc]+[a-z]?|[a-z])\b",
    re.IGNORECASE,
)
_OUTER_KEYWORDS = ("part", "teil", "appendix", "annex", "anhang", "schedule", "exhibit")
_KEYWORD_DEPTHS = {"note": 1.2} | dict.fromkeys(_OUTER_KEYWORDS, 0.0)
_LEADER = re.compile(r"(\.\s?){4,}|…")  # leads to a page number in a table of contents
_ENDS_IN_NUMBER = re.compile(r"\s\d{1,4}$")
_EDGE_NUMBER = re.compile(r"^\W*(?:page|seite)?\W*(\d{1,4})\b|\b(\d{1,4})\W*$", re.IGNORECASE)
_SMALL_WORDS = re.compile(
    r"\b(an?|and|as|at|by|for|from|in|of|on|or|the|to|with|under|its|per|via"
    r"|der|die|das|des|dem|den|und|oder|vo[nm]|zu[rm]?|im|mit|für|bei)\b",
    re.IGNORECASE,
)


def sections(pages: Pages, numbers: Mapping[int, int], outline: Sequence[OutlineEntry]) -> tuple[Section, ...]:
    """Cut every page at its headings; `numbers` gives the number of a page's text in the document.

    Text above the first heading of a page stands under the path that is still open from the pages before.
    """
    running = running_lines(pages)
    found = _together(by_outline(pages, outline), by_type(pages, running), len(pages))
    path: Path = ()
    result: list[Section] = []
    for number in sorted(pages):
        page = pages[number]
        cuts = _cuts(page, found.get(number, ()), path, running.get(number, frozenset()))
        path = cuts[-1][1]
        for (start, open_path), (end, _) in pairwise([*cuts, (len(page.text), ())]):
            result.append(Section(numbers[number], start, end, tuple(heading.title for heading in open_path)))
    return tuple(result)


def _cuts(
    page: PageText, headings: Sequence[Heading], path: Path, running: frozenset[int]
) -> Sequence[tuple[int, Path]]:
    """Where the sections of a page start, each with its path.

    Running lines above the first heading join it, and so does a heading with nothing but a deeper one below it.
    """
    cuts = [(0, path)]
    bare = set(running)  # starts of lines that make no section of their own
    for number, heading in enumerate(headings):
        start, above = cuts[-1]
        outer = tuple(item for item in above if item.level < heading.level)
        is_bare = all(line.start in bare for line in page.lines if start <= line.start < heading.start)
        if (is_bare and (number == 0 or outer == above)) or start == heading.start:
            cuts.pop()
        else:
            start = heading.start
        cuts.append((start, (*outer, heading)))
        bare.update(line.start for line in page.lines if heading.start <= line.start < heading.end)
    return cuts


def _together(
    outlined: Mapping[int, Sequence[Heading]], typed: Mapping[int, Sequence[Heading]], pages: int
) -> Mapping[int, Sequence[Heading]]:
    """Take the outline's headings; where they are few for so many pages, the typed ones stand below them."""
    count = sum(len(headings) for headings in outlined.values())
    if not count or count * _PAGES_A_HEADING > pages:
        return outlined or typed
    result: dict[int, Sequence[Heading]] = {}
    for page in {*outlined, *typed}:
        outer = outlined.get(page, ())
        taken = {(heading.start, _joined(heading.title)) for heading in outer}
        starts, titles = {start for start, _ in taken}, {title for _, title in taken}
        inner = [item for item in typed.get(page, ()) if item.start not in starts and _joined(item.title) not in titles]
        result[page] = sorted([*outer, *inner], key=lambda heading: heading.start)
    return result


def running_lines(pages: Pages) -> Mapping[int, frozenset[int]]:
    """For each page, the starts of the lines that other pages repeat at their edge: headers, footers, numbers."""
    seen: defaultdict[tuple[object, ...], set[tuple[int, int]]] = defaultdict(set)
    for number, page in pages.items():
        for line in {*page.lines[:_EDGE], *page.lines[-_EDGE:]}:
            for key in _running_keys(number, page.text[line.start : line.end], line.size):
                seen[key].add((number, line.start))
    result: defaultdict[int, set[int]] = defaultdict(set)
    for places in seen.values():
        if len({number for number, _ in places}) >= max(2, min(_REPEATED, len(pages))):
            for number, start in places:
                result[number].add(start)
    return {number: frozenset(starts) for number, starts in result.items()}


def _running_keys(page: int, text: str, size: float) -> Iterator[tuple[object, ...]]:
    """The same words in the same size, or the same words with a number that grows as the pages do."""
    folded = _folded(text)
    yield folded, size
    if match := _EDGE_NUMBER.search(folded):
        printed = int(match[1] or match[2])
        yield folded[: match.start()] + folded[match.end() :], size, printed - page


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def by_outline(pages: Pages, outline: Sequence[OutlineEntry]) -> Mapping[int, Sequence[Heading]]:
    """Place the outline's entries on their pages; empty where it says too little to be used.

    An entry that is not found as a line stands at the top of its page, if it is the first one there.
    """
    result: defaultdict[int, list[Heading]] = defaultdict(list)
    found = 0
    for entry in outline:
        page = pages.get(entry.page)
        if page is None:
            continue
        place = _place(page, entry.title)
        found += place is not None
        if place is None and not result[entry.page]:
            place = (0, 0)
        if place is not None:
            result[entry.page].append(Heading(*place, (entry.level - _OUTERMOST,), entry.title))
    if found < 2 or found < 0.4 * len(outline):
        return {}
    return {number: _in_order(headings) for number, headings in result.items()}


def _in_order(headings: Iterable[Heading]) -> list[Heading]:
    """Headings of a page by place; of several at one place the order of the outline stays."""
    return sorted(headings, key=lambda heading: heading.start)


def _place(page: PageText, title: str) -> tuple[int, int] | None:
    """Where the title stands as a line, or as up to three lines, a number before it or not; None if nowhere."""
    wanted = _joined(title)
    bare = _joined(_NUMBER.sub("", title))
    for index, line in enumerate(page.lines):
        joined = ""
        for part in page.lines[index : index + 3]:
            joined += _joined(page.text[part.start : part.end])
            unnumbered = joined.lstrip("0123456789.()§")
            if joined == wanted or (unnumbered and unnumbered in (wanted, bare)):
                return line.start, part.end
            if len(joined) > len(wanted) + 12:
                break
    return None


def _joined(text: str) -> str:
    return "".join(text.casefold().split())


def by_type(pages: Pages, running: Mapping[int, frozenset[int]]) -> Mapping[int, Sequence[Heading]]:
    """Find headings by size, weight and numbers, compared with what most of the document is set in."""
    body = _body(pages.values())
    result: dict[int, Sequence[Heading]] = {}
    for number, page in pages.items():
        skipped = running.get(number, frozenset())
        lines = [line for line in page.lines if line.start not in skipped]
        levels = [_level(page.text, line, body) for line in lines]
        if sum(level is not None for level in levels) <= max(3, _CROWDED * len(lines)):
            result[number] = list(_merged(page.text, lines, levels, body.line_length))
    return result


def _body(pages: Iterable[PageText]) -> _Body:
    """What most characters of the document are set in, and how long its lines are."""
    sizes: Counter[float] = Counter()
    weights: Counter[int] = Counter()
    lengths: list[int] = []
    for page in pages:
        for line in page.lines:
            length = line.end - line.start
            sizes[line.size] += length
            weights[line.weight] += length
            lengths.append(length)
    if not lengths:
        return _Body(0.0, 0, 0)
    return _Body(sizes.most_common(1)[0][0], weights.most_common(1)[0][0], sorted(lengths)[len(lengths) * 9 // 10])


def _level(page: str, line: Line, body: _Body) -> tuple[float, ...] | None:
    """How far out a line stands as a heading; None where it is none."""
    text = page[line.start : line.end]
    letters = sum(map(str.isalpha, text))
    if not letters >= 3 or len(text) > _LONGEST or letters < 0.6 * len(text.replace(" ", "")) or _LEADER.search(text):
        return None
    if line.size < 0.97 * body.size or text[-1] in ",;–-" or text[0] in '•–*("“':
        return None
    larger = body.size > 0 and line.size >= _LARGER * body.size
    if not larger and (line.spread > _SPREAD or (_ENDS_IN_NUMBER.search(text) and not _KEYWORD.fullmatch(text))):
        return None
    bold = body.weight > 0 and line.weight >= _HEAVIER * body.weight
    numbered, keyword = _NUMBER.match(text), _KEYWORD.match(text)
    mark = numbered or keyword
    named = mark is not None and _is_titled(text[mark.end() :])
    alone = len(text) <= 0.8 * body.line_length or page.startswith("\n\n", line.end)
    if not (larger or (bold and text[-1] != ":") or (named and alone)) or (text[-1] == "." and not named):
        return None
    return (-round(line.size), not bold, _depth(numbered, keyword), not text.isupper())


def _depth(numbered: re.Match[str] | None, keyword: re.Match[str] | None) -> float:
    """How deep a heading stands by its number or its first word, among those of its type."""
    if numbered:
        return 2.0 + numbered[1].count(".")
    return _KEYWORD_DEPTHS.get(keyword[1].lower(), 1.0) if keyword else 1.5


def _is_titled(text: str) -> bool:
    """Whether the words behind a heading's number are capitalized as a title's are; nothing at all is fine."""
    words = re.findall(r"[^\W\d_]+", _SMALL_WORDS.sub("", text))
    return len(words) <= 10 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def _merged(
    text: str, lines: Sequence[Line], levels: Sequence[tuple[float, ...] | None], line_length: int
) -> Iterator[Heading]:
    """Join the lines of one heading that wraps: same type, no blank line between, no number of its own."""
    index = 0
    while index < len(lines):
        level, last = levels[index], index
        if level is None:
            index += 1
            continue
        while last + 1 < len(lines) and last - index < 2 and _continues(text, lines, levels, last, line_length):
            last += 1
        title = " ".join(text[lines[index].start : lines[last].end].split())
        yield Heading(lines[index].start, lines[last].end, level, title)
        index = last + 1


def _continues(
    text: str, lines: Sequence[Line], levels: Sequence[tuple[float, ...] | None], last: int, line_length: int
) -> bool:
    line, following = lines[last], lines[last + 1]
    level, behind = levels[last], levels[last + 1]
    return (
        level is not None
        and behind is not None
        and level[:2] == behind[:2]
        and (level[2] == behind[2] or line.end - line.start >= 0.5 * line_length)
        and not _NUMBER.match(text, following.start)
        and not _KEYWORD.match(text, following.start)
        and "\n\n" not in text[line.end : following.start]
    )
