"""What a person sees: words, tables and exit codes of every command."""

import json
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.company import Company
from tests.golden.make import COMMANDS
from tests.terminal import command

GOLDEN = Path(__file__).parent / "golden"


pytestmark = pytest.mark.usefixtures("own_settings")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_what_the_golden_file_says(name: str) -> None:
    seen = command(*name.split(), "--help")
    assert seen.code == 0
    assert seen.out == (GOLDEN / f"help-{name.replace(' ', '-') or 'assistant'}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS[1:])
def test_every_command_shows_an_example(name: str) -> None:
    assert f"Example: assistant {name}" in " ".join(command(*name.split(), "--help").out.split())


def test_every_exit_code_is_in_the_help_and_in_the_readme() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    said = command("--help").out
    for code in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "130"):
        assert f"{code} " in " ".join(said.split("Exit codes:")[1].split())
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
        ((), 2, "there is no command"),
        (("frobnicate",), 2, "has no command “frobnicate”"),
        (("log", "frobnicate"), 2, "assistant log has no command “frobnicate”"),
        (("ask", "--no-such-option"), 2, "has no option --no-such-option"),
        (("show", "-1"), 2, "assistant show has no option -1"),
        (("search", "--json=yes", "leave"), 2, "--json takes no value"),
        (("ask", "leave", "--model"), 2, "--model needs a value"),
        (("log", "show"), 2, "N is missing"),
        (("feedback", "1"), 2, "good|bad is missing"),
        (("show", "1", "2"), 2, "assistant show was given more than it takes"),
        (("search", "--limit", "many", "leave"), 2, "--limit many cannot be used"),
        (("search", "--limit", "201", "leave"), 2, "--limit 201 cannot be used"),
        (("ask", "--sources", "0", "leave"), 2, "--sources 0 cannot be used"),
        (("log", "--limit", "-1"), 2, "--limit -1 cannot be used"),
        (("search", "leave", "--index", "a", "--index", "b"), 2, "--index was given 2 times"),
        (("search", "leave", "--index", ""), 2, "--index is empty"),
        (("search", "leave", "--in", " "), 2, "--in names nothing"),
        (("ask", "leave", "--model", ""), 2, "--model is empty"),
        (("ask", "leave", "--allow-host", ""), 2, "--allow-host is empty"),
        (("search", "a\0b"), 2, "the question is not text"),
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
    assert not seen.out
    first, second = seen.err.splitlines()
    assert first.startswith("error: ") and said in first
    assert second.startswith("       ") and second.strip()
    assert "Traceback" not in seen.err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("serch", "leave"), "Did you mean assistant search?"),
        (("ask", "--sourcs", "3"), "Did you mean --sources or --strict?"),
        (("search", "leave", "--limit", "0"), "Write a whole number from 1 to 200."),
        (("feedback", "1"), "Write it like this: assistant feedback N good|bad [RIGHT_ANSWER]."),
        (("log", "export", "--nothing"), "See: assistant log export --help"),
    ],
)
def test_what_was_typed_wrong_is_said_with_how_it_is_written(arguments: tuple[str, ...], advice: str) -> None:
    assert advice in command(*arguments).err


def test_no_help_names_a_type_of_a_program() -> None:
    for name in COMMANDS:
        said = command(*name.split(), "--help").out
        assert not any(sign in said for sign in ("<int", "<path", "<str", "<list", "range>", "{", "[required]"))


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


# --- search ---


def test_search_shows_where_each_passage_stands_and_marks_the_words(company: Company) -> None:
    seen = command("search", "notice period of the supplier agreement", "-n", 1, "--index", company.config.index)
    assert seen.code == 0
    assert "1. legal/supplier agreement.pdf, page 2 (printed “ii”)" in seen.out
    assert "The *notice* *period* is three months" in seen.out


def test_search_explain_shows_what_each_half_contributed(company: Company) -> None:
    seen = command("search", "hotel costs", "-n", 1, "--explain", "--index", company.config.index)
    assert "meaning: cosine 0." in seen.out and "words: BM25 " in seen.out
    assert seen.out.startswith("The documents answer this with a probability of ")


def test_search_says_which_parts_of_a_question_it_searched(company: Company) -> None:
    question = "What is the hotel limit per night, and where is the toner of the printer?"
    told = command("search", question, "--explain", "--index", company.config.index).out
    assert "What is the hotel limit per night; where is the toner of the printer?" in " ".join(told.split())
    record = command("search", question, "--json", "--index", company.config.index).record
    assert record["parts"] == ["What is the hotel limit per night", "where is the toner of the printer?"]
    assert 0 < record["probability"] < 1


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


def test_ask_why_shows_what_decided_for_an_answer_and_for_a_refusal(company: Company) -> None:
    index = company.config.index
    seen = command("ask", "--no-model", "--why", "How much is refunded for a hotel per night?", "--index", index)
    why = seen.out[seen.out.index("Why") :]
    assert "yes  passages: " in why and "yes  quote: " in why
    assert "quoted: “Hotel costs are refunded up to 140 euros per night.”" in why
    assert "yes  meaning: cosine " in why
    refused = command("ask", "--no-model", "--why", "Who won the world cup of 2014?", "--index", index)
    assert refused.code == 3
    assert "no   passages: no passage near enough" in refused.out and "nearest, " in refused.out


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
    assert record["date_from"] == "PDF metadata" and "(from its PDF metadata)" in " ".join(seen.out.split())
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
    assert set(json.loads(last.read_text(encoding="utf-8"))[0]) == {"number", "path", "page", "start", "end", "quote"}
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
    assert record["changes"] == {"added": 1, "changed": 0, "moved": 0, "gone": 1, "ignored": 0}
    (own_company.folder).rename(own_company.folder.with_name("away"))
    said = " ".join(command("status", "--index", index, "-q").out.split())
    assert f"not compared: there is no folder {own_company.folder}" in said
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


@pytest.mark.parametrize(("redirected", "code"), [(">&-", 0), ("2>&- >&- <&-", 0), ("'' 2>&1 >/dev/null | true", 2)])
def test_outputs_that_are_closed_change_no_exit_code(company: Company, redirected: str, code: int) -> None:
    asked = f"search {'' if code else 'room'} --index '{company.config.index}' {redirected}"
    script = f"'{sys.executable}' -m assistant {asked}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_an_interrupt_ends_with_130_and_no_traceback(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.library.Index.find", interrupted)
    seen = command("search", "leave", "--index", company.config.index)
    assert seen.code == 130
    assert "Traceback" not in seen.err


# --- words ---


@pytest.mark.usefixtures("own_settings")
def test_search_and_show_mark_a_source_that_has_changed_or_gone(own_company: Company) -> None:
    index = own_company.config.index
    command("ask", "--no-model", "hotel costs per night", "--in", "finance", "--index", index)
    search = ("search", "hotel costs", "--in", "finance", "-n", 1, "--index", index)
    assert "(" not in command(*search).out.splitlines()[0]
    assert command(*search, "--json").record["hits"][0]["state"] == "current"
    own_company.write("finance/travel.md", "# Travel\n\nHotels are never refunded.\n")
    assert "(changed since it was indexed)" in command(*search, "--quiet").out
    assert "(changed since it was indexed)" in command("show", 1, "--index", index).out
    (own_company.folder / "finance/travel.md").unlink()
    assert "(no longer in the folder)" in command(*search, "--quiet").out
    assert command(*search, "--json").record["hits"][0]["state"] == "gone"
    assert "(no longer in the folder)" in command("show", 1, "--index", index).out
    assert command("show", 1, "--json", "--index", index).record["state"] == "gone"
    quiet = command("ask", "--no-model", "hotel costs per night", "--in", "finance", "-q", "--index", index)
    assert "(no longer in the folder)" in quiet.out and not quiet.err


@pytest.mark.parametrize(("since", "found"), [("2026", True), ("2026-01", True), ("2026-02", False), ("2027", False)])
def test_since_takes_a_year_and_a_month(company: Company, since: str, found: bool) -> None:
    seen = command("search", "hotel", "--in", "finance", "--since", since, "--index", company.config.index)
    assert seen.code == (0 if found else 2)


@pytest.mark.parametrize("since", ["20", "2026-13", "26-01-01", "2026-1", "2026-02-01-01", ""])
def test_a_since_that_is_no_date_is_refused_with_the_ways_to_write_one(since: str) -> None:
    seen = command("search", "hotel", "--since", since)
    assert seen.code == 2 and "2026, 2026-02 or 2026-02-01" in seen.err


def test_the_only_source_of_an_answer_is_called_one(own_company: Company) -> None:
    index = own_company.config.index
    (index / "last.json").write_text('[{"number": 1, "path": "a.md", "page": null, "start": 0, "end": 1, "quote": ""}]')
    assert "It has one: source 1." in command("show", 2, "--index", index).err


def test_show_of_a_word_says_what_a_number_is(company: Company) -> None:
    seen = command("show", "abc", "--index", company.config.index)
    assert seen.code == 2
    assert seen.err == "error: abc is no number\n       Write it in digits, for example 1.\n"
