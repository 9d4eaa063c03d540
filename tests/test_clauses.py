"""What the checks promise of parts of sentences: each clause, voice and column keeps to one part of its source."""

import pytest

from assistant.answering.passages import read
from assistant.answering.verify import check
from assistant.types import Verdict
from tests.test_verify import evidence

PARTS = """Filters last 24 months for pumps and 18 months for vents. Small orders leave within 3 days, and large
orders within 9 days. Type A glue is heated and type B glue is pressed. Refusals need the signature of the chair, while
approvals are filed by the registry. Adults pay 12 euros, children pay 5 euros. Rule K-4 was replaced by rule K-7 in
2020. The panel is advised by the council. Unless a member objects, the minutes are published online after a week.
Work on holidays is paid double. Die Vorschrift 3 hebt die Vorschrift 5 auf. Das Lager in Ulm wird vom Lager in Bonn
beliefert. Der Bote zahlt die Maut, der Empfänger zahlt den Zoll. Halle 1 fasst 400 Paletten, Halle 2 fasst 650
Paletten. Guests sign the book. Drivers wear a green vest. Goods of grade B are sold."""
GRID = """| Item | Q1 | Q2 |
|---|---|---|
| Sales | 410 | 435 |
"""
SIDES = [read(evidence(1, PARTS, "Rules")), read(evidence(2, GRID, "Results"))]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Small orders leave within 3 days, large orders within 9 days",
         "Small orders leave within 9 days, large orders within 3 days"),
        ("Children pay 5 euros and adults pay 12 euros", "Children pay 12 euros and adults pay 5 euros"),
        ("Type B glue is pressed", "Type B glue is heated"),
        ("Halle 2 fasst 650 Paletten", "Halle 2 fasst 400 Paletten"),
        ("Approvals are filed by the registry, and refusals need the signature of the chair",
         "Refusals are filed by the registry, and approvals need the signature of the chair"),
        ("Der Bote zahlt die Maut, der Empfänger zahlt den Zoll",
         "Der Empfänger zahlt die Maut, der Bote zahlt den Zoll"),
    ],
)  # fmt: skip
def test_each_clause_keeps_to_one_part_of_its_source(true: str, false: str) -> None:
    assert check(f"{true} [1].", SIDES).verdict is Verdict.SUPPORTED
    assert check(f"{false} [1].", SIDES).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Rule K-7 replaced rule K-4 in 2020", "Rule K-4 replaced rule K-7 in 2020"),
        ("Rule K-4 was replaced by rule K-7 in 2020", "Rule K-7 was replaced by rule K-4 in 2020"),
        ("The council advises the panel", "The panel advises the council"),
        ("Die Vorschrift 3 hebt die Vorschrift 5 auf", "Die Vorschrift 5 hebt die Vorschrift 3 auf"),
        ("Das Lager in Bonn beliefert das Lager in Ulm", "Das Lager in Ulm beliefert das Lager in Bonn"),
    ],
)
def test_who_does_it_and_to_whom_is_told_in_either_voice(true: str, false: str) -> None:
    assert check(f"{true} [1].", SIDES).verdict is Verdict.SUPPORTED
    result = check(f"{false} [1].", SIDES)
    assert (result.verdict, result.reason[:30]) == (Verdict.UNSUPPORTED, "the source says the reverse: w")


def test_a_verb_that_the_source_has_in_several_clauses_may_be_said_as_in_one_of_them() -> None:
    told = "3.2 If the dealer hears of a fault, the dealer reports the fault to the maker, and the maker reports it on."
    source = read(evidence(1, told, "Faults"))
    true = "The dealer reports the fault to the maker if the dealer hears of a fault [1]."
    assert check(true, [source]).verdict is Verdict.SUPPORTED
    assert check("The maker reports the fault to the dealer [1].", [source]).verdict is Verdict.UNSUPPORTED


def test_as_many_figures_as_columns_are_paired_in_order() -> None:
    assert check("Sales were 410 in Q1 and 435 in Q2 [2].", SIDES).verdict is Verdict.SUPPORTED
    assert check("Sales were 435 in Q1 and 410 in Q2 [2].", SIDES).reason == "the source says this of “Q2”, not of “Q1”"


def test_what_stands_before_or_behind_a_subject_to_limit_it_may_not_be_left_out() -> None:
    assert (
        check("The minutes are published online after a week [1].", SIDES).reason
        == "the source says “Unless a member objects”"
    )
    assert check("Work is paid double [1].", SIDES).reason == "the source says this of “Work on holidays” only"


def test_a_letter_behind_a_word_is_part_of_a_name() -> None:
    assert check("Goods of grade B are sold [1].", SIDES).verdict is Verdict.SUPPORTED
    assert (
        check("Goods of grade C are sold [1].", SIDES).reason == "the source says “grade B”, the answer says “grade C”"
    )


def test_a_word_that_only_another_statement_has_is_no_part_of_this_one() -> None:
    assert check("Guests sign the book [1].", SIDES).verdict is Verdict.SUPPORTED
    assert check("Guests sign the book in a green vest [1].", SIDES).verdict is not Verdict.SUPPORTED
    both = check("Guests sign the book, and drivers wear a green vest [1].", SIDES)
    assert (both.verdict, len(both.support)) == (Verdict.SUPPORTED, 2)
    assert check("Guests sign the book and wear a green vest [1].", SIDES).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("source", "sentence", "reason"),
    [
        (
            "Revenue is driven by the volume of licenses sold during the period.",
            "Additionally, the increase in revenue is driven by the volume of licenses sold during the period [1].",
            "the source does not say this of “increase in revenue”",
        ),
        (
            "Die Haftung ist auf 5.000 Euro begrenzt.",
            "Der Anteil der Haftung ist auf 5.000 Euro begrenzt [1].",
            "the source does not say this of “Anteil der Haftung”",
        ),
        ("The notice period is three months.", "The length of the notice period is three months [1].", ""),
        (
            "Read this for a multi-lingual social networking site with a translation feature.",
            "Yes, there is a social translation website somewhere [1].",
            "the source does not say “social translation”",
        ),
        (
            "Read this for a multi-lingual social networking site with a translation feature.",
            "There is a social networking site with a translation feature [1].",
            "",
        ),
    ],
)
def test_what_exists_and_what_is_spoken_of_is_what_the_source_says(source: str, sentence: str, reason: str) -> None:
    assert check(sentence, [read(evidence(1, source))]).reason == reason


def test_a_year_is_compared_with_a_year_alone() -> None:
    source = read(evidence(1, "The impairment charge for goodwill was $10 million and large."))
    said = check("The impairment charge for goodwill in 2011 was large [1].", [source])
    assert said.reason == "2011 does not occur in the source"
