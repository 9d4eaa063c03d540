"""What a person sees: words, tables and exit codes of every command."""

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.reading import sandbox
from tests.company import Company
from tests.golden.make import COMMANDS
from tests.terminal import command

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings of the person who runs the tests; a port where no server answers."""
    for name in list(os.environ):
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    yield


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_what_the_golden_file_says(name: str) -> None:
    seen = command(*([name] if name else []), "--help")
    assert seen.code == 0
    assert seen.out == (GOLDEN / f"help-{name or 'assistant'}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS[1:])
def test_every_command_shows_an_example(name: str) -> None:
    assert f"Example: assistant {name}" in " ".join(command(name, "--help").out.split())


def test_every_exit_code_is_in_the_help_and_in_the_readme() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    said = command("--help").out
    for code in ("0", "2", "3", "4", "5", "6", "7"):
        assert f"{code} " in said.split("Exit codes:")[1]
        assert f"| {code} |" in readme


def test_the_version_is_printed() -> None:
    assert command("--version").out == "assistant 0.1.0\n"


def test_completion_is_offered_for_the_shells() -> None:
    environment = os.environ | {"_ASSISTANT_COMPLETE": "complete_bash", "COMP_WORDS": "assistant s", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'assistant'; from assistant.cli import main; main()"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert {"search", "show", "status"} <= set(done.stdout.split())


# --- errors ---


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("frobnicate",), 2, "No such command"),
        (("ask", "--no-such-option"), 2, "No such option"),
        (("search", "--limit", "many", "leave"), 2, "integer"),
        (("ask", ""), 2, "the question is empty"),
        (("ask", "x" * 4_001), 2, "longer than 4,000"),
        (("search", "leave"), 4, "there is no index"),
        (("status",), 4, "there is no index"),
        (("index",), 2, "which folder"),
        (("index", "no-such-folder"), 2, "does not exist"),
        (("search", "leave", "--since", "yesterday"), 2, "not a date"),
        (("search", "leave", "--type", "docx"), 2, "not a type"),
        (("ask", "leave", "--host", "example.com"), 2, "not on this machine"),
        (("ask", "leave", "--host", "http://"), 2, "not the address"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(arguments: tuple[str, ...], code: int, said: str) -> None:
    seen = command(*arguments)
    assert seen.code == code
    first, second = seen.err.splitlines()
    assert first.startswith("error: ") and said in first
    assert second.startswith("       ") and second.strip()
    assert "Traceback" not in seen.err


def test_an_unexpected_error_is_two_lines_and_a_traceback_only_with_debug(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("assistant.library.Index.find", broken)
    seen = command("search", "leave", "--index", company.config.index)
    assert seen.code == 1
    assert seen.err.splitlines()[0] == "error: something went wrong: ZeroDivisionError: a slip"
    with pytest.raises(ZeroDivisionError):
        command("--debug", "search", "leave", "--index", company.config.index)


def test_a_wrong_setting_is_named_with_its_file_and_line(company: Company, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text("# ours\nnum_ctx = 'lots'\n", encoding="utf-8")
    seen = command("search", "leave", "--index", company.config.index)
    assert seen.code == 2
    assert "assistant.toml, line 2" in seen.err


def test_a_model_asked_for_by_name_that_is_not_available_is_code_5(company: Company) -> None:
    seen = command("ask", "hotel costs per night", "--model", "llama3", "--index", company.config.index)
    assert seen.code == 5
    assert "127.0.0.1:9" in seen.err


def test_an_index_of_another_embedder_is_code_4_and_names_the_command_that_rebuilds(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.embedding.bundled.BundledEmbedder.fingerprint", "another model")
    seen = command("search", "leave", "--index", own_company.config.index)
    assert seen.code == 4
    assert "assistant index --index" in seen.err


# --- index ---


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
    assert command("index", other, "--index", own_company.config.index, "--replace").code == 0
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


# --- search ---


def test_search_shows_where_each_passage_stands_and_marks_the_words(company: Company) -> None:
    seen = command("search", "notice period of the supplier agreement", "-n", 1, "--index", company.config.index)
    assert seen.code == 0
    assert "1. legal/supplier agreement.pdf, page 2 (printed “ii”)" in seen.out
    assert "The *notice* *period* is three months" in seen.out


def test_search_explain_shows_what_each_half_contributed(company: Company) -> None:
    seen = command("search", "hotel costs", "-n", 1, "--explain", "--index", company.config.index)
    assert "meaning: cosine 0." in seen.out and "words: BM25 " in seen.out


def test_search_keeps_to_folder_type_and_date(company: Company) -> None:
    index = company.config.index
    hits = command("search", "annual leave", "--in", "hr", "--index", index, "--json").record["hits"]
    assert hits and all(hit["path"].startswith("hr/") for hit in hits)
    assert command("search", "hotel", "--in", "finance", "--since", "2026-01-12", "--index", index).code == 0
    assert command("search", "hotel", "--in", "finance", "--since", "2026-01-13", "--index", index).code == 2
    pdfs = command("search", "annual leave", "--type", "pdf", "--index", index, "--json").record
    assert {hit["path"] for hit in pdfs["hits"]} == {"legal/supplier agreement.pdf"}
    assert command("search", "annual leave", "--in", "nowhere", "--index", index).code == 2


def test_a_question_may_come_from_stdin(company: Company) -> None:
    seen = command("search", "-n", 1, "--index", company.config.index, stdin="hotel costs\n")
    assert "finance/travel.md" in seen.out or "archive/travel copy.md" in seen.out


# --- ask, show, open ---


def test_ask_without_a_model_quotes_and_names_its_source(company: Company) -> None:
    seen = command("ask", "--no-model", "How much is refunded for a hotel per night?", "--in", "finance",
                   "--index", company.config.index)  # fmt: skip
    assert seen.code == 0
    lines = seen.out.splitlines()
    assert lines[0] == "Quoted from the documents; no model wrote this."
    assert lines[1] == "“Hotel costs are refunded up to 140 euros per night.” [1]"
    assert "[1] finance/travel.md   Travel › Hotels   12 Jan 2026" in seen.out


def test_ask_without_a_server_says_so_and_quotes(company: Company) -> None:
    seen = command("ask", "How much is refunded for a hotel per night?", "--index", company.config.index)
    assert seen.code == 0
    assert seen.out.startswith("Quoted from the documents")
    assert "127.0.0.1:9" in seen.err


def test_ask_about_something_else_says_that_the_documents_do_not_say(company: Company) -> None:
    seen = command("ask", "--no-model", "Who won the world cup of 2014?", "--index", company.config.index)
    assert seen.code == 3
    assert seen.out.startswith("The documents do not say.\n")
    assert "Closest: " in seen.out


def test_ask_json_is_the_documented_object(company: Company) -> None:
    record = command("ask", "--no-model", "hotel costs per night", "--json", "--index", company.config.index).record
    assert list(record)[:4] == ["schema", "question", "status", "text"]
    assert (record["schema"], record["status"], record["model"]) == (1, "quotes", None)
    first = record["citations"][0]
    stored = (company.folder / first["path"]).read_text(encoding="utf-8")
    assert stored[first["start"] : first["end"]] == first["quote"]


def test_show_prints_the_source_with_what_stands_around_it(own_company: Company) -> None:
    index = own_company.config.index
    command("ask", "--no-model", "When is the notice period over?", "--type", "pdf", "--index", index)
    seen = command("show", 1, "--index", index)
    assert seen.code == 0
    assert seen.out.startswith("legal/supplier agreement.pdf, page 2 (printed “ii”)")
    assert ">>The notice period is three months to the end of a quarter.<<" in seen.out
    record = command("show", 1, "--index", index, "--json").record
    assert record["quote"] == "The notice period is three months to the end of a quarter."
    missing = command("show", 99, "--index", index)
    assert missing.code == 2 and "has no source 99" in missing.err


def test_show_before_any_question_says_to_ask_first(own_company: Company) -> None:
    (own_company.config.index / "last.json").unlink(missing_ok=True)
    assert "there is no last answer" in command("show", 1, "--index", own_company.config.index).err


def test_open_gives_the_viewer_the_file_at_its_page(
    own_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = tmp_path / "bin" / ("open" if sys.platform == "darwin" else "xdg-open")
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/opened"\n', encoding="utf-8")
    viewer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{viewer.parent}:/bin:/usr/bin")
    index = own_company.config.index
    command("ask", "--no-model", "When is the notice period over?", "--type", "pdf", "--index", index)
    assert command("open", 1, "--index", index).code == 0
    opened = (tmp_path / "opened").read_text(encoding="utf-8")
    assert opened == (own_company.folder / "legal/supplier agreement.pdf").resolve().as_uri() + "#page=2"
    viewer.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    failed = command("open", 1, "--index", index)
    assert failed.code == 1 and "at page 2" in failed.err


def test_the_record_of_the_last_answer_holds_no_text_and_is_private(own_company: Company) -> None:
    command("ask", "--no-model", "hotel costs per night", "--index", own_company.config.index)
    last = own_company.config.index / "last.json"
    assert set(json.loads(last.read_text(encoding="utf-8"))[0]) == {"number", "path", "page", "start", "end"}
    assert stat.S_IMODE(last.stat().st_mode) == 0o600


# --- status ---


def test_status_says_what_the_index_holds_and_what_has_changed(own_company: Company) -> None:
    index = own_company.config.index
    first = command("status", "--index", index)
    assert first.code == 0
    assert "8 files, 3 pages, " in first.out
    assert "unchanged since" in first.out
    assert "127.0.0.1:9" in first.out
    own_company.write("it/new.md", "# New\n\nA new printer came.\n")
    (own_company.folder / "it/printers.txt").unlink()
    assert "1 added, 1 gone" in command("status", "--index", index).out
    record = command("status", "--index", index, "--json").record
    assert record["changes"] == {"added": 1, "changed": 0, "moved": 0, "gone": 1}
    (own_company.folder).rename(own_company.folder.with_name("away"))
    assert f"not compared: there is no folder {own_company.folder}" in command("status", "--index", index, "-q").out
    record = command("status", "--index", index, "--json").record
    assert record["changes"] is None and "there is no folder" in record["lost"]


# --- the process itself ---


def test_a_reader_that_has_seen_enough_causes_no_noise(company: Company) -> None:
    script = textwrap.dedent(
        f"""
        '{sys.executable}' -m assistant search "room" -n 60 --index '{company.config.index}' | head -n 1
        """
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("1. ")
    assert done.stderr == ""


def test_an_interrupt_ends_with_130_and_no_traceback(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.library.Index.find", interrupted)
    seen = command("search", "leave", "--index", company.config.index)
    assert seen.code == 130
    assert "Traceback" not in seen.err
