"""What `quotes` promises: verbatim statements that answer the question, best first, none twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.quotes import MOST, Quote, quotes
from assistant.embedding.bundled import BundledEmbedder
from assistant.types import Evidence
from tests.test_verify import CARRY, LEAVE, RATES, URLAUB, evidence

EVIDENCE = (LEAVE, CARRY, RATES, URLAUB)


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def verbatim(quote: Quote) -> str:
    """What a source of this quote would say."""
    return quote.citation(1).quote


class _NoMeaning(BundledEmbedder):
    """Every text is as near as every other: what is left is words."""

    def embed_one(self, text: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        return np.ones(1, dtype=np.float32) * bool(text)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How many days of annual leave do I get in my third year?",
         "From the third year of service the entitlement is 28\nworking days per calendar year."),
        ("Until when can days be carried over?",
         "Up to five days may be carried over until 31 March of the following year."),
        ("Are carried days paid out?", "Carried days may not be paid out."),
        ("Who approves travel outside the EU?", "Travel outside the EU is approved by the head of department."),
        ("hotel limit per night in Paris", "| Paris | 180 EUR | 40 EUR |"),
        ("Wann verfällt Resturlaub?", "Resturlaub verfällt am 31. März 2026."),
    ],
)  # fmt: skip
def test_the_first_quote_answers_the_question(question: str, quote: str, embedder: BundledEmbedder) -> None:
    assert verbatim(quotes(question, EVIDENCE, embedder)[0]) == quote


def test_a_quote_is_verbatim_at_its_offsets(embedder: BundledEmbedder) -> None:
    page = "x" * LEAVE.start + LEAVE.text
    for cited in [one.citation(1) for one in quotes("annual leave days", (LEAVE,), embedder)]:
        assert page[cited.start : cited.end] == cited.quote


def test_a_row_is_shown_under_the_row_that_heads_its_table(embedder: BundledEmbedder) -> None:
    quote = quotes("hotel per night in Paris", (RATES,), embedder)[0]
    assert quote.text == "| City | Hotel per night | Meals |\n| Paris | 180 EUR | 40 EUR |"
    assert verbatim(quote) == "| Paris | 180 EUR | 40 EUR |"


def test_the_line_above_heads_a_table_of_a_page(embedder: BundledEmbedder) -> None:
    page = evidence(1, "City Hotel Meals\nBerlin 140 EUR 35 EUR\nParis 180 EUR 40 EUR\n", "Rates per night")
    assert quotes("hotel in Paris", (page,), embedder)[0].text == "City Hotel Meals\nParis 180 EUR 40 EUR"


def test_a_row_with_figures_heads_no_table(embedder: BundledEmbedder) -> None:
    page = evidence(1, "A Joined 15 May 2025, five days 26 days\nB Joined 1 October 2024, three days 17 days\n")
    assert (
        quotes("Joined in October 2024, three days", (page,), embedder)[0].text
        == "B Joined 1 October 2024, three days 17 days"
    )


def test_the_same_statement_in_two_documents_is_quoted_once(embedder: BundledEmbedder) -> None:
    found = quotes("Are carried days paid out?", (CARRY, replace(CARRY, number=2, path="copy.md")), embedder)
    assert [one.passage.evidence.path for one in found] == [CARRY.path]


def test_a_second_quote_needs_to_be_close_to_the_first(embedder: BundledEmbedder) -> None:
    assert len(quotes("Are carried days paid out?", EVIDENCE, embedder)) == 1
    both = quotes("Until when are days carried over, and who approves travel outside the EU?", EVIDENCE, embedder)
    assert {one.passage.evidence.path for one in both} >= {CARRY.path, RATES.path}


def test_headings_and_questions_are_no_quotes(embedder: BundledEmbedder) -> None:
    only = evidence(1, "# Carried days paid out\n\nAre carried days paid out?\n\nThey are lost in the end.")
    assert [verbatim(one) for one in quotes("carried days paid out", (only,), embedder)] == [
        "They are lost in the end."
    ]
    assert quotes("carried days", (evidence(1, "# Carried days"),), embedder) == []


@given(st.lists(st.text(max_size=150), max_size=4), st.text(max_size=40))
def test_quotes_are_few_and_verbatim_on_the_page_that_is_named(passages: list[str], question: str) -> None:
    items: list[Evidence] = [evidence(number, text) for number, text in enumerate(passages, 1)]
    found = quotes(question, items, _NoMeaning())
    assert len(found) <= MOST
    by_path = {item.path: item for item in items}
    for number, one in enumerate(found, 1):
        cited = one.citation(number)
        item = by_path[cited.path]
        assert item.text[cited.start - item.start : cited.end - item.start] == cited.quote
        assert (cited.number, cited.page) == (number, item.page)
        assert 0 <= cited.score <= 1


BACKUPS = evidence(
    1,
    "| System | Kept | Runs |\n| --- | --- | --- |\n| Files | 14 days | hourly |\n| Mail | 90 days | daily |\n",
    "Backups › How long they are kept",
)


def test_of_a_table_of_which_no_row_is_named_several_are_quoted_and_of_one_that_is_named_this_one(
    embedder: BundledEmbedder,
) -> None:
    assert len(quotes("How long are backups kept?", (BACKUPS,), embedder)) == 2
    assert [verbatim(one) for one in quotes("How long are backups of mail kept?", (BACKUPS,), embedder)] == [
        "| Mail | 90 days | daily |"
    ]
    codes = evidence(1, "| Code | To do |\n| --- | --- |\n| E31 | join the office network |\n| E12 | set the clock |\n")
    assert len(quotes("The client shows E31. What is to do?", (codes,), embedder)) == 1


def test_the_step_that_holds_an_amount_stands_first(embedder: BundledEmbedder) -> None:
    page = evidence(
        1,
        "| Order | Offers |\n| --- | --- |\n| up to 500 euros | 1 |\n| 500 to 5,000 euros | 2 |\n"
        "| 5,000 to 25,000 euros | 3 |\n",
    )
    for amount, offers in (("300", 1), ("3,000", 2), ("8,000", 3)):
        best = quotes(f"How many offers does an order of {amount} euros need?", (page,), embedder)[0]
        assert verbatim(best).endswith(f"| {offers} |")


def test_a_step_that_leaves_the_amount_out_is_no_quote_where_another_holds_it(embedder: BundledEmbedder) -> None:
    scale = evidence(
        1,
        "| Value of the order | Signed by |\n| --- | --- |\n| up to 500 euros | buyer |\n"
        "| 5,000 to 25,000 euros | head of purchasing |\n",
        "Purchasing",
    )
    large = evidence(2, "Who signs an order over 25,000 euros: the board signs it.", "Large orders")
    found = quotes(
        "Who signs an order of 8,000 euros?", (replace(large, score=0.6), replace(scale, score=0.5)), embedder
    )
    assert [verbatim(one) for one in found] == ["| 5,000 to 25,000 euros | head of purchasing |"]


def test_a_limit_answers_whether_more_is_allowed(embedder: BundledEmbedder) -> None:
    text = "Up to five days of annual leave may be carried over. More than 3 days of sickness need a certificate."
    best = quotes("May I carry over 8 days of annual leave?", (evidence(1, text, "Leave"),), embedder)[0]
    assert verbatim(best) == "Up to five days of annual leave may be carried over."


def test_a_row_that_leaves_the_amount_out_does_not_stand_beside_the_one_that_holds_it(
    embedder: BundledEmbedder,
) -> None:
    page = evidence(
        1,
        "Purchases that cost up to 500 euros are approved by a team lead and signed by a buyer who orders.\n\n"
        "5,000 to 25,000 euros: head of division and head of purchasing.",
        "Approval",
    )
    found = quotes("Who signs an order of 8,000 euros?", (page,), embedder)
    assert [verbatim(one) for one in found] == ["5,000 to 25,000 euros: head of division and head of purchasing."]


def test_a_notice_that_a_document_is_superseded_stands_behind_its_rules(embedder: BundledEmbedder) -> None:
    old = evidence(1, "Superseded on 1 July 2025 by version 2.\n\nThe notice period is four weeks.", "Notice (2022)")
    assert verbatim(quotes("Which notice period applied before July 2025?", (old,), embedder)[0]).endswith("weeks.")


def test_half_of_a_question_is_answered_by_the_kind_of_thing_that_it_asks_for(embedder: BundledEmbedder) -> None:
    page = evidence(1, "Restored files lie in a folder. The server team restores a file. Files go.", "Restoring")
    best = quotes("who may restore files?", (page,), embedder, as_said="who may restore them?")
    assert [verbatim(one) for one in best] == ["The server team restores a file."]
    assert quotes("when are files restored?", (page,), embedder, as_said="when are they restored?") == []
