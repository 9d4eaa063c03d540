"""Reads a PDF: page text by pdfium, structure by pypdf, sections by its headings, and what gave no text and why.

Runs in a worker alone: what it parses may be hostile, and only the limits set there stop it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Any

import pypdfium2

from assistant.language.detection import language
from assistant.reading import pdf_text
from assistant.reading.headings import sections
from assistant.reading.pdf_structure import PypdfFile
from assistant.reading.pdf_text import Drawn, PageText
from assistant.reading.titles import first_title
from assistant.types import Document, Gap, PageGap, StoredText

MOST_TEXT = 20_000_000  # code points of one file: over 5,000 full pages
MOST_PAGES = 1_000_000
_UNREADABLE = 1_000  # pages in a row that cannot be read: the others are only claimed
_CUT = 16_000  # code points of one line: pdfium drops what a string has beyond 32,767 bytes, two of them a character
_LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+(\d{1,15})\b", re.DOTALL)
_SHAPES = "drawings without text"

Reason = tuple[Gap, str]


def read_pdf(data: bytes, seconds: float = 3600.0) -> Document:
    """Read a PDF; what gives no text is a gap of the page or of the file, never an error but MemoryError.

    After `seconds` the pages read so far are kept and the others are gaps.
    """
    deadline = monotonic() + seconds
    if gap := _no_pdf(data):
        return Document(gaps=(gap,))
    structure = PypdfFile(data)
    try:
        document = pdf_text.open_document(data)
    except pypdfium2.PdfiumError as error:
        if structure.locked or pdf_text.needs_password(error):
            return Document(gaps=(PageGap(Gap.ENCRYPTED, detail="needs a password"),))
        document = None
    try:
        return _read(_Reader(document, structure, deadline, len(data)), data)
    finally:
        if document is not None:
            document.close()


class _Reader:
    """The two readers of one file: pdfium reads the text; pypdf the structure, and the text where pdfium cannot."""

    def __init__(self, document: Any, structure: PypdfFile, deadline: float, size: int) -> None:
        self.document = document  # pdfium's, or None where it cannot open the file
        self.structure = structure
        self.claimed = len(document) if document is not None else structure.page_count
        self.count = min(self.claimed, size, MOST_PAGES)  # every page takes a byte at least
        self.false_claim = ""  # of how many pages there are, in words; known when they have been read
        self._deadline = deadline
        self._cut: list[int] = []  # pages that pdfium may have cut and pypdf cannot read
        self._unreadable: Reason = (Gap.EMPTY if document is None else Gap.DAMAGED, "")

    def pages(self) -> tuple[dict[int, PageText], list[PageGap]]:
        """Read every page; those without text are gathered by the reason."""
        pages: dict[int, PageText] = {}
        without: defaultdict[Reason, list[int]] = defaultdict(list)
        length = last = 0  # last: the last page that is there, with text or without
        number = 0
        for number in range(1, self.count + 1):
            if length > MOST_TEXT or monotonic() > self._deadline:
                reason = (Gap.TOO_LARGE if length > MOST_TEXT else Gap.TOO_SLOW, "")
                without[reason].extend(range(number, self.count + 1))
                return pages, self._gaps(self.count, self.count, without)
            page = self._page(number - 1)
            if isinstance(page, PageText):
                pages[number] = page
                length += len(page.text)
            else:
                without[page].append(number)
            if page != self._unreadable:
                last = number
            elif number - last >= _UNREADABLE:
                break
        return pages, self._gaps(number, last, without)

    def _gaps(self, tried: int, last: int, without: defaultdict[Reason, list[int]]) -> list[PageGap]:
        """Gather pages by reason; what is only claimed behind the last page is one fault of the file, not of each."""
        if tried - last >= _UNREADABLE or self.claimed > self.count:
            self.count = last
            behind = f" after page {last:,}" if last else ""
            self.false_claim = f"says that it has {self.claimed:,} pages; none{behind} can be read"
            without[self._unreadable] = [page for page in without[self._unreadable] if page < last]
        without[Gap.TOO_LARGE, "the end of a very long line may be missing"] = self._cut
        return [PageGap(reason, tuple(pages), detail) for (reason, detail), pages in without.items() if pages]

    def _page(self, index: int) -> PageText | Reason:
        """Read one page, or say why it has no text; whatever goes wrong is this page's alone."""
        reason: Reason = (Gap.EMPTY, "")
        seen = Drawn.TEXT
        try:
            if self.document is not None:
                with pdf_text.open_page(self.document, index) as page:
                    text = pdf_text.page_text(page)
                    if text.text:
                        return self._whole(text, index)
                    seen = pdf_text.drawn(page)
        except MemoryError:
            raise
        except Exception:  # ctypes and pdfium's wrapper raise many kinds on damaged pages
            reason = (Gap.DAMAGED, "")
        if seen is Drawn.TEXT:
            text = pdf_text.plain_page(self.structure.page_text(index))
            return text if text.text else reason
        return {Drawn.IMAGES: (Gap.IMAGES, ""), Drawn.SHAPES: (Gap.EMPTY, _SHAPES)}.get(seen, reason)

    def _whole(self, text: PageText, index: int) -> PageText:
        """Return the longer of pdfium's and pypdf's text where pdfium may have cut a string."""
        if max(line.end - line.start for line in text.lines) < _CUT:
            return text
        other = pdf_text.plain_page(self.structure.page_text(index))
        if not other.text:
            self._cut.append(index + 1)
        return max(text, other, key=lambda page: len("".join(page.text.split())))

    def labels(self) -> Sequence[str]:
        """Page labels; pypdf is asked only where there are some."""
        return self.structure.labels if self.document is None or pdf_text.has_labels(self.document, self.count) else ()


def _read(reader: _Reader, data: bytes) -> Document:
    structure = reader.structure
    pages, gaps = reader.pages()
    if detail := reader.false_claim or (_missing(data) if reader.count else _damage(data)):
        gaps.append(PageGap(Gap.DAMAGED, detail=detail))
    numbers = {page: number for number, page in enumerate(pages)}
    labels = reader.labels()
    has_outline = reader.document is None or pdf_text.has_outline(reader.document)
    return Document(
        title=first_title((structure.title, _largest_lines(pages.get(1)))),
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
