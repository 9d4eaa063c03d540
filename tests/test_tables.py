"""What is taken for a row of a table, and what it is called."""

import pytest
from hypothesis import given

from assistant.retrieval.tables import figures, labels
from tests.texts import wild

SHEET = """Current assets:
Cash and cash equivalents $ 2,800 $ 1,990
Inventories 4,454 2,605
Gross margin 70.1 % 64.6 % 5.5 pts
Restructuring and other charges 64 (1,211)
Dividends — 12
Total assets $ 40,488 $ 44,187
In 2022 the company had 4,454 people, of whom 2,605 worked abroad."""
MARKDOWN = """| Level | Notice | Bonus |
| --- | --- | ---: |
| Junior staff | 4 weeks | 2 % |
| Interns | none | none |
| 2024 | 12 | 14 |"""


def test_a_row_is_called_by_what_stands_before_its_figures() -> None:
    assert labels(SHEET) == (
        "Cash and cash equivalents",
        "Inventories",
        "Gross margin",
        "Restructuring and other charges",
        "Dividends",
        "Total assets",
    )


def test_rows_of_markdown_are_called_by_their_first_cell() -> None:
    assert labels(MARKDOWN) == ("Junior staff",)


@pytest.mark.parametrize(
    "line",
    [
        "Revenue recognition 34",  # of a table of contents
        "Annual report 2023",
        "see § 4.2",
        "1,234 5,678",
        "(In millions)",
        "A 12 14",
        "The average number of persons that were employed in the course of the year, by all companies 1,204 1,310",
        "The notice period is 4 weeks.",
        "",
    ],
)
def test_a_line_that_is_no_row_has_no_label(line: str) -> None:
    assert labels(line) == ()


@given(wild)
def test_labels_stand_in_the_text_and_no_text_breaks_them(text: str) -> None:
    assert all(set(label.split()) <= set(text.replace("|", " ").split()) for label in labels(text))
    assert 0.0 <= figures(text) <= 1.0


def test_a_table_is_more_figures_than_a_text() -> None:
    prose = "In 2022 the company had people in every one of its places, at home and abroad. " * 3
    assert figures(SHEET) > 2 * figures(prose) > 0.0
    assert figures("") == 0.0
