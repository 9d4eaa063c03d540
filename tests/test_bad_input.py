"""Bad input gets an answer: for each kind the line that a person sees, and an index of everything else."""

import os
import shutil
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Config
from assistant.indexing import publish
from assistant.indexing.events import Report
from assistant.indexing.run import index_folder
from assistant.storage.catalog import Catalog
from tests.terminal import Seen, command

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Übersicht.md") for form in ("NFC", "NFD"))
LONG = "/".join(["a department with a long name"] * 12) + "/deep.md"
GOOD = {
    "Plan.md": "The upper plan names Anna.",
    "plan.md": "The lower plan names Bert.",
    COMPOSED: "The composed overview names Carla.",
    DECOMPOSED: "The decomposed overview names Dieter.",
    LONG: "The file at the bottom names Emil.",
}
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings of the person who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("ASSISTANT_"):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("XDG_CONFIG_HOME", os.environ["HOME"])
        patch.setenv("COLUMNS", "100")
        yield


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of everything at once."""
    folder = tmp_path_factory.mktemp("bad") / "documents"
    for path, text in GOOD.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    if len(list(folder.iterdir())) < len(GOOD):
        pytest.skip("this file system takes two of the names for one")
    with (folder / "huge.pdf").open("wb") as file:
        file.truncate(5_000_000_000)  # sparse: it takes no room
    os.mkfifo(folder / "pipe.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    (folder / "round").symlink_to(".")
    (folder / "self.md").symlink_to("self.md")
    (folder / "one.md").symlink_to("other.md")
    (folder / "other.md").symlink_to("one.md")
    try:
        os.mknod(folder / "device.md", 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero again, under its own name
    except OSError:
        os.mkfifo(folder / "device.md")  # not everybody may make devices
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text("text")
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    return folder


@pytest.fixture(scope="module")
def index(bad: Path) -> Path:
    return bad.with_name("index")


@pytest.fixture(scope="module")
def seen(bad: Path, index: Path) -> Seen:
    """What a person sees when the folder is indexed."""
    return command("index", bad, "--index", index)


def said(seen: Seen) -> str:
    return " ".join(seen.out.split())


def test_everything_else_is_indexed_and_the_command_ends_well(seen: Seen, index: Path) -> None:
    assert seen.code == 0
    assert "5 files: 5 new." in said(seen)
    with Catalog.open(index) as catalog:
        assert set(catalog.files()) == set(GOOD)


def test_a_file_of_5_gb_is_named_with_its_size_and_the_limit(seen: Seen) -> None:
    assert "huge.pdf too large: 5,000.0 MB of at most 200.0 MB" in said(seen)


def test_a_name_that_is_not_utf8_is_named_and_readable_on_any_terminal(seen: Seen) -> None:
    assert "caf\\xe9.md cannot be read: its name is not valid UTF-8" in said(seen)


def test_pipes_devices_and_loops_of_links_are_left_out_and_counted(seen: Seen) -> None:
    left_out = said(seen).split("Left out: ")[1]
    for reason in (
        "a link that leads nowhere (3)",  # self.md; one.md and other.md, which lead to each other
        "not a regular file (2)",  # the pipe and the device
        "a link out of the folder (1)",  # to /dev/zero
        "a link to a folder (1)",  # to the folder itself
    ):
        assert reason in left_out


def test_strict_makes_what_a_person_would_want_read_an_exit_code(bad: Path, index: Path, seen: Seen) -> None:
    assert command("index", bad, "--index", index, "--strict").code == 7


@pytest.mark.parametrize(("question", "path"), [(text, path) for path, text in GOOD.items()])
def test_names_alike_and_names_too_long_are_found_and_told_apart(
    index: Path, seen: Seen, question: str, path: str
) -> None:
    found = command("search", question, "--index", index, "--json").record["hits"]
    assert [(hit["path"], hit["text"]) for hit in found[:1]] == [(path, question)]
    cited = command("ask", question, "--no-model", "--index", index, "--json").record["citations"]
    assert path in [citation["path"] for citation in cited]


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_of_two_places_that_differ_in_their_accents_the_one_typed_is_meant(index: Path, seen: Seen, typed: str) -> None:
    found = command("search", "overview", "--in", typed, "--index", index, "--json").record["hits"]
    assert {hit["path"] for hit in found} == {typed}


def test_a_place_in_the_other_case_is_another_place(index: Path, seen: Seen) -> None:
    found = command("search", "plan", "--in", "plan.md", "--index", index, "--json").record["hits"]
    assert {hit["path"] for hit in found} == {"plan.md"}


def test_a_folder_that_is_none_is_said_with_what_to_do_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "file.md").write_text("text")
    (tmp_path / "loop").symlink_to("loop")
    for folder, line in (
        (tmp_path / "nowhere", f"error: {tmp_path / 'nowhere'} does not exist"),
        (tmp_path / "file.md", f"error: {tmp_path / 'file.md'} is not a folder"),
        (tmp_path / "loop", f"error: {tmp_path / 'loop'} cannot be read: Too many levels"),
        (Path("/dev/zero"), "error: /dev/zero is not a folder"),
        (tmp_path / ("x" * 300), f"error: {tmp_path / ('x' * 300)} "),
    ):
        seen = command("index", folder, "--index", tmp_path / "index")
        assert seen.code == 2
        assert seen.err.startswith(line)
        assert len(seen.err.splitlines()) == 2
        assert seen.out == ""
    assert not (tmp_path / "index").exists()


# Root may read everything, until it gives that up.
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(UNPRIVILEGED) and shutil.which("setpriv") is None, reason="root may read everything")
def test_what_may_not_be_read_is_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "closed").mkdir(parents=True)
    for path in ("open.md", "secret.md", "closed/in it.md"):
        (folder / path).write_text(f"What stands in {path}.")
    (folder / "secret.md").chmod(0)
    (folder / "closed").chmod(0)
    try:
        everything = index_as_anybody(folder, tmp_path / "index")
        nothing = index_as_anybody(folder / "closed", tmp_path / "other")
    finally:
        (folder / "closed").chmod(0o700)
    assert everything.returncode == 0, everything.stderr
    assert "secret.md unreadable, no permission to read it" in " ".join(everything.stdout.split())
    assert "closed the folder cannot be read: Permission denied" in " ".join(everything.stdout.split())
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("error: ")
    assert "closed" in nothing.stderr
    assert not (tmp_path / "other/catalog.sqlite").exists()


def index_as_anybody(folder: Path, index: Path) -> "subprocess.CompletedProcess[str]":
    arguments = [*UNPRIVILEGED, sys.executable, "-m", "assistant", "index", str(folder), "--index", str(index)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)


@pytest.mark.parametrize(("before", "after"), [(DAY_NS, 0), (0, -DAY_NS), (DAY_NS, -DAY_NS)])
def test_an_edit_after_the_clock_has_jumped_back_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    """Even one that keeps the file's size and sets its time back: the worst that an editor or a sync client does."""
    folder, config = tmp_path / "documents", Config(index=tmp_path / "index", workers=1)
    folder.mkdir()
    for name in ("edited.md", "left alone.md"):
        (folder / name).write_text("The limit is 140 euros.")
    written = (folder / "edited.md").stat()
    monkeypatch.setattr(publish, "due", lambda *_: False)  # a generation of two vectors would only take time
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + before)
    assert run(folder, config).added == 2
    monkeypatch.setattr(time, "time_ns", lambda: real() + after)
    assert run(folder, config).nothing_to_do
    for limit in (150, 160):
        (folder / "edited.md").write_text(f"The limit is {limit} euros.")
        os.utime(folder / "edited.md", ns=(written.st_atime_ns, written.st_mtime_ns))
        report = run(folder, config)
        assert (report.changed, report.unchanged) == (1, 1)
        with Catalog.open(config.index) as catalog:
            assert f"The limit is {limit} euros." in {chunk.text for chunk in catalog.all_chunks()}


def run(folder: Path, config: Config) -> Report:
    report = list(index_folder(folder, config))[-1]
    assert isinstance(report, Report)
    return report
