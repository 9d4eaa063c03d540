"""What a search promises: both halves fused into 0 to 1, verbatim hits, and an answer whatever is asked or missing."""

import datetime
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import library
from assistant.errors import UsageError
from assistant.library import Index
from assistant.question import LONGEST
from assistant.storage.catalog import Catalog
from assistant.types import Filter, Kind
from tests.company import PASSAGES, QUESTIONS, Company
from tests.texts import wild

EXPECTED = dict(
    zip(
        QUESTIONS,
        ["hr/leave-2026.md", "hr/urlaub.md", "legal/supplier agreement.pdf", "it/printers.txt", "hr/handbook.md"],
        strict=True,
    )
)
ODD = ["AND", "leave AND (", 'title:"leave', "[a TO z]", "le*ve~2", "😀", "?" * 300,
       "x" * LONGEST, "leave " * (LONGEST // 6), "'; DROP TABLE chunks; --", "the of and", "\u202eleave",
       "العطلة", "休暇は何日"]  # fmt: skip


@pytest.fixture(scope="module")
def index(company: Company) -> Iterator[Index]:
    with library.open(company.config.index) as opened:
        yield opened


@pytest.mark.parametrize(("question", "path"), EXPECTED.items())
def test_a_question_finds_its_document_first(index: Index, question: str, path: str) -> None:
    found = index.find(question, 5)
    assert found.hits[0].path == path
    assert found.notices == ()


def test_a_hit_says_where_it_stands_and_what_each_half_contributed(index: Index) -> None:
    best = index.search("What is the notice period of the supplier agreement?")[0]
    assert (best.page, best.page_label, best.title) == (2, "ii", "Supplier agreement")
    assert "three months" in best.text
    assert best.meaning > 0.3
    assert best.words > 0
    assert 0.5 < best.coverage <= 1
    dated = index.search("days of annual leave")[0]
    assert (dated.heading, dated.date) == ("Annual leave", datetime.date(2026, 2, 1))
    assert (dated.page, dated.page_label) == (None, None)


def assert_sound(index: Index, question: str, limit: int) -> None:
    hits = index.search(question, limit)
    assert len(hits) == min(limit, PASSAGES)
    scores = [hit.score for hit in hits]
    assert scores[:5] == sorted(scores[:5], reverse=True)
    assert all(later - score < 0.1 for score, later in pairwise(scores)), "over many pages, where they are near"
    assert len({hit.chunk_id for hit in hits}) == len(hits)
    for hit in hits:
        assert 0 <= hit.score <= 1
        assert -1.001 <= hit.meaning <= 1.001
        assert hit.words >= 0
        assert 0 <= hit.coverage <= 1
        stored = index.stored_text(hit.path, hit.page)
        assert stored is not None
        assert stored.text[hit.start : hit.end] == hit.text


@pytest.mark.parametrize("question", ODD, ids=range(len(ODD)))
def test_no_question_breaks_the_search(index: Index, question: str) -> None:
    assert_sound(index, question, 7)


@pytest.mark.parametrize(
    "question",
    ["", "   ", "\n\t", "leave " * LONGEST, "\0", "leave\0days"],
    ids=["empty", "blank", "lines", "endless", "no text", "text with none"],
)
def test_what_is_no_question_is_refused(index: Index, question: str) -> None:
    with pytest.raises(UsageError, match="the question is"):
        index.search(question)


@settings(max_examples=25)
@given(
    question=wild.map(lambda text: text[:LONGEST]).filter(lambda text: text.strip() and "\0" not in text),
    limit=st.sampled_from([0, 1, 3, 500]),
)
def test_any_text_gives_sound_hits(index: Index, question: str, limit: int) -> None:
    assert_sound(index, question, limit)


def test_a_question_of_only_stop_words_is_searched_by_its_stop_words(index: Index) -> None:
    best = max(index.search("by the of", PASSAGES), key=lambda hit: hit.words)
    assert "by the head of department" in best.text
    assert best.coverage > 0


def test_the_same_question_gets_the_same_answer(index: Index, company: Company) -> None:
    for question in QUESTIONS:
        assert index.search(question, 20) == company.hits(question, 20)


@pytest.mark.parametrize(
    ("wanted", "suffixes", "folders"),
    [
        (Filter("hr"), {".md"}, {"hr"}),
        (Filter(kind=Kind.PDF), {".pdf"}, {"legal"}),
        (Filter("*.txt"), {".txt"}, {"it"}),
        (Filter("archive/travel copy.md"), {".md"}, {"archive"}),
        (Filter(since=datetime.date(2026, 2, 1), kind=Kind.TEXT), {".txt"}, {"it"}),
    ],
)
def test_a_filter_holds_for_both_halves(index: Index, wanted: Filter, suffixes: set[str], folders: set[str]) -> None:
    for question in QUESTIONS:
        hits = index.search(question, 100, wanted)
        assert {Path(hit.path).suffix for hit in hits} == suffixes
        assert {hit.path.split("/")[0] for hit in hits} == folders


def test_a_filter_that_fits_no_file_is_said_and_does_not_block_the_next_writer(own_company: Company) -> None:
    with library.open(own_company.config.index) as index:
        with pytest.raises(UsageError, match="no indexed file"):
            index.search("leave", 5, Filter("nowhere"))
        own_company.write("it/new.md", "The espresso machine is descaled every Thursday.\n")
        own_company.update()
        assert index.search("espresso machine")[0].path == "it/new.md"


def test_an_open_index_follows_a_new_generation(own_company: Company) -> None:
    with library.open(own_company.config.index) as index:
        index.search("leave")
        with Catalog.create(own_company.config.index) as catalog:
            before = catalog.get("generation")
        shutil.rmtree(own_company.config.index / f"chroma/gen-{before}")
        own_company.update()
        found = index.find("toner of the printer", 3)
        assert found.hits[0].path == "it/printers.txt"
        assert found.notices == ()


@pytest.mark.parametrize("damage", ["deleted", "damaged"])
def test_without_its_generation_the_search_compares_exactly_and_says_so(
    own_company: Company, index: Index, damage: str
) -> None:
    (generation,) = (own_company.config.index / "chroma").iterdir()
    if damage == "deleted":
        shutil.rmtree(generation)
    else:
        (generation / "chroma.sqlite3").write_bytes(b"no database" * 999)
    with library.open(own_company.config.index) as alone:
        for question in QUESTIONS:
            found = alone.find(question, 5)
            assert len(found.notices) == 1
            assert "assistant index" in found.notices[0]
            assert [(hit.path, hit.start) for hit in found.hits] == [
                (hit.path, hit.start) for hit in index.search(question, 5)
            ]


def test_without_its_words_the_search_finds_by_meaning_and_says_so(own_company: Company) -> None:
    shutil.rmtree(own_company.config.index / "words")
    with library.open(own_company.config.index) as alone:
        found = alone.find("Which printer is on the second floor?", 5)
    assert found.hits[0].path == "it/printers.txt"
    assert {hit.words for hit in found.hits} == {0.0}
    assert len(found.notices) == 1
    assert "assistant index" in found.notices[0]


def test_a_hit_that_the_catalog_does_not_know_is_dropped(own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog.remove_file("it/printers.txt")  # words and vectors still have it
    with library.open(own_company.config.index) as index:
        hits = index.search("toner of the printer on the second floor", 100)
    assert len(hits) == PASSAGES - 1
    assert "it/printers.txt" not in {hit.path for hit in hits}
