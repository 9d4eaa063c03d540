"""An index that goes along: its files as they are while nobody writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.bundle.manifest import INDEXES, Entry
from assistant.bundle.package import is_stray
from assistant.bundle.store import StoredFile
from assistant.bundle.verify import digest
from assistant.errors import IndexUnusable, UsageError

_LOCKS = ".lock"  # of tantivy's own


@contextmanager
def carried(index: Path, models: frozenset[str]) -> Iterator[list[StoredFile]]:
    """Hold off writers, and yield the files of an index that are its content: neither locks nor the last answer.

    Raises IndexUnusable for one that is not whole, IndexInUse while somebody writes, and UsageError where the model
    that made its vectors is not among `models`, which the bundle carries.
    """
    from assistant.indexing.health import damaged
    from assistant.indexing.mend import FORGETTING
    from assistant.storage import layout, lock
    from assistant.storage.catalog import Catalog
    from assistant.storage.place import index_command

    with Catalog.open(index):  # says what is wrong, before a lock is left in what is no index
        pass
    with lock.writer(index):
        with Catalog.open(index) as catalog:
            anew = f"Run: {index_command(index)}"
            forgetting = catalog.get("words") == FORGETTING  # what was forgotten stands in the words index still
            if catalog.counts().pending or not catalog.get("built_at") or forgetting:
                raise IndexUnusable(f"the index {index} is not finished", anew)
            if parts := damaged(catalog, index):
                raise IndexUnusable(f"the {' and the '.join(parts)} of {index} must be made anew", anew)
            _check_embedder(index, catalog.get("embedder") or "", models)
        kept = (layout.CATALOG, layout.SEAL, layout.WORDS, layout.GENERATIONS)
        yield [_carried(index, path) for name in kept for path in _files(index / name)]


def _check_embedder(index: Path, fingerprint: str, models: frozenset[str]) -> None:
    kind, _, rest = fingerprint.partition(":")
    name = rest.rpartition(":")[0]
    if kind == "ollama" and name not in models:
        raise UsageError(f"the index {index} is searched with the model {name}", f"Take it along: --model {name}")


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for below in sorted(path.rglob("*")) if path.is_dir() else ():
        if below.is_file() and not is_stray(below.name) and below.suffix != _LOCKS:
            yield below


def _carried(index: Path, path: Path) -> StoredFile:
    name = f"{INDEXES}/{index.resolve().name}/{path.relative_to(index).as_posix()}"
    return StoredFile(Entry(name, path.stat().st_size, digest(path), "your documents'", "an index of yours"), path)
