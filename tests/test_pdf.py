"""PDFs made here are read as they look: text, labels, headings, titles, dates, and what gives no text."""

import io
from collections.abc import Callable, Iterable
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from assistant.reading.headings import sections
from assistant.reading.pdf import read_pdf
from assistant.reading.pdf_structure import OutlineEntry
from assistant.reading.pdf_text import Line, PageText
from assistant.types import Document, Gap, PageGap

BODY = [
    "The annual leave of every employee is counted in working days and is agreed with the head of",
    "the department.",
]

NUMBERS = count(1)


def drawn(*pages: Callable[[Any], None], **options: Any) -> bytes:
    """A PDF with one page for each function that draws one."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer, **options)
    for draw in pages:
        draw(sheet)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def page(*lines: str | tuple[str, str, float]) -> Callable[[Any], None]:
    """A page of lines from the top; a line alone is body text, else (text, font, size)."""

    def draw(sheet: Any) -> None:
        y = 780.0
        for line in lines:
            text, font, size = (line, "Helvetica", 10.0) if isinstance(line, str) else line
            y -= 1.5 * size
            sheet.setFont(font, size)
            sheet.drawString(60, y, text)

    return draw


def body(paragraphs: int = 1) -> list[str]:
    """Paragraphs of two lines, each unlike every other, as in a document that nobody copied together."""
    return [
        line.format(next(NUMBERS))
        for _ in range(paragraphs)
        for line in (
            "The annual leave of team {} is counted in working days and is agreed with the head of",
            "department {} of the company.",
        )
    ]


def big(text: str) -> tuple[str, str, float]:
    return text, "Helvetica-Bold", 18.0


def bold(text: str) -> tuple[str, str, float]:
    return text, "Helvetica-Bold", 10.0


def rewritten(data: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def paths(document: Document) -> list[tuple[int | None, str]]:
    return [(document.texts[part.text_number].page, " › ".join(part.headings)) for part in document.sections]


def test_text_comes_line_by_line_with_a_blank_line_between_paragraphs() -> None:
    def draw(sheet: Any) -> None:
        for y, line in ((700, "One paragraph has"), (688, "two lines."), (660, "Another has"), (648, "two, too.")):
            sheet.drawString(60, y, line)

    document = read_pdf(drawn(draw))
    assert document.texts[0].text == "One paragraph has\ntwo lines.\n\nAnother has\ntwo, too."
    assert (document.page_count, document.language, document.gaps) == (1, "", ())


def test_a_word_broken_at_the_end_of_a_line_keeps_its_hyphen_and_its_line() -> None:
    assert read_pdf(drawn(page("It is con-", "tinued here"))).texts[0].text == "It is con-\ntinued here"


def test_two_columns_are_read_one_after_the_other() -> None:
    def draw(sheet: Any) -> None:
        for column, x in enumerate((60, 320)):
            for row in range(20):
                sheet.drawString(x, 700 - 14 * row, f"column {column} row {row} with some words in it")

    text = read_pdf(drawn(draw)).texts[0].text
    assert text.index("column 0 row 19") < text.index("column 1 row 0")
    assert "\n\ncolumn 1 row 0" in text


def test_what_is_filled_into_a_form_is_read() -> None:
    def draw(sheet: Any) -> None:
        sheet.drawString(60, 750, "Name:")
        sheet.acroForm.textfield(name="name", x=60, y=700, width=200, height=20, value="Ada Lovelace")

    assert "Ada Lovelace" in read_pdf(drawn(draw)).texts[0].text


def test_a_label_is_kept_only_where_it_differs_from_the_page() -> None:
    def label(writer: PdfWriter) -> None:
        writer.set_page_label(0, 1, style=PageLabelStyle.LOWERCASE_ROMAN)
        writer.set_page_label(2, 3, style=PageLabelStyle.DECIMAL, start=3)

    data = drawn(*(page(f"Page {number}") for number in range(4)))
    assert [text.page_label for text in read_pdf(data).texts] == [None] * 4
    labelled = read_pdf(rewritten(data, label))
    assert [(text.page, text.page_label) for text in labelled.texts] == [(1, "i"), (2, "ii"), (3, None), (4, None)]


def test_the_outline_makes_headings_where_its_titles_stand_and_paths_stay_open_over_pages() -> None:
    def outline(writer: PdfWriter) -> None:
        leave = writer.add_outline_item(title="Annual  leave", page_number=0)
        writer.add_outline_item(title="Carry-over", page_number=1, parent=leave)
        writer.add_outline_item(title="Travel", page_number=2)

    data = drawn(
        page("Preface", "ANNUAL LEAVE", *body()), page(*body(), "2.1 Carry-", "over", *body()), page("Travel", *body())
    )
    document = read_pdf(rewritten(data, outline))
    assert paths(document) == [
        (1, ""),
        (1, "Annual leave"),
        (2, "Annual leave"),
        (2, "Annual leave › Carry-over"),
        (3, "Travel"),
    ]
    second = document.sections[3]
    assert document.texts[1].text[second.start :].startswith("2.1 Carry-\nover")


def test_without_an_outline_size_weight_and_numbers_make_headings() -> None:
    data = drawn(
        page(big("Leave"), *body(), bold("Entitlement"), *body(2), bold("in bold: words"), *body()),
        page(
            *body(2), big("Travel 2026"), *body(), "1. Approval", *body(), "1.1 Hotels", *body(), "2. Refund", *body()
        ),
    )
    assert paths(read_pdf(data)) == [
        (1, "Leave"),
        (1, "Leave › Entitlement"),
        (1, "Leave › in bold: words"),
        (2, "Leave › in bold: words"),
        (2, "Travel 2026"),
        (2, "Travel 2026 › 1. Approval"),
        (2, "Travel 2026 › 1. Approval › 1.1 Hotels"),
        (2, "Travel 2026 › 2. Refund"),
    ]


def test_below_the_headings_of_a_sparse_outline_stand_those_found_by_their_type() -> None:
    def outline(writer: PdfWriter) -> None:
        writer.add_outline_item(title="Leave", page_number=0)
        writer.add_outline_item(title="Travel", page_number=3)

    whole = [page(big("Leave"), *body(2), bold("Entitlement"), *body()), *(page(*body(2)) for _ in range(2))]
    whole += [page(big("Travel"), *body(2), bold("Hotels"), *body()), *(page(*body(2)) for _ in range(3))]
    found = paths(read_pdf(rewritten(drawn(*whole), outline)))
    assert found[:3] == [(1, "Leave"), (1, "Leave › Entitlement"), (2, "Leave › Entitlement")]
    assert found[4:] == [(4, "Travel"), *((number, "Travel › Hotels") for number in range(4, 8))]


def test_a_heading_that_wraps_is_one() -> None:
    data = drawn(page(*body(4), bold("3. Obligations of the Company and Return of All Its"), bold("Property"), *body()))
    assert paths(read_pdf(data))[-1] == (1, "3. Obligations of the Company and Return of All Its Property")


def test_running_headers_and_footers_are_no_headings() -> None:
    pages = [page(big("Northwind Handbook"), *body(3), bold(f"Page {number} of 4")) for number in range(1, 5)]
    assert paths(read_pdf(drawn(*pages))) == [(number, "") for number in range(1, 5)]


def test_the_head_of_a_table_and_lines_of_a_table_of_contents_are_no_headings() -> None:
    def draw(sheet: Any) -> None:
        page(*body(3), bold("1 Scope . . . . . . . . 4"), bold("2 Leave 12"))(sheet)
        sheet.setFont("Helvetica-Bold", 10)
        for x, cell in ((60, "Record"), (260, "Kept for"), (480, "Owner")):
            sheet.drawString(x, 600, cell)

    assert paths(read_pdf(drawn(draw))) == [(1, "")]


def test_a_stamp_across_the_page_is_neither_title_nor_heading() -> None:
    def draw(sheet: Any) -> None:
        page(big("Leave Policy"), *body(3))(sheet)
        sheet.rotate(45)
        sheet.setFont("Helvetica-Bold", 70)
        sheet.drawString(300, 100, "SUPERSEDED")

    document = read_pdf(drawn(draw))
    assert document.title == "Leave Policy"
    assert paths(document) == [(1, "Leave Policy")]


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Leave Policy", "Leave Policy"),
        ("Microsoft Word - leave.doc", "Rules for Leave"),
        ("untitled", "Rules for Leave"),
        ("leave_v3.docx", "Rules for Leave"),
    ],
)
def test_the_title_is_the_metadata_s_where_a_person_wrote_it_else_the_largest_line(stated: str, title: str) -> None:
    def named(sheet: Any) -> None:
        sheet.setTitle(stated)
        page(*body(), big("Rules for"), big("Leave"), *body())(sheet)

    assert read_pdf(drawn(named)).title == title


def test_a_page_all_in_one_size_leaves_the_title_to_the_file_name() -> None:
    assert read_pdf(drawn(page(*body()))).title == ""


@pytest.mark.parametrize(
    ("made", "day"),
    [("D:20240201103000+01'00'", date(2024, 2, 1)), ("D:00010101", None), ("yesterday", None), ("", None)],
)
def test_the_date_is_the_metadata_s_where_it_is_plausible(made: str, day: date | None) -> None:
    def dated(writer: PdfWriter) -> None:
        writer.metadata = {"/CreationDate": made} if made else None

    assert read_pdf(rewritten(drawn(page("text")), dated)).date == day


def test_the_empty_password_opens_and_any_other_is_a_reason() -> None:
    for password, gaps in (("", ()), ("secret", (PageGap(Gap.ENCRYPTED, detail="needs a password"),))):
        data = drawn(page("text"), encrypt=StandardEncryption(password, ownerPassword="owner", strength=128))
        document = read_pdf(data)
        assert document.gaps == gaps
        assert bool(document.texts) is not bool(gaps)


def test_pages_without_text_are_named_with_their_reason() -> None:
    from PIL import Image

    def scanned(sheet: Any) -> None:
        sheet.drawImage(ImageReader(Image.new("L", (10, 10))), 0, 0, 500, 700)

    def lines(sheet: Any) -> None:
        sheet.line(0, 0, 100, 100)

    document = read_pdf(drawn(page("text"), scanned, page(), lines, scanned))
    assert [text.page for text in document.texts] == [1]
    assert set(document.gaps) == {
        PageGap(Gap.IMAGES, (2, 5)),
        PageGap(Gap.EMPTY, (3,)),
        PageGap(Gap.EMPTY, (4,), "drawings without text"),
    }
    assert document.page_count == 5


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"", Gap.EMPTY, ""),
        (b"<html>", Gap.DAMAGED, "not a PDF file"),
        (b"%PDF-1.4\nnothing", Gap.DAMAGED, "its end is missing: it stops after 16 bytes"),
        (b"%PDF-1.4\nnothing\n%%EOF", Gap.DAMAGED, "the list of its pages cannot be read"),
        (b"%PDF-1.4\n1 0 obj<</Linearized 1/L 80211/H[0 1]>>", Gap.DAMAGED, "ends after 48 of 80,211 bytes"),
    ],
)
def test_damage_is_said_in_plain_words(data: bytes, reason: Gap, detail: str) -> None:
    assert read_pdf(data).gaps == (PageGap(reason, detail=detail),)


def test_pages_after_the_time_is_up_are_gaps_and_the_others_are_kept() -> None:
    document = read_pdf(drawn(page("one"), page("two")), seconds=0)
    assert document.gaps == (PageGap(Gap.TOO_SLOW, (1, 2)),)


LONG_LINE = " ".join(f"w{number}" for number in range(9_000))  # 52,889 bytes in one string


def test_a_string_that_pdfium_cuts_is_read_whole() -> None:
    document = read_pdf(drawn(page(LONG_LINE), page("two")))
    assert [text.text for text in document.texts] == [LONG_LINE, "two"]
    assert document.gaps == ()
    assert_covered(document)


def test_a_cut_string_that_no_reader_has_whole_is_a_gap_beside_its_text() -> None:
    whole = drawn(page(LONG_LINE))
    document = read_pdf(whole[: whole.index(b"startxref")] + b"%%EOF")
    assert LONG_LINE.startswith(document.texts[0].text)
    assert document.gaps == (PageGap(Gap.TOO_LARGE, (1,), "the end of a very long line may be missing"),)


def claiming(pages: int, kids: bytes) -> bytes:
    """A file that claims pages; one stands there, which holds nothing."""
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF" % (pages, kids)
    )


@pytest.mark.parametrize("padding", [0, 1_000_000])
@pytest.mark.parametrize(("kids", "there"), [(b"", 0), (b"3 0 R", 1)])
def test_pages_that_are_only_claimed_are_one_fault_of_the_file(kids: bytes, there: int, padding: int) -> None:
    document = read_pdf(claiming(1_000_000, kids) + b"\n%" + b"x" * padding)
    behind = " after page 1" if there else ""
    false = PageGap(Gap.DAMAGED, detail=f"says that it has 1,000,000 pages; none{behind} can be read")
    assert document.gaps == ((PageGap(Gap.EMPTY, (1,)), false) if there else (false,))
    assert document.page_count == (there or None)


def test_a_few_unreadable_pages_at_the_end_are_named() -> None:
    document = read_pdf(claiming(3, b"3 0 R"))
    assert document.gaps == (PageGap(Gap.EMPTY, (1,)), PageGap(Gap.DAMAGED, (2, 3)))
    assert document.page_count == 3


WHOLE = drawn(page(big("Leave"), *body()), page("two"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_is_an_error(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, len(WHOLE)))
    document = read_pdf(WHOLE[:start] + data.draw(st.binary(max_size=20)) + WHOLE[end:])
    assert document.texts or document.gaps
    assert_covered(document)


def assert_covered(document: Document) -> None:
    """Sections cover every text in order, without overlap, and none is empty."""
    for number, text in enumerate(document.texts):
        own = [part for part in document.sections if part.text_number == number]
        assert "".join(text.text[part.start : part.end] for part in own) == text.text
        assert all(part.start < part.end for part in own)


def typed(lines: Iterable[tuple[str, float]]) -> PageText:
    result, text = [], ""
    for words, size in lines:
        start = len(text) + bool(text)
        text += ("\n" if text else "") + words
        result.append(Line(start, len(text), size, 400))
    return PageText(text, tuple(result))


WORDS = st.sampled_from(["Leave", "1. Scope", "1.1 More", "PART I", "Note 2 – Debt", "12", "a b c", *body(2)])


@given(
    st.lists(st.lists(st.tuples(WORDS, st.sampled_from([9.0, 10.0, 18.0])), min_size=1, max_size=9), max_size=5),
    st.lists(st.builds(OutlineEntry, st.integers(1, 6), st.integers(1, 3), WORDS), max_size=8),
)
def test_sections_cover_every_page_whatever_headings_it_has(
    pages: list[list[tuple[str, float]]], outline: list[OutlineEntry]
) -> None:
    texts = {number: typed(lines) for number, lines in enumerate(pages, 1)}
    found = sections(texts, {number: number - 1 for number in texts}, outline)
    for number, text in texts.items():
        own = [part for part in found if part.text_number == number - 1]
        assert "".join(text.text[part.start : part.end] for part in own) == text.text
        assert all(part.start < part.end for part in own)
