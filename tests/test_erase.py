"""What is deleted from a catalog is nowhere in its file, wherever SQLite had moved it."""

import random
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.indexing.cut import cut
from assistant.reading.plain import read_plain
from assistant.storage.catalog import Catalog
from assistant.storage.erase import overwrite_unallocated
from assistant.storage.rows import ReadFile
from assistant.types import Kind, SourceFile

RUN = 32  # bytes in a row that are a trace
LIVES = (6, 7, 8)  # of random ones: with the SQLite of 2023, number 7 leaves a trace where nothing is erased
SECRET = b"The merger with Falkenried is off."


def text(chance: random.Random) -> str:
    words = ("".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(10**6))
    return " ".join(next(words) for _ in range(chance.choice([8, 15, 30, 60, 120, 400])))


def put(catalog: Catalog, path: str, content: str) -> None:
    document = read_plain(content.encode())
    source = SourceFile(path, Kind.TEXT, len(content), 1, 1, 1, 1)
    with catalog.transaction():
        catalog.put_file(ReadFile(source, 1, content[:9], document, list(cut(document)), "1", "1"))


def lived(folder: Path, seed: int) -> tuple[Catalog, list[str]]:
    """A catalog of fifty files after some changes and deletions, and the texts that are deleted."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    catalog = Catalog.create(folder)
    paths = [f"{chance.choice('abc')}/{number}.txt" for number in range(50)]
    texts: dict[str, str] = {}
    for path in [*paths, *chance.sample(paths, 25), *chance.sample(paths, 25)]:
        texts[path] = text(chance)
        put(catalog, path, texts[path])
    gone = chance.sample(paths, 12)
    for path in gone:
        with catalog.transaction():
            catalog.remove_file(path)
    return catalog, [texts[path] for path in gone]


def traces(file: Path, texts: list[str]) -> Iterator[str]:
    data = file.read_bytes()
    for gone in texts:
        yield from (gone[at : at + RUN] for at in range(len(gone) - RUN + 1) if gone[at : at + RUN].encode() in data)


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_erasing_leaves_no_trace_of_deleted_texts_and_every_row_that_is_left(tmp_path: Path) -> None:
    for seed in LIVES:
        catalog, gone = lived(tmp_path / str(seed), seed)
        with catalog:
            before = rows(catalog.path)
            catalog.erase_remains()
            put(catalog, "later.txt", "Written after the erasing.")
            assert not list(traces(catalog.path, gone))
            with catalog.transaction():
                catalog.remove_file("later.txt")
            assert {name: kept for name, kept in rows(catalog.path).items() if name != "sqlite_sequence"} == {
                name: kept for name, kept in before.items() if name != "sqlite_sequence"
            }


def test_what_sqlite_may_leave_in_a_page_is_overwritten_in_every_page(tmp_path: Path) -> None:
    catalog, _ = lived(tmp_path, 0)
    with catalog:
        before = rows(catalog.path)
        planted = plant(catalog.path)
        assert planted > 10
        assert rows(catalog.path) == before, "what was planted stands where no row does"
        catalog.erase_remains()
        assert SECRET not in catalog.path.read_bytes()
        assert rows(catalog.path) == before


def plant(file: Path) -> int:
    """Write the secret into the unallocated space of every page that has room for it; returns how many have."""
    data, planted = bytearray(file.read_bytes()), 0
    for page in range(0, len(data), 4096):
        head = page + (100 if page == 0 else 0)
        if data[head] in (2, 5, 10, 13):
            first = head + (8 if data[head] > 9 else 12) + 2 * int.from_bytes(data[head + 3 : head + 5], "big")
            if page + int.from_bytes(data[head + 5 : head + 7], "big") - first > len(SECRET):
                data[first : first + len(SECRET)] = SECRET
                planted += 1
    file.write_bytes(data)
    return planted


def test_a_second_erasing_finds_nothing(tmp_path: Path) -> None:
    catalog, _ = lived(tmp_path, 1)
    with catalog:
        overwrite_unallocated(catalog.path)
        assert overwrite_unallocated(catalog.path) == 0


def test_a_reader_goes_on_while_the_file_is_erased(tmp_path: Path) -> None:
    catalog, _ = lived(tmp_path, 2)
    with catalog, Catalog.open(tmp_path) as reader, reader.snapshot():
        paths = list(reader.files())
        catalog.erase_remains()
        assert list(reader.files()) == paths
        assert [row.path for row in reader.all_chunks()]


@pytest.mark.parametrize("content", [b"", b"x" * 50, b"x" * 5000, b"SQLite format 3\0" + b"\0" * 200])
def test_what_is_no_catalog_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert overwrite_unallocated(tmp_path / "file") == 0
    assert (tmp_path / "file").read_bytes() == content
