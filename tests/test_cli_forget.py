"""What a person sees of `assistant forget`: its report, the question, and what is still in the folder."""

import pytest

from assistant.indexing.forget import forget
from tests.company import PAGES, PASSAGES, Company
from tests.terminal import command

AGREEMENT, TRAVEL, COPY = "legal/supplier agreement.pdf", "finance/travel.md", "archive/travel copy.md"

pytestmark = pytest.mark.usefixtures("own_settings")


def test_forgetting_more_than_half_of_the_documents_needs_yes(own_company: Company) -> None:
    index = own_company.config.index
    seen = command("forget", "*.md", "--index", index)
    assert seen.code == 2
    first, second = seen.err.splitlines()
    assert first == "error: 6 of 8 documents would be forgotten"
    assert f"assistant forget '*.md' --index {index} --yes" in second
    assert len(own_company.passages()) == PASSAGES
    assert command("forget", "*.md", "--index", index, stdin="n\n", terminal=True).code == 2
    assert len(own_company.passages()) == PASSAGES
    assert command("forget", "hr/*", "--index", index, stdin="y\n", terminal=True).code == 0
    assert command("forget", "*.md", "--yes", "--index", index).out.startswith("Forgotten: 2 documents")


def test_one_file_that_is_still_there_is_one(own_company: Company) -> None:
    out = command("forget", "finance/travel.md", "--index", own_company.config.index).out
    assert "The file is still in the folder. To keep it out of the next run, name it" in out


def test_the_last_answer_is_forgotten_too(own_company: Company) -> None:
    command("ask", "--no-model", "notice period", "--type", "pdf", "--index", own_company.config.index)
    assert (own_company.config.index / "last.json").exists()
    forget(AGREEMENT, own_company.config)
    assert not (own_company.config.index / "last.json").exists()
    assert "there is no last answer" in command("show", 1, "--index", own_company.config.index).err


def test_the_command_says_what_it_removed_and_what_is_still_in_the_folder(own_company: Company) -> None:
    index = own_company.config.index
    (own_company.folder / TRAVEL).unlink()
    seen = command("forget", "*travel*", "--index", index)
    first, *rows = seen.out.splitlines()
    assert seen.code == 0
    assert first.startswith("Forgotten: 2 documents, 6 passages, 3 vectors. (") and first.endswith(" s)")
    assert rows[:2] == [f"  {COPY}", f"  {TRAVEL}"]
    assert ".assistantignore" in rows[2]
    (own_company.folder / "it/printers.txt").unlink()
    lines = command("forget", "it/printers.txt", "--index", index).out.splitlines()
    assert lines[0].startswith("Forgotten: 1 document, 1 passage, 1 vector. (")
    assert lines[1:] == ["  it/printers.txt"]
    assert command("forget", AGREEMENT, "--index", index, "--quiet").out == ""
    record = command("forget", "hr/leave-*", "--index", index, "--json").record
    assert (record["schema"], record["paths"]) == (1, ["hr/leave-2023.md", "hr/leave-2026.md"])
    assert record["still_there"] == record["paths"]


def test_the_command_names_no_more_than_a_screen(own_company: Company) -> None:
    for number in range(30):
        own_company.write(f"more/{number:02}.md", f"Note {number}.\n")
    own_company.update()
    lines = command("forget", "more", "--yes", "--index", own_company.config.index).out.splitlines()
    assert lines[20] == "  more/19.md"
    assert lines[21] == "  and 10 more"


def test_the_command_refuses_in_two_lines(own_company: Company) -> None:
    seen = command("forget", "nothing.md", "--index", own_company.config.index)
    assert seen.code == 2
    assert seen.err.splitlines()[0] == "error: no indexed document is, or lies in, nothing.md"
    assert command("forget", "a.md", "--index", own_company.folder.with_name("none")).code == 4


def test_a_forgotten_file_that_is_still_in_the_folder_comes_back_unless_it_is_ignored(own_company: Company) -> None:
    assert forget(AGREEMENT, own_company.config).still_there == (AGREEMENT,)
    own_company.write(".assistantignore", "*.pdf\n")
    assert own_company.update().nothing_to_do
    (own_company.folder / ".assistantignore").unlink()
    assert own_company.update().added == 1
    assert PAGES[1] in {passage[4] for passage in own_company.passages()}
