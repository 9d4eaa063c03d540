"""What pass 2 promises: each text once, the embedder in use answers until the next has every vector, nothing stale."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Event as Flag

import numpy as np
import pytest

from assistant import embedding, library
from assistant.config import Config
from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.embedder import Embedder, PassageVectors, Vector
from assistant.errors import IndexUnusable
from assistant.indexing import embed, publish
from assistant.indexing.cut import embedded_text
from assistant.indexing.events import ChunksEmbedded, Cost, Event, Report
from assistant.indexing.run import index_folder
from assistant.storage.catalog import Catalog
from tests.company import PASSAGES, QUESTIONS, Company

pytestmark = pytest.mark.usefixtures("forked_builds")

OTHER = "ollama:turned"
TEXTS = PASSAGES - 3  # of one file there is a copy
NOTE = "The espresso machine is descaled every Thursday.\n"


class Turned(BundledEmbedder):
    """The bundled model in another space: its vectors read backwards. Cosines within it are the same."""

    name = OTHER
    fingerprint = "turned:1"

    def embed_one(self, text: str) -> Vector:
        return np.ascontiguousarray(super().embed_one(text)[::-1])

    def embed_passage(self, text: str) -> PassageVectors:
        vector, snippets = super().embed_passage(text)
        return PassageVectors(np.ascontiguousarray(vector[::-1]), np.ascontiguousarray(snippets[:, ::-1]))


@pytest.fixture(autouse=True)
def another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    real = embedding.load

    def load(name: str, config: Config) -> Embedder:
        return Turned() if name == OTHER else real(name, config)

    monkeypatch.setattr(embedding, "load", load)
    monkeypatch.setattr(embed, "_BATCH", 30)


def using(company: Company, name: str | None) -> Company:
    return replace(company, config=replace(company.config, embedder=name))


def state(company: Company) -> tuple[str | None, str | None, int]:
    """Names of the embedder in use and of the one on its way in, and vectors of both."""
    with Catalog.open(company.config.index) as catalog:
        return catalog.get("embedder_name"), catalog.get("coming_name"), catalog.count_vectors()


def found(company: Company) -> list[list[tuple[str, int, float]]]:
    with library.open(company.config.index) as index:
        answers = [index.find(question, 3) for question in QUESTIONS]
    assert not any(answer.notices for answer in answers)
    return [[(hit.path, hit.start, round(hit.meaning, 3)) for hit in answer.hits] for answer in answers]


def report_of(events: Iterable[Event]) -> Report:
    *_, last = events
    assert isinstance(last, Report)
    return last


def stopped_after(company: Company, batches: int) -> Report:
    stop = Flag()
    events: list[Event] = []
    for event in index_folder(None, company.config, stop=stop):
        events.append(event)
        if isinstance(event, ChunksEmbedded) and event.done == 30 * batches:
            stop.set()
    return report_of(events)


def test_the_embedder_in_use_answers_until_the_other_one_has_every_vector(own_company: Company) -> None:
    before = found(own_company)
    number = generation(own_company)[0]
    seen: list[tuple[int, str | None, str | None]] = []
    for event in index_folder(None, using(own_company, OTHER).config):
        if isinstance(event, ChunksEmbedded):
            assert found(own_company) == before
            assert generation(own_company)[0] == number
            seen.append((event.done, *state(own_company)[:2]))
    assert seen == [(done, "bundled", OTHER) for done in (30, 60, TEXTS)]
    assert state(own_company) == (OTHER, None, TEXTS), "and the vectors of the former are gone"
    assert found(own_company) == before, "cosines in the other space are the same"
    assert generation(own_company)[0] > number
    assert using(own_company, None).update().nothing_to_do, "from here on it is the index's own"
    with pytest.raises(IndexUnusable, match="was made with ollama:turned"):
        library.open(own_company.config.index, using(own_company, "bundled").config)


def generation(company: Company) -> tuple[int, int, int]:
    with Catalog.open(company.config.index) as catalog:
        return publish.state(catalog)


def test_what_it_costs_is_said_before_it_starts(own_company: Company) -> None:
    events = list(index_folder(None, using(own_company, OTHER).config))
    first, *_ = (event for event in events if isinstance(event, Cost | ChunksEmbedded))
    assert isinstance(first, Cost)
    assert (first.reason, first.passages, first.files) == ("the embedder is another one", TEXTS, 0)
    assert first.seconds is not None and 0 < first.seconds < 600


def test_new_files_cost_what_they_cost_without_a_word(own_company: Company) -> None:
    own_company.write("it/new.md", NOTE)
    assert not any(isinstance(event, Cost) for event in own_company.run())


def test_an_interrupted_change_of_embedder_goes_on_without_being_named_again(own_company: Company) -> None:
    before = found(own_company)
    report = stopped_after(using(own_company, OTHER), 1)
    assert (report.stopped, report.embedded) == (True, 30)
    assert state(own_company) == ("bundled", OTHER, TEXTS + 30)
    assert found(own_company) == before
    rest = own_company.update()
    assert rest.embedded == TEXTS - 30
    assert state(own_company) == (OTHER, None, TEXTS)


def test_going_back_drops_the_vectors_of_the_newcomer(own_company: Company) -> None:
    before, number = found(own_company), generation(own_company)
    stopped_after(using(own_company, OTHER), 2)
    assert state(own_company) == ("bundled", OTHER, TEXTS + 60)
    report = using(own_company, "bundled").update()
    assert report.embedded == 0
    assert state(own_company) == ("bundled", None, TEXTS)
    assert (found(own_company), generation(own_company)) == (before, number)
    assert own_company.update().nothing_to_do


def test_a_third_embedder_takes_the_place_of_the_one_that_was_coming(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_after(using(own_company, OTHER), 1)
    monkeypatch.setattr(Turned, "fingerprint", "turned:2")  # the server has a newer model of this name
    report = own_company.update()
    assert report.embedded == TEXTS
    assert state(own_company) == (OTHER, None, TEXTS)


def test_what_is_new_waits_for_the_other_embedder_and_is_found_by_its_words_meanwhile(own_company: Company) -> None:
    own_company.write("it/new.md", NOTE)
    stopped_after(using(own_company, OTHER), 1)
    with library.open(own_company.config.index) as index:
        answer = index.find("espresso machine", 3)
    assert (answer.hits[0].path, answer.hits[0].meaning) == ("it/new.md", 0.0)
    assert answer.hits[0].words > 0
    assert any(n.startswith("1 passage is found by words only so far; assistant index") for n in answer.notices)
    own_company.update()
    assert own_company.hits("espresso machine")[0].meaning > 0.3


def test_a_text_that_stands_in_many_files_is_embedded_once_and_found_in_each(own_company: Company) -> None:
    for number in range(20):
        own_company.write(f"copies/{number}.md", NOTE)
    assert own_company.update().embedded == 1
    hits = own_company.hits("When is the espresso machine descaled?", 20)
    assert {hit.path for hit in hits} == {f"copies/{number}.md" for number in range(20)}
    assert len({hit.meaning for hit in hits}) == 1


def test_a_text_that_comes_back_within_a_run_or_under_another_name_is_not_embedded_again(own_company: Company) -> None:
    text = (own_company.folder / "it/printers.txt").read_text()
    (own_company.folder / "it/printers.txt").unlink()
    own_company.write("it/manual.md", text)  # another kind, so no move
    report = own_company.update()
    assert (report.added, report.moved, report.deleted, report.embedded) == (1, 0, 1, 0)


def test_vectors_that_no_passage_needs_are_dropped(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_DROPPED", 2)
    (own_company.folder / "finance/travel.md").unlink()
    assert own_company.update().deleted == 1
    assert state(own_company)[2] == TEXTS, "the copy still needs them"
    (own_company.folder / "archive/travel copy.md").unlink()
    (own_company.folder / "hr/urlaub.md").unlink()
    own_company.update()
    with Catalog.open(own_company.config.index) as catalog:
        assert catalog.count_vectors() == len({row.hash for row in catalog.all_chunks()}) < TEXTS


def test_each_passage_has_the_vector_of_its_own_text(own_company: Company) -> None:
    own_company.write("it/new.md", NOTE)
    own_company.update()
    embedder = BundledEmbedder()
    with Catalog.open(own_company.config.index) as catalog:
        vectors = {id_: vector for id_, _, vector in catalog.vectors()}
        rows: Sequence[int] = [row.id for row in catalog.all_chunks()][::9]
        assert len(vectors) == PASSAGES + 1
        for id_ in rows:
            row = catalog.chunks([id_])[id_]
            text = embedded_text(row.subject, row.headings, row.text)
            assert vectors[id_] == pytest.approx(embedder.embed_one(text), abs=1e-6)
