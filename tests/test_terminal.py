"""Nothing that a document, a file name or a model says can steer the terminal."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cli.output.terminal import clean, line, link, marked, unbroken, wrapped

STYLED = "\x1b[1mone\x1b[0m"

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x07\x9b\x9d\u202e\u2066\u200b\U000e0041\u0301\u0300\x7f\r\t\n[]0;m\\"),
    ),
    max_size=200,
)


@given(HOSTILE)
def test_clean_text_holds_no_control_invisible_or_private_character(text: str) -> None:
    for character in clean(text):
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@given(HOSTILE)
def test_a_line_is_one_line_and_cleaning_again_changes_nothing(text: str) -> None:
    assert "\n" not in line(text)
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "here"),
        ("abc\u202edef", "abcdef"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 4),
        ("Lübeck, 20 °C – “ok” 日本", "Lübeck, 20 °C – “ok” 日本"),
    ],
)
def test_sequences_go_and_words_stay(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_long_words_are_never_cut() -> None:
    word = "https://intranet.example.com/" + "a" * 200
    assert word in wrapped(f"see {word} for more", columns=40)


def test_marks_stand_around_the_words_of_the_question() -> None:
    assert marked("The notice\nperiod is long", [(4, 10), (11, 17)]) == "The *notice* *period* is long"


def test_a_link_is_a_plain_label_where_there_is_no_terminal() -> None:
    assert link("a.pdf, page 5", Path("/documents/a.pdf"), 5) == "a.pdf, page 5"


def test_a_style_or_a_link_takes_no_columns_and_a_wide_letter_two() -> None:
    assert wrapped(f"{STYLED} two", columns=7) == f"{STYLED} two"
    assert wrapped("日本語 日本", columns=11) == "日本語 日本"
    assert wrapped("日本語 日本", columns=10) == "日本語\n日本"


def test_what_belongs_together_stays_on_one_line() -> None:
    assert wrapped(f"a heading {unbroken('1 Feb 2026')}", columns=14) == "a heading\n1 Feb 2026"


@given(st.text(st.sampled_from("ab \n-"), max_size=60), st.integers(4, 30))
def test_every_word_is_there_and_every_line_fits_that_can(text: str, columns: int) -> None:
    lines = wrapped(text, indent="  ", hanging="  ", columns=columns).split("\n")
    assert " ".join(lines).split() == text.split()
    assert all(len(row) <= columns or len(row.split()) == 1 for row in lines)
