"""What publishing promises: a new generation only when due, a flip at once, and nothing lost when it fails."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from assistant.embedding.embedder import Embedder
from assistant.errors import AssistantError
from assistant.indexing import publish
from assistant.indexing.publish import due
from assistant.indexing.vectors import Generation, folder_of
from assistant.storage.catalog import Catalog
from assistant.storage.seal import marks
from tests.test_catalog import bare
from tests.test_vectors import SIZE, filled


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with filled(tmp_path / "index") as made:
        yield made


def published(catalog: Catalog, watermark: int, size: int) -> None:
    """Note a generation as `publish` would, with a folder that has one file."""
    folder = folder_of(catalog.path.parent, 1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "store").write_bytes(b"vectors")
    catalog.put(generation=1, watermark=watermark, generation_size=size, generation_files=marks(folder))


def embed_anew(catalog: Catalog, fill: float) -> None:
    """Have another embedder in use, whose vectors are all of one value; none of them where that is not a number."""
    another = "model:2"
    catalog.know(cast(Embedder, SimpleNamespace(name="model", fingerprint=another)))
    catalog.put(embedder=another)
    if not np.isnan(fill):
        vector = np.full(384, fill, dtype=np.float32)
        catalog.add_vectors(another, [(key, bare(vector)) for key, _ in catalog.pending(another)])


def generations(catalog: Catalog) -> list[str]:
    return sorted(folder.name for folder in (catalog.path.parent / "chroma").iterdir())


def test_the_first_generation_is_due_as_soon_as_a_vector_is_there(catalog: Catalog, tmp_path: Path) -> None:
    assert due(catalog)
    with Catalog.create(tmp_path / "empty") as empty:
        assert not due(empty)
        assert publish.state(empty) == (0, 0, 0)


def test_a_generation_is_due_when_over_five_percent_have_come(catalog: Catalog) -> None:
    for young, expected in [(0, False), (19, False), (20, True)]:
        published(catalog, SIZE - young, SIZE - young)
        assert due(catalog) is expected


def test_a_generation_is_due_when_over_five_percent_have_gone(catalog: Catalog) -> None:
    for gone, expected in [(21, False), (22, True)]:
        published(catalog, SIZE, SIZE + gone)
        assert due(catalog) is expected


def test_what_came_and_what_went_count_together(catalog: Catalog) -> None:
    published(catalog, SIZE - 10, SIZE - 10 + 10)
    assert not due(catalog)
    published(catalog, SIZE - 10, SIZE - 10 + 11)
    assert due(catalog)


def test_chunks_that_wait_for_their_vectors_make_nothing_due(catalog: Catalog) -> None:
    published(catalog, 0, 0)
    embed_anew(catalog, np.nan)
    assert not due(catalog)


def test_a_generation_is_damaged_when_its_files_are_not_what_they_were(catalog: Catalog) -> None:
    published(catalog, SIZE, SIZE)
    assert not due(catalog)
    assert publish.is_intact(catalog, catalog.path.parent)
    (store,) = folder_of(catalog.path.parent, 1).iterdir()
    store.write_bytes(b"vectorZ")
    assert not publish.is_intact(catalog, catalog.path.parent)
    store.write_bytes(b"vectors")
    assert publish.is_intact(catalog, catalog.path.parent)
    shutil.rmtree(store.parent)
    assert not publish.is_intact(catalog, catalog.path.parent)


def test_publishing_flips_to_a_new_generation_and_removes_what_nobody_reads(catalog: Catalog) -> None:
    index = catalog.path.parent
    half = folder_of(index, 5)
    half.mkdir(parents=True)  # a killed run left it, and its child may still be writing it
    assert publish.publish(catalog, index)
    assert publish.state(catalog) == (6, SIZE, SIZE)
    assert generations(catalog) == ["gen-6"]
    assert not due(catalog)

    reader = Generation(index, 6)
    with catalog.transaction():
        catalog.remove_file("0.pdf")
    assert due(catalog)
    assert publish.publish(catalog, index)
    assert publish.state(catalog) == (7, SIZE, SIZE * 3 // 4)
    assert generations(catalog) == ["gen-6", "gen-7"]
    assert len(reader.search(next(iter(catalog.vectors()))[2], SIZE)) == SIZE
    reader.close()
    publish.remove_old(catalog, index)
    assert generations(catalog) == ["gen-7"]


def test_nothing_is_imported_from_the_current_folder(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("chromadb", "numpy", "sqlite3", "assistant"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    publish.publish(catalog, catalog.path.parent)
    assert not (tmp_path / "ran").exists()


def test_a_failure_is_said_in_words_and_changes_nothing(catalog: Catalog) -> None:
    index = catalog.path.parent
    (index / "chroma").write_text("a file stands in the way")
    with pytest.raises(AssistantError, match=r"could not be published: .*chroma") as caught:
        publish.publish(catalog, index)
    assert "Nothing is lost" in caught.value.hint
    assert publish.state(catalog) == (0, 0, 0)


def test_a_store_that_fails_its_check_leaves_the_old_generation_in_use(catalog: Catalog) -> None:
    index = catalog.path.parent
    published(catalog, SIZE, SIZE)
    before = publish.state(catalog)
    with catalog.transaction():
        embed_anew(catalog, 0.0)
    with pytest.raises(AssistantError, match="does not find itself"):
        publish.publish(catalog, index)
    assert publish.state(catalog) == before
    assert generations(catalog) == ["gen-1"]


def test_a_run_that_is_told_to_stop_leaves_the_old_generation_in_use(catalog: Catalog) -> None:
    index = catalog.path.parent
    published(catalog, SIZE // 2, SIZE // 2)
    stop = threading.Event()
    stop.set()
    assert not publish.publish(catalog, index, stop.is_set)
    assert publish.state(catalog) == (1, SIZE // 2, SIZE // 2)
    assert generations(catalog) == ["gen-1"]


def test_a_killed_build_keeps_its_number_before_it_has_a_folder(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(publish, "_in_child", killed)
        with pytest.raises(KeyboardInterrupt):
            publish.publish(catalog, catalog.path.parent)
    assert publish.publish(catalog, catalog.path.parent)
    assert generations(catalog) == ["gen-2"], "its child may make gen-1 at any moment"


def test_every_generation_goes_when_all_are_to_go_whoever_has_one_open(catalog: Catalog) -> None:
    index = catalog.path.parent
    publish.publish(catalog, index)
    reader = Generation(index, 1)
    publish.remove_all(index)
    assert not (index / "chroma").exists()
    reader.close()


def test_withdrawing_stops_the_use_of_a_generation(catalog: Catalog) -> None:
    published(catalog, SIZE, SIZE)
    with catalog.transaction():
        publish.withdraw(catalog)
    assert publish.state(catalog) == (0, 0, 0)
    assert due(catalog)


@pytest.mark.parametrize(("failures", "published"), [(1, True), (2, False)])
def test_an_error_of_chromas_own_gets_a_second_try(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, failures: int, published: bool
) -> None:
    real, tries = publish._in_child, iter(range(failures))

    def failing(arguments: list[str], stopping: Callable[[], bool]) -> tuple[int, str, str]:
        if next(tries, None) is None:
            return real(arguments, stopping)
        return 1, "", "chromadb.errors.InternalError: Error in compaction: Error purging logs"

    monkeypatch.setattr(publish, "_in_child", failing)
    if published:
        assert publish.publish(catalog, catalog.path.parent)
        assert publish.state(catalog)[2] == SIZE
    else:
        with pytest.raises(AssistantError, match="purging logs"):
            publish.publish(catalog, catalog.path.parent)
        assert publish.state(catalog) == (0, 0, 0)
