"""The documents of a folder as passages, and the sentences and table rows that can be claimed of them."""

import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.indexing.cut import cut
from assistant.language.sentences import Form, is_row, split
from assistant.reading.markdown import read_markdown
from assistant.reading.pdf import read_pdf
from assistant.reading.plain import read_plain
from assistant.types import Document, Evidence

_READERS = {".pdf": read_pdf, ".md": read_markdown, ".txt": read_plain}
_WHOLE = re.compile(r"[A-ZÄÖÜ][^\n]*[a-zäöüß)\d%][.]")
_BROKEN = re.compile(
    r"\.\.|_{2}|[|{}<>=\[\]]|\s[.,;]|\b[b-hj-z]\s[b-hj-z]\b|https?:|[^\x20-\x7eäöüÄÖÜß€£§°²–—’“”‘„…•é]"
)
_LEFT_OUT = 30_000_000  # bytes; nothing of that size tells more about sentences
_STATED = (6, 45)  # words of a sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a passage, as a reader would copy it."""

    text: str
    place: int  # the passage's number in its source


@dataclass(frozen=True, slots=True)
class Source:
    """One document in passages as the index would hold them."""

    name: str  # of the set and the file
    passages: tuple[Evidence, ...]
    told: tuple[Told, ...]


def sources(folders: list[Path], each: int, half: str, seed: int) -> list[Source]:
    """At most `each` documents of every folder (of its docs/ where it has one), of the half that is asked for."""
    found = []
    for folder in folders:
        root = folder / "docs" if (folder / "docs").is_dir() else folder
        files = sorted(path for path in root.rglob("*") if path.suffix.lower() in _READERS and path.is_file())
        files = [path for path in files if half in ("all", half_of(f"{path.relative_to(root)}"))]
        random.Random(seed).shuffle(files)
        read = (_source(path, root, folder.name) for path in files if path.stat().st_size < _LEFT_OUT)
        found += [source for source, _ in zip((one for one in read if one.told), range(each), strict=False)]
    return found


def half_of(name: str) -> str:
    """Which half of the documents a file belongs to: the one that is tuned on, or the one that is kept out."""
    return ("tuned", "kept")[zlib.crc32(name.encode()) % 2]


def _source(path: Path, root: Path, name: str) -> Source:
    document = _READERS[path.suffix.lower()](path.read_bytes())
    relative = path.relative_to(root).as_posix()
    passages = tuple(_passages(document, relative))
    return Source(f"{name}/{relative}", passages, tuple(_told(passages)))


def _passages(document: Document, path: str) -> Iterator[Evidence]:
    for number, chunk in enumerate(cut(document), 1):
        stored = document.texts[document.sections[chunk.section].text_number]
        yield Evidence(
            number, path, stored.page, stored.page_label, " › ".join(chunk.headings),
            stored.text[chunk.start : chunk.end], chunk.start, chunk.end, 0.5,
            document.title or Path(path).stem, document.date,
        )  # fmt: skip


def _told(passages: tuple[Evidence, ...]) -> Iterator[Told]:
    for place, passage in enumerate(passages):
        for unit in split(passage.text):
            text = readable(passage.text[unit.start : unit.end])
            if unit.form is Form.SENTENCE and _stated(text):
                yield Told(text, place)


def readable(text: str) -> str:
    """The text on one line, without bullets, emphasis and hyphens at line ends."""
    joined = re.sub(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=[a-zäöüß])", "", text)
    return re.sub(r"^(?:[-*•–]|\(?\w{1,3}[.)]|\d+(?:\.\d+)+)\s+|[*`]", "", " ".join(joined.split())).strip()


def _stated(text: str) -> bool:
    words = len(text.split())
    return (
        _STATED[0] <= words <= _STATED[1]
        and bool(_WHOLE.fullmatch(text))
        and not _BROKEN.search(text)
        and not is_row(text)
        and sum(letter.isupper() for letter in text) < 0.2 * len(text)
        and text.count("(") == text.count(")")
    )
