"""Reads the text of PDF pages line by line with pdfium, each line with the type it is set in.

It knows nothing of headings and sections, and what it is given may be hostile: it runs in a worker alone.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import islice, pairwise
from statistics import median
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from assistant.reading.plain import cleaned

_REGULAR = 400  # also where the font says nothing, as the 14 standard fonts do
_BOLD = 700
_BOLD_NAMES = ("bold", "black", "heavy", "semibd", "demi")
_SLANTING = 0.1  # the smaller part of a direction against the larger: neither across nor up
_WIDE_GAP = 1.35  # times the usual distance of lines: a new paragraph
_OBJECTS_SEEN = 2_000  # of a page without text, before it counts as having no image


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its place in the page's text, its type, and where its baseline is."""

    start: int
    end: int
    size: float = 0.0  # points as seen, 0 where unknown
    weight: int = 0  # 400 is regular, 700 bold, 0 unknown; comparable within one document
    baseline: float = 0.0  # points above the lower edge
    spread: float = 0.0  # width of a character and its share of the gaps, in multiples of the size


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's text and its lines, in reading order."""

    text: str
    lines: tuple[Line, ...]


class Drawn(Enum):
    """What stands on a page without text that could be read."""

    TEXT = "text"  # in a font or a form that pdfium cannot read
    IMAGES = "images"
    SHAPES = "shapes"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class _Run:
    """A line before the page's text is put together."""

    text: str
    size: float
    weight: int
    baseline: float
    spread: float


def open_document(data: bytes) -> Any:
    """Open a PDF with the empty password, its forms as they are filled in; raises pypdfium2.PdfiumError."""
    document = pypdfium2.PdfDocument(data)
    if document.get_formtype() == pdfium.FORMTYPE_ACRO_FORM:
        document.init_forms()
    return document


def needs_password(error: pypdfium2.PdfiumError) -> bool:
    """Whether `error` says that the document is encrypted and the empty password does not open it."""
    return getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


@contextmanager
def open_page(document: Any, index: int) -> Iterator[Any]:
    """Open a page; what is filled into a form becomes part of it."""
    page = document[index]
    if document.formenv and page.flatten() == pdfium.FLATTEN_SUCCESS:
        page.close()
        page = document[index]
    try:
        yield page
    finally:
        page.close()


def page_text(page: Any) -> PageText:
    """Return the text of a pdfium page, a blank line where a new paragraph or column starts."""
    text_page = page.get_textpage()
    try:
        return _together(list(_runs(text_page)))
    finally:
        text_page.close()


def plain_page(text: str) -> PageText:
    """Return a page from text alone, its type unknown."""
    return _together([_Run(line.strip(), 0.0, 0, 0.0, 0.0) for line in cleaned(text).split("\n") if line.strip()])


def drawn(page: Any) -> Drawn:
    """Say what stands on a page that gave no text."""
    kinds = {item.type for item in islice(page.get_objects(max_depth=3), _OBJECTS_SEEN)}
    if pdfium.FPDF_PAGEOBJ_TEXT in kinds:
        return Drawn.TEXT
    if pdfium.FPDF_PAGEOBJ_IMAGE in kinds:
        return Drawn.IMAGES
    return Drawn.SHAPES if kinds else Drawn.NOTHING


def has_outline(document: Any) -> bool:
    """Whether there is a first bookmark; pdfium knows in microseconds what takes pypdf a second."""
    return bool(pdfium.FPDFBookmark_GetFirstChild(document, None))


def has_labels(document: Any, pages: int) -> bool:
    """Whether any of the first `pages` pages has a label."""
    return any(document.get_page_label(index) for index in range(pages))


def _runs(text_page: Any) -> Iterator[_Run]:
    """Yield the lines that pdfium sees; at a hyphen it hides the end of the line behind U+FFFE or U+0002."""
    position = 0  # in UTF-16 units, as pdfium counts
    for raw in text_page.get_text_range().split("\r\n"):
        for part in _hyphenated(raw):
            text = cleaned(part).strip()
            if text:
                lead = len(part) - len(part.lstrip())
                first = position + lead
                last = position + _units(part.rstrip()) - 1
                yield _Run(text, *_type(text_page, first, last))
            position += _units(part)
        position += 2


def _hyphenated(raw: str) -> list[str]:
    """Cut a line behind each hyphen that ended a line on the page, and write that hyphen as it looks."""
    parts = raw.replace("\x02", "\ufffe").split("\ufffe")
    return [part + "-" for part in parts[:-1]] + parts[-1:]


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _type(text_page: Any, first: int, last: int) -> tuple[float, int, float, float]:
    """Size, weight, baseline and spread of a line; the lighter end counts: words in bold do not make a heading."""
    at_first = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, first)
    at_last = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, last)
    size = _size(text_page, at_first)
    weight = min(_weight(text_page, at_first), _weight(text_page, at_last))
    (left, baseline), (right, end_baseline) = _origin(text_page, at_first), _origin(text_page, at_last)
    length = ((right - left) ** 2 + (end_baseline - baseline) ** 2) ** 0.5
    return size, weight, baseline, length / max(last - first, 1) / size if size else 0.0


def _origin(text_page: Any, at: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text_page, at, x, y)
    return x.value, y.value


def _size(text_page: Any, at: int) -> float:
    """The size as seen; 0 for slanting text, which is a stamp across the page."""
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text_page, at, matrix):
        return 0.0
    if min(abs(matrix.a), abs(matrix.b)) > _SLANTING * max(abs(matrix.a), abs(matrix.b)):
        return 0.0
    size: float = pdfium.FPDFText_GetFontSize(text_page, at)
    return round(abs(size) * float((matrix.c**2 + matrix.d**2) ** 0.5), 1)


def _weight(text_page: Any, at: int) -> int:
    """The weight that the font's strokes suggest, or bold where its name says so."""
    name, flags = ctypes.create_string_buffer(80), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text_page, at, name, 80, flags)
    lower = name.value.decode("utf-8", "ignore").lower()
    weight: int = pdfium.FPDFText_GetFontWeight(text_page, at)
    return max(weight, _BOLD) if any(word in lower for word in _BOLD_NAMES) else weight if weight > 0 else _REGULAR


def _together(runs: list[_Run]) -> PageText:
    gaps = [above.baseline - below.baseline for above, below in pairwise(runs)]
    usual = median([gap for gap in gaps if gap > 1] or [0])
    pieces: list[str] = []
    lines: list[Line] = []
    length = 0
    for number, run in enumerate(runs):
        if number:
            gap = gaps[number - 1]
            wide = usual > 0 and (gap > _WIDE_GAP * max(usual, run.size) or gap < -usual)
            pieces.append("\n\n" if wide else "\n")
            length += len(pieces[-1])
        lines.append(Line(length, length + len(run.text), run.size, run.weight, run.baseline, run.spread))
        pieces.append(run.text)
        length += len(run.text)
    return PageText("".join(pieces), tuple(lines))
