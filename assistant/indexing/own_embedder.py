"""Whether the embedder that the settings name is the one that made an index's vectors, as far as names can tell.

Names need no server, so a wrong one is refused before any is asked; the fingerprint of a model needs its server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import embedding
from assistant.config import Config
from assistant.errors import IndexUnusable, ModelUnavailable
from assistant.storage.catalog import Catalog
from assistant.storage.place import index_command

_ELSE = "--no-model"  # advice for questions that need no model; finding needs the embedder all the same


def is_same(name: str, other: str) -> bool:
    """Whether two settings name one embedder: "ollama:all-minilm" is "ollama:all-minilm:latest"."""
    return name.removesuffix(":latest") == other.removesuffix(":latest")


def conflict(catalog: Catalog, config: Config) -> IndexUnusable | None:
    """The error for settings that name another embedder than the index's own; None where they do not.

    Raises SettingError for a name that means no embedder.
    """
    own = catalog.get("embedder_name")
    if own is None or config.embedder is None or is_same(own, config.embedder):
        return None
    embedding.load(config.embedder, config)  # raises for a name that means none
    return refused(config, own, config.embedder, config.embedder)


def waiting(catalog: Catalog, config: Config) -> int:
    """Passages that the next run embeds whatever has changed: after one that was stopped, or with another embedder."""
    own, coming = catalog.get("embedder_name"), catalog.get("coming_name")
    name = config.embedder or coming or own
    if own is None or name is None or is_same(own, name):
        return catalog.counts().pending
    if coming is not None and is_same(coming, name):
        return catalog.count_pending(catalog.get("coming") or "")
    return catalog.count_chunks()


def refused(config: Config, made_with: str, set_now: str, name: str) -> IndexUnusable:
    """The error for an index whose vectors are of another embedder, with the command that makes them anew."""
    return IndexUnusable(
        f"the index at {config.index} was made with {made_with}, but {set_now} is set",
        f"Rebuild its vectors with: {index_command(config.index, None, '--embedder', name)}",
    )


def check_at_hand(catalog: Catalog | None, config: Config) -> None:
    """Raise ModelUnavailable, or SettingError, where an embedder that is to replace the index's own cannot be had."""
    own = catalog.get("embedder_name") if catalog is not None else None
    if config.embedder is None or (own is not None and is_same(own, config.embedder)):
        return
    with needed("Start its server with: assistant serve-model. Nothing has been changed."):
        _ = embedding.load(config.embedder, config).fingerprint


def for_questions(index: Path) -> str:
    """What to do where the embedder of an index cannot be had for a question."""
    anew = index_command(index, None, "--embedder", "bundled")
    return f"This index is searched with it: start it with assistant serve-model, or rebuild the vectors with: {anew}"


@contextmanager
def needed(advice: str) -> Iterator[None]:
    """Give `advice` where a model that is needed inside cannot be had, in place of advice that cannot help."""
    try:
        yield
    except ModelUnavailable as error:
        if _ELSE not in error.hint:
            raise
        raise type(error)(str(error), advice) from error
