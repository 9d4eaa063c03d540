"""What is promised of a catalog that cannot be opened: it is said with what to do, and left as it is."""

import sqlite3
from pathlib import Path

import pytest

from assistant.errors import IndexUnusable
from assistant.storage.catalog import Catalog
from assistant.storage.layout import CATALOG
from assistant.storage.ownership import APPLICATION
from assistant.storage.schema import SCHEMA_VERSION


def test_no_index_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="there is no index") as caught:
        Catalog.open(tmp_path / "nowhere")
    assert caught.value.exit_code == 4
    assert "assistant index" in caught.value.hint
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"x" * 9000, b"SQLite format 3\0" + b"\1" * 8000], ids=["text", "head"])
def test_a_damaged_catalog_is_said_and_not_overwritten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CATALOG).write_bytes(content)
    for opening in (Catalog.open, Catalog.create):
        with pytest.raises(IndexUnusable, match="is damaged") as caught:
            opening(tmp_path)
        hint = (
            f"Delete the file {tmp_path / CATALOG} and run: assistant index FOLDER --index {tmp_path}. The log is kept."
        )
        assert hint in caught.value.hint
    assert (tmp_path / CATALOG).read_bytes() == content


def test_a_catalog_of_another_version_or_without_its_tables_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / CATALOG) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(IndexUnusable, match="is not a catalog of the assistant"):
        Catalog.open(tmp_path)
    with sqlite3.connect(tmp_path / CATALOG) as db:
        db.execute(f"PRAGMA application_id={APPLICATION}")
    with pytest.raises(IndexUnusable, match="another version"):
        Catalog.open(tmp_path)
    with sqlite3.connect(tmp_path / CATALOG) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    db.close()
    with pytest.raises(IndexUnusable, match="no such table"):
        Catalog.create(tmp_path)


def test_a_catalog_that_was_never_filled_is_said_and_can_be_filled(tmp_path: Path) -> None:
    (tmp_path / CATALOG).touch()
    with pytest.raises(IndexUnusable, match="is empty"):
        Catalog.open(tmp_path)
    with Catalog.create(tmp_path) as catalog:
        assert catalog.files() == {}


def test_a_catalog_that_stays_locked_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalog.create(tmp_path) as catalog:
        pass
    monkeypatch.setattr("assistant.storage.schema._READER_SECONDS", 0.05)
    lock = sqlite3.connect(catalog.path, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    with pytest.raises(IndexUnusable, match="cannot be opened: database is locked"):
        Catalog.open(catalog.path.parent)
    lock.close()


def test_a_folder_in_place_of_the_catalog_is_said(tmp_path: Path) -> None:
    (tmp_path / CATALOG).mkdir()
    with pytest.raises(IndexUnusable, match="there is no index"):
        Catalog.open(tmp_path)
