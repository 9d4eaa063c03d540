"""A question is text of a length that can be asked, and is said to be in another language only where that is plain."""

import pytest

from assistant.errors import UsageError
from assistant.question import other_language, valid

ENGLISH = {"en": 9, "": 2}


@pytest.mark.parametrize("question", ["", "  \n", "a\0b", "x" * 4_001])
def test_what_cannot_be_asked_is_refused(question: str) -> None:
    with pytest.raises(UsageError):
        valid(question)


@pytest.mark.parametrize(
    "question",
    ["Wie viele Tage Urlaub habe ich im dritten Jahr?", "Wer genehmigt meine Dienstreise in die USA und wann?"],
)
def test_a_german_question_over_english_documents_is_said_to_be_one(question: str) -> None:
    assert other_language(question, ENGLISH) == (
        "The question is in German, the documents are in English: ask in English.",
    )


@pytest.mark.parametrize(
    ("question", "files"),
    [
        ("How many days of leave do I have?", ENGLISH),
        ("Urlaub drittes Jahr", ENGLISH),  # no word that tells
        ("Was ist the notice period?", ENGLISH),  # words of both
        ("Wie viele Tage Urlaub habe ich?", {"en": 9, "de": 1}),
        ("Wie viele Tage Urlaub habe ich?", {"en": 2, "": 9}),  # most of them may be in any
        ("Wie viele Tage Urlaub habe ich?", {}),
    ],
)
def test_nothing_is_said_where_it_is_not_plain(question: str, files: dict[str, int]) -> None:
    assert other_language(question, files) == ()
