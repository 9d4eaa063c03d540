"""Forgets documents at once: afterwards nothing of them stands in any file of the index.

The catalog overwrites what it deletes. The words index keeps the words of removed passages until it merges, and a
generation its vectors, so both are removed whole and made anew from the catalog, without embedding anything.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag

from assistant.config import Config
from assistant.errors import Confirm, UsageError
from assistant.indexing import mend, publish
from assistant.indexing.run import finish_forgetting, private_files
from assistant.log import erasing
from assistant.reading.paths import lying_in, named
from assistant.storage import lock
from assistant.storage.audit import audit
from assistant.storage.catalog import Catalog
from assistant.storage.layout import LAST_ANSWER
from assistant.storage.place import command


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, and in what time."""

    paths: tuple[str, ...]
    passages: int
    vectors: int  # those that no other document needs
    still_there: tuple[str, ...]  # files that the next run would read again
    seconds: float
    logged: int = 0  # texts of the log that came from them
    cleaned: bool = False  # also of what runs had deleted before nothing is left


def forget(pattern: str, config: Config, yes: bool = False, stop: Flag | None = None) -> Forgotten:
    """Forget every document whose path is, lies below, or matches `pattern`; raises UsageError where none does.

    Documents that only the log still has texts of are forgotten there. Raises Confirm where it is more than half of the
    indexed ones, unless `yes`, and LogUnusable, before anything is erased, where the log cannot be read. Where `stop`
    is set before the erasing begins, nothing is forgotten. Killed half-way it is finished by the next run; from the
    first moment on no answer holds the documents.
    """
    began = time.monotonic()
    with private_files(), Catalog.open(config.index):  # raises where there is no index
        pass
    with private_files(), lock.writer(config.index), Catalog.create(config.index) as catalog:
        audit(catalog)  # before it is sealed
        finish_forgetting(catalog, config.index)
        folder = Path(catalog.get("folder") or "")
        place = named(pattern, str(folder))
        if place in ("", "."):
            raise UsageError(
                "that is every document", f"To forget them all, delete the folder {config.index}: its log goes with it."
            )
        paths = lying_in(catalog.files(), place)
        only_logged = [path for path in lying_in(erasing.logged_paths(config.index), place) if path not in paths]
        if not paths and not only_logged and not catalog.get("remains"):
            raise UsageError(
                f"no indexed document is, or lies in, {pattern}",
                "Write it as answers do: hr/leave.pdf",
            )
        known = catalog.counts().files
        if len(paths) * 2 > known and not yes:
            raise Confirm(
                f"{len(paths):,} of {known:,} documents would be forgotten",
                f"If they shall go: {command('forget', config.index, pattern, '--yes')}",
            )
        if stop is not None and stop.is_set():
            return Forgotten((), 0, 0, (), time.monotonic() - began)
        passages, vectors, logged = _erase(catalog, config.index, paths, only_logged)
        _make_anew(catalog, config.index)
        there = tuple(path for path in paths if os.path.lexists(folder / path))  # and False where nobody may look
        return Forgotten(tuple(paths), passages, vectors, there, time.monotonic() - began, logged, cleaned=True)


def is_held(pattern: str, config: Config) -> bool:
    """Whether the index still holds a document that `forget` would forget."""
    with Catalog.open(config.index) as catalog:
        place = named(pattern, catalog.get("folder") or "")
        return bool(lying_in(catalog.seen(), place))


def _erase(catalog: Catalog, index: Path, paths: list[str], only_logged: list[str]) -> tuple[int, int, int]:
    """Take the documents out of the catalog, the log and what was derived; returns passages, vectors, logged texts."""
    passages, vectors = catalog.count_chunks(), catalog.count_vectors()
    files = catalog.files()
    (index / LAST_ANSWER).unlink(missing_ok=True)
    with catalog.transaction():
        catalog.put(words=mend.FORGETTING, vectors="behind")
        publish.withdraw(catalog)
        for path in paths:
            catalog.remove_file(path)
    # What is answered from now on does not know them.
    known = [erasing.document(files[path]) for path in paths]
    logged = erasing.forget(index, [*known, *(erasing.Document(None, path, "") for path in only_logged)])
    mend.drop_unusable(catalog, index)
    return passages - catalog.count_chunks(), vectors - catalog.count_vectors(), logged


def _make_anew(catalog: Catalog, index: Path) -> None:
    """Make the words index and the generation from what is left."""
    mend.renew_words(catalog, index)
    if publish.due(catalog):
        publish.publish(catalog, index)
    with catalog.transaction():
        catalog.drop("remains")
        if not catalog.count_pending(catalog.get("embedder") or ""):
            catalog.put(vectors="level")
