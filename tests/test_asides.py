"""What a document says of itself is told from what it says of its subject."""

import pytest

from assistant.answering.asides import aside, is_title
from assistant.answering.passages import Passage, Statement, read
from tests.test_verify import evidence

QUESTION = "How long is the notice period?"


def first(text: str, heading: str = "Notice", title: str = "") -> tuple[Passage, Statement]:
    passage = read(evidence(1, text, heading, title=title))
    return passage, passage.statements[0]


@pytest.mark.parametrize(
    "text",
    [
        "Superseded on 1 July 2025 by version 2.",
        "This policy is replaced by the rules of 2025.",
        "It replaces the rules of 2022.",
        "In force from 1 March 2023",
        "Ersetzt durch die Fassung vom 1. Juli 2025.",
    ],
)
def test_a_notice_about_the_document_is_an_aside_unless_it_is_asked_for(text: str) -> None:
    assert aside(QUESTION, *first(text)) > 0
    assert aside("Which version superseded the rules of 2022?", *first(text)) == 0


def test_the_sentence_behind_such_a_notice_is_one_and_the_next_paragraph_is_none() -> None:
    passage = read(evidence(1, "Superseded by version 2. Kept for old cases.\n\nThe period is four weeks."))
    assert [aside(QUESTION, passage, one) > 0 for one in passage.statements] == [True, True, False]


@pytest.mark.parametrize("heading", ["Rules › Changes", "Rules › 9 Revision history", "Regeln › Änderungen"])
def test_a_list_of_changes_is_one(heading: str) -> None:
    assert aside(QUESTION, *first("The period is three months, four weeks before.", heading)) > 0


@pytest.mark.parametrize(
    "text",
    ["The period is four weeks.", "A lost badge is replaced by the front desk on the same day.", "It is 14 days."],
)
def test_a_rule_is_none(text: str) -> None:
    assert aside(QUESTION, *first(text)) == 0
    assert not is_title(*first(text))


def test_a_title_said_again_is_told_from_a_line_with_a_figure_of_its_own() -> None:
    assert is_title(*first("Annual leave policy.", title="Annual Leave Policy"))
    assert not is_title(*first("Annual leave policy: 28 days.", title="Annual Leave Policy"))
