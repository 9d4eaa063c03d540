"""Nothing is written over or removed in a folder that is not proven to be an index."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.storage.layout import CATALOG, LOCK, SEAL
from tests.company import Company
from tests.terminal import command

pytestmark = pytest.mark.usefixtures("own_settings")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def foreign_database(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"CREATE TABLE books (title TEXT); PRAGMA user_version={version};")


@pytest.mark.parametrize(
    "names",
    [
        ("words/verbs.md", "words/nouns.md"),
        ("words/verbs.md", "lock"),
        ("chroma/chroma.sqlite3", "chroma/gen-1/data_level0.bin"),
        ("chroma/colors.md", "seal"),
        ("damaged",),
        ("lock",),
    ],
    ids=str,
)
def test_a_folder_of_somebody_elses_is_refused_and_left_as_it_was(tmp_path: Path, names: tuple[str, ...]) -> None:
    notes = tmp_path / "notes"
    for name in names:
        (notes / name).parent.mkdir(parents=True, exist_ok=True)
        (notes / name).write_text("Written by hand, or by another program.")
    before = files(notes)
    (tmp_path / "documents").mkdir()
    for folder in (notes, tmp_path / "documents"):
        seen = command("index", folder, "--index", notes)
        assert seen.code == 2
        assert len(seen.err.splitlines()) == 2
    assert files(notes) == before


@pytest.mark.parametrize("version", [0, 3, 7])
def test_a_catalog_of_another_program_is_refused_by_every_command(tmp_path: Path, version: int) -> None:
    library = tmp_path / "library"
    (library / "words").mkdir(parents=True)
    (library / "words/verbs.md").write_text("go")
    foreign_database(library / CATALOG, version)
    before = files(library)
    (tmp_path / "documents").mkdir()
    assert command("index", tmp_path / "documents", "--index", library).code == 2
    for arguments in (("ask", "who"), ("forget", "verbs.md"), ("status",)):
        seen = command(*arguments, "--index", library)
        assert seen.code == 4
        assert "Delete" not in seen.err
    assert files(library) == before


def test_documents_cannot_stand_where_the_index_keeps_files_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    seen = command("index", tmp_path / "empty", "--index", tmp_path / "empty")
    assert seen.code == 2
    assert "cannot stand inside of the index" in seen.err
    assert not files(tmp_path / "empty")


@pytest.mark.parametrize("left", [(), (LOCK,), (LOCK, CATALOG), (CATALOG,)])
def test_what_a_run_left_that_was_killed_before_it_had_a_catalog_is_gone_on_with(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/a.md").write_text("The toner lies in the cupboard.")
    index = tmp_path / "index"
    index.mkdir()
    for name in left:
        (index / name).touch()
    assert command("index", tmp_path / "documents", "--index", index).code == 0


def test_an_index_that_lost_its_catalog_is_made_anew_where_its_lock_proves_that_it_is_one(own_company: Company) -> None:
    index = own_company.config.index
    (index / CATALOG).unlink()
    (index / SEAL).unlink()
    (index / LOCK).write_text('{"pid": 1, "since": "10:00:00"}')
    assert command("index", own_company.folder, "--index", index).code == 0
    assert command("search", "toner", "--index", index).code == 0


def test_without_any_proof_even_what_looks_like_an_index_is_left_alone(own_company: Company) -> None:
    index = own_company.config.index
    (index / CATALOG).unlink()
    (index / SEAL).unlink()
    before = files(index)
    assert command("index", own_company.folder, "--index", index).code == 2
    assert files(index) == before


def test_an_index_inside_of_its_folder_of_documents_stays_possible(own_company: Company) -> None:
    inside = own_company.folder / "index"
    shutil.rmtree(own_company.config.index)
    assert command("index", own_company.folder, "--index", inside).code == 0
