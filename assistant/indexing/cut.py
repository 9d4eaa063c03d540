"""Cuts sections into chunks: at structure, within a token limit, with exact offsets, nothing lost.

Knows nothing of files, models or indexes. `CUTTING` names this way of cutting in an index's settings: change it
whenever the chunks of an unchanged document would differ.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from assistant.embedding.tokens import count_tokens, token_spans
from assistant.reading.titles import opening
from assistant.types import Chunk, Document, Section

CUTTING = "3"

CHUNK_TOKENS = 200  # of the passage itself
CONTEXT_TOKENS = 48  # of the context line; with [CLS], [SEP] and a newline both fit a window of 256

# Where a passage may end, the best place first. Each match ends where the next passage may start.
_BOUNDARIES = (
    re.compile(r"\n[ \t]*\n\s*"),  # paragraph
    re.compile(r"\n(?=[ \t]*(?:[-*+•–]|\d{1,3}[.)]|\(?[a-z]\)|#|\|)\s?)"),  # list item, heading, table row
    re.compile(r"(?<=[.!?:;])[\"'”’)\]]*\s+"),  # sentence
    re.compile(r"\n"),  # line
    re.compile(r"\s+"),  # word
)


def cut(document: Document) -> Iterator[Chunk]:
    """Cut every section; every non-space character of the document's texts is in exactly one chunk."""
    about = subject(document)
    for number, section in enumerate(document.sections):
        text = document.texts[section.text_number].text
        for start, end in spans(text, section):
            yield Chunk(
                section=number,
                start=start,
                end=end,
                headings=section.headings,
                embedded_text=embedded_text(about, section.headings, text[start:end]),
            )


def spans(text: str, section: Section, limit: int = CHUNK_TOKENS) -> Iterator[tuple[int, int]]:
    """Offsets of the section's passages in `text`, each of at most `limit` tokens, without outer white space."""
    for start, end in _passages(text, section.start, section.end, limit):
        # Half a word can have more tokens than the whole: beyond 100 characters that is one unknown token.
        if limit == 1 or count_tokens(searchable(text[start:end])) <= limit:
            yield start, end
        else:
            yield from spans(text, replace(section, start=start, end=end), limit // 2)


def subject(document: Document) -> str:
    """What a document is about, by its content alone: its own title, else its opening words."""
    return document.title or (opening(document.texts[0].text) if document.texts else "")


def embedded_text(about: str, headings: tuple[str, ...], passage: str) -> str:
    """What the embedder sees of a passage: its context line, then its searchable text."""
    return f"{context_line(about, headings)}\n{searchable(passage)}".lstrip("\n")


def text_key(text: str) -> bytes:
    """SHA-256 of an embedded text: what its vector is kept by, and what a passage is checked against."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def context_line(about: str, headings: tuple[str, ...]) -> str:
    """Where a passage stands, in at most CONTEXT_TOKENS tokens: the subject, then the innermost headings that fit."""
    return _context_line(about, headings, CONTEXT_TOKENS)


@lru_cache(maxsize=1_000)  # neighbors share it, and every passage that is shown is checked by it
def _context_line(about: str, headings: tuple[str, ...], most: int) -> str:
    line = _shortened(" ".join(about.split()), most // 2 if headings else most)
    inner: list[str] = []
    for heading in reversed(headings):
        candidate = [" ".join(heading.split()), *inner]
        if len(token_spans(" › ".join([line, *candidate]))) > most:
            break
        inner = candidate
    if headings and not inner:
        inner = [_shortened(" ".join(headings[-1].split()), most // 2 - 2)]
    return " › ".join([line, *inner] if line else inner)


def searchable(passage: str) -> str:
    """The passage as the indexes see it: words joined over line ends, white space collapsed. Never shown."""
    joined = re.sub(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=[a-zäöüß])", "", passage)
    return " ".join(joined.replace("\u00ad", "").split())


def _passages(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Offsets of passages with at most `limit` of the tokens that the whole stretch has."""
    body = text[start:end]
    starts = [at for at, _ in token_spans(body)]
    first = 0
    begin = 0
    while len(starts) - first > limit:
        cut_at = _best_boundary(body, starts, first, limit)
        yield from _trimmed(text, start + begin, start + cut_at)
        begin = cut_at
        first = max(first + 1, bisect_left(starts, cut_at))
    yield from _trimmed(text, start + begin, end)


def _best_boundary(body: str, starts: list[int], first: int, limit: int) -> int:
    """The best place to end a passage that starts at token `first`, in the second half of what fits."""
    remaining = len(starts) - first
    # The last two passages share what is left, so that no stump of a few words stands alone.
    target = limit if remaining > 2 * limit else max(remaining // 2 + limit // 8, limit // 2)
    low, high = starts[first + min(target, limit) // 2], starts[first + min(target, limit)]
    for pattern in _BOUNDARIES:
        # A look-behind needs the character before, hence `pos` and not a slice.
        ends = [match.end() for match in pattern.finditer(body, low, high + 1) if low < match.end() <= high]
        if ends:
            return ends[-1]
    return high


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    passage = text[start:end]
    stripped = passage.strip()
    if stripped:
        start += len(passage) - len(passage.lstrip())
        yield start, start + len(stripped)


def _shortened(line: str, tokens: int) -> str:
    """The start of a line, in at most `tokens` tokens."""
    while len(places := token_spans(line)) > tokens:  # a word that is cut can have more tokens than the whole
        line = line[: min(places[tokens - 1][1], len(line) - 1)]
    return line
