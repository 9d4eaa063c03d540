"""Part b of the soak: a fault hits just the call it is meant for, and an error that helps nobody is noticed."""

import errno
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from soaking.faults import Fault, watched
from soaking.frame import Broken
from soaking.said import Said, assert_clear

TEXT = "The printer on the second floor is called Gutenberg."


def writes(folder: Path) -> int:
    """Calls that change files of the folder, one by another program; returns how many of three steps failed."""
    failed = 0
    for number in range(2):
        try:
            (folder / f"own-{number}").mkdir()
        except OSError:
            failed += 1
    script = f"echo 1 > {folder}/shell"
    failed += subprocess.run(["sh", "-c", script], check=False, stderr=subprocess.DEVNULL).returncode != 0
    with suppress(FileNotFoundError):
        (folder / "own-0").rmdir()
    return failed


def test_every_call_that_changes_a_file_below_the_folder_is_seen_also_of_children(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
    seen = watched(lambda: writes(inside) + writes(outside), inside)
    assert [call.split()[-1] for call in seen.calls] == ["own-0", "own-1", "shell", "shell", "own-0"]
    assert (seen.code, seen.failed) == (0, [])


@pytest.mark.parametrize(("number", "made"), [(1, {"own-1", "shell"}), (2, {"shell"}), (3, {"own-1"})])
def test_just_the_call_of_that_number_fails(tmp_path: Path, number: int, made: set[str]) -> None:
    seen = watched(lambda: writes(tmp_path), tmp_path, Fault(number, errno.EIO))
    assert len(seen.failed) == 1 and seen.code >= 1
    assert {path.name for path in tmp_path.iterdir()} == made


def test_a_full_disk_takes_nothing_more_and_gives_up_what_it_has(tmp_path: Path) -> None:
    seen = watched(lambda: writes(tmp_path), tmp_path, Fault(2, errno.ENOSPC, lasting=True))
    assert [call.split()[-1] for call in seen.failed] == ["own-1", "shell"]
    assert not list(tmp_path.iterdir())


def killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_how_a_process_ends_is_told(tmp_path: Path) -> None:
    assert watched(lambda: 7, tmp_path).code == 7
    assert watched(killed, tmp_path).code == -signal.SIGKILL


def test_an_error_of_two_lines_that_says_what_to_do_is_clear() -> None:
    assert_clear(Said(1, "", "error: the disk is full\n       Make room, then run it again.\n"), [TEXT])


@pytest.mark.parametrize(
    "said",
    [
        Said(0, "", "error: the disk is full\n       Make room.\n"),
        Said(-11, "", ""),
        Said(1, "", "error: the disk is full\n"),
        Said(1, "", "Traceback (most recent call last):\n  File\n"),
        Said(1, "", "error: something went wrong: OSError\n       Run it again.\n"),
        Said(1, "", "error: no such column: second floor is called Gutenberg\n       Run it again.\n"),
    ],
    ids=["no error", "crash", "no advice", "traceback", "vague", "shows a text"],
)
def test_an_error_that_helps_nobody_is_noticed(said: Said) -> None:
    with pytest.raises(Broken):
        assert_clear(said, [TEXT])
