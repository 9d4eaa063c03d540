"""What the checks promise: a sentence may say less than its source, in other words, but nothing else."""

from decimal import Decimal

import pytest

from assistant.answering.checks.arithmetic import sums
from assistant.answering.passages import read
from assistant.answering.verify import Checked, check
from assistant.types import Verdict
from tests.test_verify import evidence

RULES = """Employees may work from home on up to three days a week. Managers may work from home only with the approval
of the board. Smoking is not allowed in the building, unless the fire officer has given written approval. Overtime is
paid at 125 % of the hourly rate. The landlord pays the property tax; the tenant pays the heating costs. Invoices must
be paid within 30 days. In 2024 the office had 12 desks in Berlin and 15 desks in Munich. Revenue rose from 40 million
euros in 2023 to 50 million euros in 2024. Anna Weber leads the sales team; Paul Kern leads purchasing."""
TABLES = """| Year | Revenue (EUR million) | Employees |
|---|---|---|
| 2022 | 31 | 210 |
| 2023 | 40 | 240 |
| 2024 | 50 | 260 |

| Grade | Laptop | Phone |
|---|---|---|
| Engineer | 1,800 EUR | 400 EUR |
| Manager | 1,200 EUR | 700 EUR |
"""
PRINTED = """Assets and liabilities 2024 2023
Cash and equivalents 9,120 8,040
Inventories 4,454 2,605
Long-term debt — — 11,300
Total current assets 31,902 28,775"""
REGELN = """Mitarbeitende dürfen an bis zu drei Tagen pro Woche zu Hause arbeiten. Überstunden werden nicht ausgezahlt,
sondern innerhalb von sechs Monaten ausgeglichen. Die Kündigungsfrist beträgt zwei Monate zum Quartalsende. Frau Kessler
leitet die Buchhaltung, Herr Brandt den Einkauf. Rechnungen über 5.000 Euro müssen von zwei Personen unterschrieben
werden."""
PASSAGES = [
    read(evidence(1, RULES, "Rules 2024")),
    read(evidence(2, TABLES, "Figures")),
    read(evidence(3, REGELN, "Regelungen")),
    read(evidence(4, PRINTED, "3. Balance sheet")),
]


def checked(sentence: str) -> Checked:
    return check(sentence, PASSAGES)


@pytest.mark.parametrize(
    "sentence",
    [
        "Employees can work from home up to 3 days per week [1].",
        "Managers need the approval of the board to work from home [1].",
        "Smoking is not allowed in the building without written approval from the fire officer [1].",
        "Overtime is paid at 125 percent of the hourly rate [1].",
        "The heating costs are paid by the tenant [1].",
        "The tenant pays the heating costs, and the landlord pays the property tax [1].",
        "Invoices have to be paid within thirty days [1].",
        "In 2024 the office had 15 desks in Munich and 12 desks in Berlin [1].",
        "Paul Kern leads purchasing [1].",
        "In 2023 revenue was 40 million EUR [2].",
        "In 2024 there were 260 employees [2].",
        "An engineer gets a laptop for 1,800 EUR [2].",
        "Inventories were 4,454 in 2024 [4].",
        "Total current assets were 28,775 in 2023 [4].",
        "Mitarbeitende dürfen drei Tage pro Woche zu Hause arbeiten [3].",
        "Überstunden werden nicht ausgezahlt [3].",
        "Frau Kessler leitet die Buchhaltung [3].",
        "Rechnungen über 5.000 € müssen von zwei Personen unterschrieben werden [3].",
    ],
)
def test_the_same_in_other_words_is_supported(sentence: str) -> None:
    assert checked(sentence).reason == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Managers may work from home on up to three days a week [1].",
         "the source says “Employees”, the answer says “Managers”"),
        ("Employees must work from home on three days a week [1].", "the source says “may”, the answer says “must”"),
        ("Employees may not work from home on up to three days a week [1].", "the source does not say “not”"),
        ("Managers may work from home [1].", "the source says “only with the approval of the”"),
        ("Smoking is allowed in the building [1].", "the source says “not”"),
        ("Smoking is not allowed in the building [1].", "the source says “unless the fire officer has given”"),
        ("The landlord pays the heating costs [1].", "the source says this of “tenant”"),
        ("Invoices may be paid within 30 days [1].", "the source says “must”, the answer says “may”"),
        ("In 2024 the office had 15 desks in Berlin [1].", "the source says “Munich”, the answer says “Berlin”"),
        ("Anna Weber leads purchasing [1].", "the source says this of “Paul Kern”"),
        ("Revenue declined from 40 million euros in 2023 to 50 million euros in 2024 [1].", "the source says “rose”"),
        ("The phone of an engineer costs 700 EUR [2].", "the source does not say 700 of this"),
        ("The laptop of a manager costs 700 EUR [2].", "the source says this of “Phone”, not of “Laptop”"),
        ("In 2023 there were 260 employees [2].", "the source does not say 260 of this"),
        ("Inventories were 9,120 in 2024 [4].", "the source does not say 9,120 of this"),
        ("Inventories were 2,605 in 2024 [4].", "the source says this of “2023”, not of “2024”"),
        ("Überstunden werden ausgezahlt [3].", "the source says “nicht”"),
        ("Mitarbeitende müssen an drei Tagen pro Woche zu Hause arbeiten [3].",
         "the source says “dürfen”, the answer says “müssen”"),
        ("Frau Kessler leitet den Einkauf [3].", "the source says this of “Herr Brandt”"),
        ("Herr Brandt leitet die Buchhaltung [3].",
         "the source says this of “Frau Kessler”"),
        ("Rechnungen unter 5.000 Euro müssen von zwei Personen unterschrieben werden [3].", "the source says “über”"),
    ],
)  # fmt: skip
def test_what_the_source_says_otherwise_is_told(sentence: str, reason: str) -> None:
    assert (checked(sentence).verdict, checked(sentence).reason) == (Verdict.UNSUPPORTED, reason)


@pytest.mark.parametrize(
    "sentence",
    [
        "In 2024 the office had 15 desks in Berlin and 12 desks in Munich [1].",
        "Revenue rose from 50 million euros in 2023 to 40 million euros in 2024 [1].",
        "In 2023 revenue was 50 million EUR [2].",
        "Invoices must be paid within 30 weeks [1].",
        "Overtime is paid at 125 EUR of the hourly rate [1].",
        "Inventories were 3 in 2024 [4].",
    ],
)
def test_the_same_words_and_figures_paired_anew_are_unsupported(sentence: str) -> None:
    assert checked(sentence).verdict is Verdict.UNSUPPORTED


def test_a_part_that_no_source_says_is_named_and_the_rest_keeps_its_source() -> None:
    result = checked("Invoices must be paid within 30 days, and reminders are sent by the accounting department [1].")
    assert result.verdict is Verdict.PARTLY
    assert result.reason == "the source does not mention “reminders”, “sent” or “accounting”"
    assert [one.passage.evidence.text[one.start : one.end] for one in result.support] == [
        "Invoices must\nbe paid within 30 days."
    ]


def test_a_part_that_contradicts_its_source_is_not_partly_right() -> None:
    wrong = "Invoices must be paid within 60 days, and overtime is paid at 125 % of the hourly rate [1]."
    assert checked(wrong).verdict is Verdict.UNSUPPORTED


def test_every_check_is_told_in_order_and_the_last_one_is_what_failed() -> None:
    findings = checked("Invoices may be paid within 30 days [1].").findings
    assert [one.check for one in findings[:2]] == ["words", "figures"]
    assert [one.passed for one in findings] == [True] * (len(findings) - 1) + [False]
    assert findings[-1].detail == "the source says “must”, the answer says “may”"


def test_the_score_is_high_for_a_copy_and_low_for_what_a_check_objects_to() -> None:
    true, false = (
        checked(f"Invoices {verb} be paid within 30 days [1].").score for verb in ("must", "may")
    )  # fmt: skip
    assert true is not None
    assert false is not None
    assert 0 <= false < 0.5 < true <= 1


@pytest.mark.parametrize(
    "sentence",
    [
        "In 2024 the office had 12 + 15 = 27 desks in Berlin and Munich [1].",
        "12 desks + 15 desks = 27 desks in the office [1].",
        "Revenue rose from 40 to 50 million euros, an increase of 25 % [1].",
        "Revenue rose from 40 million euros to 50 million euros, an increase of 10 million euros [1].",
    ],
)
def test_a_sum_that_is_stated_and_right_is_supported(sentence: str) -> None:
    assert checked(sentence).reason == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("In 2024 the office had 12 + 15 = 26 desks in Berlin and Munich [1].", "that makes 27, the answer says 26"),
        ("12 desks + 14 desks = 26 desks in the office [1].", "14 does not occur in the source"),
        ("Revenue rose from 40 million euros to 50 million euros, an increase of 20 % [1].",
         "that makes 25 %, the answer says 20 %"),
        ("In 2024 the office had 27 desks in Berlin and Munich [1].", "27 does not occur in the source"),
    ],
)  # fmt: skip
def test_a_wrong_sum_is_told_with_the_right_one_and_an_unstated_one_is_no_support(sentence: str, reason: str) -> None:
    assert checked(sentence).reason == reason


@pytest.mark.parametrize(
    ("text", "right", "agrees"),
    [
        ("12 + 15 + 3 = 30", "30", True), ("2 + 3 × 4 = 14", "14", True), ("0.1 + 0.2 = 0.3", "0.3", True),
        ("the sum of 12 and 15 is 27", "27", True), ("the difference between 15 and 12 is 4", "3", False),
        ("100 geteilt durch 8 ist 12,5", "12.5", True), ("10 / 3 = 3.33", "3.33", True),
        ("10 / 3 = 3.34", "3.33", False),
        ("from 50 to 40, a decrease of 20 %", "20", True), ("von 40 auf 50, ein Anstieg von 25 %", "25", True),
        ("from 3 to 4, an increase of 33.3 %", "33.33", True), ("40 minus 12 is 28", "28", True),
    ],
)  # fmt: skip
def test_arithmetic_is_exact_and_rounds_only_what_does_not_end(text: str, right: str, agrees: bool) -> None:
    (found,) = sums(text)
    assert (round(found.right, 2).normalize(), found.agrees) == (Decimal(right).normalize(), agrees)


@pytest.mark.parametrize(
    "text", ["10-12 days", "on 3 and 5 May 2024", "between 3 and 5 are free", "1 / 0 = 5", "Rule 3 - 4"]
)
def test_figures_side_by_side_are_no_sum(text: str) -> None:
    assert sums(text) == ()


ROLES = """The carrier shall reimburse the shipper within 20 days. Olga Winter replaced Peter Sommer as treasurer in
May. Der Auftraggeber stellt einen Raum von 30 Quadratmetern."""
BOUND = """The guarantee lasts 36 months for engines and 18 months for tyres. Prices went up to 90 euros in June. The
loan is repaid by 30 June. Visitors with a day pass may use the pool. Invoices below 80 euros are paid at
once. Ab dem zweiten Semester beträgt die Gebühr 150 Euro. Bonuses are paid only after a positive review by
the supervisor. Guests may park in the yard if the porter was informed. Pets are banned unless the landlord
has consented in writing."""
STORED = "Letters are stored for 40 days. Parcels are returned after ten days."
WIDE = [read(evidence(number, text, "Terms")) for number, text in enumerate((ROLES, BOUND, STORED), 1)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The shipper shall reimburse the carrier within 20 days [1].",
        "Peter Sommer replaced Olga Winter as treasurer in May [1].",
        "Olga Winter was replaced by Peter Sommer as treasurer in May [1].",
        "Der Auftragnehmer stellt einen Raum von 30 Quadratmetern [1].",
        "The guarantee lasts 18 months for engines and 36 months for tyres [2].",
        "The guarantee lasts 36 months for tyres [2].",
        "Prices went up by 90 euros in June [2].",
        "The loan is repaid from 30 June [2].",
        "Visitors may use the pool [2].",
        "All visitors with a day pass may use the pool [2].",
        "Invoices are paid at once [2].",
        "Bis zum zweiten Semester beträgt die Gebühr 150 Euro [2].",
        "Bonuses are paid without a positive review by the supervisor [2].",
        "Guests may park in the yard [2].",
        "Pets are banned unless the mayor agreed in writing [2].",
        "Pets are banned if the landlord has consented in writing [2].",
        "Letters are returned after 40 days [3].",
        "Letters are stored for 40 working days [3].",
    ],
)
def test_a_changed_role_reach_or_condition_is_refused(sentence: str) -> None:
    assert check(sentence, WIDE).reason


@pytest.mark.parametrize(
    "sentence",
    [
        "The shipper shall be reimbursed by the carrier within 20 days [1].",
        "Peter Sommer was replaced by Olga Winter as treasurer in May [1].",
        "The guarantee lasts 18 months for tyres and 36 months for engines [2].",
        "For engines the guarantee lasts 36 months [2].",
        "The loan is repaid until 30 June [2].",
        "Visitors with a day pass can use the pool [2].",
        "Guests may park in the yard when the porter was informed [2].",
        "Die Gebühr beträgt ab dem zweiten Semester 150 Euro [2].",
    ],
)
def test_roles_reach_and_conditions_may_be_said_otherwise(sentence: str) -> None:
    assert check(sentence, WIDE).reason == ""


NOTES = """If the customer cancels within 14 days, the full price is refunded. Maria Keller was head of sales until 31
March 2024. Trainees get five additional days of leave. Medica GmbH supplies the gloves. The company anticipates
receiving a refund of 65 million euros. Reviewers must confirm that the budget is unlimited. In 2021 Paul Kern moved to
the Munich office. In the first test 394 samples failed, 54 failed in the second. All debts of our subsidiaries will be
senior to the notes. Each party may end this agreement with 30 days' notice. The milk is heated to 80 °C and then cooled
to 4 °C. The fee is 10 euros in Bonn and 12 euros in Berlin."""
NOTED = [read(evidence(1, NOTES, "Notes"))]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The full price is refunded [1].", "the source says “If the customer cancels within 14”"),
        ("Maria Keller is head of sales [1].", "the source says “was”"),
        ("Trainees get five days of leave [1].", "the source says “additional”"),
        ("Medical GmbH supplies the gloves [1].", "the source says “Medica”, the answer says “Medical”"),
        ("The company received a refund of 65 million euros [1].", "the source says “anticipates”"),
        ("The budget is unlimited [1].", "the source only has it said: “Reviewers must confirm that”"),
        ("In 2021 Paul Kern left the Munich office [1].", "the source says “moved”, the answer says “left”"),
        ("In the first test 54 samples failed [1].", "the source says 394, the answer says 54"),
        ("The notes will be senior to all debts of the subsidiaries [1].",
         "the source says the reverse: who “senior” whom"),
        ("Medica GmbH and Paul Kern [1].", "it is no whole sentence"),
        ("The fee falls from 10 euros in Bonn to 12 euros in Berlin [1].", "from 10 to 12 is no fall"),
    ],
)  # fmt: skip
def test_what_limits_a_statement_may_not_be_left_out(sentence: str, reason: str) -> None:
    assert check(sentence, NOTED).reason == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "If the customer cancels within 14 days, the full price is refunded [1].",
        "The full price is refunded if the customer cancels within 14 days [1].",
        "Maria Keller was head of sales until 31 March 2024 [1].",
        "Trainees get five extra days of leave [1].",
        "The company expects a refund of 65 million euros [1].",
        "The parties may end the agreement with 30 days' notice [1].",
        "The milk is first heated to 80 °C, then cooled to 4 °C [1].",
        "The difference between 10 and 12 is 2 [1].",
    ],
)
def test_what_keeps_the_limits_in_other_words_is_supported(sentence: str) -> None:
    assert check(sentence, NOTED).reason == ""


def test_a_rise_between_two_rows_cites_both() -> None:
    result = checked("Revenue rose from 31 in 2022 to 40 in 2023 [2].")
    assert result.reason == ""
    assert [one.passage.evidence.text[one.start : one.end] for one in result.support] == [
        "| 2022 | 31 | 210 |", "| 2023 | 40 | 240 |",
    ]  # fmt: skip
    assert checked("Revenue fell from 31 in 2022 to 40 in 2023 [2].").reason == "from 31 to 40 is no fall"


BARS = read(
    evidence(1, "- | 2016 | 2015\nfair value per share | $31.00 | $18.13\nlife in years | 4.5 | 4.6", "Options")
)
SPLIT = read(evidence(1, "Net sales 2023 2022\nServices 20,766 19,516 30,100 28,400", "Net sales"))


def test_a_column_is_told_by_bars_within_a_row_and_one_that_cannot_be_told_is_no_support() -> None:
    assert check("The fair value per share was $18.13 in 2015 [1].", [BARS]).reason == ""
    wrong = check("The fair value per share was $31.00 in 2015 [1].", [BARS])
    assert wrong.reason == "the source says this of “2016”, not of “2015”"
    unclear = check("Services were 20,766 in 2022 [1].", [SPLIT])
    assert unclear.reason == "the source does not tell which column this is"


def test_what_somebody_does_not_think_is_denied_and_what_only_the_heading_has_is_not_said() -> None:
    folder = read(
        evidence(1, "I do not think there is such a feature available in the drive.", "Search files in a folder")
    )
    assert check("This is a feature that is available in the drive [1].", [folder]).reason == "the source says “not”"
    assert check("It allows you to search for files within a folder [1].", [folder]).verdict is Verdict.UNSUPPORTED
    announced = check("The features that are available in the drive are: [1]", [folder])
    assert announced.reason == "it announces something and does not say it"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("The new pump is louder at night than the old one", "The old pump is louder at night than the new one"),
        ("In Berlin a visit takes longer than in Munich", "In Munich a visit takes longer than in Berlin"),
        (
            "The fee was significantly lower with a two-year contract than with a one-year contract",
            "The fee was significantly lower with a one-year contract than with a two-year contract",
        ),
        ("Im Sommer ist der Verbrauch höher als im Winter", "Im Winter ist der Verbrauch höher als im Sommer"),
    ],
)
def test_the_sides_of_a_comparison_may_not_change_places(true: str, false: str) -> None:
    told = (
        "The new pump is louder at night than the old one. In Berlin a visit takes longer than in Munich. "
        "A two-year contract had a significantly lower fee compared with a one-year contract. Im Sommer ist der "
        "Verbrauch höher als im Winter."
    )
    compared = read(evidence(1, told, "Comparisons"))
    assert check(f"{true} [1].", [compared]).verdict is Verdict.SUPPORTED
    found = check(f"{false} [1].", [compared])
    assert (found.verdict, found.reason) == (Verdict.UNSUPPORTED, "the source compares them the other way round")
