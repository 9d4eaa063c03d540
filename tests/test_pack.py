"""What packing promises: inside the budget, verbatim, numbered from 1, best first, neighbors joined."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.tokens import count_tokens
from assistant.indexing.cut import cut
from assistant.retrieval.pack import pack
from assistant.storage.catalog import Catalog
from assistant.storage.rows import ChunkRow, ReadFile
from assistant.types import Document, Hit, Kind, Section, SourceFile, StoredText

SENTENCE = "The entitlement of 28 working days holds for everybody in the house. "


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Three pages of several passages each, a page of two short sections, and a markdown file."""
    pages = [SENTENCE * count + f"End of page {count}.\n\n" for count in (40, 30, 25)]
    short = "## Hotels\nUp to 140 euros per night.\n\n## Meals\nUp to 35 euros per day.\n"
    texts = (*(StoredText(text, page, f"p{page}") for page, text in enumerate(pages, 1)), StoredText(short, 4))
    sections = (*(Section(number, 0, len(text), ("Leave",)) for number, text in enumerate(pages)),
                Section(3, 0, 38, ("Hotels",)), Section(3, 38, len(short), ("Meals",)))  # fmt: skip
    pdf = Document("Policies", texts, sections)
    note = Document("Note", (StoredText("Überstunden 😀 werden bezahlt. " * 40),), (Section(0, 0, 1240, ()),))
    with Catalog.create(tmp_path_factory.mktemp("pack")) as made:
        with made.transaction():
            for path, kind, document in (("a.pdf", Kind.PDF, pdf), ("b.md", Kind.MARKDOWN, note)):
                made.put_file(read(SourceFile(path, kind, 1, 1, 1, 1, 1), document))
        yield made


def read(source: SourceFile, document: Document) -> ReadFile:
    return ReadFile(source, 1, "", document, list(cut(document)), "1", "1")


def hit(row: ChunkRow, score: float) -> Hit:
    heading = " › ".join(row.headings)
    return Hit(row.path, row.page, row.page_label, heading, row.text, row.start, row.end, score, row.id, row.title)


def ranked(catalog: Catalog, order: list[int]) -> list[Hit]:
    """Hits for the chunks with these places, best first."""
    rows = list(catalog.all_chunks())
    return [hit(rows[place % len(rows)], 1 - rank / 100) for rank, place in enumerate(dict.fromkeys(order))]


@given(st.lists(st.integers(0, 22), max_size=20, unique=True), st.integers(0, 2500), st.integers(1, 8))
def test_evidence_keeps_the_budget_and_is_verbatim_and_in_order(
    catalog: Catalog, order: list[int], budget: int, most: int
) -> None:
    hits = ranked(catalog, order)
    evidence = pack(catalog, hits, budget, most, count_tokens)
    assert [item.number for item in evidence] == list(range(1, len(evidence) + 1))
    assert len(evidence) <= most
    assert sum(count_tokens(item.text) for item in evidence) <= budget
    assert all(one.score >= other.score for one, other in pairwise(evidence))
    for item in evidence:
        stored = catalog.stored_text(item.path, item.page)
        assert stored is not None
        assert stored.text[item.start : item.end] == item.text
        inside = [h for h in hits if (h.path, h.page) == (item.path, item.page) and item.start <= h.start < item.end]
        assert item.score == max(h.score for h in inside)
        assert {h.heading for h in inside} == {item.heading}
        assert len("".join(h.text for h in inside)) >= len(item.text) - 8 * len(inside), "only what was found"
    for one in evidence:
        for other in evidence:
            same = one is not other and (one.path, one.page) == (other.path, other.page)
            assert not same or one.end <= other.start or other.end <= one.start


@given(st.lists(st.integers(0, 22), min_size=1, max_size=20, unique=True))
def test_whatever_fits_is_packed_the_best_first(catalog: Catalog, order: list[int]) -> None:
    hits = ranked(catalog, order)
    (first, *_) = pack(catalog, hits, count_tokens(hits[0].text), 1, count_tokens)
    assert (first.path, first.page, first.start, first.text) == (
        hits[0].path,
        hits[0].page,
        hits[0].start,
        hits[0].text,
    )
    everything = pack(catalog, hits, 100_000, 100, count_tokens)
    for found in hits:
        assert any(found.text in item.text and found.path == item.path for item in everything)


def test_neighbors_are_joined_and_carry_what_the_best_of_them_does(catalog: Catalog) -> None:
    first, second, third = list(catalog.all_chunks())[:3]
    hits = [hit(second, 0.9), hit(third, 0.8), hit(first, 0.7)]
    (joined,) = pack(catalog, hits, 1500, 6, count_tokens)
    assert (joined.start, joined.end, joined.score) == (first.start, third.end, 0.9)
    assert (joined.page, joined.page_label, joined.heading, joined.title) == (1, "p1", "Leave", "Policies")


def test_passages_under_other_headings_or_on_other_pages_stay_apart(catalog: Catalog) -> None:
    rows = [row for row in catalog.all_chunks() if row.page == 4]
    assert [item.heading for item in pack(catalog, [hit(row, 0.5) for row in rows], 500, 6, count_tokens)] == [
        "Hotels", "Meals"
    ]  # fmt: skip
    ends = [row for row in catalog.all_chunks() if row.text.endswith("End of page 40.") or row.page == 2][:2]
    assert len(pack(catalog, [hit(row, 0.5) for row in ends], 1500, 6, count_tokens)) == 2


def test_a_passage_that_does_not_fit_gives_way_to_a_smaller_one(catalog: Catalog) -> None:
    rows = list(catalog.all_chunks())
    large, small = rows[0], next(row for row in rows if row.headings == ("Meals",))
    (only,) = pack(catalog, [hit(large, 0.9), hit(small, 0.5)], 30, 6, count_tokens)
    assert only.text == small.text
    assert pack(catalog, [hit(large, 0.9)], 30, 6, count_tokens) == ()
    assert pack(catalog, [], 30, 6, count_tokens) == ()


def test_a_passage_that_has_gone_since_the_search_is_left_out(tmp_path: Path) -> None:
    document = Document("T", (StoredText("Leave."), StoredText("Hotels.")), (Section(0, 0, 6), Section(1, 0, 7)))
    with Catalog.create(tmp_path) as catalog:
        for path in ("a.md", "b.md"):
            source = SourceFile(path, Kind.MARKDOWN, 1, 1, 1, 1, 1)
            catalog.put_file(read(source, document))
        hits = [hit(row, 0.5) for row in catalog.all_chunks()]
        catalog.remove_file("a.md")
        assert {item.path for item in pack(catalog, hits, 500, 6, count_tokens)} == {"b.md"}


def test_a_copy_in_another_document_takes_no_room(tmp_path: Path) -> None:
    texts = ("Hotels cost up to 140 euros.", "Hotels cost up to 140 euros!\n", "Hotels cost up to 150 euros.")
    with Catalog.create(tmp_path) as catalog:
        with catalog.transaction():
            for number, text in enumerate(texts):
                document = Document("Rules", (StoredText(text),), (Section(0, 0, len(text), ()),))
                catalog.put_file(read(SourceFile(f"{number}.md", Kind.MARKDOWN, 1, 1, 1, 1, 1), document))
        evidence = pack(catalog, ranked(catalog, [0, 1, 2]), 1_000, 10, count_tokens)
    assert [item.path for item in evidence] == ["0.md", "2.md"]
