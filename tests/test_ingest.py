"""What pass 1 promises: whole files only, also of a folder that moves on; what it did is kept; no more is done."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from assistant import library
from assistant.config import Config
from assistant.indexing import cut, ingest, survey
from assistant.indexing.events import ChunksEmbedded, Cost, Event, FileRead, Publishing, Report
from assistant.indexing.run import index_folder
from assistant.indexing.words import writing
from assistant.reading import sandbox
from assistant.storage.catalog import Catalog
from assistant.types import SourceFile
from tests.company import FILES, PASSAGES, Company, made

pytestmark = pytest.mark.usefixtures("forked_builds")

PRINTERS = "it/printers.txt"
EVERY_FILE = len(FILES) + 2
TEXTS = PASSAGES - 3  # of one file there is a copy


def report_of(events: Iterable[Event]) -> Report:
    *_, last = events
    assert isinstance(last, Report)
    return last


def ids(company: Company) -> dict[str, set[int]]:
    """The ids of the passages of each file."""
    found: dict[str, set[int]] = {}
    with Catalog.open(company.config.index) as catalog:
        for row in catalog.all_chunks():
            found.setdefault(row.path, set()).add(row.id)
    return found


def assert_level(company: Company) -> None:
    """The words index holds what the catalog does."""
    with Catalog.open(company.config.index) as catalog:
        known = catalog.entries()
    with writing(company.config.index) as words:
        assert words.ids() == known


# --- a folder that changes meanwhile ---


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path, SourceFile], None]], None]:
    """Has something done to each file between its reading and the look whether it is still the same."""
    monkeypatch.setattr(ingest, "_SETTLE_SECONDS", 0.0)

    def install(change: Callable[[Path, SourceFile], None]) -> None:
        def read_all(folder: Path, files: Any, config: Config) -> Iterator[Any]:
            for item in sandbox.read_all(folder, files, config):
                change(folder, item[0])
                yield item

        monkeypatch.setattr(ingest, "read_all", read_all)

    return install


def written(texts: Iterator[str]) -> Callable[[Path, SourceFile], None]:
    """Writes the next text into the file about printers, each time that it has been read."""

    def change(folder: Path, file: SourceFile) -> None:
        if file.path == PRINTERS and (text := next(texts, None)) is not None:
            (folder / PRINTERS).write_text(text)

    return change


def printer(name: str) -> str:
    return f"The printer on the second floor is called {name}.\n"


def test_a_file_that_changes_while_it_is_read_is_read_again(own_company: Company, restless: Any) -> None:
    own_company.write(PRINTERS, printer("Caslon"))
    restless(written(iter([printer("Bodoni")])))
    report = own_company.update()
    assert (report.changed, report.unsettled) == (1, ())
    texts = [passage[4] for passage in own_company.passages() if passage[0] == PRINTERS]
    assert texts == [printer("Bodoni").strip()]
    assert own_company.update().nothing_to_do


def test_a_file_that_never_settles_is_said_and_left_as_it_was(own_company: Company, restless: Any) -> None:
    own_company.write(PRINTERS, printer("Caslon"))
    own_company.write("it/new.md", "The espresso machine is descaled every Thursday.\n")
    numbers = iter(range(1000))
    restless(written(printer(f"number {number}") for number in numbers))
    report = own_company.update()
    assert report.unsettled == (PRINTERS,)
    assert not report.nothing_to_do
    assert next(numbers) == 3, "it was tried three times"
    assert "Gutenberg" in own_company.hits("What is the printer called?")[0].text
    assert own_company.hits("When is the coffee maker cleaned?")[0].path == "it/new.md", "others are not held up"


def test_a_file_that_never_settled_is_read_by_the_next_run(
    own_company: Company, restless: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_company.write("it/busy.txt", printer("Caslon"))
    with monkeypatch.context() as context:
        context.setattr(ingest, "_TRIES", 1)
        restless(lambda folder, file: os.utime(folder / file.path))
        assert own_company.update().unsettled == ("it/busy.txt",)
    assert "it/busy.txt" not in ids(own_company)
    restless(lambda *_: None)
    report = own_company.update()
    assert (report.added, report.unsettled) == (1, ())
    assert "it/busy.txt" in ids(own_company)


def test_a_file_that_goes_while_it_is_read_is_no_failure(own_company: Company, restless: Any) -> None:
    own_company.write("it/short.md", "The espresso machine is descaled every Thursday.\n")
    restless(lambda folder, file: (folder / file.path).unlink(missing_ok=True))
    assert own_company.update().unsettled == ()
    restless(lambda *_: None)
    own_company.update()
    assert "it/short.md" not in ids(own_company)
    assert own_company.update().nothing_to_do


# --- stopping ---


def stopped_at(company: Company, kind: type[Event], folder: Path | None = None) -> Report:
    """The report of a run that is asked to stop at the first event of a kind."""
    stop = Flag()
    events: list[Event] = []
    for event in index_folder(folder, company.config, stop=stop):
        events.append(event)
        if isinstance(event, kind):
            stop.set()
    return report_of(events)


@pytest.mark.parametrize("kind", [FileRead, ChunksEmbedded, Publishing])
def test_a_run_that_is_stopped_keeps_what_it_did_and_the_next_one_goes_on(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Event]
) -> None:
    monkeypatch.setattr("assistant.indexing.embed._BATCH", 30)
    fresh = made(tmp_path)
    report = stopped_at(fresh, kind, fresh.folder)
    assert report.stopped and not report.nothing_to_do
    if kind is FileRead:
        assert report.files == 1, "the file in hand, and no other"
    else:
        assert report.files == EVERY_FILE
        assert (report.embedded, report.pending > 0) == ((30, True) if kind is ChunksEmbedded else (TEXTS, False))
    for path in ids(fresh):
        assert [p for p in fresh.passages() if p[0] == path] == [p for p in company.passages() if p[0] == path]
    with Catalog.open(fresh.config.index) as catalog:
        assert catalog.get("built_at") is None, "it has not ended"
    rest = fresh.update()
    assert not rest.stopped
    assert rest.added == EVERY_FILE - report.files
    assert rest.embedded == TEXTS - report.embedded
    assert fresh.passages() == company.passages()
    assert_level(fresh)
    assert fresh.update().nothing_to_do


def test_a_reader_sees_no_half_of_a_run_that_was_stopped(own_company: Company) -> None:
    for number in range(3):
        own_company.write(f"more/{number}.md", f"The espresso machine number {number} is descaled every Thursday.\n")
    assert stopped_at(own_company, FileRead).stopped
    with library.open(own_company.config.index) as index:
        found = index.find("espresso machine", 3)
    assert [hit.path for hit in found.hits if hit.path.startswith("more/")] == ["more/0.md"]
    assert any("1 passage is found by words only" in notice for notice in found.notices)


# --- what another version of a stage costs ---


def test_only_another_way_of_cutting_reads_no_file(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids(own_company)
    for module in (survey, ingest):
        monkeypatch.setattr(module, "CUTTING", "another")
    events = own_company.run()
    assert [event for event in events if isinstance(event, Cost)] == [
        Cost("passages are cut in a new way; no file is read for it", files=EVERY_FILE)
    ]
    assert not any(isinstance(event, FileRead) for event in events)
    report = report_of(events)
    assert (report.unchanged, report.embedded, report.chunks) == (EVERY_FILE, 0, PASSAGES)
    assert ids(own_company) == before, "what is cut as before keeps its id"
    assert own_company.update().nothing_to_do


def test_another_way_of_cutting_embeds_what_it_changes_and_says_so_first(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (survey, ingest):
        monkeypatch.setattr(module, "CUTTING", "another")
    monkeypatch.setattr(cut, "CONTEXT_TOKENS", 4)  # the context line gets shorter
    events = own_company.run()
    costs = [event for event in events if isinstance(event, Cost)]
    assert [cost.reason for cost in costs] == [
        "passages are cut in a new way; no file is read for it",
        "their text or headings differ in the new way",
    ]
    report = report_of(events)
    assert 0 < report.embedded == costs[1].passages < PASSAGES
    assert costs[1].seconds is not None and costs[1].seconds > 0
    first = next(at for at, event in enumerate(events) if isinstance(event, ChunksEmbedded))
    assert events.index(costs[1]) < first
    assert_level(own_company)
    assert own_company.hits("Where is the toner of the printer?")[0].path == PRINTERS
    with Catalog.open(own_company.config.index) as catalog:
        distinct = {row.hash for row in catalog.all_chunks()}
        assert catalog.count_vectors() == len(distinct), "what nothing needs any more is dropped"


def test_only_another_way_of_reading_reads_all_and_embeds_nothing(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ids(own_company)
    for module in (survey, ingest):
        monkeypatch.setattr(module, "READING", "another")
    events = own_company.run()
    assert sum(isinstance(event, FileRead) for event in events) == EVERY_FILE
    assert Cost("files are read in a new way", files=EVERY_FILE) in events
    report = report_of(events)
    assert (report.unchanged, report.changed, report.embedded) == (EVERY_FILE, 0, 0)
    assert ids(own_company) == before
    assert own_company.update().nothing_to_do


# --- moves and small changes ---


def test_a_moved_file_keeps_its_ids_and_is_found_by_the_words_of_its_new_path(own_company: Company) -> None:
    before = ids(own_company)
    (own_company.folder / PRINTERS).rename(own_company.folder / "it/zebra manual.txt")
    report = own_company.update()
    assert (report.moved, report.added, report.deleted, report.embedded) == (1, 0, 0, 0)
    assert ids(own_company) == before | {"it/zebra manual.txt": before.pop(PRINTERS)}
    (best, *_) = own_company.hits("zebra", 1)
    assert (best.path, best.title, best.words > 0) == ("it/zebra manual.txt", "Zebra manual", True)
    assert not any(hit.words for hit in own_company.hits("printers.txt zebra", 100) if hit.path == PRINTERS)
    assert own_company.update().nothing_to_do


def test_a_file_that_moved_is_found_by_its_new_path_after_a_kill_between_the_two_commits(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_company.folder / PRINTERS).rename(own_company.folder / "it/zebra manual.txt")
    with monkeypatch.context() as context:
        context.setattr("assistant.indexing.mend.follow_moves", killed)
        with pytest.raises(KeyboardInterrupt):
            own_company.run()
    (best, *_) = own_company.hits("toner in the cupboard", 1)
    assert best.path == "it/zebra manual.txt", "the catalog has it already"
    assert own_company.update().moved == 0
    assert own_company.hits("zebra", 1)[0].words > 0
    assert_level(own_company)
    assert own_company.update().nothing_to_do


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_two_files_that_were_swapped_are_read_again_and_nothing_is_embedded(own_company: Company) -> None:
    folder = own_company.folder
    (folder / "hr/urlaub.md").rename(folder / "kept")
    (folder / "hr/leave-2026.md").rename(folder / "hr/urlaub.md")
    (folder / "kept").rename(folder / "hr/leave-2026.md")
    report = own_company.update()
    assert (report.changed, report.moved, report.embedded) == (2, 0, 0)
    assert own_company.hits("Wann muss der Urlaubsantrag gestellt werden?")[0].path == "hr/leave-2026.md"


def test_a_changed_file_keeps_the_ids_of_the_passages_that_read_as_before(own_company: Company) -> None:
    before = ids(own_company)["hr/handbook.md"]
    handbook = (own_company.folder / "hr/handbook.md").read_text()
    own_company.write("hr/handbook.md", handbook.replace("Room 17 seats 20", "Room 17 seats 99"))
    assert own_company.update().embedded == 1
    after = ids(own_company)["hr/handbook.md"]
    assert (len(after), len(after & before)) == (len(before), len(before) - 1)
    assert min(after - before) > max(before), "an id is never used twice"


def test_many_files_are_deleted_and_moved_in_parts(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "_FILES", 2)
    (own_company.folder / "hr").rename(own_company.folder / "people")
    for path in (PRINTERS, "finance/travel.md", "archive/travel copy.md"):
        (own_company.folder / path).unlink()
    report = own_company.update()
    assert (report.moved, report.deleted, report.embedded) == (4, 3, 0)
    assert_level(own_company)
    fresh = replace(own_company, config=replace(own_company.config, index=own_company.folder.with_name("fresh")))
    fresh.run(fresh.folder)
    assert own_company.passages() == fresh.passages()
