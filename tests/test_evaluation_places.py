"""Where evidence stands in what was read, and how much of it passages cover."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.places import Span, Texts, covered, folded, holds, is_of, length, prints, shows
from assistant.evaluation.questions import Piece
from assistant.storage.catalog import Catalog
from assistant.types import Evidence
from tests.company import FILES, PAGES, Company

AGREEMENT = "legal/supplier agreement.pdf"
LEAVE = "hr/leave-2026.md"


@pytest.fixture(scope="module")
def texts(company: Company) -> Iterator[Texts]:
    with Catalog.open(company.config.index) as catalog:
        yield Texts(catalog)


def passage(path: str, page: int | None, start: int, end: int, text: str = "") -> Evidence:
    return Evidence(1, path, page, None, "", text, start, end, 1.0, "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Annual\n leave", "annual leave"),
        ("ﬁnal oﬃce", "final office"),
        ("co-\noperate", "cooperate"),
        ("| 2022 | 514,405 |", "2022 514,405"),
        ("the “Term”", 'the "Term"'),
        ("CONSULTANT’S", "CONSULTANT'S"),
        ("Übergabe", "U\u0308bergabe"),
        ("**bold** `code`", "bold code"),
    ],
)
def test_what_another_reader_writes_differently_is_the_same(one: str, other: str) -> None:
    assert folded(one)[0] == folded(other)[0]


@given(st.text())
def test_each_folded_character_knows_where_it_stood(text: str) -> None:
    letters, offsets = folded(text)
    assert len(letters) == len(offsets)
    assert offsets == sorted(offsets)
    assert all(letter in folded(text[offset])[0] for letter, offset in zip(letters, offsets, strict=True))


def test_a_text_on_a_page_is_found_with_exact_offsets(texts: Texts) -> None:
    [span] = texts.spans(Piece(AGREEMENT, (2,), "three   MONTHS to the end"))
    assert span.place == (AGREEMENT, 2)
    assert PAGES[1][span.start : span.end] == "three months to the end"


def test_a_text_over_two_pages_is_found_on_both(texts: Texts) -> None:
    first, second = texts.spans(Piece(AGREEMENT, (2, 3), "end of a quarter. Deliveries are insured"))
    assert PAGES[1][first.start : first.end] == "end of a quarter."
    assert PAGES[2][second.start : second.end] == "Deliveries are insured"


def test_a_text_that_several_pages_print_is_found_on_each(texts: Texts) -> None:
    spans = texts.spans(Piece(AGREEMENT, (1, 2, 3), "li", repeated=True))
    assert [span.place[1] for span in spans] == [1, 3]


def test_offsets_that_are_given_are_taken_where_the_text_stands_there(texts: Texts) -> None:
    text = FILES[LEAVE]
    at = text.index("Up to five days")
    assert texts.spans(Piece(LEAVE, (), "Up to five days", at, at + 15)) == (Span((LEAVE, None), at, at + 15),)
    moved = texts.spans(Piece(LEAVE, (), "Up to five days", at + 3, at + 18))
    assert moved == (Span((LEAVE, None), at, at + 15),)


@pytest.mark.parametrize(
    "piece",
    [
        Piece(AGREEMENT, (1,), "three months"),
        Piece(AGREEMENT, (9,), "three months"),
        Piece("none.md", (), "three months"),
        Piece(AGREEMENT, (2,), "—"),
        Piece(AGREEMENT, (2,)),
    ],
)
def test_a_text_that_was_not_read_stands_nowhere(texts: Texts, piece: Piece) -> None:
    assert texts.spans(piece) == ()


def test_a_passage_is_of_a_piece_by_document_and_page() -> None:
    here = passage("a.pdf", 3, 0, 10)
    assert is_of(here, Piece("a.pdf"))
    assert is_of(here, Piece("a.pdf", (2, 3)))
    assert not is_of(here, Piece("a.pdf", (2,)))
    assert not is_of(here, Piece("b.pdf", (3,)))


def test_in_a_text_without_pages_half_of_the_evidence_must_be_in_a_passage(texts: Texts) -> None:
    at = FILES[LEAVE].index("Up to five days")
    piece = Piece(LEAVE, (), "Up to five days may", at, at + 19)
    for judged in (shows, holds):
        assert judged(passage(LEAVE, None, at, at + 60), piece, texts)
        assert judged(passage(LEAVE, None, at + 9, at + 60), piece, texts)
        assert not judged(passage(LEAVE, None, at + 11, at + 60), piece, texts)
        assert not judged(passage("hr/leave-2023.md", None, at, at + 60), piece, texts)


def test_of_a_long_section_a_passage_leads_to_any_part_but_must_hold_its_opening(texts: Texts) -> None:
    text = FILES[LEAVE]
    section = Piece(LEAVE, (), text, 0, len(text))
    inside = passage(LEAVE, None, len(text) - 30, len(text))
    assert shows(inside, section, texts)
    assert not holds(inside, section, texts)
    assert holds(passage(LEAVE, None, 0, len(text) // 2 + 1), section, texts)


def test_a_document_or_a_page_without_a_text_is_held_by_any_of_its_passages(texts: Texts) -> None:
    for judged in (shows, holds):
        assert judged(passage("a.md", None, 0, 5), Piece("a.md"), texts)
        assert judged(passage("a.pdf", 2, 0, 5), Piece("a.pdf", (2,)), texts)
        assert judged(passage("a.pdf", 2, 0, 5), Piece("a.pdf", (2,), "elsewhere on the page"), texts)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Net sales 82,959 million", True),
        ("Net sales 82, 959", True),
        ("(82,959)", True),
        ("It was 82,959.", True),
        ("182,959", False),
        ("82,9591", False),
        ("82,959,000", False),
        ("82,959.5", False),
        ("1.82,959", False),
        ("82,95", False),
    ],
)
def test_a_figure_is_printed_whole_or_not_at_all(text: str, printed: bool) -> None:
    piece = Piece("a.pdf", (4, 10), "82,959", repeated=True)
    assert prints(passage("a.pdf", 10, 0, len(text), text), piece) is printed
    assert not prints(passage("a.pdf", 5, 0, len(text), text), piece)
    assert not prints(passage("b.pdf", 10, 0, len(text), text), piece)


def test_what_passages_cover_is_counted_once() -> None:
    spans = [Span(("a", None), 10, 20), Span(("a", None), 15, 30), Span(("b", 2), 0, 5)]
    assert length(spans) == 25
    passages = [passage("a", None, 0, 18), passage("a", None, 12, 22), passage("b", 1, 0, 5), passage("b", 2, 3, 9)]
    assert covered(passages, spans) == (12 + 2, 22 + 5 + 6)
    assert covered([], spans) == (0, 0)


STRETCHES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 12)), max_size=6)


@given(STRETCHES, STRETCHES)
def test_what_is_covered_is_what_the_sets_of_characters_share(
    shown: list[tuple[str, int, int]], wanted: list[tuple[str, int, int]]
) -> None:
    def characters(stretches: list[tuple[str, int, int]]) -> set[tuple[str, int]]:
        return {(path, at) for path, start, size in stretches for at in range(start, start + size)}

    passages = [passage(path, None, start, start + size) for path, start, size in shown]
    spans = [Span((path, None), start, start + size) for path, start, size in wanted]
    assert covered(passages, spans) == (len(characters(shown) & characters(wanted)), len(characters(shown)))
    assert length(spans) == len(characters(wanted))
