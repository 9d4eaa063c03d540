"""Places that cannot be read or written, indexes in part damaged, and advice: two lines that name what to do where."""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from assistant.cli.telling import told
from assistant.config import Config
from assistant.storage.place import index_command, rebuild_hint
from tests.company import Company
from tests.terminal import CAN_BE_ANYBODY, as_anybody, command

pytestmark = pytest.mark.usefixtures("own_settings")
needs_anybody = pytest.mark.skipif(not CAN_BE_ANYBODY, reason="root may write everywhere")


def closed(place: Path, mode: int) -> None:
    """Take rights away from a place and all below it."""
    for path in [*place.rglob("*"), place] if place.is_dir() else [place]:
        path.chmod(path.stat().st_mode & mode)


def opened(place: Path) -> None:
    """Give them back."""
    place.chmod(0o700)
    for path in place.rglob("*"):
        path.chmod(0o700)


@needs_anybody
@pytest.mark.parametrize("part", [".", "catalog.sqlite", "words", "lock"])
def test_an_index_that_cannot_be_written_is_said_in_two_lines(own_company: Company, part: str) -> None:
    own_company.write("it/new.md", "# New\n\nA new printer came.\n")
    index = own_company.config.index
    closed(index / part, 0o555)
    try:
        seen = as_anybody("index", "--quiet", "--index", index)
        asked = as_anybody("search", "toner", "-n", 1, "--index", index)
    finally:
        opened(index)
    first, second = seen.err.splitlines()
    assert seen.code == 2
    assert "Permission denied" in first and "wrong" not in first
    assert "--index" in second
    assert asked.code == 0 and "Gutenberg" in asked.out, "it is still searched"


@needs_anybody
@pytest.mark.parametrize("name", ["index", "status", "search", "show", "forget"])
def test_an_index_behind_a_folder_that_may_not_be_entered_is_said_in_two_lines(tmp_path: Path, name: str) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "closed/index").mkdir(parents=True)
    (tmp_path / "closed").chmod(0)
    given: dict[str, list[object]] = {"index": [tmp_path / "documents"], "status": [], "show": [1]}
    seen = as_anybody(name, *given.get(name, ["x"]), "--index", tmp_path / "closed/index")
    (tmp_path / "closed").chmod(0o700)
    assert seen.code == 2
    assert len(seen.err.splitlines()) == 2 and "Permission denied" in seen.err and "--index" in seen.err


@needs_anybody
def test_a_catalog_that_may_not_be_read_is_not_called_damaged(own_company: Company) -> None:
    catalog = own_company.config.index / "catalog.sqlite"
    catalog.chmod(0)
    seen = as_anybody("status", "--index", own_company.config.index)
    assert seen.code in (2, 4)
    assert "permissions" in seen.err and "damaged" not in seen.err and "Delete" not in seen.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.EACCES, "Permission denied", "/x/lock"), 2, "/x/lock cannot be used: Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "abc.term"), 2, "a file of the index cannot be used: Read-only"),
        (OSError(errno.ENOSPC, "No space left"), 1, "the disk is full"),
        (OSError(errno.EIO, "Input/output error", "/x/y"), 1, "/x/y cannot be used: Input/output error; what was"),
        (sqlite3.OperationalError("unable to open database file"), 2, "the index cannot be written"),
        (sqlite3.OperationalError("attempt to write a readonly database"), 2, "the index is read-only"),
        (sqlite3.OperationalError("database or disk is full"), 1, "the disk is full"),
        (sqlite3.OperationalError("disk I/O error"), 1, "the disk reports an error"),
        (sqlite3.OperationalError("database is locked"), 6, "the index is busy"),
        (sqlite3.DatabaseError("database disk image is malformed"), 4, "the index's catalog is damaged"),
    ],
)
def test_every_failure_of_a_disk_has_words_and_a_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(error) == code
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"error: {said}") and second.strip()


# --- damage is named before anything is asked ---


def test_status_and_a_dry_run_name_what_is_damaged_and_the_run_mends_it(own_company: Company) -> None:
    index = own_company.config.index
    assert "Damaged" not in command("status", "--index", index).out
    shutil.rmtree(index / "words")
    for path in (index / "chroma").rglob("*.sqlite3"):
        path.write_bytes(b"")
    status = command("status", "--index", index).out
    assert "Damaged   the words index is missing or damaged; run: " in status
    assert "Damaged   the vectors' store is missing or damaged; run: " in status
    assert command("status", "--json", "--index", index).record["damaged"] == ["words index", "vectors' store"]
    planned = command("index", "--dry-run", "--index", index).out
    assert "made anew   the words index, which is missing or damaged" in planned
    assert "Would do: 8 unchanged. Nothing has been changed." in planned
    assert command("index", "--dry-run", "--json", "--index", index).record["mended"] == [
        "words index", "vectors' store"
    ]  # fmt: skip
    assert command("index", "--index", index).code == 0
    assert "Damaged" not in command("status", "--index", index).out


# --- advice ---


def test_the_command_names_the_index_and_the_folder_where_they_have_to_be_said() -> None:
    assert index_command(Config().index) == "assistant index"
    assert index_command(Config().index, "a b", "--yes") == "assistant index 'a b' --yes"
    assert index_command(Path("x y"), None, "--dry-run") == "assistant index --index 'x y' --dry-run"


def test_what_to_do_about_a_lost_catalog_names_the_folder_that_it_was_made_from(own_company: Company) -> None:
    index = own_company.config.index
    assert (
        rebuild_hint(index)
        == f"Delete the file {index}/catalog.sqlite and run: assistant index {own_company.folder} --index {index}."
        " The log is kept."
    )
    (index / "seal").unlink()
    assert f"assistant index FOLDER --index {index}." in rebuild_hint(index)


def test_what_a_damaged_catalog_needs_keeps_the_log_and_answers_again(own_company: Company) -> None:
    index = own_company.config.index
    command("ask", "--no-model", "hotel costs per night", "--index", index)
    catalog = index / "catalog.sqlite"
    catalog.write_bytes(catalog.read_bytes()[:-4096])
    said = command("search", "hotel", "--index", index).err
    assert f"Delete the file {catalog} and run: assistant index {own_company.folder}" in said
    catalog.unlink()
    assert f"assistant index {own_company.folder} --index {index}" in command("search", "hotel", "--index", index).err
    assert command("index", own_company.folder, "--index", index).code == 0
    assert "hotel costs per night" in command("log", "--index", index).out
    assert command("log", "verify", "--index", index).code == 0
    assert "Travel › Hotels" in command("search", "hotel costs per night", "--index", index).out.splitlines()[0]
    assert len(list((index / "chroma").iterdir())) == 1  # nothing of the old one is left


def test_what_is_no_index_is_said_to_be_what_it_is(own_company: Company) -> None:
    folder, file = own_company.folder, own_company.folder / "it/printers.txt"
    seen = command("search", "hotel", "--index", folder)
    assert seen.code == 4 and f"{folder} is a folder of other files, not an index" in seen.err
    assert f"assistant index {folder} --index indexes/{folder.name}" in seen.err
    seen = command("search", "hotel", "--index", file)
    assert seen.code == 4 and f"{file} is a file, not an index" in seen.err
    seen = command("index", folder, "--index", file)
    assert seen.code == 2 and f"{file} is a file, not an index" in seen.err


@pytest.mark.parametrize("arguments", [("status",), ("search", "x"), ("show", "1"), ("forget", "x"), ("index",)])
def test_without_an_index_the_advice_names_the_one_that_was_meant(arguments: tuple[str, ...]) -> None:
    seen = command(*arguments, "--index", "here")
    assert "assistant index FOLDER --index here" in seen.err
    assert "--index" not in command(*arguments).err


def test_advice_about_the_last_answer_names_the_index(own_company: Company) -> None:
    index = own_company.config.index
    (index / "last.json").unlink(missing_ok=True)
    assert f"ask --index {index}" in command("show", 1, "--index", index).err
    command("ask", "--no-model", "hotel costs", "--in", "finance", "--index", index)
    (own_company.folder / "finance/travel.md").unlink()
    assert f"assistant index --index {index}" in command("open", 1, "--index", index).err


def test_a_folder_that_has_moved_is_named_by_the_advice_and_taken_with_a_word(own_company: Company) -> None:
    index = own_company.config.index
    moved = own_company.folder.rename(own_company.folder.with_name("moved"))
    assert f"assistant index NEW_FOLDER --index {index}" in command("index", "--index", index).err
    seen = command("index", moved, "--index", index)
    assert seen.code == 0
    assert (
        f"This index was made from {own_company.folder}; from here on it belongs to {moved}." in seen.err.splitlines()
    )
    assert "belongs" not in command("index", moved, "--index", index).err


def test_an_index_without_text_names_the_folder_to_fill_it_from(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    command("index", tmp_path / "papers", "--index", tmp_path / "index")
    said = command("search", "x", "--index", tmp_path / "index").err
    assert f"assistant index {tmp_path / 'papers'} --index {tmp_path / 'index'}" in said
    planned = command("index", tmp_path / "papers", "--dry-run", "--index", tmp_path / "index").out
    assert planned.startswith("There are no PDFs, markdown or text files in this folder")


def test_the_persons_own_settings_file_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text('host = "127.0.0.1:1"\n', encoding="utf-8")
    said = command("status").err
    assert (
        f"Move the line into your own settings file, {os.environ['XDG_CONFIG_HOME']}/assistant/settings.toml." in said
    )
