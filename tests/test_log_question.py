"""What a question leaves in the log: all that its answer was made from, and nothing where nothing is to be left."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant import library
from assistant.answering.record import as_json
from assistant.config import Config
from assistant.errors import ModelUnavailable, StreamBroken
from assistant.log.entry import Entry
from assistant.log.replay import replay
from assistant.log.store import Log
from assistant.log.verify import verify
from assistant.storage.catalog import Catalog
from assistant.types import Filter, Kind, Status
from tests.company import QUESTIONS, Company
from tests.scripted import ScriptedModel

TONER, LEAVE = QUESTIONS[3], QUESTIONS[0]
SAID = "Its toner lies in the cupboard [1]."


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    scripted = ScriptedModel()
    monkeypatch.setattr("assistant.answering.ask.choose", lambda _: (scripted, ()))
    return scripted


def entries(config: Config) -> list[Entry]:
    return Log(config.index).entries()


def test_an_answer_is_logged_with_all_that_it_was_made_from(own_company: Company, model: ScriptedModel) -> None:
    model.enqueue(SAID)
    with library.Index(own_company.config) as index:
        answer = index.ask(TONER, Filter(within="it", kind=Kind.TEXT))
        stored = index.stored_text("it/printers.txt", None)
    replayed = replay(own_company.config.index, 1)
    assert (answer.entry, answer.status) == (1, Status.ANSWERED)
    assert replayed.answer == json.loads(json.dumps(as_json(replace(answer, entry=None))))
    assert (replayed.question, replayed.status) == (TONER, "answered")
    assert replayed.searched is not None
    assert (replayed.searched["in"], replayed.searched["type"]) == ("it", "txt")
    options = {"num_ctx": 4096, "num_predict": own_company.config.answer_tokens}
    assert replayed.model == {"name": "scripted:1b", "digest": model.digest, "options": options}
    assert stored is not None
    assert replayed.passages
    for passage in replayed.passages:
        assert stored.text[passage["start"] : passage["end"]] == passage["text"]
        assert passage["text"] in model.history[0][1].content
        assert (passage["path"], len(passage["sha256"])) == ("it/printers.txt", 64)


def test_only_what_went_to_the_model_is_logged_as_given_to_it(own_company: Company, model: ScriptedModel) -> None:
    model.num_ctx = 512  # too small for all passages
    model.enqueue(SAID)
    with library.Index(replace(own_company.config, answer_tokens=100)) as index:
        assert len(index.evidence(index.find(TONER, 40))) > 2
        index.ask(TONER)
    passages = replay(own_company.config.index, 1).passages
    assert len(passages) == model.history[0][1].content.count('"""') // 2


def test_quotes_and_refusals_are_logged_without_a_model(own_company: Company) -> None:
    with library.Index(own_company.config) as index:
        quoted = index.ask(TONER, use_model=False)
        refused = index.ask("What is the capital of France?", use_model=False)
    assert [entry.facts["status"] for entry in entries(own_company.config)] == [quoted.status, refused.status]
    assert refused.status is Status.NOT_IN_DOCUMENTS
    assert all(entry.facts["model"] is None for entry in entries(own_company.config))


def test_an_answer_that_never_came_is_logged_with_what_went_out(own_company: Company, model: ScriptedModel) -> None:
    config = replace(own_company.config, model="scripted:1b")
    model.enqueue([StreamBroken("It broke off.")])
    with library.Index(config) as index, pytest.raises(ModelUnavailable):
        index.ask(TONER)
    model.enqueue([SAID, " More."])
    with library.Index(config) as index:
        pieces = index.stream(TONER)
        next(pieces)
        pieces.close()
    failed, stopped = entries(config)
    assert (failed.facts["status"], stopped.facts["status"]) == ("failed", "stopped")
    assert failed.passages and stopped.passages
    assert failed.text("answer") is None


def test_nothing_is_logged_where_the_log_is_off(own_company: Company) -> None:
    with library.Index(replace(own_company.config, log=False)) as index:
        answer = index.ask(TONER, use_model=False)
    assert (answer.entry, answer.notices) == (None, ())
    assert not (own_company.config.index / "log.sqlite").exists()


def test_without_texts_only_places_are_logged(own_company: Company) -> None:
    config = replace(own_company.config, log_text=False)
    with library.Index(config) as index:
        answer = index.ask(TONER, use_model=False)
    (entry,) = entries(config)
    assert entry.text("question") is None
    assert entry.text("answer") is None
    (place, *_) = entry.passages.values()
    assert set(place) == {"document", "sha256", "path", "page", "start", "end"}
    data = (config.index / "log.sqlite").read_bytes()
    assert answer.citations[0].quote.encode() not in data
    assert b"cupboard" not in data


def test_an_index_that_cannot_be_written_answers_and_says_that_nothing_was_logged(own_company: Company) -> None:
    (own_company.config.index / "log.sqlite").mkdir()
    with library.Index(own_company.config) as index:
        answer = index.ask(TONER, use_model=False)
    assert answer.status is Status.QUOTES
    assert answer.entry is None
    assert answer.notices[-1].startswith("Nothing was logged: ")


def gone_meanwhile(company: Company) -> Iterator[str]:
    yield SAID
    with Catalog.create(company.config.index) as catalog, catalog.transaction():
        catalog.remove_file("it/printers.txt")


def test_a_document_that_is_forgotten_during_its_answer_does_not_reach_the_log(
    own_company: Company, model: ScriptedModel
) -> None:
    model.enqueue(gone_meanwhile(own_company))  # type: ignore[arg-type] # played once
    with library.Index(own_company.config) as index:
        assert index.ask(TONER).entry == 1
    (entry,) = entries(own_company.config)
    assert entry.text("answer") is None
    assert all(place["path"] != "it/printers.txt" for place in entry.passages.values())
    assert b"cupboard" not in (own_company.config.index / "log.sqlite").read_bytes()
    assert not verify(own_company.config.index).findings
