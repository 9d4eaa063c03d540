"""Documents that say something else of the same are noticed, and what only looks so is not."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.answering.differing import Differing, differing
from assistant.answering.passages import Passage, read
from assistant.answering.verify import Support
from assistant.types import Dated, Evidence
from tests.test_bearing import NEW
from tests.test_bearing import OLD as ALONE
from tests.test_verify import evidence

OLD = replace(ALONE, newest=f"{NEW.edition} {NEW.path}")
NOTICE = "What is the notice period?"
HOTEL = "How much is refunded for a hotel per night?"
TRAVEL = evidence(1, "Hotel costs are refunded up to 140 euros per night.", "Travel")
HANDBOOK = evidence(2, "Hotel costs are refunded up to 120 euros per night.", "Handbook")


def found(question: str, *items: Evidence, named: bool = False) -> Differing | None:
    """What is found where the first statement of the first item is the answer."""
    passages = [read(item) for item in items]
    return differing(question, [first(passages[0])], passages, named=named)


def first(passage: Passage) -> Support:
    unit = passage.statements[0].unit
    return Support(passage, unit.start, unit.end, 0.9)


def dated(item: Evidence, day: date) -> Evidence:
    return replace(item, date=day, dated=Dated.DOCUMENT)


@pytest.mark.parametrize("order", [(NEW, OLD), (OLD, NEW)])
def test_of_two_versions_the_newer_comes_first(order: tuple[Evidence, Evidence]) -> None:
    seen = found(NOTICE, *order)
    assert seen is not None
    assert (seen.newer.passage.evidence.path, seen.newer_says) == (NEW.path, "three months")
    assert (seen.older.passage.evidence.path, seen.older_says) == (OLD.path, "four weeks")


def test_of_two_policies_the_one_of_the_later_date_comes_first() -> None:
    seen = found(HOTEL, dated(TRAVEL, date(2024, 1, 12)), dated(HANDBOOK, date(2025, 3, 1)))
    assert seen is not None
    assert (seen.newer_says, seen.older_says) == ("120 euros", "140 euros")


@pytest.mark.parametrize(
    "question", ["What was the notice period in 2022?", "What was the notice period under the old rules?"]
)
def test_a_question_for_one_of_the_versions_is_not_told_of_the_other(question: str) -> None:
    assert found(question, OLD, NEW) is None


def test_a_question_that_names_its_document_is_not_told_of_another() -> None:
    assert found(HOTEL, TRAVEL, HANDBOOK) is not None
    assert found(HOTEL, TRAVEL, HANDBOOK, named=True) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hotel costs are refunded up to 140 euros per night.", "Hotel costs are refunded up to EUR 140 per night."),
        ("The hotel may be booked for 1 year.", "The hotel may be booked for 12 months."),
        ("In Paris the hotel is refunded up to 180 euros.", "In Berlin the hotel is refunded up to 140 euros."),
        ("In 2023 the hotel cost 100 euros per night.", "In 2024 the hotel cost 120 euros per night."),
        ("The hotel refunds up to 140 euros per night.", "The hotel has 140 rooms, and each night somebody is there."),
        ("A hotel is refunded up to 140 euros per night.", "A hotel is refunded for 3 days of a night."),
        ("Hotel, night: 140 euros.", "For a meal beside the hotel 20 euros are refunded in the evening of a night."),
    ],
)
def test_what_is_said_of_something_else_is_no_difference(one: str, other: str) -> None:
    assert found(HOTEL, evidence(1, one, "Travel"), evidence(2, other, "Handbook")) is None


def test_reports_of_two_years_do_not_contradict_each_other() -> None:
    reports = [
        replace(evidence(number, f"Sales of meters were {amount} euros.", f"Report {year}"), path=f"report-{year}.md")
        for number, year, amount in ((1, 2023, 100), (2, 2024, 120))
    ]
    assert found("What were the sales of meters?", *reports) is None


def test_the_same_document_does_not_contradict_itself() -> None:
    assert found(HOTEL, TRAVEL, replace(HANDBOOK, path=TRAVEL.path)) is None
