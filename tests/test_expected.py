"""What a question asks for, read from its first words."""

import pytest

from assistant.language.expected import expected


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("How many days of leave do I get?", "You have 28 working days a year.", "In 2026 three rules changed."),
        ("How long is the probation period?", "It lasts six months.", "It may be shortened in 2026."),
        ("How fast is a stolen laptop wiped?", "within 30 minutes", "by the service desk, extension 3333"),
        ("By what date must I apply?", "until 31 March", "with form 4"),
        ("When is the canteen open?", "from 11:30", "on the second floor"),
        ("How much does a room cost?", "up to 140 euros", "two rooms at most"),
        ("How cold may it be?", "down to -20 °C", "at most 20 percent"),
        ("How often are backups made?", "every night", "by the operators"),
        ("How long must a password be?", "at least 14 characters", "every ninety days"),
        ("How long may the server be down?", "four hours", "14 characters"),
        ("Who approves travel?", "the head of department", "before the journey"),
        ("Wer genehmigt Reisen?", "die Leitung der Abteilung", "vor der Reise"),
        ("Wie lange ist die Probezeit?", "sechs Monate", "nach Absprache"),
        ("Wann kommt das Gehalt?", "am 25. März", "mit der Post"),
    ],
)
def test_an_answer_of_the_kind_asked_for_is_told_from_another(question: str, answer: str, other: str) -> None:
    pattern = expected(question)
    assert pattern is not None
    assert pattern.search(answer)
    assert not pattern.search(other)


@pytest.mark.parametrize("question", ["Why is travel approved?", "Is smoking allowed?", "", "Warum ist das so?"])
def test_other_questions_expect_nothing_in_particular(question: str) -> None:
    assert expected(question) is None
