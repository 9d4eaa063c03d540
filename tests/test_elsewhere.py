"""A word of the question that only the heading of another passage has is said; what the cited passages have is not."""

from dataclasses import replace

from assistant.answering.elsewhere import elsewhere
from assistant.types import Evidence
from tests.test_verify import evidence

GENERAL = evidence(1, "The notice period is three months to the end of a month.", "Regular periods")
TRIAL = evidence(2, "The period is two weeks to any day.", "Notice in probation")
QUESTION = "What is the notice period in probation?"


def word(question: str, cited: list[Evidence]) -> str:
    told = elsewhere(question, cited, [GENERAL, TRIAL])
    return told[0] if told else ""


def test_a_word_that_heads_another_passage_alone_is_told_with_its_passage() -> None:
    assert elsewhere(QUESTION, [GENERAL], [GENERAL, TRIAL]) == ("probation", TRIAL)


def test_what_a_cited_passage_has_is_not_told() -> None:
    assert word(QUESTION, [TRIAL]) == ""
    assert word(QUESTION, [GENERAL, TRIAL]) == ""
    assert word("What is the regular notice period?", [GENERAL]) == ""


def test_a_word_that_no_heading_has_is_not_told() -> None:
    assert word("How many weeks is it?", [GENERAL]) == ""
    assert (
        elsewhere(QUESTION, [GENERAL], [GENERAL, replace(TRIAL, heading="Trial", text="In probation: two weeks.")])
        is None
    )
