"""A question says whether it asks for an older version; what is merely old does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.asked import Asked, asked


@pytest.mark.parametrize(
    "question",
    [
        "What did the old policy say?",
        "What did the previous travel policy say?",
        "What did the old remote work policy say about days at home?",
        "What was the old rule for the annual bonus?",
        "Which pets were allowed previously?",
        "On which days were dogs previously allowed?",
        "What was the former rule about dogs?",
        "What was the old price of lunch?",
        "What was the previous price of a lunch in the office?",
        "How often were laptops replaced under the superseded policy?",
        "What did lunch use to cost?",
        "Dogs used to be allowed; on which days?",
        "How much did we pay before?",
        "What was the limit back then?",
        "Was a chair provided in the past?",
        "What does the older version say about chairs?",
        "How much leave did we formerly have?",
        "Was galt früher?",
        "Wie viele Tage waren es nach der alten Fassung?",
        "Wie viel wurde nach der alten Reiserichtlinie erstattet?",
        "Wie lange wurden Belege früher aufbewahrt?",
        "Was war der alte Preis des Mittagessens?",
        "Was stand in der abgelösten Richtlinie?",
        "Was galt damals für Hunde?",
        "Was sagt die bisherige Arbeitszeitordnung?",
        "Was stand in der vorherigen Fassung der Reiserichtlinie?",
    ],
)
def test_a_question_about_what_does_not_hold_any_more_is_about_the_past(question: str) -> None:
    assert asked(question).past


@pytest.mark.parametrize(
    "question",
    [
        "How old must contracts be to be shredded?",
        "How old must I be?",
        "How do I change my address?",
        "What is the VPN used to reach?",
        "Which training is used to keep skills fresh?",
        "What is the difference between sick leave and care leave?",
        "Which rules apply since 2025?",
        "When is the previous month's invoice paid?",
        "Where is the report of the previous quarter?",
        "Which company was formerly known as Brennhus?",
        "Can I return my old laptop under the policy?",
        "How long are old contracts kept?",
        "Must invoices from before 2020 be kept?",
        "What holds for contracts that were signed before 2020?",
        "Which policy covers children under 12 years old?",
        "May my former employer's contract be continued?",
        "How long before the trip must I apply?",
        "What must be done before 2027?",
        "Do I need prior approval?",
        "Who may use a previously used laptop?",
        "What was decided about parking?",
        "Was gilt für Verträge, die vor 2020 geschlossen wurden?",
        "Kann ich früher gehen?",
        "Wie alt ist der Vertrag?",
        "Wie alt muss ich sein?",
        "Was muss vorher erledigt werden?",
        "Was passiert mit alten Geräten nach der Richtlinie?",
        "Wann wird die Rechnung des vorigen Monats bezahlt?",
        "Wer bisher kein Telefon hatte, was bekommt er?",
    ],
)
def test_a_question_about_what_holds_now_is_not_about_the_past(question: str) -> None:
    of = asked(question)
    assert (of.past, of.compares, of.until) == (False, False, None)


@pytest.mark.parametrize(
    ("question", "version"),
    [
        ("Was a chair provided under policy v1?", (1,)),
        ("What did version 1 of the remote work policy allow?", (1,)),
        ("What does a guest pay in version 2 of the canteen policy?", (2,)),
        ("What does V2.1 say?", (2, 1)),
        ("What does the first version say?", (1,)),
        ("What does version two say?", (2,)),
        ("Was sagt Fassung 1.0?", (1,)),
        ("Was steht in der zweiten Auflage?", (2,)),
    ],
)
def test_a_version_is_a_number_or_a_word(question: str, version: tuple[int, ...]) -> None:
    assert asked(question).versions == (version,)


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("How high was the bonus before 2025?", 2024),
        ("Which notice period applied before 1 July 2025?", 2024),
        ("How high was it until 2024?", 2024),
        ("Was kostete das Mittagessen vor 2025?", 2024),
        ("Wie hoch war der Satz bis Ende 2024?", 2024),
    ],
)
def test_a_question_about_the_time_before_a_year_does_not_ask_for_that_year(question: str, year: int) -> None:
    of = asked(question)
    assert (of.until, of.years) == (year, frozenset())


@pytest.mark.parametrize("question", ["What changed since 2024?", "Was hat sich bei den Hunden geändert?"])
def test_a_question_about_changes_asks_for_old_and_new(question: str) -> None:
    assert asked(question).compares


@given(st.text(max_size=300))
def test_any_question_can_be_read(question: str) -> None:
    assert isinstance(asked(question), Asked)
