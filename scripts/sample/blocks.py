"""Turns markdown into reportlab's flowables: headings, paragraphs, lists, tables and code.

Comments give orders to the printer: `<!-- page -->`, `<!-- space 20 -->`, `<!-- contents -->`,
`<!-- numbers arabic -->` (a new page, numbered from 1), `<!-- landscape -->` and `<!-- portrait -->`.
Knows nothing of pages beyond the width of a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Paragraph, Preformatted, Spacer, Table, TableStyle

INK = HexColor("#1b2733")
BLUE = HexColor("#0b4f79")
RULE = HexColor("#9fb3c1")
SHADE = HexColor("#e8eff4")

_FACES = {"sans": ("Helvetica", "Helvetica-Bold"), "serif": ("Times-Roman", "Times-Bold")}
_PADDING = 4  # points on either side of a table's cell


@dataclass(frozen=True, slots=True)
class Order:
    """A comment in the source that speaks to the printer."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The styles of one document."""

    size: float
    regular: str
    bold: str

    def style(self, name: str, **changes: Any) -> Any:
        """Return the body style with changes, under a name that reportlab can show."""
        body = {"fontName": self.regular, "fontSize": self.size, "leading": self.size * 1.38, "textColor": INK}
        body |= {"spaceAfter": self.size * 0.6, "splitLongWords": 0}
        return ParagraphStyle(name, **(body | changes))

    def heading(self, level: int) -> Any:
        """Return the style of a heading, 1 for the largest."""
        size = self.size * {1: 1.7, 2: 1.3}.get(level, 1.05)
        color = BLUE if level < 3 else INK
        above = size * (1.0 if level > 1 else 0.4)
        return self.style(
            f"heading{level}",
            fontName=self.bold,
            fontSize=size,
            leading=size * 1.2,
            textColor=color,
            spaceBefore=above,
            spaceAfter=size * 0.45,
        )


def sheet_for(face: str, paper: str) -> Sheet:
    """Return the styles for a face ("sans", "serif") on a paper ("a4", "a5")."""
    regular, bold = _FACES[face]
    size = (9.5 if face == "sans" else 10.5) - (0.5 if paper == "a5" else 0)
    return Sheet(size, regular, bold)


def typeset(markdown: str, sheet: Sheet, width: float, wide: float) -> Iterator[Any]:
    """Yield flowables and `Order`s; tables fill `width` points, or `wide` points on landscape pages."""
    line = width
    for node in SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown)).children:
        if node.type == "html_block":
            order = Order(tuple(node.content.strip().removeprefix("<!--").removesuffix("-->").split()))
            line = {"landscape": wide, "portrait": width}.get(order.words[0], line)
            yield order
        else:
            yield from _block(node, sheet, line)


def _block(node: SyntaxTreeNode, sheet: Sheet, width: float, indent: float = 0) -> Iterator[Any]:
    if node.type == "heading":
        yield from _heading(node, sheet)
    elif node.type == "paragraph":
        yield Paragraph(_inline(node), sheet.style("body", leftIndent=indent))
    elif node.type in {"bullet_list", "ordered_list"}:
        yield from _list(node, sheet, width, indent)
    elif node.type == "table":
        yield from (Spacer(1, 4), _table(node, sheet, width), Spacer(1, sheet.size))
    elif node.type == "fence":
        yield Preformatted(node.content.rstrip(), _code_style(sheet))
    elif node.type == "blockquote":
        for child in node.children:
            yield from _block(child, sheet, width, indent + 18)
    else:
        raise ValueError(f"nothing prints {node.type}")


def _heading(node: SyntaxTreeNode, sheet: Sheet) -> Iterator[Any]:
    level = int(node.tag[1])
    paragraph = Paragraph(_inline(node), sheet.heading(level))
    paragraph.heading = (level, plain(node))
    yield CondPageBreak(sheet.size * 8)  # a heading does not stand alone at the foot of a page
    yield paragraph


def _list(node: SyntaxTreeNode, sheet: Sheet, width: float, indent: float) -> Iterator[Any]:
    inner = indent + sheet.size * 1.6
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        mark = "•" if node.type == "bullet_list" else f"{number}."
        style = sheet.style("item", leftIndent=inner, bulletIndent=indent + 2, bulletFontName=sheet.regular)
        style.bulletFontSize, style.spaceAfter = sheet.size, sheet.size * 0.3
        yield Paragraph(_inline(item.children[0]), style, bulletText=mark)
        for child in item.children[1:]:
            yield from _block(child, sheet, width, inner)
    yield Spacer(1, sheet.size * 0.4)


def _table(node: SyntaxTreeNode, sheet: Sheet, width: float) -> Any:
    rows = [row.children for part in node.children for row in part.children]
    headed = any(map(plain, rows[0]))
    rows = rows if headed else rows[1:]
    size = sheet.size * (0.9 if len(rows[0]) < 10 else 0.78)
    head = sheet.style("head", fontName=sheet.bold, fontSize=size, leading=size * 1.27, spaceAfter=0)
    cell = head.clone("cell", fontName=sheet.regular)
    cells = [[_cell(item, head if headed and number == 0 else cell) for item in row] for number, row in enumerate(rows)]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE if headed else None),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.9, BLUE),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(cells, colWidths=_widths(rows, head, width), repeatRows=int(headed), style=TableStyle(look))


def _cell(item: SyntaxTreeNode, style: Any) -> Any:
    right = "right" in str(item.attrs.get("style", ""))
    return Paragraph(_inline(item), style.clone("right", alignment=TA_RIGHT) if right else style)


def _widths(rows: list[list[SyntaxTreeNode]], style: Any, width: float) -> list[float]:
    """Share `width` so that no column is narrower than its longest word; short columns get what they want first."""

    def measured(text: str) -> float:
        return float(stringWidth(text, style.fontName, style.fontSize)) + 2 * _PADDING + 1

    texts = [[plain(item) for item in column] for column in zip(*rows, strict=True)]
    least = [max(measured(word) for text in column for word in [*text.split(), ""]) for column in texts]
    whole = [max(map(measured, column)) for column in texts]
    wanted = [full - small for full, small in zip(whole, least, strict=True)]
    spare = max(0.0, width - sum(least))
    widths = list(least)
    by_want = sorted(range(len(wanted)), key=wanted.__getitem__)
    for place, column in enumerate(by_want):
        given = min(wanted[column], spare / (len(by_want) - place))
        widths[column] += given
        spare -= given
    return [each + spare / len(widths) for each in widths]


def _code_style(sheet: Sheet) -> Any:
    look = {"fontName": "Courier", "fontSize": sheet.size * 0.85, "leading": sheet.size * 1.15, "leftIndent": 12}
    return sheet.style("code", **look)


def plain(node: SyntaxTreeNode) -> str:
    """Return the words of a block without its marks."""
    if not node.children:
        return " " if node.type == "softbreak" else node.content if node.type in {"text", "code_inline"} else ""
    return "".join(plain(child) for child in node.children)


_MARKS = {"strong": ("<b>", "</b>"), "em": ("<i>", "</i>"), "paragraph": ("", ""), "inline": ("", "")}


def _inline(node: SyntaxTreeNode) -> str:
    """Return the words of a block in reportlab's own markup."""
    if node.type == "text":
        return escape(node.content, quote=False)
    if node.type == "code_inline":
        return f'<font face="Courier">{escape(node.content, quote=False)}</font>'
    if node.type in {"softbreak", "hardbreak"}:
        return " " if node.type == "softbreak" else "<br/>"
    inside = "".join(_inline(child) for child in node.children)
    if node.type == "link":
        return f'<link href="{escape(str(node.attrs["href"]))}" color="#0b4f79">{inside}</link>'
    before, after = _MARKS.get(node.type, ("", ""))
    return before + inside + after
