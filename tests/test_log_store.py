"""What the log's file promises: what was appended is there, whoever appends or is killed; what was erased is not."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from assistant.errors import LogUnusable
from assistant.log.entry import Kind
from assistant.log.store import Log, New, note
from assistant.log.verify import verify

# Appends entries until it is done, or killed, and prints the number of each once it is on the disk.
APPENDER = """
import sys
from pathlib import Path
from assistant.log.entry import Kind
from assistant.log.store import Log, New
log, count = Log(Path(sys.argv[1])), int(sys.argv[2])
for number in range(count):
    new = New(Kind.QUESTION, {"status": "quotes"}, {"question": f"Question {number} of {sys.argv[3]}? " * 20})
    print(log.append(lambda: new), flush=True)
"""


def appender(index: Path, count: int, name: str) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", APPENDER, str(index), str(count), name]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def asked(text: str) -> New:
    return New(Kind.QUESTION, {"status": "quotes"}, {"question": text})


def test_entries_are_read_as_they_were_appended(tmp_path: Path) -> None:
    log = Log(tmp_path)
    assert (log.entries(), log.last()) == ([], 0)
    assert not log.path.exists()
    assert [log.append(lambda: asked("Why?")), note(tmp_path, "refused", "connect 192.0.2.1")] == [1, 2]
    first, second = log.entries()
    assert (first.number, first.kind, first.text("question")) == (1, Kind.QUESTION, "Why?")
    assert (second.kind, second.facts["what"], second.text("said")) == (Kind.EVENT, "refused", "connect 192.0.2.1")
    assert log.entries(2) == [second]
    assert log.entry(1) == first
    assert log.entry(3) is None
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_text_that_a_models_json_may_hold_is_kept_as_far_as_it_is_text(tmp_path: Path) -> None:
    Log(tmp_path).append(lambda: asked("a lone \ud800 surrogate"))
    assert Log(tmp_path).entries()[0].text("question") == "a lone ? surrogate"
    assert not verify(tmp_path).findings


def test_many_processes_append_at_once_and_lose_nothing_while_one_erases(tmp_path: Path) -> None:
    writers = [appender(tmp_path, 15, f"writer {number}") for number in range(4)]
    log, erased = Log(tmp_path), 0
    while any(writer.poll() is None for writer in writers):
        erased += log.erase(lambda entries: {entry.number: list(entry.texts) for entry in entries}, "too old")
    numbers = [int(number) for writer in writers for number in writer.communicate()[0].split()]
    assert all(writer.returncode == 0 for writer in writers)
    assert len(set(numbers)) == 60
    entries = Log(tmp_path).entries()
    assert {entry.number for entry in entries if entry.kind is Kind.QUESTION} == set(numbers)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert (verify(tmp_path).findings, verify(tmp_path).erased) == ((), erased)


def test_threads_of_one_process_append_at_once(tmp_path: Path) -> None:
    def append() -> None:
        for _ in range(5):
            Log(tmp_path).append(lambda: asked("Why?"))

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Log(tmp_path).last(), verify(tmp_path).findings) == (20, ())


def test_a_kill_at_any_moment_loses_nothing_that_was_appended(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - not a secret
    known: list[int] = []
    for life in range(6):
        writer = appender(tmp_path, 10_000, f"life {life}")
        assert writer.stdout is not None
        known += [int(writer.stdout.readline()) for _ in range(chance.randint(1, 6))]
        threading.Event().wait(chance.random() * 0.02)
        os.kill(writer.pid, signal.SIGKILL)
        known += [int(number) for number in writer.communicate()[0].split() if number]
        assert not verify(tmp_path).findings
        assert {entry.number for entry in Log(tmp_path).entries()} >= set(known)


def test_what_fails_inside_appends_nothing(tmp_path: Path) -> None:
    def broken() -> New:
        raise KeyboardInterrupt

    Log(tmp_path).append(lambda: asked("Why?"))
    with pytest.raises(KeyboardInterrupt):
        Log(tmp_path).append(broken)
    assert Log(tmp_path).append(lambda: asked("Who?")) == 2


def test_nothing_of_an_erased_text_stands_in_the_file(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311 - not a secret
    log, texts = Log(tmp_path), {}
    for _ in range(40):
        text = " ".join(f"{chance.getrandbits(64):x}" for _ in range(chance.choice([1, 5, 300])))
        texts[log.append(partial(asked, text))] = text
    gone = chance.sample(sorted(texts), 15)
    salts = [log.entries(number)[0].texts["question"].salt for number in gone]
    assert log.erase(lambda _: {number: ["question"] for number in gone}, "forgotten") == 15
    data = log.path.read_bytes()
    for number, text in texts.items():
        found = any(word.encode() in data for word in text.split())
        assert found != (number in gone)
    assert not any(salt in data for salt in salts), "with its salt a short text could be guessed"
    assert (verify(tmp_path).findings, verify(tmp_path).erased) == ((), 15)
    with closing(sqlite3.connect(log.path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LogUnusable):
        Log(tmp_path).append(lambda: asked("Why?"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_is_no_log_is_said_to_be_damaged_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").write_bytes(b"notes of somebody else, who had this name before us" * 100)
    with pytest.raises(LogUnusable, match="the log is damaged"):
        Log(tmp_path).append(lambda: asked("Why?"))
    with pytest.raises(LogUnusable, match="the log is damaged"):
        Log(tmp_path).entries()
    assert (tmp_path / "log.sqlite").read_bytes().startswith(b"notes of")


def test_a_log_that_somebody_holds_is_said_to_be_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.log.store._WAIT_SECONDS", 0.05)
    Log(tmp_path).append(lambda: asked("Why?"))
    with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LogUnusable, match="the log is busy"):
            Log(tmp_path).append(lambda: asked("Who?"))
