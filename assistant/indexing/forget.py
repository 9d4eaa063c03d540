"""Forgets documents at once: afterwards nothing of them stands in any file of the index.

The catalog overwrites what it deletes. The words index keeps the words of removed passages until it merges, and a
generation its vectors, so both are removed whole and made anew from the catalog, without embedding anything.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Config
from assistant.errors import UsageError
from assistant.indexing import lock, mend, publish
from assistant.indexing.catalog import Catalog
from assistant.indexing.embed import drop_unused
from assistant.indexing.layout import LAST_ANSWER
from assistant.indexing.run import private_files
from assistant.reading.paths import lies_in, named


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, and in what time."""

    paths: tuple[str, ...]
    passages: int
    vectors: int  # those that no other document needs
    still_there: tuple[str, ...]  # files that the next run would read again
    seconds: float


def forget(pattern: str, config: Config) -> Forgotten:
    """Forget every document whose path is, lies below, or matches `pattern`; raises UsageError where none does.

    Killed half-way it is finished by the next run; from the first moment on no answer holds the documents.
    """
    began = time.monotonic()
    with private_files(), Catalog.open(config.index):  # raises where there is no index
        pass
    with private_files(), lock.writer(config.index), Catalog.create(config.index) as catalog:
        folder = Path(catalog.get("folder") or "")
        place = named(pattern, str(folder))
        if place in ("", "."):
            raise UsageError("that is every document", f"To forget them all, delete the folder {config.index}.")
        paths = [path for path in catalog.files() if lies_in(path, place)]
        if not paths:
            raise UsageError(
                f"no indexed document is, or lies in, {pattern}",
                "Write it as answers do: hr/leave.pdf",
            )
        passages, vectors = _erase(catalog, config.index, paths)
        _make_anew(catalog, config.index)
        there = tuple(path for path in paths if (folder / path).exists())
        return Forgotten(tuple(paths), passages, vectors, there, time.monotonic() - began)


def _erase(catalog: Catalog, index: Path, paths: list[str]) -> tuple[int, int]:
    """Take the documents out of the catalog and remove what was derived from it; returns passages and vectors."""
    before = catalog.count_vectors()
    (index / LAST_ANSWER).unlink(missing_ok=True)
    with catalog.transaction():
        catalog.put(words=mend.FORGETTING, vectors="behind")
        publish.withdraw(catalog)
        gone = [id_ for path in paths for id_ in catalog.remove_file(path)]
    mend.drop_unusable(catalog, index)
    drop_unused(catalog)
    return len(gone), before - catalog.count_vectors()


def _make_anew(catalog: Catalog, index: Path) -> None:
    """Make the words index and the generation from what is left."""
    mend.renew_words(catalog, index)
    if publish.due(catalog):
        publish.publish(catalog, index)
    if not catalog.count_pending(catalog.get("embedder") or ""):
        with catalog.transaction():
            catalog.put(vectors="level")
