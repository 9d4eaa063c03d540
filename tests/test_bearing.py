"""A sentence that its source holds is still no answer if it is about something else, or true of an old version only."""

from datetime import date

from assistant.answering.bearing import Bearing, left_out
from assistant.answering.passages import read
from assistant.answering.verify import Checked, check
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


def test_a_sentence_that_only_repeats_the_question_is_no_answer_unless_yes_or_no_is_asked() -> None:
    sentence = "The company is liable for damage by third parties [3]."
    bearing = Bearing("For which damage by third parties is the company liable?", ALL, BundledEmbedder())
    assert bearing.objection(Checked(sentence, check(sentence, [read(CARS)]).support)) == "it only repeats the question"
    asked = Bearing("Is the company liable for damage by third parties?", ALL, BundledEmbedder())
    assert asked.objection(Checked(sentence)) == ""


def test_of_two_questions_the_one_that_no_sentence_speaks_of_is_left_out() -> None:
    parts = ("How long is the notice period?", "Who is liable for damage to my car?")
    notice, cars = "The notice period is three months.", "The company is not liable for damage by third parties."
    assert left_out(parts, [notice], BundledEmbedder()) == [parts[1]]
    assert left_out(parts, [notice, cars], BundledEmbedder()) == []
    assert left_out(parts[:1], [], BundledEmbedder()) == []


def test_other_words_for_the_same_are_an_answer() -> None:
    assert objection("How long before I can quit?", "The notice period is three months [1].") == ""
