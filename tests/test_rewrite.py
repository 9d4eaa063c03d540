"""A rewritten question is searched beside the one that was typed, is shown, and is never needed."""

from dataclasses import replace

import pytest

from assistant import library
from assistant.answering.rewrite import rewritten
from assistant.config import Config
from assistant.errors import ServerAbsent
from assistant.types import Filter
from tests.company import Company
from tests.scripted import ScriptedModel


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("How many days of annual leave are granted?", "How many days of annual leave are granted?"),
        ("\n**“How many days of leave are granted?”**\nThis is clearer.", "How many days of leave are granted?"),
        ("Question:  How  many days?", "How many days?"),
        ("time off?", ""),  # nothing new
        ("\n\n", ""),
    ],
)  # fmt: skip
def test_one_line_is_taken_of_what_a_model_writes(written: str, expected: str) -> None:
    assert rewritten("Time off?", ScriptedModel().enqueue([written])) == expected


def test_however_much_it_writes_little_is_searched_for() -> None:
    model = ScriptedModel().enqueue(["leave " * 1_000])
    assert len(rewritten("Time off?", model)) <= 300
    assert model.limits == [60]


def test_both_wordings_are_searched_with_the_same_right(company: Company) -> None:
    with library.open(company.config.index) as index:
        found = index._searcher.search("printers?", 3, Filter(), "How many days of annual leave do I get?")
    assert {"it/printers.txt", "hr/leave-2026.md"} <= {hit.path for hit in found.hits}
    assert found.parts == ()


def test_a_rewritten_question_is_shown(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    model = (
        ScriptedModel().enqueue(["Where is the toner of the printer?"]).enqueue([ServerAbsent("it went.", "Start it.")])
    )
    monkeypatch.setattr("assistant.answering.ask.choose", lambda _: (model, ()))
    with library.Index(replace(company.config, rewrite=True, log=False)) as index:
        answer = index.ask("Toner?")
    assert answer.notices[0] == "Searched for as well: “Where is the toner of the printer?”"
    assert answer.citations[0].path == "it/printers.txt"


def test_without_a_server_the_question_is_searched_as_it_is(company: Company) -> None:
    config = Config(index=company.config.index, host="http://127.0.0.1:9", log=False)
    with library.Index(config) as index:
        expected = index.ask("Where is the toner of the printer?")
    with library.Index(replace(config, rewrite=True)) as index:
        answer = index.ask("Where is the toner of the printer?")
    assert (answer.status, answer.text) == (expected.status, expected.text)
    with library.Index(replace(config, rewrite=True, model="absent:1b")) as index:
        assert index._rewritten("Toner?")[1][0].startswith("The question was not rewritten: ")
