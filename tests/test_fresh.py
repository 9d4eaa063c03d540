"""What freshness promises: the reader is told that the folder, or a cited file, is no longer what the index read."""

import errno
import os
import re
from pathlib import Path

import pytest

from assistant import library
from assistant.config import Config
from assistant.indexing.fresh import Drift, drift, states
from assistant.storage.catalog import Catalog
from assistant.types import FileState, LeftOut
from tests.company import Company, made
from tests.terminal import CAN_BE_ANYBODY, Seen, as_anybody, command
from tests.test_lock import held

PRINTERS = "it/printers.txt"
QUESTION = "How much is refunded for a hotel per night?"
DAY = "2026-02-01T14:02:00+00:00"


@pytest.fixture
def wide(own_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which notices need one line."""
    monkeypatch.setenv("COLUMNS", "100")


def drifted(company: Company) -> Drift:
    with Catalog.open(company.config.index) as catalog:
        return drift(catalog, company.config)


def edit(company: Company, path: str) -> None:
    """Change one character of a file, and neither its size nor the time that it says it was written at."""
    before = (company.folder / path).stat()
    text = (company.folder / path).read_text()
    company.write(path, text[:-2] + ("x" if text[-2] != "x" else "y") + text[-1:])
    os.utime(company.folder / path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_folder_that_is_as_the_last_run_saw_it_has_no_drift(own_company: Company) -> None:
    now = drifted(own_company)
    assert (now.counts, now.total, now.lost, now.notice()) == ((0, 0, 0, 0, 0), 0, "", "")
    assert now.since is not None


def test_files_that_came_changed_moved_and_went_are_counted(own_company: Company) -> None:
    own_company.write("it/one.md", "One.\n")
    own_company.write("it/two.txt", "Two.\n")
    own_company.write("it/three.docx", "Not a document that is read.\n")
    edit(own_company, PRINTERS)
    (own_company.folder / "hr").rename(own_company.folder / "people")
    (own_company.folder / "finance/travel.md").unlink()
    now = drifted(own_company)
    assert (now.added, now.changed, now.moved, now.gone) == (2, 1, 4, 1)
    assert now.total == 8
    report = own_company.update()
    assert (report.added, report.changed, report.moved, report.deleted) == (2, 1, 4, 1), "as the run then finds"
    assert drifted(own_company).total == 0


def test_a_file_with_new_times_and_its_old_content_has_not_changed(own_company: Company) -> None:
    for path in own_company.folder.rglob("*.*"):
        os.utime(path)
    assert drifted(own_company).total == 0
    edit(own_company, PRINTERS)
    now = drifted(own_company)
    assert (now.changed, now.uncompared) == (1, 0)


@pytest.mark.parametrize(("limit", "value"), [("_MOST_BYTES", 10), ("_MOST_FILES", 0)])
def test_what_is_too_much_to_read_is_taken_by_its_times_and_said_so(
    own_company: Company, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    for path in own_company.folder.rglob("hr/*.md"):
        os.utime(path)
    monkeypatch.setattr(f"assistant.indexing.fresh.{limit}", value)
    monkeypatch.setattr("assistant.indexing.fresh.content_hash", lambda path: pytest.fail(f"{path} was read"))
    now = drifted(own_company)
    assert (now.changed, now.uncompared) == (4, 4)
    assert "4 files changed" in now.notice() and "(4 by their times alone)" in now.notice()
    seen = command("status", "--index", own_company.config.index)
    assert "4 changed (4 by their times alone)" in seen.out


def test_a_file_of_another_size_has_changed_without_being_read(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_company.write(PRINTERS, "The printer is gone.\n")
    monkeypatch.setattr("assistant.indexing.fresh.content_hash", lambda path: pytest.fail(f"{path} was read"))
    assert (drifted(own_company).changed, drifted(own_company).uncompared) == (1, 0)


def test_files_that_a_new_rule_keeps_out_are_ignored_and_not_gone(own_company: Company) -> None:
    own_company.write(".assistantignore", "hr/\nprinters.txt\n")
    (own_company.folder / "finance/travel.md").unlink()
    now = drifted(own_company)
    assert (now.gone, now.ignored) == (1, 5)
    index = own_company.config.index
    assert "1 gone, 5 ignored" in command("status", "--index", index).out
    assert command("status", "--index", index, "--json").record["changes"]["ignored"] == 5
    record = command("index", "--dry-run", "--index", index, "--json").record
    assert record["deleted"] == ["finance/travel.md"]
    assert len(record["ignored"]) == 5
    assert "ignored     it/printers.txt" in command("index", "--dry-run", "--index", index).out


def test_an_index_that_does_not_know_its_folder_is_not_compared_with_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made(tmp_path).folder)
    Catalog.create(tmp_path / "index").close()
    with Catalog.open(tmp_path / "index") as catalog:
        assert drift(catalog, Config(index=tmp_path / "index")).lost


def test_files_in_a_folder_that_gives_an_io_error_have_not_gone(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = os.open

    def failing(path: str, *arguments: int, **named: int) -> int:
        if str(path).endswith("/hr"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opening(path, *arguments, **named)

    monkeypatch.setattr(os, "open", failing)
    assert drifted(own_company).total == 0


def test_a_folder_that_is_not_there_is_lost_and_nothing_is_said_to_have_gone(own_company: Company) -> None:
    own_company.folder.rename(own_company.folder.with_name("away"))
    now = drifted(own_company)
    assert (now.counts, now.lost) == ((0, 0, 0, 0, 0), f"there is no folder {own_company.folder}")
    assert now.notice().startswith("What the index says is as it was since ")
    with library.open(own_company.config.index) as index:
        assert index.search("toner")[0].path == PRINTERS, "it still answers"


def test_the_ignored_do_not_count(own_company: Company) -> None:
    own_company.write("it/private.md", "One.\n")
    with Catalog.open(own_company.config.index) as catalog:
        assert drift(catalog, Config(index=own_company.config.index, ignore=("it/private.md",))).total == 0


def test_an_index_that_was_never_finished_does_not_say_since_when(tmp_path: Path) -> None:
    fresh = made(tmp_path)
    with Catalog.create(fresh.config.index) as catalog, catalog.transaction():
        catalog.put(folder=str(fresh.folder))
    assert drifted(fresh).since is None
    assert re.fullmatch(r"\d+ files changed, run assistant index", drifted(fresh).notice())


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Drift(), ""),
        (Drift(since=DAY), ""),
        (Drift(added=1), "1 file changed, run assistant index"),
        (Drift(1, 2, 3, 4, DAY), "10 files changed since 1 Feb 2026 14:02, run assistant index"),
        (Drift(changed=1234, since=DAY), "1,234 files changed since 1 Feb 2026 14:02, run assistant index"),
        (
            Drift(since=DAY, lost="it is away"),
            "What the index says is as it was since 1 Feb 2026 14:02 and was not compared: it is away.",
        ),
        (Drift(lost="it is away"), "What the index says is as it was and was not compared: it is away."),
        (
            Drift(gone=2, barred=tuple(LeftOut(name, "Permission denied") for name in "abcde")),
            "2 files changed (not to be read: a, b, c and 2 more), run assistant index",
        ),
    ],
)
def test_the_notice_is_one_line(now: Drift, said: str) -> None:
    assert now.notice() == said


# --- cited files ---


def test_a_cited_file_is_current_changed_or_gone(own_company: Company) -> None:
    edit(own_company, PRINTERS)
    os.utime(own_company.folder / "hr/urlaub.md")  # touched, and nothing else
    (own_company.folder / "finance/travel.md").unlink()
    (own_company.folder / "hr/leave-2023.md").unlink()
    (own_company.folder / "hr/leave-2023.md").mkdir()
    paths = [PRINTERS, "hr/urlaub.md", "finance/travel.md", "hr/leave-2023.md", "hr/handbook.md", "hr/handbook.md"]
    with Catalog.open(own_company.config.index) as catalog:
        assert states(catalog, paths) == {
            PRINTERS: FileState.CHANGED,
            "hr/urlaub.md": FileState.CURRENT,
            "finance/travel.md": FileState.GONE,
            "hr/leave-2023.md": FileState.CHANGED,
            "hr/handbook.md": FileState.CURRENT,
        }
        assert states(catalog, []) == {}


def test_a_file_that_was_written_within_the_clocks_grain_is_looked_at_more_closely(own_company: Company) -> None:
    source = own_company.folder / PRINTERS
    text = source.read_text()
    own_company.update()
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        row = catalog.files()[PRINTERS]
        source.write_text(text.replace("Gutenberg", "Manutiusx"))
        now = source.stat()
        seen = (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino, now.st_dev)
        catalog.touch_file(type(row.source)(PRINTERS, row.source.kind, *seen), now.st_mtime_ns + 1)
    with Catalog.open(own_company.config.index) as catalog:
        assert states(catalog, [PRINTERS]) == {PRINTERS: FileState.CHANGED}


def test_an_answer_says_of_each_cited_file_whether_it_still_is_what_was_read(own_company: Company) -> None:
    with library.open(own_company.config.index) as index:
        assert {item.state for item in index.ask(QUESTION, use_model=False).citations} == {FileState.CURRENT}
        edit(own_company, "finance/travel.md")
        (own_company.folder / "archive/travel copy.md").unlink()
        answer = index.ask(QUESTION, use_model=False)
        told = {item.path: item.state for item in answer.citations}
        assert told.items() <= {
            "finance/travel.md": FileState.CHANGED, "archive/travel copy.md": FileState.GONE
        }.items()  # fmt: skip
        assert told


def test_the_nearest_passages_of_a_refusal_are_marked_too(own_company: Company) -> None:
    for path in own_company.folder.rglob("*.*"):
        path.unlink()
    with library.open(own_company.config.index) as index:
        closest = index.ask("Who won the world cup of 2014?", use_model=False).closest
    assert closest and {item.state for item in closest} == {FileState.GONE}


# --- what an open index says of its age ---


def test_an_open_index_notices_a_change_and_does_not_look_again_at_once(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.open(own_company.config.index) as index:
        assert index.age() == ()
        own_company.write("it/new.md", "New.\n")
        assert index.age() == (), "it has looked a moment ago"
        monkeypatch.setattr(library, "_LOOK_SECONDS", -1.0)
        (said,) = index.age()
        assert re.fullmatch(r"1 file changed since \d\d:\d\d, run assistant index --index \S+", said)
        assert said in index.find("toner").notices
        assert said in index.ask("toner of the printer", use_model=False).notices
        own_company.update()
        assert index.age() == ()


# --- on the command line ---


def asked(company: Company, *arguments: object) -> Seen:
    return command("ask", "--no-model", QUESTION, "--in", "finance", "--index", company.config.index, *arguments)


@pytest.mark.usefixtures("wide")
def test_ask_and_search_say_that_the_folder_has_changed(own_company: Company) -> None:
    said = re.compile(r"^2 files changed since \d\d:\d\d, run assistant index\b", re.MULTILINE)
    assert "changed" not in asked(own_company).err
    own_company.write("it/new.md", "New.\n")
    (own_company.folder / PRINTERS).unlink()
    for seen in (asked(own_company), command("search", "hotel", "--index", own_company.config.index)):
        assert seen.code == 0
        assert said.search(seen.err)
        assert "changed" not in seen.out
    assert not asked(own_company, "--quiet").err
    record = asked(own_company, "--json").record
    assert any(said.match(notice) for notice in record["notices"])


@pytest.mark.usefixtures("wide")
def test_a_source_that_has_changed_or_gone_is_marked_where_it_is_named(own_company: Company) -> None:
    assert "12 Jan 2026\n" in asked(own_company).out
    edit(own_company, "finance/travel.md")
    assert "12 Jan 2026   (changed since it was indexed)\n" in asked(own_company).out
    assert [item["state"] for item in asked(own_company, "--json").record["citations"]] == ["changed"]
    (own_company.folder / "finance/travel.md").unlink()
    assert "12 Jan 2026   (no longer in the folder)\n" in asked(own_company).out
    assert [item["state"] for item in asked(own_company, "--json").record["citations"]] == ["gone"]


@pytest.mark.usefixtures("wide")
def test_fresh_brings_the_index_up_to_date_first(own_company: Company) -> None:
    own_company.write("finance/travel.md", "# Hotels\n\nHotel costs are refunded up to 155 euros per night.\n")
    seen = asked(own_company, "--fresh")
    assert seen.code == 0
    assert "155 euros" in seen.out and "140" not in seen.out
    assert "changed since" not in seen.out + seen.err
    assert "Reading 1 of 1 files" in seen.err, "what it does is said"
    own_company.write("it/coffee.md", "The espresso machine is descaled every Thursday.\n")
    found = command("search", "espresso", "--fresh", "--json", "--index", own_company.config.index)
    assert found.record["hits"][0]["path"] == "it/coffee.md"
    assert not found.err


@pytest.mark.usefixtures("wide")
def test_fresh_says_where_the_folder_is_gone_and_answers_nothing(own_company: Company) -> None:
    own_company.folder.rename(own_company.folder.with_name("away"))
    seen = asked(own_company, "--fresh")
    assert seen.code == 2
    assert "is not there" in seen.err and not seen.out


# --- places that nobody may look into ---


def test_without_access_nothing_is_said_of_a_file_but_what_is_known(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Path.stat

    def refused(path: Path, **named: bool) -> os.stat_result:
        if path.name in ("printers.txt", "travel.md"):
            raise OSError(errno.EACCES if path.name == "printers.txt" else errno.EIO, "no")
        return looking(path, **named)

    monkeypatch.setattr(Path, "stat", refused)
    with Catalog.open(own_company.config.index) as catalog:
        told = states(catalog, [PRINTERS, "finance/travel.md", "hr/urlaub.md"])
        assert told == {
            PRINTERS: FileState.GONE,  # a run would take it out
            "finance/travel.md": FileState.CURRENT,  # nobody can tell
            "hr/urlaub.md": FileState.CURRENT,
        }
        monkeypatch.setattr(os, "access", lambda *_: False)  # nobody may look into the folder at all
        assert states(catalog, [PRINTERS]) == {PRINTERS: FileState.CURRENT}


@pytest.mark.skipif(not CAN_BE_ANYBODY, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named_and_questions_are_answered(own_company: Company) -> None:
    index = own_company.config.index
    for closed in (own_company.folder, own_company.folder / "finance"):
        closed.chmod(0)
        try:
            answered = as_anybody("ask", "--no-model", QUESTION, "--in", "finance", "--index", index)
            found = as_anybody("search", QUESTION, "-n", 1, "--index", index)
            shown = as_anybody("show", 1, "--index", index)
            opened = as_anybody("open", 1, "--index", index)
            status = as_anybody("status", "--index", index)
            planned = as_anybody("index", "--dry-run", "--index", index)
        finally:
            closed.chmod(0o755)
        assert (answered.code, found.code, shown.code, status.code) == (0, 0, 0, 0), answered.err + found.err
        assert "140 euros" in answered.out and "140" in shown.out
        assert opened.code == 2 and "cannot be read: Permission denied" in opened.err
        if closed == own_company.folder:
            assert "was not compared: the folder" in " ".join(answered.err.split())
            assert "(no longer" not in answered.out + found.out
            assert "not compared: the folder" in status.out
            assert planned.code == 2
        else:
            assert "(not to be read: finance)" in " ".join(answered.err.split())
            assert "Closed    finance: the folder cannot be read: Permission denied" in status.out
            assert "closed      finance: the folder cannot be read: Permission denied" in planned.out
            assert "deleted     finance/travel.md" in planned.out


@pytest.mark.skipif(not CAN_BE_ANYBODY, reason="root may read everything")
def test_a_file_that_may_not_be_read_any_more_is_named(own_company: Company) -> None:
    (own_company.folder / PRINTERS).chmod(0)
    index = own_company.config.index
    assert f"Closed    {PRINTERS}: no permission to read it" in as_anybody("status", "--index", index).out
    assert f"unreadable  {PRINTERS}" in as_anybody("index", "--dry-run", "--index", index).out


# --- while another process writes ---


def test_while_a_run_is_at_work_no_second_one_is_advised(own_company: Company) -> None:
    index = own_company.config.index
    own_company.write("it/new.md", "New.\n")
    assert "run assistant index" in " ".join(asked(own_company).err.split())
    with held(index) as process:
        seen = asked(own_company)
        assert f"a run is at work on them (process {process.pid} since " in " ".join(seen.err.split())
        assert "run assistant index" not in " ".join(seen.err.split())
        status = command("status", "--index", index)
        assert f"Run       a run is at work: process {process.pid} since " in status.out
        assert "run: assistant index" not in status.out
        assert str(process.pid) in command("status", "--json", "--index", index).record["writer"]
    assert "Run " not in command("status", "--index", index).out
