"""What comparing promises: each file in exactly one place, and none called unchanged that may have been changed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.indexing.plan import RACY_NS, compare
from assistant.storage.rows import FileRow
from assistant.types import Kind, SourceFile

SCANNED = 1_800_000_000_000_000_000
LONG_AGO = SCANNED - 10 * RACY_NS
FILE = SourceFile("a.md", Kind.MARKDOWN, 10, LONG_AGO, LONG_AGO, 1, 2)


def row(source: SourceFile, scanned_ns: int = SCANNED) -> FileRow:
    return FileRow(1, source, scanned_ns, "hash", "1", "1")


def test_a_file_that_looks_as_it_did_is_unchanged() -> None:
    found = compare([FILE], {"a.md": row(FILE)})
    assert (found.unchanged, found.added, found.suspect, found.vanished) == ((FILE,), (), (), ())


@pytest.mark.parametrize(
    "change",
    [{"size": 11}, {"mtime_ns": 1}, {"ctime_ns": LONG_AGO + 1}, {"inode": 9}, {"device": 9}, {"kind": Kind.TEXT}],
    ids=str,
)
def test_a_file_that_looks_different_in_anything_is_suspect(change: dict[str, Any]) -> None:
    changed = replace(FILE, **change)
    assert compare([changed], {"a.md": row(FILE)}).suspect == (changed,)


@pytest.mark.parametrize("name", ["mtime", "ctime"])
@pytest.mark.parametrize("distance", [-RACY_NS, -1, 0, 1, RACY_NS])
def test_a_file_written_within_the_clocks_grain_of_its_scan_is_suspect(name: str, distance: int) -> None:
    racy = replace(FILE, mtime_ns=SCANNED + distance) if name == "mtime" else replace(FILE, ctime_ns=SCANNED + distance)
    assert compare([racy], {"a.md": row(racy)}).suspect == (racy,)


def test_a_file_changed_while_a_long_scan_ran_is_suspect() -> None:
    late = replace(FILE, ctime_ns=SCANNED + 100 * RACY_NS)
    assert compare([late], {"a.md": row(late)}).suspect == (late,)


def test_a_time_of_writing_far_in_the_future_is_no_reason_to_read_for_ever() -> None:
    dated = replace(FILE, mtime_ns=SCANNED + 10**18)
    assert compare([dated], {"a.md": row(dated)}).unchanged == (dated,)


names = st.sampled_from("abcdef").map(lambda name: f"{name}.md")
times = st.integers(-3, 3).map(lambda step: SCANNED + step * RACY_NS)
files = st.dictionaries(names, st.builds(lambda size, time: (size, time), st.integers(0, 1), times))


@given(files, files)
def test_every_file_is_in_exactly_one_place(now: dict[str, Any], before: dict[str, Any]) -> None:
    seen = [SourceFile(path, Kind.MARKDOWN, size, time, LONG_AGO, 1, 2) for path, (size, time) in now.items()]
    known = {
        path: row(SourceFile(path, Kind.MARKDOWN, size, time, LONG_AGO, 1, 2))
        for path, (size, time) in before.items()
    }  # fmt: skip
    found = compare(seen, known)
    assert sorted([*found.added, *found.suspect, *found.unchanged], key=seen.index) == seen
    assert {file.path for file in found.added} == now.keys() - before.keys()
    assert list(found.vanished) == sorted(before.keys() - now.keys())
    assert all(known[file.path].source == file for file in found.unchanged)


@given(files, files)
def test_nothing_in_a_folder_that_could_not_be_listed_has_vanished(now: dict[str, Any], before: dict[str, Any]) -> None:
    known = {f"lost/{path}": row(FILE) for path in before} | {path: row(FILE) for path in before}
    assert set(compare([], known, ("lost/",)).vanished) == before.keys()
