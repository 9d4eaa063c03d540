"""Of documents that a question names equally well, "the latest" asks for the newest and "over time" for all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.asked import Asked, asked
from assistant.retrieval.series import in_series
from assistant.storage.rows import ChunkRow
from assistant.types import Dated

SPRING, SUMMER, AUTUMN = date(2023, 4, 1), date(2023, 7, 1), date(2023, 10, 1)


def passage(file: int, day: date | None, dated: Dated = Dated.DOCUMENT) -> ChunkRow:
    return ChunkRow(1, file, f"{file}.pdf", "", "", day, dated, "", "", "en", 1, 1, None, 0, 4, (), "text", b"")


SERIES = [passage(1, SPRING), passage(1, SPRING), passage(2, SUMMER), passage(3, AUTUMN), passage(4, AUTUMN)]
MARKS = [0.6, 0.5, 0.55, 0.5, 0.4]
NAMED = [1.0, 1.0, 0.9, 0.9, 0.1]


@pytest.mark.parametrize(
    ("question", "latest", "throughout"),
    [
        ("What was the margin in the latest report?", True, False),
        ("Wie hoch war die Marge im neuesten Bericht?", True, False),
        ("How does the most recent quarter compare to previous quarters?", False, True),
        ("How have the sales of probes changed over time?", False, True),
        ("What was the tax rate in each quarter?", False, True),
        ("Wie hat sich der Umsatz in den letzten Jahren entwickelt?", False, True),
        ("How long, in months, is the notice period?", False, False),
        ("How many days of leave do I get after three years?", False, False),
        ("Who approves travel outside the EU?", False, False),
    ],
)
def test_a_question_tells_whether_it_is_about_the_newest_or_about_all(
    question: str, latest: bool, throughout: bool
) -> None:
    assert (asked(question).latest, asked(question).throughout) == (latest, throughout)


def test_the_newest_of_those_that_are_named_comes_first_and_not_a_newer_one_that_is_not() -> None:
    marks = in_series(MARKS, Asked(latest=True), SERIES, NAMED)
    assert marks == [pytest.approx(mark) for mark in (0.52, 0.42, 0.47, 0.5, 0.32)]


def test_the_days_of_files_alone_say_nothing() -> None:
    rows = [passage(1, SPRING, Dated.FILE), passage(2, SUMMER, Dated.FILE), passage(3, None)]
    assert in_series([0.6, 0.5, 0.4], Asked(latest=True), rows, [1.0, 1.0, 1.0]) == [0.6, 0.5, 0.4]


def test_for_all_of_them_the_best_passage_of_each_comes_nearer_to_the_best_and_the_order_inside_each_stays() -> None:
    marks = in_series(MARKS, Asked(throughout=True), SERIES, NAMED)
    assert marks[0] == MARKS[0]
    assert marks[2] == pytest.approx(0.575, abs=0.001)
    assert marks[3] == pytest.approx(0.55, abs=0.001)
    assert marks[0] - marks[1] == pytest.approx(MARKS[0] - MARKS[1])
    assert marks[4] == MARKS[4]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(1, 4))), st.booleans())
def test_scores_stay_between_nought_and_one(passages: list[tuple[float, float, int]], latest: bool) -> None:
    rows = [passage(file, date(2020 + file, 1, 1)) for _, _, file in passages]
    marks = in_series(
        [mark for mark, _, _ in passages],
        Asked(latest=latest, throughout=not latest),
        rows,
        [share for _, share, _ in passages],
    )
    assert all(0 <= mark <= 1 for mark in marks)
    assert in_series([one[0] for one in passages], Asked(), rows, [one[1] for one in passages]) == [
        one[0] for one in passages
    ]
