"""What `sentences` promises: nothing lost, exact offsets, and a stream gives the same as the whole text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.sentences import LONGEST, Form, Splitter, Unit, split

_FRAGMENTS = st.sampled_from(
    [
        "The limit is 30.", "Am 1. Februar", "e.g. Dr. Smith", "[1]", " [2, 3].", "\n", "\n\n", "| a | 5 |", "- item",
        "1. ", "3.5 %", "z. B. ", "Ja!", "“So.”", "…", " ", "Berlin 140 EUR 35 EUR", "# Head", "word", "München",
        "U.S.",
        "www.x.de", "?", "Inc.", "\t", "```", "(see [4].)", "x" * 250, "Annual leave",
    ]
)  # fmt: skip
texts = st.one_of(st.lists(_FRAGMENTS, max_size=30).map("".join), st.text(max_size=200))


def parts(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in split(text)]


def streamed(pieces: list[str]) -> list[Unit]:
    splitter = Splitter()
    units = [unit for piece in pieces for unit in splitter.feed(piece)]
    return units + splitter.close()


@given(texts)
def test_every_character_that_is_not_space_is_in_exactly_one_unit_in_order(text: str) -> None:
    at = 0
    for unit in split(text):
        assert not text[at : unit.start].strip()
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip() != ""
        assert unit.end - unit.start <= LONGEST
        at = unit.end
    assert not text[at:].strip()


@given(texts, st.lists(st.integers(0, 400)))
def test_a_stream_gives_the_units_of_the_whole_text(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert streamed(pieces) == split(text)
    assert streamed(list(text)) == split(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The limit is 30. The rest is 3.5 %.", ["The limit is 30.", "The rest is 3.5 %."]),
        ("Ask Dr. Smith, e.g. by mail. He knows.", ["Ask Dr. Smith, e.g. by mail.", "He knows."]),
        ("Sold to Acme Inc. The rest stays.", ["Sold to Acme Inc.", "The rest stays."]),
        ("Sold to Acme Inc. of Delaware. Done.", ["Sold to Acme Inc. of Delaware.", "Done."]),
        ("Open till 5 p.m. Friday. Then not.", ["Open till 5 p.m. Friday.", "Then not."]),
        ("See Art. 7 and No. 5. The answer is no. It is final.",
         ["See Art. 7 and No. 5.", "The answer is no.", "It is final."]),
        ("Gilt ab dem 1. Februar 2025. Danach nicht.", ["Gilt ab dem 1. Februar 2025.", "Danach nicht."]),
        ("Im 3. Dienstjahr, z. B. nach Nr. 5, gilt mehr. Ende.",
         ["Im 3. Dienstjahr, z. B. nach Nr. 5, gilt mehr.", "Ende."]),
        ("Am 3. 4. 2025 endet es. Gut.", ["Am 3. 4. 2025 endet es.", "Gut."]),
        ("Really? Yes! “So be it.” Fine.", ["Really?", "Yes!", "“So be it.”", "Fine."]),
        ("You get 28 days. [1] Five carry over [2]. More.[3][4] End",
         ["You get 28 days. [1]", "Five carry over [2].", "More.[3][4]", "End"]),
        ("Write to a.b@example.org or www.example.org. Soon.",
         ["Write to a.b@example.org or www.example.org.", "Soon."]),
        ("First line goes on\nhere and ends. Next", ["First line goes on\nhere and ends.", "Next"]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_each_row_of_a_table_is_a_unit() -> None:
    text = "Rates:\n| City | Hotel |\n|---|---|\n| Berlin | 140 EUR |\n\n"
    text += "Berlin 140 EUR 35 EUR\nParis 180 EUR 40 EUR\nEnd."
    rows = [text[unit.start : unit.end] for unit in split(text) if unit.form is Form.ROW]
    assert rows == [
        "| City | Hotel |", "|---|---|", "| Berlin | 140 EUR |", "Berlin 140 EUR 35 EUR", "Paris 180 EUR 40 EUR"
    ]  # fmt: skip


def test_a_row_may_have_small_words_but_a_line_of_a_paragraph_is_no_row() -> None:
    rows = "Night 21:54 to 6:06 30 percent\nEarly and late 6:00 to 22:00 none"
    assert [unit.form for unit in split(rows)] == [Form.ROW, Form.ROW]
    (unit,) = split("Lübeck has 340 people in 2025 and 12\nBuildings that are used by 3 firms.")
    assert unit.form is Form.SENTENCE


def test_headings_and_list_items_stand_alone() -> None:
    text = (
        "## Leave\nAnnual leave\nFrom the third year of service the entitlement is 28\n"
        "working days per year.\n- one thing\n- another thing\n2. third thing"
    )
    found = [(text[unit.start : unit.end], unit.form) for unit in split(text)]
    assert found == [
        ("## Leave", Form.HEADING),
        ("Annual leave", Form.HEADING),
        ("From the third year of service the entitlement is 28\nworking days per year.", Form.SENTENCE),
        ("- one thing", Form.SENTENCE),
        ("- another thing", Form.SENTENCE),
        ("2. third thing", Form.SENTENCE),
    ]


def test_a_date_at_the_start_of_a_line_is_not_a_list_item() -> None:
    assert parts("It was agreed on\n1. Februar 2025 by all.") == ["It was agreed on\n1. Februar 2025 by all."]


def test_a_sentence_is_given_as_soon_as_the_next_one_begins() -> None:
    splitter = Splitter()
    assert splitter.feed("You get 28 days [1].") == []
    assert splitter.feed(" ") == []
    assert splitter.feed("It") == []  # "It" may become a word that decides
    assert [splitter.text[unit.start : unit.end] for unit in splitter.feed(" is")] == ["You get 28 days [1]."]
