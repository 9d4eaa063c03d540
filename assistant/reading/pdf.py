"""Reads a PDF: page text by pdfium, structure by pypdf, sections by its headings, and what gave no text and why.

Runs in a worker alone: what it parses may be hostile, and only the limits set there stop it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Any

import pypdfium2

from assistant.reading import pdf_text
from assistant.reading.headings import sections
from assistant.reading.language import language
from assistant.reading.pdf_structure import PypdfFile
from assistant.reading.pdf_text import Drawn, PageText
from assistant.reading.titles import first_title, from_name
from assistant.types import Document, Gap, PageGap, StoredText

MOST_TEXT = 20_000_000  # code points of one file: over 5,000 full pages
_LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+(\d{1,15})\b", re.DOTALL)
_SHAPES = "drawings without text"

Reason = tuple[Gap, str]


def read_pdf(data: bytes, path: str, seconds: float = 3600.0) -> Document:
    """Read a PDF; what gives no text is a gap of the page or of the file, never an error but MemoryError.

    After `seconds` the pages read so far are kept and the others are gaps.
    """
    deadline = monotonic() + seconds
    if gap := _no_pdf(data):
        return Document(from_name(path), gaps=(gap,))
    structure = PypdfFile(data)
    try:
        document = pdf_text.open_document(data)
    except pypdfium2.PdfiumError as error:
        if structure.locked or pdf_text.needs_password(error):
            return Document(from_name(path), gaps=(PageGap(Gap.ENCRYPTED, detail="needs a password"),))
        document = None
    try:
        return _read(_Reader(document, structure, deadline), data, path)
    finally:
        if document is not None:
            document.close()


class _Reader:
    """The two readers of one file: pdfium reads the text; pypdf the structure, and the text where pdfium cannot."""

    def __init__(self, document: Any, structure: PypdfFile, deadline: float) -> None:
        self.document = document  # pdfium's, or None where it cannot open the file
        self.structure = structure
        self.count = len(document) if document is not None else structure.page_count
        self._deadline = deadline

    def pages(self) -> tuple[dict[int, PageText], list[PageGap]]:
        """Read every page; those without text are gathered by the reason."""
        pages: dict[int, PageText] = {}
        without: defaultdict[Reason, list[int]] = defaultdict(list)
        length = 0
        for number in range(1, self.count + 1):
            if length > MOST_TEXT or monotonic() > self._deadline:
                reason = (Gap.TOO_LARGE if length > MOST_TEXT else Gap.TOO_SLOW, "")
                without[reason].extend(range(number, self.count + 1))
                break
            page = self._page(number - 1)
            if isinstance(page, PageText):
                pages[number] = page
                length += len(page.text)
            else:
                without[page].append(number)
        return pages, [PageGap(reason, tuple(numbers), detail) for (reason, detail), numbers in without.items()]

    def _page(self, index: int) -> PageText | Reason:
        """Read one page, or say why it has no text; whatever goes wrong is this page's alone."""
        reason: Reason = (Gap.EMPTY, "")
        seen = Drawn.TEXT
        try:
            if self.document is not None:
                with pdf_text.open_page(self.document, index) as page:
                    text = pdf_text.page_text(page)
                    if text.text:
                        return text
                    seen = pdf_text.drawn(page)
        except MemoryError:
            raise
        except Exception:  # ctypes and pdfium's wrapper raise many kinds on damaged pages
            reason = (Gap.DAMAGED, "")
        if seen is Drawn.TEXT:
            text = pdf_text.plain_page(self.structure.page_text(index))
            return text if text.text else reason
        return {Drawn.IMAGES: (Gap.IMAGES, ""), Drawn.SHAPES: (Gap.EMPTY, _SHAPES)}.get(seen, reason)

    def labels(self) -> Sequence[str]:
        """Page labels; pypdf is asked only where there are some."""
        return self.structure.labels if self.document is None or pdf_text.has_labels(self.document) else ()


def _read(reader: _Reader, data: bytes, path: str) -> Document:
    structure = reader.structure
    pages, gaps = reader.pages()
    if detail := _missing(data) if reader.count else _damage(data):
        gaps.append(PageGap(Gap.DAMAGED, detail=detail))
    numbers = {page: number for number, page in enumerate(pages)}
    labels = reader.labels()
    has_outline = reader.document is None or pdf_text.has_outline(reader.document)
    return Document(
        title=first_title((structure.title, _largest_lines(pages.get(1))), path),
        texts=tuple(StoredText(page.text, number, _label(labels, number)) for number, page in pages.items()),
        sections=sections(pages, numbers, structure.outline if has_outline else ()),
        gaps=tuple(gaps),
        date=structure.date,
        language=language("\n".join(page.text for page in list(pages.values())[:10])),
        page_count=reader.count or None,
    )


def _label(labels: Sequence[str], page: int) -> str | None:
    label = labels[page - 1] if page <= len(labels) else ""
    return label if label and label != str(page) else None


def _largest_lines(page: PageText | None) -> str:
    """The lines of the first page that are set largest, as one title; empty where all are much alike."""
    if page is None or not page.lines:
        return ""
    largest = max(line.size for line in page.lines)
    if largest < 1.1 * min(line.size for line in page.lines):
        return ""
    title: list[str] = []
    for line in page.lines:
        if line.size >= 0.98 * largest and len(title) < 3:
            title.append(page.text[line.start : line.end])
        elif title:
            break
    return " ".join(title)


def _no_pdf(data: bytes) -> PageGap | None:
    if not data.strip():
        return PageGap(Gap.EMPTY)
    if b"%PDF" not in data[:4096] and b"startxref" not in data[-4096:]:
        return PageGap(Gap.DAMAGED, detail="not a PDF file")
    return None


def _missing(data: bytes) -> str:
    """Say how much of a file is missing, where it says itself how long it is."""
    match = _LINEARIZED.search(data[:2048])
    if match and int(match[1]) > len(data):
        return f"ends after {len(data):,} of {int(match[1]):,} bytes"
    return ""


def _damage(data: bytes) -> str:
    """Say in plain words why no page can be read."""
    if missing := _missing(data):
        return missing
    if b"%%EOF" not in data[-2048:]:
        return f"its end is missing: it stops after {len(data):,} bytes"
    return "the list of its pages cannot be read"
