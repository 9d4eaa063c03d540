"""What a survey promises: each file in one place of the plan, moves found by content, nothing touched by looking."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import library
from assistant.config import Config
from assistant.errors import Confirm, UsageError
from assistant.indexing.cut import CUTTING
from assistant.indexing.plan import Plan
from assistant.indexing.run import Options, plan_folder
from assistant.indexing.survey import content_hash, survey
from assistant.reading import READING
from assistant.reading.scan import scan
from assistant.storage import lock
from assistant.storage.catalog import Catalog
from assistant.storage.rows import FileRow
from tests.company import FILES, Company

LATER = 10**10  # nanoseconds: long enough after the files were written that their times tell everything
UNREADABLE = """
import sys
from pathlib import Path
from soaking.rights import be_bound_by_permissions
from assistant.config import Config
from assistant.indexing.survey import survey
be_bound_by_permissions()
plan = survey(Path(sys.argv[1]), Config(), {}).plan
print([file.path for file in plan.added], plan.unreadable)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    write(made, "hr/leave.md", "28 days")
    write(made, "hr/hours.md", "40 hours")
    write(made, "travel.md", "140 euros")
    write(made, "notes.txt", "28 days")
    return made


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def known(folder: Path) -> dict[str, FileRow]:
    """What an index knows of a folder that was scanned long after its files were written."""
    return {
        file.path: FileRow(number, file, time.time_ns() + LATER, content_hash(folder / file.path), READING, CUTTING)
        for number, file in enumerate(scan(folder, 10**9).files, 1)
    }


def planned(folder: Path, rows: dict[str, FileRow], verify: bool = False) -> Plan:
    return survey(folder, Config(), rows, verify).plan


def paths(files: tuple[object, ...]) -> list[str]:
    return [getattr(file, "path", str(file)) for file in files]


def moves(plan: Plan) -> list[tuple[str, str]]:
    return [(move.old, move.file.path) for move in plan.moved]


def test_each_file_is_added_changed_moved_deleted_or_unchanged(folder: Path) -> None:
    rows = known(folder)
    write(folder, "hr/new.md", "new")
    write(folder, "hr/leave.md", "30 days")
    (folder / "hr/hours.md").rename(folder / "hours.md")
    (folder / "travel.md").unlink()
    plan = planned(folder, rows)
    assert paths(plan.added) == ["hr/new.md"]
    assert paths(plan.changed) == ["hr/leave.md"]
    assert moves(plan) == [("hr/hours.md", "hours.md")]
    assert plan.deleted == ("travel.md",)
    assert paths(plan.unchanged) == ["notes.txt"]
    assert paths(plan.to_read) == ["hr/new.md", "hr/leave.md"]
    assert not plan.is_empty


def test_an_unchanged_folder_is_an_empty_plan_and_hashes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = known(folder)
    monkeypatch.setattr("assistant.indexing.survey.content_hash", lambda path: pytest.fail(f"{path} was hashed"))
    plan = planned(folder, rows)
    assert plan.is_empty
    assert len(plan.unchanged) == 4
    assert plan.touched == ()


def test_a_file_that_was_only_touched_is_unchanged_and_its_times_are_to_be_noted(folder: Path) -> None:
    rows = known(folder)
    os.utime(folder / "travel.md")
    plan = planned(folder, rows)
    assert plan.is_empty
    assert paths(plan.touched) == ["travel.md"]


_CONTENTS = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "c/a.md", "c/d.txt", "e.txt", "f.md"]), st.sampled_from(["x", "y", "zz"])
)


@settings(max_examples=40)
@given(before=_CONTENTS, after=_CONTENTS)
def test_any_two_states_of_a_folder_are_told_apart_file_by_file(before: dict[str, str], after: dict[str, str]) -> None:
    with TemporaryDirectory() as root:
        folder = Path(root)
        for path, text in before.items():
            write(folder, path, text)
        rows = known(folder)
        for path in before.keys() - after.keys():
            (folder / path).unlink()
        for path, text in after.items():
            if before.get(path) != text:
                write(folder, path, text)
        plan = planned(folder, rows)
    moved = moves(plan)
    assert sorted([*paths(plan.added), *paths(plan.changed), *(new for _, new in moved), *paths(plan.unchanged)]) == (
        sorted(after)
    )
    assert sorted([*plan.deleted, *(old for old, _ in moved)]) == sorted(before.keys() - after.keys())
    assert set(paths(plan.changed)) == {path for path in before.keys() & after.keys() if before[path] != after[path]}
    for old, new in moved:
        assert (before[old], old[-3:]) == (after[new], new[-3:])
    # As many are moved as there are pairs of one content and kind.
    gone = Counter((before[path], path[-3:]) for path in before.keys() - after.keys())
    came = Counter((after[path], path[-3:]) for path in after.keys() - before.keys())
    assert len(moved) == (gone & came).total()


def test_a_move_needs_the_same_content_and_the_same_kind(folder: Path) -> None:
    rows = known(folder)
    (folder / "hr/leave.md").rename(folder / "leave.txt")  # another kind is read in another way
    (folder / "travel.md").unlink()
    write(folder, "journey.md", "150 euros")  # as long, but not the same
    plan = planned(folder, rows)
    assert moves(plan) == []
    assert paths(plan.added) == ["journey.md", "leave.txt"]
    assert plan.deleted == ("hr/leave.md", "travel.md")


def test_two_files_that_were_swapped_have_both_changed(folder: Path) -> None:
    rows = known(folder)
    (folder / "travel.md").rename(folder / "kept.md")
    (folder / "hr/hours.md").rename(folder / "travel.md")
    (folder / "kept.md").rename(folder / "hr/hours.md")
    plan = planned(folder, rows)
    assert paths(plan.changed) == ["hr/hours.md", "travel.md"]
    assert (plan.added, plan.moved, plan.deleted) == ((), (), ())


def test_a_copy_is_new_while_its_original_is_there_and_moved_once_it_has_gone(folder: Path) -> None:
    rows = known(folder)
    shutil.copy(folder / "travel.md", folder / "copy.md")
    assert (paths(planned(folder, rows).added), moves(planned(folder, rows))) == (["copy.md"], [])
    (folder / "travel.md").unlink()
    assert (planned(folder, rows).added, moves(planned(folder, rows))) == ((), [("travel.md", "copy.md")])


@pytest.mark.parametrize("likeness", ["inode", "name", "time"])
def test_of_several_files_with_its_content_the_likeliest_was_moved(tmp_path: Path, likeness: str) -> None:
    for name in ("a/one.md", "b/two.md", "c/three.md"):
        write(tmp_path, name, "the same")
        os.utime(tmp_path / name, (1_700_000_000 + ord(name[0]), 1_700_000_000 + ord(name[0])))
    rows = known(tmp_path)
    if likeness == "inode":
        (tmp_path / "b/two.md").rename(tmp_path / "new.md")
    elif likeness == "name":
        write(tmp_path, "d/two.md", "the same")
    else:
        shutil.copy2(tmp_path / "b/two.md", tmp_path / "new.md")
    for path in ("a/one.md", "b/two.md", "c/three.md"):
        (tmp_path / path).unlink(missing_ok=True)
    ((old, _),) = moves(planned(tmp_path, rows))
    assert old == "b/two.md"


def test_of_several_new_files_with_its_content_the_likeliest_is_the_one_that_moved(tmp_path: Path) -> None:
    write(tmp_path, "old.md", "the same")
    rows = known(tmp_path)
    (tmp_path / "old.md").rename(tmp_path / "renamed.md")
    shutil.copy(tmp_path / "renamed.md", tmp_path / "copy.md")
    plan = planned(tmp_path, rows)
    assert moves(plan) == [("old.md", "renamed.md")]
    assert paths(plan.added) == ["copy.md"]


def test_a_file_that_could_not_be_read_is_not_taken_for_another_one_that_cannot(folder: Path) -> None:
    rows = {path: replace(row, sha256="") for path, row in known(folder).items() if path == "travel.md"}
    (folder / "travel.md").rename(folder / "journey.md")
    plan = planned(folder, rows)
    assert moves(plan) == []
    assert plan.deleted == ("travel.md",)


def test_verify_notices_a_change_that_the_times_hide(folder: Path) -> None:
    rows = known(folder)
    rows["travel.md"] = replace(rows["travel.md"], sha256=hashlib.sha256(b"130 euros").hexdigest())
    assert planned(folder, rows).is_empty
    plan = planned(folder, rows, verify=True)
    assert paths(plan.changed) == ["travel.md"]
    assert len(plan.unchanged) == 3


def test_a_new_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    write(tmp_path, "open.md", "text")
    write(tmp_path, "locked.md", "text")
    (tmp_path / "locked.md").chmod(0)
    root = Path(__file__).parents[1]
    said = subprocess.run(
        [sys.executable, "-c", UNREADABLE, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{root}:{root / 'scripts'}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "['locked.md', 'open.md'] ('locked.md',)\n"


def test_files_below_a_folder_that_gives_an_io_error_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = known(folder)
    (folder / "travel.md").unlink()
    opening = os.open

    def failing(path: str, flags: int) -> int:
        if str(path).endswith("/hr"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opening(path, flags)

    monkeypatch.setattr(os, "open", failing)
    plan = planned(folder, rows)
    assert plan.kept == ("hr/hours.md", "hr/leave.md")
    assert plan.deleted == ("travel.md",)
    assert paths(plan.unchanged) == ["notes.txt"]


def test_another_version_of_the_reader_or_the_cutter_concerns_what_it_made(folder: Path) -> None:
    rows = known(folder)
    rows["travel.md"] = replace(rows["travel.md"], reading="of old", cutting="of old")
    rows["notes.txt"] = replace(rows["notes.txt"], cutting="of old")
    rows["hr/leave.md"] = replace(rows["hr/leave.md"], cutting="of old")
    (folder / "hr/leave.md").rename(folder / "leave.md")
    plan = planned(folder, rows)
    assert paths(plan.reread) == paths(plan.to_read) == ["travel.md"]
    assert sorted(paths(plan.recut)) == ["leave.md", "notes.txt"]
    assert sorted(paths(plan.unchanged)) == ["hr/hours.md", "notes.txt", "travel.md"]


# --- the dry run ---


def state(place: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a place with its time and bytes."""
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_a_dry_run_makes_no_index(folder: Path, tmp_path: Path) -> None:
    plan = plan_folder(folder, Config(index=tmp_path / "a/index"))
    assert len(plan.added) == 4
    assert not (tmp_path / "a").exists()


def test_a_dry_run_changes_nothing_takes_no_lock_and_says_what_the_run_then_does(own_company: Company) -> None:
    own_company.write("it/robots.md", "# Robots\n\nThe welding robot is called Hephaistos.\n")
    own_company.write("it/printers.txt", "The printer moved to the basement.\n")
    (own_company.folder / "hr/urlaub.md").rename(own_company.folder / "hr/ferien.md")
    (own_company.folder / "hr/leave-2023.md").unlink()
    os.utime(own_company.folder / "finance/travel.md")
    with lock.writer(own_company.config.index):  # a run is at work
        before = state(own_company.config.index)
        plan = plan_folder(None, own_company.config)
        assert state(own_company.config.index) == before
    report = own_company.update()
    assert (report.added, report.changed, report.moved, report.deleted, report.unchanged) == (1, 1, 1, 1, 5)
    assert (len(plan.added), len(plan.changed), len(plan.moved), len(plan.deleted), len(plan.unchanged)) == (
        1, 1, 1, 1, 5
    )  # fmt: skip


def test_a_dry_run_is_refused_where_the_run_would_be(own_company: Company, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="belongs to"):
        plan_folder(tmp_path / "other", own_company.config)
    with pytest.raises(UsageError, match="does not exist"):
        plan_folder(tmp_path / "nowhere", own_company.config)
    with pytest.raises(UsageError, match="has to be told which folder"):
        plan_folder(None, Config(index=tmp_path / "none"))
    assert len(plan_folder(tmp_path / "other", own_company.config, Options(replace=True)).deleted) == len(FILES) + 2


def test_a_dry_run_plans_a_large_deletion_without_a_question(own_company: Company) -> None:
    shutil.rmtree(own_company.folder / "hr")
    for path in own_company.folder.rglob("*.md"):
        path.unlink()
    assert len(plan_folder(None, own_company.config).deleted) == 6


# --- large deletions and folders that moved ---


def remove(company: Company, number: int) -> None:
    for path in sorted(company.folder.rglob("*.*"))[:number]:
        path.unlink()


def test_half_of_the_documents_are_deleted_without_a_question(own_company: Company) -> None:
    remove(own_company, 4)
    assert own_company.update().deleted == 4


def test_more_than_half_are_not_deleted_before_somebody_has_agreed(own_company: Company) -> None:
    remove(own_company, 5)
    own_company.write("new.md", "The espresso machine is descaled every Thursday.\n")
    before = own_company.passages()
    with pytest.raises(Confirm, match="5 of 8 documents would be deleted") as caught:
        own_company.run()
    assert caught.value.exit_code == 2
    assert "--yes" in caught.value.hint
    assert own_company.passages() == before
    report = own_company.update(Options(yes=True))
    assert (report.deleted, report.added, report.files) == (5, 1, 4)


def test_a_folder_that_is_suddenly_empty_deletes_nothing_by_itself(own_company: Company) -> None:
    own_company.folder.rename(own_company.folder.with_name("unmounted"))
    own_company.folder.mkdir()
    with pytest.raises(Confirm, match="8 of 8 documents would be deleted"):
        own_company.run()
    assert own_company.hits("annual leave")


def test_giving_up_the_old_folder_asks_before_most_of_it_goes(own_company: Company, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write(other, "new.md", "The espresso machine is descaled every Thursday.\n")
    with pytest.raises(Confirm, match="8 of 8 documents would be deleted"):
        own_company.run(other, Options(replace=True))
    assert len(own_company.passages()) > 1
    own_company.run(other, Options(replace=True, yes=True))
    assert {passage[0] for passage in own_company.passages()} == {"new.md"}


def test_what_was_moved_is_not_counted_as_deleted(own_company: Company) -> None:
    (own_company.folder / "hr").rename(own_company.folder / "people")
    (own_company.folder / "it").rename(own_company.folder / "computers")
    report = own_company.update()
    assert (report.moved, report.deleted, report.embedded) == (5, 0, 0)


def test_a_folder_that_has_moved_is_taken_where_the_old_one_is_gone(own_company: Company, tmp_path: Path) -> None:
    new = own_company.folder.rename(tmp_path / "moved")
    with pytest.raises(UsageError, match="is not there") as caught:
        own_company.run()
    assert "assistant index NEW_FOLDER" in caught.value.hint
    moved = replace(own_company, folder=new)
    report = moved.run(new)[-1]
    assert getattr(report, "nothing_to_do", None) is True
    with library.open(own_company.config.index) as index:
        assert index.folder == new
        assert index.age() == ()
    assert moved.update().nothing_to_do


def test_a_wrong_folder_is_not_taken_for_one_that_has_moved(own_company: Company, tmp_path: Path) -> None:
    own_company.folder.rename(tmp_path / "moved")
    write(tmp_path / "wrong", "other.md", "The espresso machine is descaled every Thursday.\n")
    with pytest.raises(Confirm):
        own_company.run(tmp_path / "wrong")
    with Catalog.open(own_company.config.index) as catalog:
        assert catalog.get("folder") == str(own_company.folder)
    assert own_company.hits("annual leave")
