"""What a person sees of `assistant index`: tables, questions, interruptions and exit codes."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.reading import sandbox
from assistant.storage.catalog import Catalog
from tests.company import PASSAGES, Company
from tests.terminal import command

pytestmark = pytest.mark.usefixtures("own_settings")


def test_index_ends_with_a_table_and_says_what_gave_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / ".hidden").mkdir(parents=True)
    (folder / "travel.md").write_text("# Travel\n\nHotels cost up to 140 euros.\n", encoding="utf-8")
    (folder / "empty.md").write_text("", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of it is left")
    (folder / "plan.docx").write_bytes(b"PK")
    (folder / ".hidden" / "secret.md").write_text("# No\n", encoding="utf-8")
    seen = command("index", folder, "--index", tmp_path / "index")
    assert seen.code == 0
    assert "3 files: 3 new, 2 without text. 0 pages, 1 passages." in seen.out
    assert "1 file of other types was left alone (.docx 1)." in seen.out
    assert "broken.pdf  damaged" in seen.out
    assert "empty.md    empty" in seen.out
    assert "hidden" in seen.out
    assert "Reading 3 of 3 files" in seen.err
    assert command("index", folder, "--index", tmp_path / "index", "--strict").code == 7


def test_index_again_has_nothing_to_do_and_says_since_when(own_company: Company) -> None:
    seen = command("index", "--index", own_company.config.index)
    assert seen.code == 0
    assert seen.out.startswith("Nothing to do: 8 files unchanged since ")


def test_index_quiet_prints_nothing_and_json_one_object(own_company: Company) -> None:
    own_company.write("it/new.md", "# New\n\nA new printer came.\n")
    assert command("index", "--index", own_company.config.index, "--quiet") == command("--version").__class__(0, "", "")
    own_company.write("it/newer.md", "# Newer\n\nAnother printer came.\n")
    record = command("index", "--index", own_company.config.index, "--json").record
    assert (record["schema"], record["added"], record["changed"], record["files"]) == (1, 1, 0, 10)


def test_index_of_another_folder_is_refused_without_replace(own_company: Company, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text("# A\n\nOther text.\n", encoding="utf-8")
    seen = command("index", other, "--index", own_company.config.index)
    assert seen.code == 2
    assert "belongs to" in seen.err and "--replace" in seen.err
    assert command("index", other, "--index", own_company.config.index, "--replace").code == 2, "most would go"
    given = ("--replace", "--yes")
    assert command("index", other, "--index", own_company.config.index, *given).code == 0
    assert command("search", "hotel", "--index", own_company.config.index, "--json").record["hits"][0]["path"] == "a.md"


def test_a_folder_without_documents_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "plan.docx").write_bytes(b"PK")
    seen = command("index", tmp_path / "papers", "--index", tmp_path / "index")
    assert seen.out.startswith("There are no PDFs, markdown or text files in this folder")
    assert "(.docx 1)" in seen.out
    asked = command("ask", "anything", "--index", tmp_path / "index")
    assert asked.code == 4 and "holds no text" in asked.err


def test_the_whole_machine_and_a_folder_of_other_files_are_refused(tmp_path: Path) -> None:
    assert "the whole machine" in command("index", "/", "--index", tmp_path / "index").err
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    seen = command("index", tmp_path, "--index", tmp_path / "photos")
    assert seen.code == 2 and "not an index" in seen.err


def test_an_index_inside_the_folder_is_not_read_as_documents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nThe tower is red.\n", encoding="utf-8")
    command("index", tmp_path, "--index", tmp_path / "own")
    seen = command("index", tmp_path, "--index", tmp_path / "own")
    assert seen.out.startswith("Nothing to do: 1 file unchanged")
    assert "sqlite" not in seen.out


def test_links_in_the_place_of_an_index_are_not_followed(own_company: Company, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("precious", encoding="utf-8")
    index = own_company.config.index
    (index / "last.json").unlink(missing_ok=True)
    (index / "last.json").symlink_to(precious)
    assert command("ask", "--no-model", "hotel costs", "--index", index).code == 0
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "lock").symlink_to(precious)
    assert command("index", own_company.folder, "--index", tmp_path / "new").code == 2
    assert precious.read_text(encoding="utf-8") == "precious"


def test_a_question_that_is_not_valid_text_is_still_a_question(company: Company) -> None:
    assert command("search", "hotel \udcff costs", "-n", 1, "--index", company.config.index).code == 0


def test_a_damaged_catalog_is_said_without_its_text(own_company: Company) -> None:
    catalog = own_company.config.index / "catalog.sqlite"
    data = bytearray(catalog.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    catalog.write_bytes(data)
    seen = command("ask", "--no-model", "hotel costs", "--index", own_company.config.index)
    assert seen.code == 4
    assert "damaged" in seen.err and "Traceback" not in seen.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_ctrl_c_ends_the_batch_and_says_how_far_it_got(
    own_company: Company, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    own_company.write("it/one.md", "The espresso machine is descaled every Thursday.\n")
    own_company.write("it/two.md", "The kettle is descaled every Friday.\n")
    reading = sandbox.read_all

    def interrupted(*arguments: Any) -> Iterator[Any]:
        for read in reading(*arguments):
            signal.raise_signal(number)
            yield read

    before = signal.getsignal(number)
    with monkeypatch.context() as context:
        context.setattr("assistant.indexing.ingest.read_all", interrupted)
        seen = command("index", "--index", own_company.config.index)
    assert seen.code == 130
    assert "Stopping after this batch" in seen.err
    assert "Stopped. The index holds 9 files, 81 passages.\n" in seen.out
    assert "1 of them are found by words only so far.\n" in seen.out
    assert "goes on from here" in seen.out
    assert signal.getsignal(number) is before
    assert command("index", "--index", own_company.config.index).code == 0
    assert own_company.hits("kettle")[0].path == "it/two.md"


def test_a_second_ctrl_c_ends_at_once(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    own_company.write("it/one.md", "The espresso machine is descaled every Thursday.\n")

    def impatient(*_: Any) -> Iterator[Any]:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        yield from ()

    with monkeypatch.context() as context:
        context.setattr("assistant.indexing.ingest.read_all", impatient)
        seen = command("index", "--index", own_company.config.index)
    assert seen.code == 130
    assert "Traceback" not in seen.err and "Stopped." not in seen.out
    assert command("index", "--index", own_company.config.index).code == 0
    assert own_company.hits("espresso")[0].path == "it/one.md"


def test_a_dry_run_says_what_would_be_done(own_company: Company) -> None:
    index = own_company.config.index
    (own_company.folder / "hr/urlaub.md").rename(own_company.folder / "hr/ferien.md")
    own_company.write("it/new.md", "A new printer came.\n")
    seen = command("index", "--dry-run", "--index", index)
    assert seen.code == 0
    assert [line.split() for line in seen.out.splitlines()[:2]] == [
        ["new", "it/new.md"], ["moved", "hr/urlaub.md", "→", "hr/ferien.md"]
    ]  # fmt: skip
    assert seen.out.splitlines()[2] == "Would do: 1 new, 1 moved, 7 unchanged. Nothing has been changed."
    record = command("index", "--dry-run", "--json", "--index", index).record
    assert (record["schema"], record["new"]) == (1, ["it/new.md"])
    assert record["moved"] == [{"from": "hr/urlaub.md", "to": "hr/ferien.md"}]
    assert command("status", "--json", "--index", index).record["changes"]["added"] == 1


def test_a_large_deletion_needs_yes_where_nobody_can_be_asked(own_company: Company) -> None:
    for path in sorted(own_company.folder.rglob("*.*"))[:5]:
        path.unlink()
    seen = command("index", "--index", own_company.config.index)
    assert seen.code == 2
    first, second = seen.err.splitlines()
    assert first.startswith("error: 5 of 8 documents would be deleted") and "--yes" in second
    seen = command("index", "--yes", "--index", own_company.config.index)
    assert seen.code == 0
    assert "3 files: 3 unchanged, 5 deleted." in seen.out


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_a_person_at_a_terminal_is_asked_before_a_large_deletion(own_company: Company, said: str, code: int) -> None:
    for path in sorted(own_company.folder.rglob("*.*"))[:5]:
        path.unlink()
    seen = command("index", "--index", own_company.config.index, stdin=said, terminal=True)
    assert seen.code == code
    assert "Delete them from the index?" in seen.err
    assert ("5 deleted" in seen.out) == (code == 0)


def test_a_dry_run_says_that_the_run_will_ask(own_company: Company) -> None:
    index = own_company.config.index
    assert "--yes" not in command("index", "--dry-run", "--index", index).out
    for path in sorted(own_company.folder.rglob("*.*"))[:5]:
        path.unlink()
    said = "The run will ask first, or need --yes: 5 of 8 documents would go."
    assert command("index", "--dry-run", "--index", index).out.splitlines()[-1] == said
    assert said not in command("index", "--dry-run", "--yes", "--index", index).out


def test_a_dry_run_says_how_many_passages_another_embedder_would_cost(own_company: Company) -> None:
    index = own_company.config.index
    planned = command("index", "--dry-run", "--embedder", "ollama:all-minilm", "--index", index)
    assert planned.out.splitlines() == [
        f"  embedded    {PASSAGES} passages that the index has already",
        "Would do: 8 unchanged. Nothing has been changed.",
    ]
    record = command("index", "--dry-run", "--json", "--embedder", "ollama:all-minilm", "--index", index).record
    assert record["unembedded"] == PASSAGES
    assert command("index", "--dry-run", "--embedder", "bundled", "--index", index).out.startswith("Nothing to do")
    with Catalog.create(index) as catalog, catalog.transaction():  # as a run leaves it that was stopped
        catalog._db.execute("DELETE FROM vectors WHERE hash IN (SELECT hash FROM vectors LIMIT 3)")
        catalog.put(vectors="behind")
    assert command("index", "--dry-run", "--json", "--index", index).record["unembedded"] >= 3
