"""An amount is held against the steps of a scale of the same unit; anything else is not compared."""

import pytest

from assistant.language.steps import fits

YEARS = "| Completed years of service | Notice |"


@pytest.mark.parametrize(
    ("question", "text", "header", "expected"),
    [
        ("How many offers for 8,000 euros?", "5,000 to 25,000 euros head of division 3", "", True),
        ("How many offers for 8,000 euros?", "up to 500 euros team lead 1", "", False),
        ("How many offers for 8,000 euros?", "25,000 to 150,000 euros both directors", "", False),
        ("Who signs for more than €900,000?", "above 750,000 euros both directors", "", True),
        ("What notice after sixteen years?", "| 15 to 19 | six months |", YEARS, True),
        ("What notice after sixteen years?", "| up to 9 | three months |", YEARS, False),
        ("What notice after 25 years?", "| 20 and more | seven months |", YEARS, True),
        ("Who was rated with 55 points?", "40 to 59 points: replaced within a year", "", True),
        ("Welche Frist gilt nach 3 Jahren?", "2 bis 5 Jahre: ein Monat", "", True),
        ("Welche Frist gilt nach 8 Jahren?", "zwischen 2 und 5 Jahren: ein Monat", "", False),
    ],
)
def test_an_amount_falls_into_a_step_or_beside_it(question: str, text: str, header: str, expected: bool) -> None:
    assert fits(question, text, header) is expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many offers for 8,000 euros?", "within 30 days"),  # another unit
        ("How many offers for 8,000 euros?", "The fee is 500 euros."),  # no step
        ("What held in 2024?", "2,000 to 3,000 euros"),  # a year
        ("How long is the notice?", "up to 9 years: three months"),
    ],
)
def test_what_is_of_another_kind_is_not_compared(question: str, text: str) -> None:
    assert fits(question, text) is None
