"""What the lock promises: one writer an index, named to the next one, and gone with its process however it ends."""

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.errors import IndexInUse, UsageError
from assistant.storage import lock
from assistant.storage.layout import LOCK

HOLD = """
import pathlib, sys, time
from assistant.storage import lock
with lock.writer(pathlib.Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


@contextmanager
def held(index: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock of an index."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(index)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_second_writer_is_told_which_process_is_writing(tmp_path: Path) -> None:
    with held(tmp_path) as process:
        with (
            pytest.raises(IndexInUse, match=f"in use by process {process.pid} since ") as caught,
            lock.writer(tmp_path),
        ):
            pass
        assert caught.value.exit_code == 6
        assert caught.value.hint


def test_a_killed_writer_holds_nobody_up(tmp_path: Path) -> None:
    with held(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with lock.writer(tmp_path):
            assert json.loads((tmp_path / LOCK).read_bytes())["pid"] == os.getpid()


def test_a_longer_note_of_an_earlier_writer_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text(json.dumps({"pid": 1, "since": "yesterday " * 50}))
    with lock.writer(tmp_path), pytest.raises(IndexInUse, match=f"process {os.getpid()} "), lock.writer(tmp_path):
        pass


def test_a_writer_that_ended_or_failed_lets_the_next_one_in(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock.writer(tmp_path):
        raise RuntimeError
    with lock.writer(tmp_path), pytest.raises(IndexInUse, match=f"process {os.getpid()} "), lock.writer(tmp_path):
        pass
    with lock.writer(tmp_path):
        pass


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'"x"', b"{}", b'{"pid": 3}', b"\xff"])
def test_a_lock_without_a_readable_note_is_still_a_lock(tmp_path: Path, note: bytes) -> None:
    with lock.writer(tmp_path):
        (tmp_path / LOCK).write_bytes(note)
        with pytest.raises(IndexInUse, match="in use by another process"), lock.writer(tmp_path):
            pass


def test_the_lock_and_its_folder_are_the_owners_alone(tmp_path: Path) -> None:
    with lock.writer(tmp_path / "new" / "index"):
        assert stat.S_IMODE((tmp_path / "new/index").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "new/index" / LOCK).stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["taken", "taken/index", "x" * 300, "blocked"])
def test_a_place_where_no_index_can_be_kept_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "blocked/lock").mkdir(parents=True)
    with pytest.raises(UsageError, match="no index can be kept") as caught, lock.writer(tmp_path / place):
        pass
    assert "--index" in caught.value.hint


def test_whoever_looks_is_told_who_writes_and_holds_nobody_up(tmp_path: Path) -> None:
    assert lock.holder(tmp_path) == lock.holder(tmp_path / "none") == ""
    assert lock.finisher(tmp_path, "assistant index") == "assistant index"
    with held(tmp_path) as process:
        assert lock.holder(tmp_path).startswith(f"process {process.pid} since ")
        assert lock.finisher(tmp_path, "assistant index").startswith(f"the run at work (process {process.pid} since ")
    assert lock.holder(tmp_path) == "", "it was killed, and its note is still there"
    for _ in range(50):
        with lock.writer(tmp_path):
            assert lock.holder(tmp_path).startswith(f"process {os.getpid()} ")
        assert lock.holder(tmp_path) == ""


def test_a_writer_waits_for_somebody_who_only_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lock.writer(tmp_path):
        pass
    with (tmp_path / LOCK).open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        monkeypatch.setattr(time, "sleep", lambda _: fcntl.flock(looking, fcntl.LOCK_UN))
        with lock.writer(tmp_path):
            pass
