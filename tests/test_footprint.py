"""What a footprint promises: it tells of every file that went, was cut off, or came from an older copy."""

from pathlib import Path

import pytest

from assistant.indexing.footprint import footprint, intact


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "words"
    (made / "deep").mkdir(parents=True)
    (made / "a.idx").write_bytes(b"12345")
    (made / "deep/b.bin").write_bytes(b"")
    (made / ".writer.lock").write_bytes(b"")
    return made


def test_a_folder_is_intact_while_nothing_is_lost(folder: Path) -> None:
    kept = footprint(folder)
    assert intact(folder, kept)
    (folder / ".writer.lock").unlink()
    (folder / "a.idx").write_bytes(b"123456")  # Chroma's SQLite file grows by being read
    (folder / "new").touch()
    assert intact(folder, kept)


@pytest.mark.parametrize("loss", ["deleted", "deep", "cut off", "folder"])
def test_a_loss_is_noticed(folder: Path, loss: str) -> None:
    kept = footprint(folder)
    if loss == "deleted":
        (folder / "a.idx").unlink()
    elif loss == "deep":
        (folder / "deep/b.bin").unlink()
    elif loss == "cut off":
        (folder / "a.idx").write_bytes(b"1234")
    else:
        folder.rename(folder.with_name("moved"))
    assert not intact(folder, kept)


def test_what_was_never_noted_is_not_intact(folder: Path) -> None:
    assert not intact(folder, None)
    assert not intact(folder.with_name("nowhere"), footprint(folder.with_name("nowhere")))
