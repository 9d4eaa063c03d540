"""What a generation promises: exactly the catalog's vectors, checked, never changed by readers, and no text."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.embedder import Vector
from assistant.indexing import vectors
from assistant.indexing.vectors import Generation, build, folder_of, unused
from assistant.storage.catalog import Catalog
from assistant.storage.rows import ReadFile
from assistant.storage.schema import ABOVE_ALL
from assistant.types import Chunk, Document, Kind, Section, SourceFile, StoredText
from tests.test_catalog import Model, bare, known, pending

SIZE, FILES = 400, 4
SECRET = "The director's salary is 123,456 euros."


def filled(index: Path, size: int = SIZE) -> Catalog:
    """A catalog of one-word passages in four files, each with a random vector."""
    catalog = Catalog.create(index)
    numbers = np.random.default_rng(3).normal(size=(max(size, 1), 384)).astype(np.float32)
    with catalog.transaction():
        for file in range(FILES):
            texts = [f"{SECRET} Passage {number}." for number in range(file, size, FILES)]
            chunks = [Chunk(at, 0, len(text), (), text) for at, text in enumerate(texts)]
            sections = tuple(Section(at, 0, len(text)) for at, text in enumerate(texts))
            pages = tuple(StoredText(text, page) for page, text in enumerate(texts, 1))
            source = SourceFile(f"{file}.pdf", Kind.PDF, 1, 1, 1, 1, 1)
            catalog.put_file(ReadFile(source, 1, "", Document("Salaries", pages, sections), chunks, "1", "1"))
        units = numbers / np.linalg.norm(numbers, axis=1, keepdims=True)
        known(catalog)
        rows = zip(pending(catalog), units, strict=False)
        catalog.add_vectors(Model.fingerprint, [(key, bare(unit)) for (key, _), unit in rows])
    return catalog


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A catalog with generation 1 of all its vectors."""
    index = tmp_path_factory.mktemp("vectors")
    with filled(index) as made:
        assert build(index, 1, SIZE) == SIZE
        yield made


@pytest.fixture
def generation(catalog: Catalog) -> Iterator[Generation]:
    opened = Generation(catalog.path.parent, 1)
    yield opened
    opened.close()


def search(
    catalog: Catalog, generation: Generation, vector: Vector, limit: int, files: set[int] | None = None
) -> list[tuple[int, float]]:
    return vectors.nearest(catalog, generation, (ABOVE_ALL, SIZE), vector, limit, files=files)


def keys(catalog: Catalog) -> set[bytes]:
    return {key for key, _ in catalog.distinct_vectors()}


def exact(catalog: Catalog, vector: Vector, files: set[int] | None = None) -> list[tuple[int, float]]:
    found = [(id_, float(vector @ other)) for id_, file, other in catalog.vectors() if files is None or file in files]
    return sorted(found, key=lambda pair: -pair[1])


def test_the_nearest_are_those_of_an_exact_comparison(catalog: Catalog, generation: Generation) -> None:
    for id_, _, vector in list(catalog.vectors())[:20]:
        found = search(catalog, generation, vector, 10)
        wanted = exact(catalog, vector)[:10]
        assert found[0][0] == id_
        assert [pair[0] for pair in found] == [pair[0] for pair in wanted]
        assert [pair[1] for pair in found] == pytest.approx([pair[1] for pair in wanted], abs=1e-5)


def test_a_filter_lets_only_its_files_through_however_many(catalog: Catalog, generation: Generation) -> None:
    _, _, vector = next(iter(catalog.vectors()))
    wanted = [pair[0] for pair in exact(catalog, vector, {2, 3})][:10]
    assert [pair[0] for pair in search(catalog, generation, vector, 10, {2, 3})] == wanted
    many = {2, 3, *range(1_000, 60_000)}  # more than one SQL statement takes
    assert [pair[0] for pair in search(catalog, generation, vector, 10, many)] == wanted
    assert search(catalog, generation, vector, 10, set()) == []
    assert search(catalog, generation, vector, 0) == []
    assert len(search(catalog, generation, vector, 10 * SIZE)) == SIZE


def repeating(index: Path) -> Catalog:
    """A catalog of four files with a text of their own each, and fifty times one that all have."""
    catalog = Catalog.create(index)
    texts = ["Page left blank on purpose."] * 50
    with catalog.transaction():
        for file in range(FILES):
            own = [*texts, f"Only file {file} says this."]
            chunks = [Chunk(at, 0, len(text), (), text) for at, text in enumerate(own)]
            sections = tuple(Section(at, 0, len(text)) for at, text in enumerate(own))
            pages = tuple(StoredText(text, page) for page, text in enumerate(own, 1))
            source = SourceFile(f"{file}.pdf", Kind.PDF, 1, 1, 1, 1, 1)
            catalog.put_file(ReadFile(source, 1, "", Document("Blank", pages, sections), chunks, "1", "1"))
        known(catalog)
        units = np.eye(FILES + 1, 384, dtype=np.float32)
        rows = zip(pending(catalog), units, strict=True)
        catalog.add_vectors(Model.fingerprint, [(key, bare(unit)) for (key, _), unit in rows])
    return catalog


def test_a_text_that_stands_in_many_places_is_held_once_and_found_in_all(tmp_path: Path) -> None:
    with repeating(tmp_path) as catalog:
        assert build(tmp_path, 1, ABOVE_ALL) == FILES + 1
        size, opened = FILES + 1, Generation(tmp_path, 1)
        rows = {id_: file for id_, file, _ in catalog.vectors()}
        shared = next(iter(catalog.vectors()))[2]

        def found(limit: int, files: set[int] | None = None, up_to: int = ABOVE_ALL) -> list[int]:
            pairs = vectors.nearest(catalog, opened, (up_to, size), shared, limit, files=files)
            assert pairs == sorted(pairs, key=lambda pair: -pair[1])
            return [id_ for id_, _ in pairs]

        assert sorted(found(1_000)) == sorted(rows)
        assert len(found(60)) == 60
        assert {rows[id_] for id_ in found(50, {2})} == {2}
        assert len(found(1_000, {2, 3})) == 2 * 51
        assert max(found(1_000, up_to=60)) == 60
        with catalog.transaction():
            catalog.remove_file("0.pdf")
        assert catalog.count_hashes(ABOVE_ALL) == FILES, "the shared text stays, the file's own has gone"
        assert {rows[id_] for id_ in found(1_000)} == {2, 3, 4}
        assert len(found(1_000)) == 3 * 51
        opened.close()


def test_what_has_gone_does_not_take_the_places_of_what_is_left(catalog: Catalog, generation: Generation) -> None:
    _, _, vector = next(iter(catalog.vectors()))
    nearest = [id_ for id_, _ in exact(catalog, vector)]
    with catalog.snapshot():  # rolled back at its end
        catalog._db.execute("DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?))", (str(nearest[:300]),))
        assert [id_ for id_, _ in search(catalog, generation, vector, 10)] == nearest[300:310]


def test_a_generation_holds_the_chunks_up_to_its_watermark(catalog: Catalog) -> None:
    index = catalog.path.parent
    assert build(index, 7, 100) == 100
    opened = Generation(index, 7)
    found = search(catalog, opened, next(iter(catalog.vectors()))[2], SIZE)
    opened.close()
    assert {id_ for id_, _ in found} == set(range(1, 101))


@given(size=st.integers(0, 60), call=st.integers(2, 20))
def test_calls_hold_every_row_in_order_and_none_alone(size: int, call: int) -> None:
    rows = [(bytes([number]), np.zeros(1, np.float32)) for number in range(size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "_CALL", call)
        parts = list(vectors._calls(iter(rows)))
    assert [row for part in parts for row in part] == rows
    assert all(2 <= len(part) <= call + 1 for part in parts) or [len(part) for part in parts] == [1]


@pytest.mark.parametrize("call", [SIZE - 1, SIZE // 4, SIZE // 3, 5_000])
def test_no_vector_waits_in_a_queue_that_every_reader_would_have_to_work_off(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    monkeypatch.setattr(vectors, "_CALL", call)
    index, number = catalog.path.parent, 100 + call
    assert build(index, number, SIZE) == SIZE
    with closing(sqlite3.connect(folder_of(index, number) / "chroma.sqlite3")) as db:
        written = db.execute("SELECT min(seq_id) FROM max_seq_id").fetchone()[0]
        assert db.execute("SELECT count(*) FROM max_seq_id").fetchone() == (2,)  # of its database and of its vectors
        assert db.execute("SELECT count(*) FROM embeddings_queue WHERE seq_id > ?", (written,)).fetchone() == (0,)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_smallest_generations_work_too(tmp_path: Path, size: int) -> None:
    with filled(tmp_path, size) as few:
        assert build(tmp_path, 1, SIZE) == size
        opened = Generation(tmp_path, 1)
        for id_, _, vector in few.vectors():
            ((nearest, cosine), *_) = search(few, opened, vector, 5)
            assert nearest == id_
            assert cosine == pytest.approx(1, abs=1e-5)
        opened.close()


def hashes(folder: Path) -> dict[str, str]:
    """Of every file but Chroma's own SQLite, which notes each opening in a transaction."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "chroma.sqlite3"]
    return {path.name: f"{path.stat().st_mtime_ns} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files}


def test_readers_do_not_change_the_files_of_the_vectors(catalog: Catalog) -> None:
    folder = folder_of(catalog.path.parent, 1)
    before = hashes(folder)
    assert before
    for _ in range(2):
        opened = Generation(catalog.path.parent, 1)
        opened.search(next(iter(catalog.vectors()))[2], 5)
        opened.close()
    assert hashes(folder) == before


def test_a_generation_holds_no_text(catalog: Catalog) -> None:
    for path in folder_of(catalog.path.parent, 1).rglob("*"):
        if path.is_file():
            assert b"salary" not in path.read_bytes().lower()


def test_a_generation_in_use_is_not_unused(catalog: Catalog) -> None:
    folder = folder_of(catalog.path.parent, 1)
    opened = Generation(catalog.path.parent, 1)
    with unused(folder) as free:
        assert not free
    opened.close()
    with unused(folder) as free:
        assert free


def test_a_missing_generation_is_said_and_a_damaged_one_is_let_go(catalog: Catalog) -> None:
    index = catalog.path.parent
    with pytest.raises(FileNotFoundError):
        Generation(index, 99)
    folder_of(index, 98).mkdir(parents=True)
    with pytest.raises(Exception, match="chunks"):
        Generation(index, 98)
    with unused(folder_of(index, 98)) as free:
        assert free


def test_a_store_that_lacks_a_vector_is_not_published(catalog: Catalog) -> None:
    folder, whole = folder_of(catalog.path.parent, 1), keys(catalog)
    vectors._check(folder, catalog, whole)
    with pytest.raises(RuntimeError, match=f"holds {SIZE} vectors, the catalog {SIZE + 1}"):
        vectors._check(folder, catalog, {*whole, b"another"})


def test_a_store_whose_vectors_are_not_the_catalogs_is_not_published(tmp_path: Path) -> None:
    with filled(tmp_path) as catalog:
        build(tmp_path, 1, SIZE)
        with catalog.transaction():
            catalog._db.execute("DELETE FROM vectors")
            others = np.eye(SIZE, 384, dtype=np.float32)
            rows = zip(pending(catalog), others, strict=True)
            catalog.add_vectors(Model.fingerprint, [(key, bare(unit)) for (key, _), unit in rows])
        with pytest.raises(RuntimeError, match="does not find itself"):
            vectors._check(folder_of(tmp_path, 1), catalog, keys(catalog))


def test_a_store_that_knows_its_ids_but_not_their_vectors_is_not_published(catalog: Catalog) -> None:
    index = catalog.path.parent
    build(index, 20, SIZE)
    build(index, 21, SIZE // 2)
    whole, half = (next(path for path in folder_of(index, number).iterdir() if path.is_dir()) for number in (20, 21))
    for path in half.iterdir():
        shutil.copyfile(path, whole / path.name)
    with pytest.raises(Exception, match="Error finding id"):
        vectors._check(folder_of(index, 20), catalog, keys(catalog))


def test_a_graph_in_which_many_vectors_are_not_found_is_not_published_but_a_few_are_no_damage(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = {"ef_construction": 2, "ef_search": 1, "max_neighbors": 2}
    monkeypatch.setattr(vectors, "_HNSW", vectors._HNSW | poor)
    with pytest.raises(RuntimeError, match=f"of {SIZE} vectors do not find themselves"):
        build(catalog.path.parent, 30, SIZE)
    monkeypatch.setattr(vectors, "_MOST_UNFOUND", 1.0)
    assert build(catalog.path.parent, 31, SIZE) == SIZE


def test_a_foreign_env_file_does_not_make_it_a_client_of_another_machine(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI", "CHROMA_SERVER_HOST": "192.0.2.1",
                "CHROMA_SERVER_HTTP_PORT": "nonsense", "ANONYMIZED_TELEMETRY": "True"}  # fmt: skip
    (tmp_path / ".env").write_text("".join(f"{name.lower()}={value}\n" for name, value in settings.items()))
    monkeypatch.chdir(tmp_path)
    opened = Generation(catalog.path.parent, 1)
    assert len(opened.search(next(iter(catalog.vectors()))[2], 5)) == 5
    opened.close()


def test_a_client_that_runs_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    class Elsewhere:
        """What Chroma hands out when something has talked it into another implementation."""

        _server = Path()

        def close(self) -> None:
            closed.append(self)

    monkeypatch.setattr("chromadb.PersistentClient", lambda *_, **__: Elsewhere())
    with pytest.raises(RuntimeError, match="would not run in this process but through PosixPath"):
        vectors._client(tmp_path)
    assert closed
