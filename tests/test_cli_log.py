"""What a person sees of the log: a list, an answer again, whether it was changed, and every byte of it as JSON."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.log.chain import text_digest
from assistant.log.store import note
from tests.company import QUESTIONS, Company
from tests.terminal import Seen, command

pytestmark = pytest.mark.usefixtures("own_settings")
TONER = QUESTIONS[3]


@pytest.fixture
def index(own_company: Company) -> Path:
    place = own_company.config.index
    assert command("ask", "--no-model", TONER, "--index", place).code == 0
    return place


def log(index: Path, *arguments: object) -> Seen:
    return command("log", *arguments, "--index", index)


def test_the_list_names_what_was_asked_judged_and_refused(index: Path) -> None:
    assert command("feedback", 1, "bad", "On the second floor", "--index", index).out.startswith("Logged as entry 2")
    note(index, "refused", "connect 192.0.2.1:443")
    rows = log(index).out.splitlines()
    assert [row.split("  ", 2)[0] for row in rows] == ["1", "2", "3"]
    for row, said in zip(
        rows, (("quoted", TONER), ("bad, on 1", TONER[:20], "second floor"), ("event", "192.0.2.1")), strict=True
    ):
        assert all(part in row for part in said)
    last, more = log(index, "--limit", 1).out.splitlines()
    assert last.startswith("3 ")
    assert "Entries before these: 2." in more
    record = log(index, "--json").record
    assert [entry["entry"] for entry in record["entries"]] == [1, 2, 3]


def test_an_answer_is_shown_again_as_it_was_though_its_source_has_changed(index: Path, own_company: Company) -> None:
    own_company.write("it/printers.txt", "Nothing is said of it here.\n")
    own_company.update()
    command("feedback", 1, "good", "--index", index)
    seen = log(index, "show", 1)
    for said in (TONER, "[1] it/printers.txt", "Its toner lies in the cupboard.", "Judged good"):
        assert said in seen.out
    record = log(index, "show", 1, "--json").record
    assert record["answer"]["status"] == "quotes"
    assert all(passage["text"] not in seen.out for passage in record["passages"] if "\n" in passage["text"])
    assert "assistant log show 1 --full" in seen.out
    full = " ".join(log(index, "show", 1, "--full").out.split())
    assert record["passages"] and all(" ".join(one["text"].split()) in full for one in record["passages"])


def test_a_change_is_found_and_said_with_a_code_of_its_own(index: Path) -> None:
    clean = log(index, "verify")
    head = clean.out.split("Head: ")[1].strip()
    assert clean.code == 0
    counted = log(index, "verify", "--head", head)
    assert counted.code == 0
    assert "Entries behind the head that you gave: 0, that erase texts: 0" in counted.out
    with closing(sqlite3.connect(index / "log.sqlite")) as db:
        db.execute("UPDATE texts SET text = 'Who?' WHERE name = 'question'")
        db.commit()
    changed = log(index, "verify")
    assert changed.code == 1
    assert "the text “question” of entry 1 was changed" in changed.out
    assert "Head" not in changed.out
    with closing(sqlite3.connect(index / "log.sqlite")) as db:
        db.executescript("DELETE FROM texts; DELETE FROM entries")
    assert log(index, "verify").code == 0, "only a head that was written down shows a cut"
    assert log(index, "verify", "--head", head).code == 1


def test_other_tables_are_said_with_what_to_do_and_found(index: Path) -> None:
    with closing(sqlite3.connect(index / "log.sqlite")) as db:
        db.execute("ALTER TABLE entries ADD COLUMN other")
    for arguments in ((), ("show", 1), ("export",)):
        seen = log(index, *arguments)
        assert seen.code == 1
        assert seen.err.splitlines()[0] == "error: the tables of the log were changed"
        assert "assistant log verify" in seen.err
    seen = log(index, "verify")
    assert seen.code == 1
    assert "table entries" in seen.out
    assert "The log is not as it was written" in seen.out


def test_the_export_holds_what_every_digest_is_made_of(index: Path) -> None:
    command("feedback", 1, "good", "--index", index)
    rows = [json.loads(row) for row in log(index, "export").out.splitlines()]
    assert [row["entry"] for row in rows] == [1, 2]
    for name, text in rows[0]["texts"].items():
        assert text_digest(bytes.fromhex(text["salt"]), text["text"]) == rows[0]["facts"]["texts"][name]


def test_no_log_leaves_no_entry(index: Path) -> None:
    assert command("ask", "--no-model", "--no-log", TONER, "--index", index).code == 0
    assert len(log(index).out.splitlines()) == 1


def test_the_index_may_be_named_before_what_is_asked_of_the_log(index: Path) -> None:
    assert command("log", "--index", index, "show", 1).out == log(index, "show", 1).out


def test_what_is_not_there_is_said_with_what_to_do(index: Path, tmp_path: Path) -> None:
    assert log(tmp_path / "nowhere").code == 4
    assert "there is no index" in log(tmp_path / "nowhere", "verify").err
    (index / "log.sqlite").unlink()
    assert log(index).out == "Nothing has been logged.\n"
    for wrong in (("log", "show", 7), ("feedback", 7, "good"), ("feedback", 1, "so-so"), ("log", "show", "x")):
        seen = command(*wrong, "--index", index)
        assert (seen.code, len(seen.err.splitlines())) == (2, 2)


def test_what_is_no_question_can_be_neither_shown_nor_judged(index: Path) -> None:
    note(index, "refused", "connect 192.0.2.1:443")
    for wrong in (("log", "show", 2), ("feedback", 2, "good")):
        assert "entry 2 of the log is no question" in command(*wrong, "--index", index).err


def test_a_log_that_was_made_unreadable_is_said_so(index: Path) -> None:
    with closing(sqlite3.connect(index / "log.sqlite")) as db:
        db.execute("UPDATE entries SET facts = '{'")
        db.commit()
    seen = log(index)
    assert seen.code == 1
    assert seen.err.splitlines() == [
        "error: entry 1 of the log was changed",
        "       See: assistant log verify",
    ]
    assert log(index, "verify").code == 1
