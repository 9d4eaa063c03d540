"""What watching promises: every change is found soon, nothing else wakes it, and what holds it up is said once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from assistant.cli.watch import watch_command
from assistant.config import Config
from assistant.errors import IndexInUse, UsageError
from assistant.indexing import publish, watch
from assistant.indexing.events import Event, Planned, Report
from assistant.indexing.mounts import network_type
from assistant.indexing.run import index_folder
from assistant.indexing.watch import Held, Watching
from assistant.reading.ignore import FILE_NAME
from assistant.reading.scan import folders
from assistant.storage import lock
from assistant.storage.catalog import Catalog
from tests.test_scan import write

PATIENCE = 60.0  # seconds; a change takes about two
QUIET = 2.0  # seconds in which news would have settled and a run begun
Said = Watching | Held | Event


class Watcher:
    """A watch in a thread of its own, with what it has said."""

    def __init__(self, config: Config, folder: Path | None, polling: bool) -> None:
        self.said: list[Said] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(config, folder, polling))
        self._read = 0
        self.thread.start()

    def _run(self, config: Config, folder: Path | None, polling: bool) -> None:
        for event in watch.watch(folder, config, self.stop, polling):
            self.said.append(event)

    def until(self, wanted: Callable[[Said], bool]) -> Said:
        """Wait for the next thing of this kind to be said."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            while self._read < len(self.said):
                self._read += 1
                if wanted(self.said[self._read - 1]):
                    return self.said[self._read - 1]
            time.sleep(0.02)
        raise AssertionError(f"not said: {self.said}")

    def report(self) -> Report:
        """Wait for the report of a run that did something."""
        found = self.until(lambda event: isinstance(event, Report) and not event.nothing_to_do)
        assert isinstance(found, Report)
        return found

    def runs(self) -> int:
        return sum(isinstance(event, Planned) for event in self.said)


@contextmanager
def watching(config: Config, folder: Path | None = None, polling: bool = False) -> Iterator[Watcher]:
    """A watch whose first run has ended."""
    watcher = Watcher(config, folder, polling)
    try:
        watcher.until(lambda event: isinstance(event, Report | Held))
        yield watcher
    finally:
        watcher.stop.set()
        watcher.thread.join(PATIENCE)
    assert not watcher.thread.is_alive()


def writing(config: Config, stack: ExitStack) -> None:
    """Be the writer of the index, as soon as the run that has just reported has closed it."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            stack.enter_context(lock.writer(config.index))
            return
        except IndexInUse:
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.fixture(scope="module", autouse=True)
def no_generations() -> Iterator[None]:
    """A change of a small index is a large part of it: no test here waits for another generation each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "due", lambda *_: False)
        yield


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An index that all tests share; each adds files of its own."""
    root = tmp_path_factory.mktemp("watched")
    write(root / "documents", "a.md", "b.md", "c.md", "deep/d.md", "deep/er/e.md")
    made = Config(index=root / "index", workers=1)
    list(index_folder(root / "documents", made))
    return made


@pytest.fixture
def folder(config: Config) -> Path:
    return config.index.parent / "documents"


def indexed(config: Config) -> set[str]:
    with Catalog.open(config.index) as catalog:
        return set(catalog.files())


def test_files_that_come_change_and_go_are_noticed(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        write(folder, "new.md")
        assert watcher.report().added == 1
        assert "new.md" in indexed(config)
        (folder / "new.md").write_text("Another text.")
        assert watcher.report().changed == 1
        (folder / "new.md").rename(folder / "deep/renamed.md")
        assert watcher.report().moved == 1
        (folder / "deep/renamed.md").unlink()
        assert watcher.report().deleted == 1
    assert "deep/renamed.md" not in indexed(config)


def test_what_comes_in_a_new_folder_is_noticed_and_what_changes_in_it_later(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        write(folder, "fresh/one/two/a.md")
        assert watcher.report().added == 1
        (folder / "fresh/one/two/a.md").write_text("Another text.")
        assert watcher.report().changed == 1


def test_a_folder_that_is_replaced_by_another_is_listened_to_again(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        aside = folder.with_name("aside")
        (folder / "deep").rename(aside)
        write(folder, "deep/d.md", "deep/er/e.md")
        watcher.until(lambda event: isinstance(event, Report))
        (folder / "deep/er/e.md").write_text("A replaced folder's text.")
        assert watcher.report().changed == 1
        folder.rename(aside / "whole")
        (aside / "whole").rename(folder)
        watcher.until(lambda event: isinstance(event, Report))
        (folder / "deep/d.md").write_text("A returned folder's text.")
        assert watcher.report().changed == 1


def test_a_folder_that_vanishes_is_said_once_and_watched_again_when_it_is_back(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        away = folder.with_name("away")
        folder.rename(away)
        held = watcher.until(lambda event: isinstance(event, Held))
        assert isinstance(held, Held)
        assert "is not there" in held.reason
        before = indexed(config)
        time.sleep(QUIET)
        away.rename(folder)
        watcher.until(lambda event: isinstance(event, Report))
        assert sum(isinstance(event, Held) for event in watcher.said) == 1
        assert indexed(config) == before
        write(folder, "after the return.md")
        assert watcher.report().added == 1


def test_a_run_that_would_delete_most_documents_is_held_back_and_nothing_is_changed(
    config: Config, folder: Path
) -> None:
    before = indexed(config)
    with watching(config) as watcher:
        away = folder.with_name("contents")
        folder.rename(away)
        folder.mkdir()
        held = watcher.until(lambda event: isinstance(event, Held) and "would be deleted" in event.reason)
        assert isinstance(held, Held)
        assert indexed(config) == before
        folder.rmdir()
        away.rename(folder)
        watcher.until(lambda event: isinstance(event, Report))
    assert indexed(config) == before


def test_what_is_hidden_ignored_of_another_type_or_out_of_the_folder_wakes_nobody(tmp_path: Path) -> None:
    folder, outside = tmp_path / "documents", tmp_path / "outside"
    write(outside, "a.md")
    write(folder, "private/a.md", ".hidden/a.md", FILE_NAME)
    (folder / FILE_NAME).write_text("private/\n~*\n")
    (folder / "link").symlink_to(outside)
    config = Config(index=folder / "its own index", workers=1)
    with watching(config, folder) as watcher:
        runs = watcher.runs()
        write(folder, "private/b.md", "private/deep/c.md", "~lock.md", ".saved.md", ".hidden/b.md", "table.xlsx")
        (folder / "~lock.md").unlink()
        (folder / "private/a.md").write_text("Another text.")
        write(outside, "b.md", "deep/c.md")
        write(config.index, "words/of its own.md")
        time.sleep(QUIET)
        assert watcher.runs() == runs
        (folder / FILE_NAME).write_text("~*\n")
        assert watcher.report().added == 3


def test_a_file_that_is_still_being_written_is_waited_for(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        runs = watcher.runs()
        with (folder / "long.md").open("w") as file:
            for number in range(20):
                file.write(f"Line {number} of a long file.\n")
                file.flush()
                time.sleep(0.1)
            assert watcher.runs() == runs
        watcher.report()
        assert watcher.runs() == runs + 1


def test_another_writer_is_waited_for_and_said_once(
    config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_BUSY_SECONDS", 0.5)
    with watching(config) as watcher:
        with ExitStack() as stack:
            writing(config, stack)
            write(folder, "while another writes.md")
            held = watcher.until(lambda event: isinstance(event, Held))
            assert isinstance(held, Held)
            assert f"in use by process {os.getpid()}" in held.reason
            time.sleep(QUIET + 1)
        assert watcher.report().added == 1
        assert sum(isinstance(event, Held) for event in watcher.said) == 1


def test_watching_may_begin_while_another_process_writes(
    config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_BUSY_SECONDS", 0.5)
    with lock.writer(config.index):
        watcher = Watcher(config, folder, polling=False)
        watcher.until(lambda event: isinstance(event, Held))
    watcher.until(lambda event: isinstance(event, Report))
    watcher.stop.set()
    watcher.thread.join(PATIENCE)
    assert watcher.said[0] == Watching(folder, "")


def test_a_rule_that_is_none_holds_the_runs_back_until_it_is_mended(config: Config, folder: Path) -> None:
    with watching(config) as watcher:
        (folder / FILE_NAME).write_text("draft[\n")
        held = watcher.until(lambda event: isinstance(event, Held))
        assert isinstance(held, Held)
        assert "line 1: “draft[” is not a rule" in held.reason
        write(folder, "deep/meanwhile.md")
        (folder / FILE_NAME).unlink()
        assert watcher.report().added == 1


def test_polling_finds_changes_that_nobody_tells_of(
    config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_POLL_SECONDS", 0.3)
    monkeypatch.setitem(sys.modules, "watchfiles", None)  # so that nobody can
    with watching(config, polling=True) as watcher:
        assert watcher.said[0] == Watching(folder, "as asked")
        write(folder, "polled/a.md")
        assert watcher.report().added == 1
        (folder / "polled/a.md").write_text("Another text.")
        assert watcher.report().changed == 1


def test_a_system_that_cannot_watch_so_many_folders_is_polled(
    config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object, **__: object) -> Iterator[set[tuple[int, str]]]:
        raise OSError("OS file watch limit reached.")
        yield set()

    monkeypatch.setattr(watch, "_POLL_SECONDS", 0.3)
    monkeypatch.setattr("watchfiles.watch", refusing)
    with watching(config) as watcher:
        assert watcher.said[0] == Watching(folder, "the system cannot watch so many folders")
        write(folder, "one too many.md")
        assert watcher.report().added == 1


def test_the_folder_is_looked_at_from_time_to_time_whatever_was_heard(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_RESCAN_SECONDS", 0.3)
    with watching(config) as watcher:
        for _ in range(3):
            watcher.until(lambda event: isinstance(event, Report))


def test_a_first_run_that_cannot_be_made_as_asked_is_an_error(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    write(tmp_path, "file.md")
    none = Config(index=tmp_path / "index")
    for asked, folder in (
        (none, tmp_path / "nowhere"),
        (none, tmp_path / "file.md"),
        (none, Path("/")),
        (none, None),
        (config, tmp_path),
    ):
        with pytest.raises(UsageError):
            next(watch.watch(folder, asked, threading.Event()))
    with pytest.raises(UsageError):
        watch_command(tmp_path / "nowhere", [str(none.index)])
    assert not none.index.exists()


def test_folders_are_those_that_the_scan_looks_into(tmp_path: Path) -> None:
    write(tmp_path, "a/b/c.md", ".hidden/d.md", "private/e.md", "x/catalog.sqlite")
    (tmp_path / "link").symlink_to("a")
    assert set(folders(tmp_path, ("private/",))) == {"", "a/", "a/b/"}
    with pytest.raises(UsageError):
        folders(tmp_path / "none")


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me/docs", ""),
        ("/mnt/share/docs", "cifs"),
        ("/mnt/share", "cifs"),
        ("/mnt/shared", ""),
        ("/mnt/two words/a", "nfs4"),
        ("/mnt", "cifs"),
        ("/media/cloud/docs", "fuse.sshfs"),
        ("/media/stick", ""),
        ("/again", ""),
    ],
)
def test_a_network_share_is_known_by_its_file_system(tmp_path: Path, folder: str, kind: str) -> None:
    table = tmp_path / "mounts"
    table.write_text(
        "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n//server/share /mnt/share cifs rw 0 0\n"
        "server:/x /mnt/two\\040words nfs4 rw 0 0\nme@host: /media/cloud fuse.sshfs rw 0 0\n"
        "/dev/sdb1 /media/stick fuseblk rw 0 0\nserver:/y /again nfs rw 0 0\n/dev/sdc1 /again ext4 rw 0 0\n"
    )
    assert network_type(Path(folder), table) == kind


def test_without_a_table_of_mounts_nothing_is_taken_for_a_share(tmp_path: Path) -> None:
    assert network_type(tmp_path, tmp_path / "none") == ""


COMMAND = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import typer
from assistant.cli.watch import watch_command
app = typer.Typer()
app.command()(watch_command)
sys.exit(app(sys.argv[1:], standalone_mode=False))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_a_line_a_run_and_ends_with_0_when_it_is_told_to(
    config: Config, folder: Path, number: signal.Signals
) -> None:
    (folder / "broken.pdf").unlink(missing_ok=True)
    command = [sys.executable, "-c", COMMAND, str(Path(__file__).parent.parent), "--index", str(config.index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()[10:] == f"Watching {folder}. Ctrl-C ends it.\n"
        (folder / "broken.pdf").write_text("no PDF")
        while "new" not in (said := process.stdout.readline()):
            assert said
        problem = process.stdout.readline()
        process.send_signal(number)  # before anything is judged: a test that fails must not leave it running
        assert process.stdout.read() == ""
        assert process.wait(PATIENCE) == 0
    assert said[10:].startswith("1 file: 1 new, 1 without text (broken.pdf). Done after ")
    assert problem[10:].startswith("broken.pdf: damaged")
