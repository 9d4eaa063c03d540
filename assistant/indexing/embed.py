"""Pass 2: embeds what has no vector yet, committed batch by batch, and changes the embedder when none is missing.

A vector is kept by its embedder and the hash of the exact text embedded: what was renamed, copied or restored costs
nothing. While another embedder comes in, the one in use goes on answering.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from assistant import embedding
from assistant.config import Config
from assistant.embedding.embedder import Embedder, PassageVectors
from assistant.errors import ModelUnavailable
from assistant.indexing import publish
from assistant.indexing.cut import embedded_text
from assistant.indexing.events import ChunksEmbedded, Cost, Event
from assistant.storage.catalog import Catalog
from assistant.storage.schema import parts

_BATCH = 64  # passages a commit: under a second of work to lose
_FEW = 256  # passages: below, importing LlamaIndex would take longer than embedding all of them
_PROBE = 8  # passages that tell how long all of them will take
_DROPPED = 300  # vectors deleted a commit: readers wait for each


@dataclass(frozen=True, slots=True)
class Embedded:
    """What pass 2 came to."""

    made: int = 0
    stopped: bool = False


def embed(
    catalog: Catalog, config: Config, reason: str, stopping: Callable[[], bool]
) -> Generator[Event, None, Embedded]:
    """Embed every passage that has no vector; `reason` says why so many of them are new, where a setting did it."""
    name = config.embedder or catalog.get("coming_name") or catalog.get("embedder_name") or "bundled"
    embedder = embedding.load(name, config)
    if catalog.get("vectors") == "level" and name == catalog.get("embedder_name") and _is_own(embedder, catalog):
        return Embedded()
    replaces = _take_in(catalog, embedder)
    pending = catalog.pending(embedder.fingerprint)
    done = Embedded()
    if pending:
        if reason := "the embedder is another one" if replaces else reason:
            yield Cost(reason, passages=len(pending), seconds=_estimate(catalog, embedder, pending))
        done = yield from _embed(catalog, embedder, pending, stopping)
    if replaces and not done.stopped:
        with catalog.transaction():
            publish.withdraw(catalog)
            catalog.put(embedder=embedder.fingerprint, embedder_name=embedder.name, vectors="behind")
            catalog.drop("coming", "coming_name")
    return done


def drop_unused(catalog: Catalog) -> None:
    """Forget the vectors that nothing needs any more, in commits that a reader hardly notices."""
    while True:
        with catalog.transaction():
            dropped = catalog.drop_unused_vectors(_DROPPED)
        if dropped < _DROPPED:
            return


def _is_own(embedder: Embedder, catalog: Catalog) -> bool:
    """Whether the index's own embedder is the same model now as when it made the vectors."""
    try:
        return embedder.fingerprint == catalog.get("embedder")
    except ModelUnavailable:  # its server does not run: nothing needs it now
        return True


def _take_in(catalog: Catalog, embedder: Embedder) -> bool:
    """Make ready for an embedder's vectors; returns whether it is to replace the one in use."""
    used = catalog.get("embedder")
    with catalog.transaction():
        catalog.know(embedder)
        if used in (None, embedder.fingerprint):
            catalog.put(embedder=embedder.fingerprint, embedder_name=embedder.name, vectors="behind")
            catalog.drop("coming", "coming_name")
            return False
        catalog.put(coming=embedder.fingerprint, coming_name=embedder.name, vectors="behind")
    return True


def _embed(
    catalog: Catalog, embedder: Embedder, pending: Sequence[tuple[bytes, int]], stopping: Callable[[], bool]
) -> Generator[ChunksEmbedded, None, Embedded]:
    made = 0
    for batch in parts(pending, _BATCH):
        vectors = _vectors(_texts(catalog, batch), embedder, in_bulk=len(pending) > _FEW)
        with catalog.transaction():
            catalog.add_vectors(embedder.fingerprint, zip((key for key, _ in batch), vectors, strict=True))
        made += len(batch)
        yield ChunksEmbedded(made, len(pending))
        if made < len(pending) and stopping():
            return Embedded(made, stopped=True)
    return Embedded(made)


def _vectors(texts: list[str], embedder: Embedder, in_bulk: bool) -> list[PassageVectors]:
    """The passages' vectors; by LlamaIndex's pipeline where the two seconds of its import are little beside it."""
    if not in_bulk:
        return list(embedder.embed_passages(texts))
    from assistant.indexing.pipeline import embed_passages

    return list(embed_passages(texts, embedder))


def _texts(catalog: Catalog, batch: Sequence[tuple[bytes, int]]) -> list[str]:
    rows = catalog.chunks(id_ for _, id_ in batch)
    return [embedded_text(rows[id_].subject, rows[id_].headings, rows[id_].text) for _, id_ in batch]


def _estimate(catalog: Catalog, embedder: Embedder, pending: Sequence[tuple[bytes, int]]) -> float:
    """Seconds that embedding will take, from a few of the passages."""
    step = max(1, len(pending) // _PROBE)
    texts = _texts(catalog, pending[::step][:_PROBE])
    embedder.embed_one(texts[0])  # the model is loaded at the first
    began = time.monotonic()
    list(embedder.embed(texts))
    return (time.monotonic() - began) / len(texts) * len(pending)
