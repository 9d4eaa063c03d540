"""Reads markdown files as one text, in sections by its headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.language.detection import language
from assistant.reading.front_matter import front_matter
from assistant.reading.plain import decode, text_gap
from assistant.reading.titles import LONGEST_TITLE
from assistant.types import Document, Section, StoredText

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_HEADING = 300  # code points; longer ones are paragraphs that somebody underlined
_MOST_BARE = 20  # headings without text between them that stand in one section,
_LONGEST_BARE = 500  # and their code points: thousands of them must not become as many sections
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")  # "Fees {#fees}"
_ANCHORS = {"", "#", "¶", "§", "🔗", "⚓"}  # links that only repeat the heading's address


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading's lines in the stored text, its level from 1, and its text without markup."""

    start: int
    end: int
    level: int
    title: str


def read_markdown(data: bytes) -> Document:
    """Read a markdown file: sections cover its text without overlap, each with its path of plain headings."""
    text = decode(data)
    if gap := text_gap(data, text):
        return Document(gaps=(gap,))
    front = front_matter(text)
    headings = list(_headings(text[front.end :], front.end))
    first = next((heading.title for heading in headings if heading.level == 1), "")
    return Document(
        title=(front.title or first)[:LONGEST_TITLE],
        texts=(StoredText(text),),
        sections=tuple(_sections(text, front.end, headings)),
        date=front.date,
        standing=front.standing,
        language=language(text[front.end :]),
    )


def _sections(text: str, body: int, headings: Sequence[_Heading]) -> Iterator[Section]:
    """Cut `text` at the end of the front matter and at each heading.

    Blank text joins the heading below it, and so does a heading with nothing but a deeper one below it; so do a
    few headings with nothing below them at all.
    """
    cuts: list[tuple[int, tuple[_Heading, ...]]] = [(0, ()), (body, ())] if body else [(0, ())]
    read = body  # the end of the last heading
    bare = 0  # headings that the last section starts with
    for heading in headings:
        start, above = cuts[-1]
        outer = tuple(item for item in above if item.level < heading.level)
        is_bare = not text[max(start, read) : heading.start].strip()
        if is_bare and (outer == above or (bare < _MOST_BARE and heading.end - start <= _LONGEST_BARE)):
            cuts.pop()
            bare += 1
        else:
            start, bare = heading.start, 1
        cuts.append((start, (*outer, heading)))
        read = heading.end
    if len(cuts) > 1 and not text[cuts[-1][0] :].strip():
        cuts.pop()
    for (start, path), (end, _) in pairwise([*cuts, (len(text), ())]):
        yield Section(0, start, end, tuple(heading.title for heading in path))


def _headings(text: str, offset: int) -> Iterator[_Heading]:
    """Yield each heading that stands in no list and no quotation; its place is moved by `offset`."""
    parser = _parser()
    environment: dict[str, object] = {}
    tokens = parser.parse(text, environment)
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            parts: list[Token] = []
            parser.inline.parse(content.content, parser, environment, parts)
            title = _plain(parts)
            if title and len(title) <= LONGEST_HEADING:
                start, end = (offset + starts[line] for line in opening.map)
                yield _Heading(start, end, int(opening.tag[1:]), title)


@cache
def _parser() -> "MarkdownIt":
    """CommonMark with tables; the inline rules, which cost most, run on headings alone."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("inline")


def _plain(tokens: "Sequence[Token]") -> str:
    """What a reader sees of a heading: no markup, no targets of links, no anchors."""
    words: list[str] = []
    opened = 0  # where the text of the link being read starts
    for token in tokens:
        if token.type in ("text", "code_inline", "image", "text_special"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "link_open":
            opened = len(words)
        elif token.type == "link_close" and "".join(words[opened:]).strip() in _ANCHORS:
            del words[opened:]
    return " ".join(_ATTRIBUTES.sub("", "".join(words)).split())
