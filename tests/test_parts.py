"""Two questions in one, and comparisons, are searched part by part, and no part takes the place of another."""

import pytest
from hypothesis import given

from assistant import library
from assistant.retrieval.answerable import probability
from assistant.retrieval.parts import fairly, parts, spoken_of
from assistant.types import Hit
from tests.company import Company
from tests.texts import wild


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "How long is the notice period, and who signs the letter of resignation?",
            ("How long is the notice period", "who signs the letter of resignation?"),
        ),
        (
            "In the lease between Alba and Bora, who pays for repairs, and in which month is the rent due?",
            (
                "In the lease between Alba and Bora, who pays for repairs",
                "In the lease between Alba and Bora, in which month is the rent due?",
            ),
        ),
        (
            "What is the price of a probe? Do I need to order cables?",
            ("What is the price of a probe?", "Do I need to order cables?"),
        ),
        (
            "Wie lange ist die Probezeit und wer entscheidet über die Verlängerung?",
            ("Wie lange ist die Probezeit", "wer entscheidet über die Verlängerung?"),
        ),
        (
            "How did net sales change from 2021 to 2022?",
            ("How did net sales change in 2021?", "How did net sales change in 2022?"),
        ),
        (
            "What were the costs in 2013, 2014, and 2015?",
            ("What were the costs in 2013?", "What were the costs in 2014?", "What were the costs in 2015?"),
        ),
        (
            "What is the difference between a transfer and a promotion?",
            ("What is the difference between a transfer?", "What is the difference between a promotion?"),
        ),
        (
            "How much did Alba spend in 2023, and which forms does a new visitor have to fill in?",
            ("How much did Alba spend in 2023", "which forms does a new visitor have to fill in?"),
        ),
        (
            "What is the hotel limit in Norway compared to Denmark?",
            ("What is the hotel limit in Norway?", "What is the hotel limit in Denmark?"),
        ),
    ],
)
def test_a_question_of_several_is_taken_apart(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    ("question", "second", "as_said"),
    [
        (
            "How long are copies kept and who may restore them?",
            "who may restore copies kept?",
            "who may restore them?",
        ),
        (
            "What was the notice period in 2022 and what is it in 2025?",
            "what is notice period in 2025?",
            "what is it in 2025?",
        ),
        ("Wie lange gilt die Probezeit und wer darf sie verlängern?", "wer darf gilt Probezeit verlängern?",
         "wer darf sie verlängern?"),
        ("In the lease of Alba, what is the rent, and when is it due?", "when is rent due?", "when is it due?"),
    ],
)  # fmt: skip
def test_a_question_that_speaks_of_the_one_before_it_is_asked_of_the_same(
    question: str, second: str, as_said: str
) -> None:
    assert parts(question) == ()
    found = spoken_of(question)
    assert found is not None
    assert found[1:] == (second, as_said)


@pytest.mark.parametrize(
    "question",
    [
        "How long is the notice period?",
        "Who approves travel and who pays for hotels?",
        "Who signs and dates the letter?",
        "Who approves travel, and who does it when she is away?",
    ],
)
def test_what_is_one_question_or_two_that_stand_for_themselves_speaks_of_nothing_before(question: str) -> None:
    assert spoken_of(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "Who pays for lunch and dinner?",
        "On what date, or upon what event, does the agreement become effective?",
        "What is the tax rate, and how does it compare to earlier quarters?",
        "How much was spent on research, and what was the focus of this?",
        "Can I work from Spain, and for how long?",
        "How does our travel budget in this quarter compare to previous quarters?",
        "What drove the change in sick days compared to the last three years?",
        "How do the costs of a probe compare with those of the cables?",
        "How much did Alba spend on research in 2023, and what were the key areas of focus?",
        "Is breakfast paid when I travel and when I stay at home?",
        "I only joined last month. How much paid vacation do I have?",
        "How many people worked in Leeds at the end of 2024?",
        "The term runs from 2024 to 2024.",
        "",
    ],
)
def test_one_question_stays_whole(question: str) -> None:
    assert parts(question) == ()


@given(wild)
def test_no_text_breaks_it_and_a_part_is_no_empty_text(text: str) -> None:
    found = parts(text)
    assert len(found) != 1
    assert all(part.strip() for part in found)


def hit(id_: int, score: float) -> Hit:
    return Hit("a.md", None, None, "", "text", 0, 4, score, id_, "Title")


def test_the_best_of_each_part_comes_first_and_each_passage_counts_where_it_stands_best() -> None:
    whole, first, second = [hit(1, 0.8), hit(2, 0.4)], [hit(2, 0.5), hit(1, 0.1)], [hit(3, 0.2), hit(4, 0.1)]
    ranked = sorted(fairly([whole, first, second]), key=lambda one: -one.score)
    assert [one.chunk_id for one in ranked] == [1, 2, 3, 4]
    assert ranked[0].score == 0.8
    assert ranked[2].score > 0.79
    assert fairly([whole]) == whole
    assert fairly([[], []]) == []


def test_two_questions_in_one_find_what_each_asks_for(company: Company) -> None:
    question = "How many days of annual leave do I get in my third year, and where is the toner of the printer?"
    with library.open(company.config.index) as index:
        found = index.find(question, 3)
    assert len(found.parts) == 2
    assert {"hr/leave-2026.md", "it/printers.txt"} <= {one.path for one in found.hits}


def test_what_each_part_found_is_known_without_another_search(company: Company) -> None:
    question = "How many days of annual leave do I get in my third year, and where is the toner of the printer?"
    with library.open(company.config.index) as index:
        found = index.find(question, 5)
        alone = [index.find(text, 5) for text in parts(question)]
    told = index.asked(found)  # the index is closed
    assert [one.text for one in told] == list(parts(question))
    assert [one.likely for one in told] == [probability(one) for one in alone]
    assert [part.hits for part in found.parts] == [one.hits for one in alone]
