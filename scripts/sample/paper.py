"""Prints one source as a PDF: pages, running headers, printed page numbers, page labels, outline, properties.

Knows nothing of where the file goes, and nothing of encryption.
"""

from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4, A5, landscape
from reportlab.lib.units import mm
from reportlab.platypus import (
    ActionFlowable,
    BaseDocTemplate,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.tableofcontents import TableOfContents

from sample.blocks import BLUE, INK, RULE, Order, Sheet, sheet_for, typeset
from sample.source import Source

COMPANY = "Vosslund Instruments"
_PAPERS = {"a4": (A4, 21 * mm), "a5": (A5, 16 * mm)}  # size and margin
_HEAD = 38 * mm  # height of the title above two columns
_LABELS = {"roman": "ROMAN_LOWER", "arabic": "ARABIC"}


class _NumberFrom(ActionFlowable):  # type: ignore[misc]  # reportlab has no types
    """Numbers the pages after this one from 1, in another style."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self.style = style

    def apply(self, document: Any) -> None:
        document.numbering.append((document.page + 1, self.style))


class _Paper(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """A document that knows the printed number of each of its pages."""

    def __init__(self, file: BytesIO, source: Source) -> None:
        self.source = source
        self.sheet = sheet_for(source.face, source.paper)
        size, self.rim = _PAPERS[source.paper]
        super().__init__(file, pagesize=size, pageCompression=0, invariant=1, lang=source.language)
        self.line = size[0] - 2 * self.rim
        self.wide = size[1] - 2 * self.rim
        self.labels: dict[int, str] = {}
        self.addPageTemplates(list(self._templates(size)))

    def _templates(self, size: tuple[float, float]) -> Any:
        """Give the page kinds; the first is the one that the document starts with."""
        plain = partial(Frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        column, gutter = (self.line - 8 * mm) / 2, 8 * mm
        low, high = self.rim + 4 * mm, size[1] - 2 * self.rim - 8 * mm
        head = plain(self.rim, low + high - _HEAD, self.line, _HEAD)
        left, right = self.rim, self.rim + column + gutter
        kinds = {
            "cover": (size, [plain(self.rim, low, self.line, high)]),
            "portrait": (size, [plain(self.rim, low, self.line, high)]),
            "columns-first": (size, [head, *(plain(x, low, column, high - _HEAD) for x in (left, right))]),
            "columns": (size, [plain(x, low, column, high) for x in (left, right)]),
            "landscape": (landscape(size), [plain(self.rim, low, self.wide, size[0] - 2 * self.rim - 8 * mm)]),
        }
        first = "cover" if self.source.cover else "columns-first" if self.source.columns == 2 else "portrait"
        for name in sorted(kinds, key=lambda name: name != first):
            paper, frames = kinds[name]
            yield PageTemplate(name, frames, pagesize=paper, onPageEnd=partial(_furnish, named=name))

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's name
        """Forget the pass before: a document with contents is printed until the numbers stand still."""
        self.numbering: list[tuple[int, str]] = [(1, self.source.numbers)]
        self.chapter = ""
        self.depth = -1
        self.canv.setDateFormatter(partial(_pdf_date, self.source.date))
        named = self.source.metadata
        self.canv.setTitle(self.source.title if named else "")
        self.canv.setAuthor(COMPANY if named else "")
        self.canv.setSubject(self.source.subtitle if named else "")

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - reportlab's name
        """Enter each heading into the outline and the contents."""
        if not hasattr(flowable, "heading"):
            return
        level, text = flowable.heading
        if level == 1:
            self.chapter = text
        key = f"h{self.page}-{text}"
        self.canv.bookmarkPage(key)
        if self.source.outline:
            self.depth = min(level - 1, self.depth + 1)
            self.canv.addOutlineEntry(text, key, self.depth, closed=level > 1)
        if level < 3:
            self.notify("TOCEntry", (level - 1, text, self.page, key))

    def label(self, page: int) -> str:
        """Return what is printed on a physical page."""
        first, style = [run for run in self.numbering if run[0] <= page][-1]
        return _roman(page - first + 1) if style == "roman" else str(page - first + 1)


def print_source(source: Source) -> bytes:
    """Return the PDF of one source; the same source gives the same bytes."""
    file = BytesIO()
    paper = _Paper(file, source)
    paper.multiBuild(list(_story(source, paper)))
    return file.getvalue()


def _furnish(canvas: Any, paper: _Paper, named: str) -> None:
    """Draw what stands on every page: header, footer with the printed number, stamp; and label the page."""
    sheet, source, (width, height) = paper.sheet, paper.source, canvas._pagesize
    first, style = [run for run in paper.numbering if run[0] <= paper.page][-1]
    if first == paper.page and (len(paper.numbering) > 1 or source.numbers == "roman"):
        canvas.addPageLabel(paper.page - 1, _LABELS[style], 1)
    paper.labels[paper.page] = paper.label(paper.page)
    canvas.saveState()
    if source.stamp:
        _stamp(canvas, source.stamp, width, height)
    if named != "cover":
        _edges(canvas, paper, sheet, width, height)
    canvas.restoreState()


def _edges(canvas: Any, paper: _Paper, sheet: Sheet, width: float, height: float) -> None:
    rim, top, foot = paper.rim, height - paper.rim, paper.rim - 2 * mm
    canvas.setFont(sheet.regular, sheet.size * 0.8)
    canvas.setFillColor(INK)
    canvas.setStrokeColor(RULE)
    canvas.line(rim, top, width - rim, top)
    canvas.drawString(rim, top + 4, paper.source.header or paper.source.title)
    canvas.drawRightString(width - rim, top + 4, paper.chapter if paper.source.breaks else COMPANY)
    canvas.drawCentredString(width / 2, foot, paper.labels[paper.page])


def _stamp(canvas: Any, text: str, width: float, height: float) -> None:
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(52)
    canvas.setFillColor(Color(0.75, 0.1, 0.1, alpha=0.22))
    canvas.setFont("Helvetica-Bold", width / 9)
    canvas.drawCentredString(0, 0, text)
    canvas.restoreState()


def _story(source: Source, paper: _Paper) -> Any:
    sheet = paper.sheet
    title = sheet.style(
        "title", fontName=sheet.bold, fontSize=sheet.size * 2.2, leading=sheet.size * 2.7, textColor=BLUE
    )
    small = sheet.style("small", fontSize=sheet.size * 1.1, leading=sheet.size * 1.6)
    lines = [Paragraph(COMPANY, small), Paragraph(source.title, title)]
    lines += [Paragraph(source.subtitle, small)] if source.subtitle else []
    if source.cover:
        yield from (Spacer(1, paper.pagesize[1] * 0.22), *lines, Spacer(1, paper.pagesize[1] * 0.2))
        yield from (Paragraph(line, small) for line in source.cover)
        yield from (NextPageTemplate("portrait"), PageBreak())
    elif source.columns == 2:
        yield from (NextPageTemplate("columns"), *lines, FrameBreak())
    else:
        yield from (*lines, Spacer(1, sheet.size))
    width = paper.line if source.columns == 1 else (paper.line - 8 * mm) / 2
    yield from _broken(source, typeset(source.body, sheet, width, paper.wide), paper)


def _broken(source: Source, flowables: Any, paper: _Paper) -> Any:
    """Obey the printer's orders, and begin a page before each heading of the levels that ask for it."""
    fresh = True  # nothing but larger headings stands on this page yet
    for part in flowables:
        if isinstance(part, Order):
            yield from _obeyed(part, paper)
            fresh = part.words[0] not in {"space", "contents"}
            continue
        level = getattr(part, "heading", (9,))[0]
        if level <= source.breaks and not fresh:
            yield PageBreak()
        yield part
        fresh = level <= source.breaks if level < 9 else fresh and _is_break(part)


def _is_break(part: Any) -> bool:
    return type(part).__name__ == "CondPageBreak"


def _obeyed(order: Order, paper: _Paper) -> Any:
    match order.words:
        case ["page"]:
            yield PageBreak()
        case ["space", points]:
            yield Spacer(1, float(points))
        case ["numbers", style]:
            yield from (_NumberFrom(style), PageBreak())
        case ["landscape" | "portrait" as kind]:
            yield from (NextPageTemplate(kind), PageBreak())
        case ["contents"]:
            yield Paragraph("Contents", paper.sheet.heading(1))
            yield _contents(paper)
        case words:
            raise ValueError(f"no such order: {' '.join(words)}")


def _contents(paper: _Paper) -> Any:
    sheet = paper.sheet
    styles = [
        sheet.style("toc1", fontName=sheet.bold, spaceBefore=4, spaceAfter=0),
        sheet.style("toc2", leftIndent=12, spaceAfter=0),
    ]
    for style in styles:
        style.leading = sheet.size * 1.25
    return TableOfContents(levelStyles=styles, dotsMinLevel=1, formatter=lambda page: paper.labels.get(page, "0"))


def _pdf_date(day: date, *_now: int) -> str:
    return f"D:{day:%Y%m%d}090000+01'00'"


def _roman(number: int) -> str:
    figures = {100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}
    text = ""
    for value, letters in figures.items():
        text += letters * (number // value)
        number %= value
    return text
