"""What the scan takes, what it leaves out, and that no entry can stop it."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.errors import UsageError
from assistant.reading.scan import scan
from assistant.types import Kind

LIMIT = 1_000_000


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("text")


def left_out(folder: Path) -> dict[str, str]:
    return {left.path: left.reason for left in scan(folder, LIMIT).left_out}


def test_takes_the_readable_kinds_in_any_case_sorted_by_path_with_what_the_file_system_says(tmp_path: Path) -> None:
    write(tmp_path, "b/z.PDF", "a.md", "b/a.Markdown", "c d/ü.txt")
    found = scan(tmp_path, LIMIT).files
    assert [(file.path, file.kind) for file in found] == [
        ("a.md", Kind.MARKDOWN),
        ("b/a.Markdown", Kind.MARKDOWN),
        ("b/z.PDF", Kind.PDF),
        ("c d/ü.txt", Kind.TEXT),
    ]
    status = (tmp_path / "a.md").stat()
    first = found[0]
    assert (first.size, first.mtime_ns, first.ctime_ns, first.inode, first.device) == (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


def test_counts_other_types_by_their_lower_case_suffix(tmp_path: Path) -> None:
    write(tmp_path, "a.docx", "b/c.DOCX", "d.xlsx", "Makefile", "e.md")
    assert dict(scan(tmp_path, LIMIT).other_types) == {"": 1, ".docx": 2, ".xlsx": 1}


def test_hidden_files_and_folders_are_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, ".secret.md", ".git/a.md", "seen.md")
    assert left_out(tmp_path) == {".secret.md": "hidden", ".git": "hidden"}
    assert [file.path for file in scan(tmp_path, LIMIT).files] == ["seen.md"]


def test_a_file_above_the_limit_is_left_out_as_too_large(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "fits.txt").write_bytes(b"x" * LIMIT)
    assert left_out(tmp_path)["big.txt"].startswith("too large")
    assert [file.path for file in scan(tmp_path, LIMIT).files] == ["fits.txt"]


def test_links_that_leave_the_folder_are_never_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    write(tmp_path, "outside/secret.md", "inside/own.md")
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    (inside / "up.md").symlink_to("../outside/secret.md")
    assert [file.path for file in scan(inside, LIMIT).files] == ["own.md"]
    assert set(left_out(inside).values()) == {"a link out of the folder"}


def test_a_linked_file_of_the_folder_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "real.md", ".store/kept.md", "sub/b.md")
    (tmp_path / "again.md").symlink_to("real.md")
    (tmp_path / "kept.md").symlink_to(".store/kept.md")
    (tmp_path / "kept2.md").symlink_to(".store/kept.md")
    assert [file.path for file in scan(tmp_path, LIMIT).files] == ["kept.md", "real.md", "sub/b.md"]
    reason = "a link to a file that is read under its own name"
    assert left_out(tmp_path) == {".store": "hidden", "again.md": reason, "kept2.md": reason}


def test_link_loops_and_broken_links_end_and_are_named(tmp_path: Path) -> None:
    (tmp_path / "self.md").symlink_to("self.md")
    (tmp_path / "round").symlink_to(".")
    (tmp_path / "gone.md").symlink_to("nothing")
    assert left_out(tmp_path) == {
        "self.md": "a link that leads nowhere",
        "gone.md": "a link that leads nowhere",
        "round": "a link to a folder",
    }


def test_a_link_to_a_folder_inside_is_named_and_not_read_twice(tmp_path: Path) -> None:
    write(tmp_path, "sub/a.md")
    (tmp_path / "link").symlink_to("sub")
    assert left_out(tmp_path) == {"link": "a link to a folder"}
    assert len(scan(tmp_path, LIMIT).files) == 1


def test_pipes_and_names_that_are_not_utf8_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "to-pipe.md").symlink_to("pipe.md")
    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md"))).write_text("x")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert left_out(tmp_path) == {
        "pipe.md": "not a regular file",
        "to-pipe.md": "not a regular file",
        "caf\\xe9.md": "cannot be read: its name is not valid UTF-8",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    write(tmp_path, "closed/a.md")
    (tmp_path / "closed").chmod(0)
    try:
        assert left_out(tmp_path)["closed"].startswith("the folder cannot be read")
        with pytest.raises(UsageError):
            scan(tmp_path / "closed", LIMIT)
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_folder_deeper_than_a_path_may_be_long_is_named_and_ends(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 200
    try:
        for _ in range(25):
            os.mkdir(name, dir_fd=here)
            deeper = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
    finally:
        os.close(here)
    (reason,) = left_out(tmp_path).values()
    assert "too long" in reason


def before_opening(monkeypatch: pytest.MonkeyPatch, name: str, happens: Callable[[], object]) -> None:
    """Let something happen just before the folder `name` is opened."""
    real = os.open

    def opening(path: str, *arguments: int) -> int:
        if path.endswith(f"/{name}"):
            happens()
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", opening)


def failing(number: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE])
def test_a_folder_hidden_by_an_error_that_passes_is_not_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write(tmp_path, "share/a.md", "own/b.md")
    before_opening(monkeypatch, "share", failing(number))
    seen = scan(tmp_path, LIMIT)
    assert seen.unlisted == ("share/",)
    assert [(left.path, left.reason) for left in seen.left_out] == [
        ("share", f"the folder cannot be read: {os.strerror(number)}")
    ]
    assert [file.path for file in seen.files] == ["own/b.md"]


def test_a_folder_without_permission_is_named_but_does_not_keep_what_was_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "closed/a.md")
    before_opening(monkeypatch, "closed", failing(errno.EACCES))
    seen = scan(tmp_path, LIMIT)
    assert seen.unlisted == ()
    assert [left.reason for left in seen.left_out] == ["the folder cannot be read: Permission denied"]


def test_a_listing_or_a_look_at_a_file_that_breaks_off_says_for_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a/one.md", "b/two.md", "c/three.md")
    (tmp_path / "link.md").symlink_to("c/three.md")

    class Entry:
        def __init__(self, real: os.DirEntry[str]) -> None:
            self.name, self.is_dir, self.is_file, self.is_symlink = (
                real.name,
                real.is_dir,
                real.is_file,
                real.is_symlink,
            )
            self.stat = self.broken if real.name == "two.md" else real.stat

        def broken(self, **_: bool) -> os.stat_result:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    class Listing:
        def __init__(self, descriptor: int) -> None:
            self.real = listing(descriptor)

        def __enter__(self) -> Iterator[Entry]:
            for entry in self.real:
                yield Entry(entry)
                if entry.name == "one.md":
                    failing(errno.EIO)()

        def __exit__(self, *error: object) -> None:
            self.real.close()

    listing, looking = os.scandir, os.stat
    monkeypatch.setattr(os, "scandir", Listing)
    monkeypatch.setattr(os, "stat", lambda path: failing(errno.EIO)() if path.endswith("three.md") else looking(path))
    seen = scan(tmp_path, LIMIT)
    assert sorted(seen.unlisted) == ["a/", "b/two.md", "link.md"]
    assert [file.path for file in seen.files] == ["a/one.md", "c/three.md"]


def test_what_goes_while_the_folder_is_listed_is_gone_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "own/b.md")
    (tmp_path / "short").mkdir()
    before_opening(monkeypatch, "short", (tmp_path / "short").rmdir)
    seen = scan(tmp_path, LIMIT)
    assert (len(seen.files), seen.left_out, seen.unlisted) == (1, (), ())


def test_a_folder_that_is_swapped_for_a_link_while_it_is_listed_is_not_followed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "outside/secret.md")
    (tmp_path / "inside/sub").mkdir(parents=True)

    def swap() -> None:
        (tmp_path / "inside/sub").rmdir()
        (tmp_path / "inside/sub").symlink_to(tmp_path / "outside")

    before_opening(monkeypatch, "sub", swap)
    assert scan(tmp_path / "inside", LIMIT).files == ()


def test_what_is_no_readable_folder_is_a_usage_error_with_a_hint(tmp_path: Path) -> None:
    write(tmp_path, "file.md")
    for path, said in ((tmp_path / "none", "no folder"), (tmp_path / "file.md", "not a folder"), (Path("\0"), "read")):
        with pytest.raises(UsageError, match=said) as caught:
            scan(path, LIMIT)
        assert caught.value.hint


def test_ten_thousand_files_take_a_fraction_of_a_second_with_and_without_rules(tmp_path: Path) -> None:
    for folder in range(110):  # of which ten stand in a folder of their own
        place = tmp_path / ("few" if folder < 10 else "many") / str(folder)
        place.mkdir(parents=True)
        for file in range(100):
            os.close(os.open(place / f"{file}.md", os.O_CREAT | os.O_WRONLY))
    for rules in ((), ("drafts/", "*.tmp", "/hr/**/private", "~$*", "old*.pdf")):
        few, many = _least(tmp_path / "few", rules, 1_000), _least(tmp_path / "many", rules, 10_000)
        assert many < 1, "six times what it takes, twice that under coverage"
        assert many < 20 * few, "ten times as many files take ten times as long"


def _least(folder: Path, rules: tuple[str, ...], files: int) -> float:
    """The least processor time of five scans, in seconds: a busy machine is no bug."""
    took = []
    for _ in range(5):
        started = time.process_time()
        assert len(scan(folder, LIMIT, rules).files) == files
        took.append(time.process_time() - started)
    return min(took)
