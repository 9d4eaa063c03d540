"""What `numbers` promises: the same figure in another spelling agrees, another figure does not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.numbers import figures, missing


def lacking(claim: str, source: str) -> list[str]:
    return [figure.written for figure in missing(figures(claim), figures(source))]


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("28 days", "twenty-eight days"), ("28 Tage", "achtundzwanzig Tage"), ("thirty-one", "31"),
        ("einunddreißig Tage", "31 Tage"), ("1.2 million EUR", "1,200,000 EUR"), ("1.200.000 EUR", "1,2 Mio. EUR"),
        ("1,250.50", "1.250,50"), ("five percent", "5 %"), ("fünf Prozent", "5%"), ("5 per cent", "5.0 %"),
        ("3 March 2024", "2024-03-03"), ("on March 3, 2024", "3. März 2024"), ("03.03.2024", "3 March 2024"),
        ("July 2025", "since 1 July 2025"), ("in 2025", "since 1 July 2025"), ("31 March", "31. März 2026"),
        ("the third year", "year 3"), ("im dritten Jahr", "im 3. Jahr"), ("the 3rd year", "the third year"),
        ("form it-204", "Form IT-204"), ("at 9:30", "at 09:30"), ("mail a@b.example", "A@b.example"),
        ("EUR140", "140 EUR"), ("3 thousand", "3,000"), ("two hundred", "200"),
        ("one hundred and twenty", "120"), ("hundertzwanzig", "120"), ("zweitausendfünfhundert", "2.500"),
        ("zweieinhalb Stunden", "2.5 hours"), ("two and a half hours", "2,5 Stunden"), ("half an hour", "0.5 hours"),
        ("half of the staff", "50 %"), ("a quarter of the staff", "25 percent"), ("two-thirds", "2/3"),
        ("a dozen", "zwölf"), ("two dozen", "24"), ("one month", "1 month"), ("innerhalb eines Monats", "1 Monat"),
        ("9 a.m.", "09:00"), ("9:30 pm", "21:30"), ("18 Uhr", "18:00"), ("Q3 2025", "third quarter of 2025"),
        ("im 3. Quartal", "Q3"), ("first half of 2025", "H1 2025"), ("$5m", "5 million dollars"),
        ("€1.2bn", "1,2 Mrd. €"), ("10k users", "10,000 users"), ("11/1/19", "November 1, 2019"),
        ("01.03.24", "1 March 2024"), ("https://www.a.example/x/", "www.a.example/x"), ("twice", "2 times"),
        ("the twentieth", "20th"), ("minus 5 °C", "−5 °C"), ("10–12 days", "10 to 12 days"),
    ],
)  # fmt: skip
def test_another_spelling_of_the_same_figure_agrees(claim: str, source: str) -> None:
    assert figures(claim) and lacking(claim, source) == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("30 days", "28 days"), ("5 %", "5 days"), ("1.2 million", "1.2"), ("3 March 2024", "3 March 2023"),
        ("3 April 2024", "3 March 2024"), ("4 March", "3 March 2024"), ("31 days", "until 31 March"),
        ("form IT-205", "form IT-204"), ("9:30", "9:00"), ("ninety", "nineteen"), ("140", "14 0"), ("12.5", "125"),
        ("2,500", "25"), ("b@b.example", "a@b.example"), ("9 a.m.", "9 p.m."), ("one month", "two months"),
        ("5 °C", "−5 °C"), ("Q3", "Q2"), ("half of the staff", "0.5 days"), ("two-thirds", "one third of it"),
        ("$5m", "5 dollars"), ("zweieinhalb", "2"), ("11/1/19", "November 1, 2018"), ("first half", "second half"),
    ],
)  # fmt: skip
def test_another_figure_does_not_agree(claim: str, source: str) -> None:
    assert lacking(claim, source) != []


def test_articles_and_lists_are_no_figures() -> None:
    assert figures("First, one of us takes a day; ein Tag ist keiner.") == []


@given(st.integers(0, 10**9))
def test_thousands_separators_change_nothing(number: int) -> None:
    for written in (f"{number:,}", f"{number:,}".replace(",", "."), f"{number:,}".replace(",", "’")):
        (figure,) = figures(f"costs {written} in all")
        assert Decimal(number) in figure.values


@given(st.text(max_size=80))
def test_figures_stand_in_order_without_overlap(text: str) -> None:
    at = 0
    for figure in figures(text):
        assert at <= figure.start < figure.end <= len(text)
        at = figure.end
