"""A sentence that its source holds is still no answer if it is about something else, or true of an old version only."""

from datetime import date

from assistant.answering.bearing import Bearing
from assistant.answering.passages import read
from assistant.answering.verify import check
from assistant.embedding.bundled import BundledEmbedder
from assistant.reading.editions import edition
from assistant.reading.ranks import sortable
from assistant.types import Evidence, Verdict


def evidence(number: int, path: str, title: str, text: str, day: date) -> Evidence:
    of = edition(path, title, day, 0)
    return Evidence(number, path, None, None, "", text, 0, len(text), 0.9, title, day, of.dated, of.family,
                    sortable(of.rank), sortable(of.rank))  # fmt: skip


NEW = evidence(1, "notice-2025.md", "Notice Periods", "The notice period is three months.", date(2025, 7, 1))
OLD = evidence(2, "notice-2022.md", "Notice Periods (2022)", "The notice period is four weeks.", date(2022, 4, 1))
CARS = evidence(3, "parking.md", "Parking", "The company is not liable for damage by third parties.", date(2026, 1, 5))
ALL = (NEW, OLD, CARS)


def objection(question: str, sentence: str) -> str:
    checked = check(sentence, [read(item) for item in ALL])
    assert checked.verdict is Verdict.SUPPORTED
    return Bearing(question, ALL, BundledEmbedder()).objection(checked)


def test_what_only_an_older_version_says_is_said_to_be_old() -> None:
    question = "What is the notice period?"
    assert objection(question, "The notice period is four weeks [2].") == (
        "only an older version says this (notice-2022.md of 1 Apr 2022)"
    )
    assert objection(question, "The notice period is three months [1].") == ""


def test_a_question_about_the_past_may_be_answered_from_the_older_version() -> None:
    assert objection("What was the notice period in 2022?", "The notice period is four weeks [2].") == ""


def test_a_true_sentence_about_something_else_is_no_answer() -> None:
    sentence = "The company is not liable for damage by third parties [3]."
    assert objection("How are hotel costs refunded?", sentence) == "it is not about the question"
    assert objection("Who pays for damage to my car?", sentence) == ""


def test_other_words_for_the_same_are_an_answer() -> None:
    assert objection("How long before I can quit?", "The notice period is three months [1].") == ""
