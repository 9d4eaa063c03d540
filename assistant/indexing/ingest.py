"""Pass 1: what went, what moved, what was cut by another version, and what has to be read; words find it at once.

Each commit leaves every file wholly old or wholly new: the words index commits first and the catalog then, and a hit
that the catalog does not know is dropped.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.config import Config
from assistant.indexing import mend
from assistant.indexing.cut import CUTTING, cut
from assistant.indexing.events import FileRead
from assistant.indexing.survey import Survey, content_hash, look
from assistant.indexing.words import WordsWriter, writing
from assistant.reading import READING, limits
from assistant.reading.sandbox import failed_by_limits, read_all
from assistant.storage.catalog import Catalog
from assistant.storage.rows import ReadFile
from assistant.storage.schema import parts
from assistant.types import Chunk, Document, Gap, PageGap, SourceFile

_COMMIT_CHUNKS = 250  # pass 1 commits after so many chunks or seconds, whichever comes first
_COMMIT_SECONDS = 1.0
_FEW = 50  # files: below, importing LlamaIndex would take longer than cutting all of them
_FILES = 20  # files deleted or moved a commit: a reader waits for one at most 100 ms
_TRIES = 3  # readings of a file that changes while it is read
_SETTLE_SECONDS = 0.3  # before each further reading


@dataclass(slots=True)
class Ingested:
    """What pass 1 came to."""

    unsettled: list[str] = field(default_factory=list)  # files that changed at every reading: left as they were
    unread: list[tuple[str, PageGap]] = field(default_factory=list)  # could not be read this time: left as they were
    stopped: bool = False


def ingest(
    catalog: Catalog, config: Config, work: Survey, stopping: Callable[[], bool]
) -> Generator[FileRead, None, Ingested]:
    """Bring files, chunks and words level with the folder, commit by commit, until done or told to stop."""
    done = Ingested()
    mend.drop_unusable(catalog, config.index)
    was_level = catalog.get("words") == "level"
    with catalog.transaction():  # before a file of the words index is touched: readers compare their marks
        catalog.put(words="behind", vectors="behind")
        if work.plan.deleted or work.plan.changed or work.plan.reread:
            catalog.put(remains=1)  # of texts, until the next generation or `forget`
    with writing(config.index) as words:
        mend.level_words(catalog, words, was_level)
        _delete(catalog, words, work.plan.deleted)
        _move(catalog, words, work)
        _cut_again(catalog, words, [file.path for file in work.plan.recut])
        yield from _read_files(_Reading(catalog, words, config, work.folder, stopping), work, done)
        words.commit()
    mend.note_level(catalog, config.index)
    return done


def _delete(catalog: Catalog, words: WordsWriter, paths: Sequence[str]) -> None:
    for part in parts(paths, _FILES):
        with catalog.transaction():
            gone = [id_ for path in part for id_ in catalog.remove_file(path)]
        words.remove(gone)


def _move(catalog: Catalog, words: WordsWriter, work: Survey) -> None:
    for part in parts(work.plan.moved, _FILES):
        with catalog.transaction():
            for move in part:
                catalog.move_file(move.old, move.file, work.scanned_ns)
    if work.plan.moved:
        mend.follow_moves(catalog, words)


def _cut_again(catalog: Catalog, words: WordsWriter, paths: Sequence[str]) -> None:
    """Cut the stored texts by the present rules; nothing is opened for it."""
    for part in parts(paths, _FILES):
        gone: list[int] = []
        with catalog.transaction():
            for path in part:
                document = catalog.document(path)
                came, went = catalog.put_chunks(path, document, _cut(document, in_bulk=len(paths) > _FEW), CUTTING)
                mend.add_entries(catalog, words, came)
                gone += went
            words.commit()
        words.remove(gone)


@dataclass(slots=True)
class _Reading:
    """One pass over the files to read, with what waits for its commit."""

    catalog: Catalog
    words: WordsWriter
    config: Config
    folder: Path
    stopping: Callable[[], bool]
    batch: list[ReadFile] = field(default_factory=list)
    last_commit: float = field(default_factory=time.monotonic)

    def keep(self, read: ReadFile) -> None:
        """Take a file; commit when enough of them wait, or one has waited for long."""
        self.batch.append(read)
        waited = time.monotonic() - self.last_commit > _COMMIT_SECONDS
        if waited or sum(len(read.chunks) for read in self.batch) > _COMMIT_CHUNKS:
            self.commit()

    def commit(self) -> None:
        """Commit files to the words index and then to the catalog."""
        old: list[int] = []
        with self.catalog.transaction():
            for read in self.batch:
                came, went = self.catalog.put_file(read)
                mend.add_entries(self.catalog, self.words, came)
                old += went
            self.words.commit()
        self.words.remove(old)  # with the next commit: readers drop them by themselves until then
        self.batch, self.last_commit = [], time.monotonic()


def _read_files(reading: _Reading, work: Survey, done: Ingested) -> Iterator[FileRead]:
    """Read every file that has to be read, those that change meanwhile again, and commit as it goes."""
    waiting = list(work.plan.to_read)
    total, finished, scanned_ns = len(waiting), 0, work.scanned_ns
    for last_try in (*[False] * (_TRIES - 1), True):
        again: list[SourceFile] = []
        for source, sha256, document in read_all(reading.folder, waiting, reading.config):
            now = look(reading.folder, source)
            if document.gaps and document.gaps[0].reason is Gap.PASSING:
                done.unread.append((source.path, document.gaps[0]))
            elif now is not None and now != source:
                if not last_try:
                    again.append(now)
                    continue
                done.unsettled.append(source.path)
            else:
                chunks = _cut(document, in_bulk=total > _FEW)
                held_by = limits(reading.config) if failed_by_limits(document) else ""
                # Without a hash it would be tried again by every run.
                content = sha256 or (content_hash(reading.folder / source.path) if held_by else "")
                reading.keep(ReadFile(source, scanned_ns, content, document, chunks, READING, CUTTING, held_by))
                finished += 1
                yield FileRead(source.path, document.page_count or 0, len(chunks), finished, total)
            if reading.stopping():
                done.stopped = True
                break
        if not again or done.stopped:
            break
        reading.commit()
        time.sleep(_SETTLE_SECONDS)
        scanned_ns = time.time_ns()
        waiting = [now for file in again if (now := look(reading.folder, file)) is not None]
    reading.commit()


def _cut(document: Document, in_bulk: bool) -> Sequence[Chunk]:
    """The document's chunks; by LlamaIndex's pipeline where the two seconds of its import are little beside it."""
    if not in_bulk or not document.texts:
        return list(cut(document))
    from assistant.indexing.pipeline import cut_documents

    return cut_documents([document])[0]
