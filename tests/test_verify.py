"""What `verify` promises: what passes stands in the source that is named; what does not is unsupported, in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.passages import read
from assistant.answering.verify import Checked, check, marked, unmarked
from assistant.types import Dated, Evidence, Verdict


def evidence(number: int, text: str, heading: str = "", path: str = "", title: str = "") -> Evidence:
    path = path or f"doc{number}.md"
    return Evidence(number, path, None, None, heading, text, 100, 100 + len(text), 0.9, title, date(2026, 2, 1),
                    Dated.DOCUMENT)  # fmt: skip


LEAVE = evidence(
    1,
    "In the first two years the entitlement is 25 working days. From the third year of service the entitlement is 28\n"
    "working days per calendar year. Parental leave is up to 30 days.",
    "Annual leave › Entitlement",
)
CARRY = evidence(
    2, "Up to five days may be carried over until 31 March of the following year. Carried days may not be paid out."
)
RATES = evidence(
    3,
    "| City | Hotel per night | Meals |\n|---|---|---|\n| Berlin | 140 EUR | 35 EUR |\n| Paris | 180 EUR | 40 EUR |\n\n"
    "Travel outside the EU is approved by the head of department.",
    "Hotels",
)
URLAUB = evidence(4, "Ab dem dritten Jahr beträgt der Urlaub 28 Arbeitstage. Resturlaub verfällt am 31. März 2026.")
PASSAGES = [read(item) for item in (LEAVE, CARRY, RATES, URLAUB)]


def checked(sentence: str) -> Checked:
    return check(sentence, PASSAGES)


def cited(result: Checked) -> list[int]:
    return [support.passage.evidence.number for support in result.support]


def quoted(result: Checked) -> list[str]:
    return [support.passage.evidence.text[support.start : support.end] for support in result.support]


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        ("From the third year you are entitled to 28 working days of annual leave per calendar year [1].", [1]),
        ("From year 3 the entitlement is twenty-eight working days. [1]", [1]),
        ("Up to five days can be carried over until 31 March [2].", [2]),
        ("Carried days may not be paid out [2].", [2]),
        ("A hotel in Berlin costs up to 140 euros per night [3].", [3]),
        ("Ab dem 3. Jahr beträgt der Urlaub 28 Arbeitstage [4].", [4]),
        ("From the third year the entitlement is 28 days, and up to five days may be carried over [1][2].", [1, 2]),
    ],
)
def test_a_sentence_that_its_source_holds_is_supported(sentence: str, sources: list[int]) -> None:
    result = checked(sentence)
    assert (result.reason, cited(result)) == ("", sources)
    assert "[" not in result.text


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("In the third year the entitlement is 30 working days [1].", "the source says 28, the answer says 30"),
        ("Der Urlaub beträgt 30 Arbeitstage ab dem dritten Jahr [4].", "the source says 28, the answer says 30"),
        ("Up to 77 days may be carried over until 31 March [2].", "the source says five, the answer says 77"),
        ("The entitlement in the third year of service is 28 working days and 9 working hours [1].",
         "9 does not occur in the source"),
        ("A hotel in Berlin costs 180 EUR per night [3].", "the source does not say 180 of this"),
        ("Carried days may be paid out [2].", "the source says “not”"),
        ("Parental leave may not be up to 30 days [1].", "the source does not say “not”"),
        ("Travel within the EU is approved by the head of department [3].", "the source says “outside”"),
        ("Travel outside the EU is approved by Anna Schmidt [3].", "the source does not say this of “Anna”"),
        ("Travel outside the EU is approved by the head of department Anna [3].",
         "the source does not say this of “Anna”"),
        ("Managers have a notice period of six months [1].", "the source does not say this"),
        ("Managers have a notice period of six months.", "no source named"),
        ("Managers have a notice period of six months [9].", "it names a source that was not given"),
        ("How many days may be carried over [2]?", "it asks instead of answering"),
        ("The answer is: 30.", "it says too little to be checked"),
        ("The answer is 30 days [1].", "it says too little to be checked"),
        ("Yes [1].", "it says too little to be checked"),
        ("The head of department in Berlin approves travel outside the EU [3].",
         "the source does not say this of “Berlin”"),
        ("Parental leave is up to five days, and the entitlement may be carried over until March [1][2].",
         "the source does not say this"),
    ],
)  # fmt: skip
def test_a_sentence_that_its_source_does_not_hold_is_unsupported_and_said_why(sentence: str, reason: str) -> None:
    assert checked(sentence).reason == reason


def test_a_mark_is_added_where_the_support_is_clear_and_moved_where_it_is_wrong() -> None:
    assert cited(checked("Up to five days may be carried over until 31 March of the following year.")) == [2]
    assert cited(checked("Up to five days may be carried over until 31 March of the following year [1].")) == [2]


def test_an_unknown_mark_is_removed_and_the_known_one_kept() -> None:
    result = checked("Resturlaub verfällt am 31. März [4][9].")
    assert (result.text, cited(result), result.reason) == ("Resturlaub verfällt am 31. März.", [4], "")


def test_the_quote_of_a_table_is_the_row() -> None:
    assert quoted(checked("A hotel in Paris costs 180 EUR per night [3].")) == ["| Paris | 180 EUR | 40 EUR |"]


def test_a_wrong_figure_comes_with_the_sentence_to_compare_it_with() -> None:
    (quote,) = quoted(checked("In the third year the entitlement is 30 working days [1]."))
    assert quote.startswith("From the third year of service the entitlement is 28")


def test_the_year_of_a_heading_supports_a_sentence() -> None:
    passage = read(evidence(1, "Revenue was 12 million euros.", "Annual report 2024"))
    assert check("Revenue in 2024 was 12 million euros [1].", [passage]).reason == ""
    assert check("Revenue in 2023 was 12 million euros [1].", [passage]).reason != ""


def test_marks_are_read_in_every_form_and_leave_no_space() -> None:
    assert marked("a [1] b [2, 3] c [5-7].") == {1, 2, 3, 5, 6, 7}
    assert unmarked("So it is [1], and more [2][3].") == "So it is, and more."
    assert unmarked("So it is. [1]") == "So it is."
    assert unmarked("The answer is: Leave is 28 days [1].") == "Leave is 28 days."
    assert unmarked("Answer: 28") == "Answer: 28"


def test_without_passages_nothing_is_supported() -> None:
    assert check("The entitlement is 28 working days [1].", []).reason == "it names a source that was not given"


@given(st.text(max_size=120))
def test_support_is_always_a_stretch_of_what_was_given(sentence: str) -> None:
    result = checked(sentence)
    assert bool(result.reason) or bool(result.support)
    for support in result.support:
        assert support.passage in PASSAGES
        assert support.passage.evidence.text[support.start : support.end].strip()


@given(st.integers(31, 999))
def test_no_planted_number_passes(number: int) -> None:
    assert checked(f"From the third year of service the entitlement is {number} working days [1].").reason


def test_who_does_it_must_be_who_the_source_names() -> None:
    source = "Journeys within the European Union and Great Britain are approved by the team lead."
    passages = [read(evidence(1, source))]
    assert not check("Journeys within the European Union are approved by the team lead [1].", passages).reason
    assert check("The company is approved by the European Union and Great Britain [1].", passages).reason
    assert check("Journeys within Great Britain are approved by the European Union [1].", passages).reason


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("From the third year of service the entitlement is 28 working days per calendar week [1].",
         "the source says “per calendar year”"),
        ("From the third year of service the entitlement is 28 calendar days per working year [1].",
         "the source says 28 working days"),
        ("From the third year of service employees lose the entitlement of 28 working days [1].",
         "the source does not say “lose”"),
        ("The entitlement is 28 years of service from the third working day [1].", "the source says 28 working days"),
        ("From the third month of service the entitlement is 28 working days per calendar year [1].",
         "the source says third year"),
        ("The entitlement is 28 working days per calendar year only after the third year of service [1].",
         "the source does not say “only”"),
        ("From the third year the entitlement is 28 working days a month [1].", "the source says “per calendar year”"),
        ("From the third year of service the entitlement is 28 working hours per calendar year [1].",
         "the source says 28 working days"),
        ("The hotel in Berlin is 140 dollars per night [3].", "the source says 140 EUR"),
        ("The hotel in Berlin is 140 EUR per week [3].", "the source says “per night”"),
        ("Ab dem dritten Monat beträgt der Urlaub 28 Arbeitstage [4].", "the source says dritten Jahr"),
        ("Ab dem dritten Jahr beträgt der Urlaub 28 Kalendertage [4].", "the source says 28 Arbeitstage"),
        ("Ab dem dritten Jahr beträgt der Urlaub 28 Arbeitstage pro Monat [4].",
         "the source does not say “pro Monat”"),
        ("Nur ab dem dritten Jahr beträgt der Urlaub 28 Arbeitstage [4].", "the source does not say “nur”"),
        ("Ab dem dritten Jahr beträgt der Urlaub mindestens 28 Arbeitstage [4].",
         "the source does not say “mindestens”"),
        ("From the third year of service the entitlement is up to 28 working days [1].",
         "the source does not say “up to”"),
        ("The hotel in Berlin is €140 a week [3].", "the source says “per night”"),
        ("Travel outside the EU is rejected by the head of department [3].",
         "the source says “approved”, the answer says “rejected”"),
    ],
)  # fmt: skip
def test_the_source_s_words_in_another_sense_are_unsupported(sentence: str, reason: str) -> None:
    assert checked(sentence).reason == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "From the third year of service the entitlement is 28 working days each year [1].",
        "The entitlement is 28 working days a year from the third year of service [1].",
        "From the 3rd year of service there is an entitlement of 28 days per year [1].",
        "A hotel in Berlin costs €140 a night [3].",
        "Ab Jahr 3 beträgt der Urlaub 28 Tage [4].",
        "Der Urlaub beträgt ab dem dritten Jahr achtundzwanzig Arbeitstage [4].",
        "At most five days may be carried over until 31 March [2].",
    ],
)
def test_the_same_measure_in_other_words_is_supported(sentence: str) -> None:
    assert checked(sentence).reason == ""


def test_where_a_link_leads_to_says_nothing_of_its_sentence() -> None:
    page = evidence(1, "* [To update the handbook](https://guides.example.com/for/staff/members), open a request.")
    claim = "The handbook is updated by staff members [1]."
    assert check(claim, [read(page)]).verdict is Verdict.UNSUPPORTED


def test_a_time_at_the_beginning_for_which_alone_the_source_says_it_is_kept() -> None:
    page = read(evidence(1, "During the trial period the notice period is two weeks to any day."))
    assert check("The notice period is two weeks to any day [1].", [page]).verdict is Verdict.UNSUPPORTED
    assert check("In the trial period the notice period is two weeks [1].", [page]).verdict is Verdict.SUPPORTED


def test_how_often_something_is_must_be_said_by_the_source() -> None:
    page = read(evidence(1, "The stock is counted and the list is updated by the clerk."))
    assert check("The list is regularly updated by the clerk [1].", [page]).verdict is Verdict.UNSUPPORTED
    page = read(evidence(1, "Every month the stock is counted and the list is updated by the clerk."))
    assert check("The list is regularly updated by the clerk [1].", [page]).verdict is Verdict.SUPPORTED
