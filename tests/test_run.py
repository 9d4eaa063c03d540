"""What a run promises: the index becomes what the folder is, by no more work than the changes need."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measure.server import free_port

from assistant import library
from assistant.config import Config
from assistant.errors import AssistantError, Confirm, IndexInUse, IndexUnusable, ModelUnavailable, UsageError
from assistant.indexing import embed, ingest, pipeline, publish
from assistant.indexing.events import ChunksEmbedded, Event, FileRead, Planned, Report
from assistant.indexing.run import Options, index_folder
from assistant.indexing.words import writing
from assistant.reading.scan import scan
from assistant.storage import lock
from assistant.storage.catalog import Catalog
from assistant.types import Gap
from tests.company import FILES, PASSAGES, Company, room

pytestmark = pytest.mark.usefixtures("forked_builds")

MODULES = """
import json, pathlib, sys
from assistant.config import Config
from assistant.indexing.run import index_folder
*_, report = index_folder(None, Config(index=pathlib.Path(sys.argv[1])))
assert report.nothing_to_do
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def read(events: list[Event]) -> list[str]:
    return [event.path for event in events if isinstance(event, FileRead)]


def paths(company: Company, question: str) -> set[str]:
    return {hit.path for hit in company.hits(question, 3)}


def generation(company: Company) -> tuple[int, int, int]:
    with Catalog.open(company.config.index) as catalog:
        return publish.state(catalog)


def test_a_first_run_says_what_it_does_in_order(company: Company) -> None:
    events = list(company.events)
    files = len(FILES) + 2
    assert list(dict.fromkeys(kinds(events))) == ["Planned", "FileRead", "ChunksEmbedded", "Publishing", "Report"]
    assert events[0] == Planned(files, 0, 0, 0, 0, to_read=files)
    reads = [event for event in events if isinstance(event, FileRead)]
    assert [event.done for event in reads] == list(range(1, files + 1))
    assert {event.total for event in reads} == {files}
    embedded = [event for event in events if isinstance(event, ChunksEmbedded)]
    assert embedded[-1].done == embedded[-1].total
    assert embedded[-1].total < sum(event.chunks for event in reads), "one text stands in two files"
    report = events[-1]
    assert isinstance(report, Report)
    assert (report.added, report.changed, report.deleted, report.unchanged) == (files, 0, 0, 0)
    assert (report.files, report.pages, report.chunks) == (files, 3, sum(event.chunks for event in reads))
    assert report.embedded == embedded[-1].total
    assert report.last_built is None
    assert not report.nothing_to_do


def test_every_file_of_the_index_is_the_owners_alone(company: Company) -> None:
    for path in [company.config.index, *company.config.index.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_indexing_leaves_the_mask_for_new_files_as_it_was(own_company: Company) -> None:
    before = os.umask(0o027)
    try:
        own_company.update()
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_an_unchanged_folder_means_nothing_to_do(own_company: Company) -> None:
    events = own_company.run()
    assert kinds(events) == ["Planned", "Report"]
    report = events[-1]
    assert isinstance(report, Report)
    assert report.nothing_to_do
    assert report.unchanged == len(FILES) + 2
    assert report.last_built is not None


def test_a_run_that_finds_nothing_changed_imports_nothing_heavy(own_company: Company) -> None:
    said = subprocess.run(
        [sys.executable, "-c", MODULES, str(own_company.config.index)], capture_output=True, text=True, check=True
    )
    heavy = {"chromadb", "llama_index", "onnxruntime", "tantivy", "tokenizers", "ollama", "pypdf", "pypdfium2"}
    assert not heavy & set(json.loads(said.stdout))


def test_added_changed_and_vanished_files_are_handled(own_company: Company) -> None:
    own_company.write("it/robots.md", "# Robots\n\nThe welding robot is called Hephaistos.\n")
    own_company.write("it/printers.txt", "The printer moved to the basement and is called Rotunda now.\n")
    (own_company.folder / "hr/leave-2023.md").unlink()
    events = own_company.run()
    assert events[0] == Planned(1, 1, 0, 1, len(FILES), to_read=2)
    assert sorted(read(events)) == ["it/printers.txt", "it/robots.md"]
    report = events[-1]
    assert isinstance(report, Report)
    assert (report.added, report.changed, report.deleted, report.unchanged) == (1, 1, 1, len(FILES))
    assert "it/robots.md" in paths(own_company, "What is the welding robot called?")
    assert "Rotunda" in own_company.hits("What is the printer called?")[0].text
    assert "hr/leave-2023.md" not in paths(own_company, "How many working days in 2023?")
    assert not any("Gutenberg" in hit.text for hit in own_company.hits("printer Gutenberg", 50))
    with Catalog.open(own_company.config.index) as catalog, writing(own_company.config.index) as words:
        assert words.ids() == catalog.entries()


def test_a_change_that_keeps_size_and_time_of_writing_is_noticed(own_company: Company) -> None:
    file = own_company.folder / "it/printers.txt"
    before = file.stat()
    file.write_text(file.read_text().replace("Gutenberg", "Manutiusx"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert own_company.update().changed == 1
    assert "Manutiusx" in own_company.hits("What is the printer called?")[0].text


def test_a_change_within_the_clocks_grain_of_the_scan_is_noticed(own_company: Company) -> None:
    file = own_company.folder / "it/printers.txt"
    file.write_text(file.read_text().replace("Gutenberg", "Manutiusx"))
    (seen,) = (source for source in scan(own_company.folder, 10**9).files if source.path == "it/printers.txt")
    # As if the old content had had the same times.
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog.touch_file(seen, scanned_ns=seen.mtime_ns + 1)
    assert own_company.update().changed == 1


def test_a_touched_file_is_not_read_again(own_company: Company) -> None:
    for path in own_company.folder.rglob("*.md"):
        os.utime(path)
    events = own_company.run()
    assert kinds(events) == ["Planned", "Report"]


def test_a_renamed_or_restored_file_is_not_embedded_again(own_company: Company) -> None:
    (own_company.folder / "hr/urlaub.md").rename(own_company.folder / "hr/ferien.md")
    report = own_company.update()
    assert (report.added, report.moved, report.deleted, report.embedded) == (0, 1, 0, 0)
    assert own_company.hits("Wann stelle ich den Urlaubsantrag?")[0].path == "hr/ferien.md"


def test_the_same_text_in_two_files_is_found_in_both(company: Company) -> None:
    assert {"finance/travel.md", "archive/travel copy.md"} <= paths(company, "hotel costs per night")


def test_a_small_change_is_found_at_once_and_needs_no_new_generation(own_company: Company) -> None:
    before = generation(own_company)
    own_company.write("it/new.md", "The espresso machine is descaled every Thursday.\n")
    own_company.write("it/printers.txt", "The printer on the second floor is called Manutius.\n")
    events = own_company.run()
    assert "Publishing" not in kinds(events)
    report = events[-1]
    assert isinstance(report, Report)
    assert (report.embedded, report.chunks) == (2, PASSAGES + 1)
    assert own_company.hits("When is the coffee maker cleaned?")[0].path == "it/new.md"
    assert "Manutius" in own_company.hits("What is the printer called?")[0].text
    assert generation(own_company) == before


def test_a_removed_file_is_gone_from_every_hit_also_of_an_index_that_was_open(own_company: Company) -> None:
    question = "Which printer is on the second floor?"
    with library.open(own_company.config.index) as index:
        assert index.search(question)[0].path == "it/printers.txt"
        (own_company.folder / "it/printers.txt").unlink()
        own_company.update()
        assert "it/printers.txt" not in {hit.path for hit in index.search(question, 100)}
        assert index.stored_text("it/printers.txt", None) is None
    assert "it/printers.txt" not in {hit.path for hit in own_company.hits(question, 100)}


def test_files_that_gave_no_text_are_reported_by_every_run_and_lose_what_they_had(own_company: Company) -> None:
    (own_company.folder / "legal/supplier agreement.pdf").write_bytes(b"%PDF-1.7\nno more")
    own_company.write("it/empty.md", " \n")
    for _ in range(2):
        report = own_company.update()
        gaps = {path: gap.reason for path, gap in report.gaps}
        assert gaps == {"legal/supplier agreement.pdf": Gap.DAMAGED, "it/empty.md": Gap.EMPTY}
    assert "legal/supplier agreement.pdf" not in paths(own_company, "notice period of the supplier agreement")
    assert report.nothing_to_do


def test_an_empty_folder_makes_an_index_that_says_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    empty = Company(tmp_path / "documents", Config(index=tmp_path / "index", workers=1))
    assert kinds(empty.run(empty.folder)) == ["Planned", "Report"]
    with pytest.raises(IndexUnusable, match="holds no text"):
        empty.hits("anything?")
    assert empty.update().nothing_to_do


def test_a_folder_that_was_emptied_leaves_an_empty_index(own_company: Company) -> None:
    for path in own_company.folder.rglob("*.*"):
        path.unlink()
    report = own_company.update(Options(yes=True))
    assert (report.deleted, report.files, report.chunks) == (len(FILES) + 2, 0, 0)
    with pytest.raises(IndexUnusable, match="holds no text"):
        own_company.hits("annual leave")
    assert generation(own_company)[2] == 0


def test_a_second_writer_is_refused_while_one_is_writing(company: Company) -> None:
    with lock.writer(company.config.index), pytest.raises(IndexInUse, match=f"process {os.getpid()} "):
        company.run()


def test_another_folder_is_refused_unless_it_replaces_the_old_one(own_company: Company, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "it").mkdir(parents=True)
    (other / "it/printers.txt").write_bytes((own_company.folder / "it/printers.txt").read_bytes())
    (other / "new.md").write_text("The espresso machine is descaled every Thursday.\n")
    with pytest.raises(UsageError, match=f"belongs to {own_company.folder}") as caught:
        own_company.run(other)
    assert "--replace" in caught.value.hint
    assert len(own_company.hits("annual leave")) == 5
    with pytest.raises(Confirm, match="7 of 8 documents would be deleted") as asked:
        own_company.run(other, Options(replace=True))
    assert f"assistant index {other} --index {own_company.config.index} --replace --yes" in asked.value.hint
    assert len(own_company.hits("annual leave")) == 5
    report = own_company.run(other, Options(replace=True, yes=True))[-1]
    assert isinstance(report, Report)
    assert (report.added, report.changed, report.unchanged, report.deleted) == (1, 0, 1, len(FILES) + 1)
    with library.open(own_company.config.index) as index:
        assert index.folder == other
    assert own_company.update().files == 2


def test_the_folder_may_be_named_in_any_way(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own_company.folder / "hr")
    for name in ("..", "../", "../hr/..", str(own_company.folder)):
        assert isinstance(own_company.run(Path(name))[-1], Report)


def test_a_folder_that_cannot_be_indexed_is_said(tmp_path: Path, own_company: Company) -> None:
    config = Config(index=tmp_path / "none")
    with pytest.raises(UsageError, match="has to be told which folder"):
        list(index_folder(None, config))
    with pytest.raises(UsageError, match="does not exist"):
        list(index_folder(tmp_path / "nowhere", config))
    with pytest.raises(UsageError, match="is not a folder"):
        list(index_folder(own_company.folder / "it/printers.txt", config))
    assert not config.index.exists()
    own_company.folder.rename(tmp_path / "moved")
    with pytest.raises(UsageError, match="is not there"):
        own_company.run()
    assert own_company.hits("annual leave"), "nothing was lost"


def test_a_replaced_embedder_is_refused_until_the_vectors_are_made_anew(company: Company, own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog._db.execute("UPDATE embedders SET fingerprint = 'all-MiniLM-L6-v2-int8:0000000000000000'")
        catalog.put(embedder="all-MiniLM-L6-v2-int8:0000000000000000")
    with pytest.raises(IndexUnusable, match="was made with") as caught:
        own_company.hits("annual leave")
    assert f"assistant index --index {own_company.config.index} --embedder bundled" in caught.value.hint
    report = own_company.update()
    first = company.events[-1]
    assert isinstance(first, Report)
    assert report.embedded == first.embedded
    assert own_company.hits("annual leave")


def test_an_embedders_server_that_is_off_is_missed_only_where_it_is_needed(own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog.put(embedder_name="ollama:all-minilm")
    off = replace(own_company, config=replace(own_company.config, host=f"http://127.0.0.1:{free_port()}"))
    assert off.update().nothing_to_do
    off.write("it/new.md", "The espresso machine is descaled every Thursday.\n")
    with pytest.raises(ModelUnavailable):
        off.run()
    with Catalog.open(own_company.config.index) as catalog:
        assert catalog.counts().pending == 1


def test_an_embedder_that_fails_loses_nothing_and_the_next_run_goes_on(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "_BATCH", 1)
    own_company.write("hr/more.md", "\n".join(map(room, range(200, 204))))
    with monkeypatch.context() as broken:
        broken.setattr(embed, "_FEW", 0)
        broken.setattr("assistant.indexing.pipeline.embed_passages", failing_after(2))
        with pytest.raises(AssistantError, match="out of memory"):
            own_company.run()
    with Catalog.open(own_company.config.index) as catalog:
        assert catalog.counts().pending == 2
    assert own_company.hits("room 203 seats")[0].path == "hr/more.md"
    assert own_company.update().embedded == 2


def test_a_run_in_bulk_goes_through_llamaindex_and_comes_to_the_same(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    for module, name in ((ingest, "cut_documents"), (embed, "embed_passages")):
        monkeypatch.setattr(module, "_FEW", 0)
        monkeypatch.setattr(pipeline, name, noted(getattr(pipeline, name), used))
    bulk = replace(company, config=replace(company.config, index=tmp_path / "bulk"))
    bulk.run(company.folder)
    assert set(used) == {"cut_documents", "embed_passages"}
    assert bulk.passages() == company.passages()
    with Catalog.open(company.config.index) as one, Catalog.open(bulk.config.index) as other:
        vectors = [{id_: vector.tobytes() for id_, _, vector in catalog.vectors()} for catalog in (one, other)]
    assert vectors[0] == vectors[1]


def noted(function: Callable[..., Any], used: list[str]) -> Callable[..., Any]:
    def call(*arguments: object) -> object:
        used.append(function.__name__)
        return function(*arguments)

    return call


def failing_after(batches: int) -> "object":
    """The pipeline's embedding, out of order after so many batches."""
    from assistant.indexing.pipeline import embed_passages

    calls = iter(range(batches))

    def embed(*arguments: object) -> object:
        if next(calls, None) is None:
            raise AssistantError("out of memory")
        return embed_passages(*arguments)  # type: ignore[arg-type]

    return embed


def test_a_first_run_that_was_stopped_goes_on_without_naming_the_folder_again(tmp_path: Path) -> None:
    stopped = Company(tmp_path / "documents", Config(index=tmp_path / "index", workers=1))
    for number in range(3):
        stopped.write(f"{number}.md", room(number))
    events = index_folder(stopped.folder, stopped.config)
    assert isinstance(next(events), Planned)
    events.close()  # type: ignore[attr-defined]
    assert next(index_folder(None, stopped.config)) == Planned(3, 0, 0, 0, 0, to_read=3)


def test_a_file_is_found_by_its_words_while_the_run_goes_on(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_COMMIT_SECONDS", 0.0)
    own_company.write("a/robots.md", "# Robots\n\nThe welding robot is called Hephaistos.\n")
    own_company.write("b/new.md", "The espresso machine is descaled every Thursday.\n")
    for event in index_folder(None, own_company.config):
        if isinstance(event, FileRead):
            (best, *_) = own_company.hits("Hephaistos")
            assert (best.path, best.meaning) == ("a/robots.md", 0.0), "words only: it has no vector yet"
    assert own_company.hits("Hephaistos")[0].meaning > 0.1


def test_a_listener_that_leaves_ends_the_run_and_the_next_one_goes_on(own_company: Company) -> None:
    for number in range(4):
        own_company.write(f"more/{number}.md", room(300 + number))
    events = index_folder(None, own_company.config)
    for event in events:
        if isinstance(event, FileRead):
            break
    events.close()  # type: ignore[attr-defined]
    report = own_company.update()
    assert report.files == len(FILES) + 2 + 4
    assert own_company.hits("How many people does room 303 seat?")[0].path == "more/3.md"
