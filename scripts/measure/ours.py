"""Jobs that run the assistant itself: a whole index, the bare model over the same texts, questions to ask."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from assistant.config import Config
from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.embedder import PassageVectors
from assistant.embedding.tokens import tokenizer
from measure.figures import Bare, Ingested, Job
from measure.sample import evenly

MARKS = 2  # [CLS] and [SEP] take places in the window


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions that the index answers with a source."""

    questions: tuple[str, ...]


def ingest(job: Job, measured: Callable[[], None]) -> Ingested:
    """`assistant index` of a folder into a new index."""
    # Imported beforehand, as the stock stack's libraries are.
    for module in ("assistant.indexing.pipeline", "assistant.indexing.words", "onnxruntime"):
        import_module(module)
    from assistant.indexing.events import ChunksEmbedded, FileRead, Report
    from assistant.indexing.run import index_folder

    inside = _timed_model()
    start = time.perf_counter()
    read_at = embedded_at = start
    for event in index_folder(Path(job.folder), Config(index=Path(job.index))):
        now = time.perf_counter()
        match event:
            case FileRead():
                read_at = embedded_at = now
            case ChunksEmbedded():
                embedded_at = now
            case Report():
                report, total = event, now - start
    measured()
    tokens, kept = count(embedded_texts(Path(job.index)), BundledEmbedder.window)
    return Ingested(
        files=report.files,
        pages=report.pages,
        passages=report.embedded,
        tokens=tokens,
        tokens_embedded=kept,
        reading_seconds=read_at - start,
        embedding_seconds=embedded_at - read_at,
        total_seconds=total,
        model_seconds=sum(inside),
    )


def _timed_model() -> list[float]:
    """A list that takes the seconds of each batch of the bundled model from now on."""
    seconds: list[float] = []
    embed_passages = BundledEmbedder.embed_passages

    def timed(self: BundledEmbedder, texts: Sequence[str]) -> Iterator[PassageVectors]:
        start = time.perf_counter()
        vectors = list(embed_passages(self, texts))
        seconds.append(time.perf_counter() - start)
        return iter(vectors)

    BundledEmbedder.embed_passages = timed  # type: ignore[method-assign]
    return seconds


def bare(job: Job, measured: Callable[[], None]) -> Bare:
    """The bundled model over at most `job.texts` of the index's texts, evenly spread, with nothing around it."""
    texts = evenly(embedded_texts(Path(job.index)), job.texts)
    embedder = BundledEmbedder()
    list(embedder.embed(texts[:20]))
    start = time.perf_counter()
    list(embedder.embed(texts))
    seconds = time.perf_counter() - start
    measured()
    return Bare(len(texts), count(texts, embedder.window)[1], seconds)


def questions(job: Job, measured: Callable[[], None]) -> Questions:
    """At most `job.texts` of the index's own headings, evenly spread, that quote mode answers with a source."""
    from assistant.library import Index
    from assistant.storage.catalog import Catalog

    with Catalog.open(Path(job.index)) as catalog:
        headings = sorted({row.headings[-1] for row in catalog.all_chunks() if row.headings})
    wanted = [heading for heading in headings if 2 <= len(heading.split()) <= 8]
    found: list[str] = []
    with Index(Config(index=Path(job.index))) as index:
        for heading in evenly(wanted, 4 * job.texts):
            if len(found) < job.texts and index.ask(heading, use_model=False).citations:
                found.append(heading)
    measured()
    return Questions(tuple(found))


def embedded_texts(index: Path) -> list[str]:
    """Each text that an index has embedded, once."""
    from assistant.indexing.cut import embedded_text
    from assistant.storage.catalog import Catalog

    with Catalog.open(index) as catalog:
        rows = catalog.all_chunks()
        return list(dict.fromkeys(embedded_text(row.subject, row.headings, row.text) for row in rows))


def count(texts: Iterable[str], window: int) -> tuple[int, int]:
    """Tokens of the texts, and of those the ones that a model with this window sees."""
    tokens = [len(tokenizer().encode(text, add_special_tokens=False).ids) for text in texts]
    return sum(tokens), sum(min(number, window - MARKS) for number in tokens)
