"""One run of `assistant index`: scan, plan, read and cut (pass 1), embed (pass 2), publish.

Each step commits as it goes, so a run that is stopped anywhere is continued by the next. Yields events; draws nothing.
The heavy libraries are imported only by the steps that have something to do.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding
from assistant.config import Config
from assistant.embedding.embedder import Embedder
from assistant.errors import ModelUnavailable, UsageError
from assistant.indexing import lock, publish
from assistant.indexing.catalog import FILE_NAME, Catalog
from assistant.indexing.cut import CUTTING, embedded_text
from assistant.indexing.events import ChunksEmbedded, Event, FileRead, Planned, Publishing, Report
from assistant.indexing.footprint import DAMAGED, footprint, intact
from assistant.indexing.plan import plan
from assistant.indexing.rows import FileRow
from assistant.reading import READING
from assistant.reading.sandbox import read_all
from assistant.reading.scan import scan
from assistant.types import Chunk, Document, Scan, SourceFile

if TYPE_CHECKING:
    from assistant.indexing.words import WordsWriter

SETTINGS = f"reading {READING}, cutting {CUTTING}"  # what the chunks of an unchanged file depend on

_COMMIT_CHUNKS = 400  # pass 1 commits after so many chunks or seconds, whichever comes first
_COMMIT_SECONDS = 1.0
_OWN_NAMES = {"words", "chroma", lock.FILE_NAME, "last.json", DAMAGED}  # what is left of an index without catalog
_MEGABYTE = 1_000_000
_EMBED_BATCH = 64  # passages a commit in pass 2: under a second of work to lose


@dataclass(frozen=True, slots=True)
class _Read:
    source: SourceFile
    sha256: str
    document: Document
    chunks: Sequence[Chunk]


@dataclass(frozen=True, slots=True)
class _Work:
    folder: Path
    to_read: Sequence[SourceFile]
    vanished: Sequence[str]
    scanned_ns: int


def index_folder(folder: Path | None, config: Config, replace: bool = False) -> Iterator[Event]:
    """Bring the index at `config.index` up to date with a folder, by default the one that it was made from.

    Raises UsageError where the folder is missing or is not the index's own (unless `replace`), and IndexInUse.
    """
    with ExitStack() as stack:
        stack.enter_context(_private_files())
        index = config.index
        if folder is None and not (index / FILE_NAME).exists():
            raise UsageError("there is no index yet, so it has to be told which folder", "assistant index FOLDER")
        if folder is not None:
            _check_folder(folder)
        _check_index(index)
        stack.enter_context(lock.writer(index))
        catalog = stack.enter_context(Catalog.create(index))
        yield from _run(catalog, _settled_folder(catalog, folder, index, replace), config)


def changes(folder: Path, config: Config, known: dict[str, FileRow]) -> dict[str, int]:
    """How many files have been added, changed and gone since the last run; raises UsageError for a lost folder."""
    todo = plan(scan(folder, config.max_file_mb * _MEGABYTE).files, known)
    changed = [file for file in todo.suspect if _content_hash(folder / file.path) != known[file.path].sha256]
    return {"added": len(todo.added), "changed": len(changed), "gone": len(todo.vanished)}


def _run(catalog: Catalog, folder: Path, config: Config) -> Iterator[Event]:
    began = time.monotonic()
    last_built = catalog.get("built_at")
    scanned_ns = time.time_ns()
    seen = scan(folder, config.max_file_mb * _MEGABYTE)
    known = catalog.files()
    todo = plan(seen.files, known)
    if catalog.get("folder") is None:  # a run that is killed from here on can be continued without naming the folder
        _settle(catalog, folder)
    if catalog.get("settings") == SETTINGS:
        changed = _really_changed(catalog, folder, todo.suspect, known, scanned_ns)
    else:
        changed = [*todo.suspect, *todo.unchanged]
    work = _Work(folder, [*todo.added, *changed], todo.vanished, scanned_ns)
    yield Planned(len(work.to_read), len(seen.files) - len(work.to_read), len(work.vanished))
    if work.to_read or work.vanished or _words_behind(catalog, config.index):
        yield from _pass_1(catalog, config, work)
    _settle(catalog, folder)
    embedded = yield from _pass_2(catalog, config)
    done = (len(todo.added), len(changed), len(work.vanished), embedded)
    if publish.due(catalog, config.index):
        yield Publishing(catalog.count_chunks(catalog.embedded_prefix()))
        publish.publish(catalog, config.index)
    (config.index / DAMAGED).unlink(missing_ok=True)
    with catalog.transaction():
        catalog.drop_unused_vectors()
        catalog.put(vectors="level")
        if any(done) or last_built is None:
            catalog.put(built_at=datetime.now().astimezone().isoformat(timespec="seconds"))
    yield _report(catalog, seen, done, last_built, began)


def _settle(catalog: Catalog, folder: Path) -> None:
    """Note what the files of the catalog were read from, and how."""
    with catalog.transaction():
        catalog.put(folder=str(folder), settings=SETTINGS)


def _pass_1(catalog: Catalog, config: Config, work: _Work) -> Iterator[Event]:
    """Read and cut; each commit makes its files searchable by words."""
    from assistant.indexing.words import FOLDER_NAME, writing

    if not _words_intact(catalog, config.index):  # the writer may open what is damaged, and then fail for ever
        shutil.rmtree(config.index / FOLDER_NAME, ignore_errors=True)
        if (config.index / FOLDER_NAME).is_file():
            (config.index / FOLDER_NAME).unlink()
    with writing(config.index) as words:
        _reconcile(catalog, words)
        with catalog.transaction():
            catalog.put(words="behind", vectors="behind")
            gone = [id_ for path in work.vanished for id_ in catalog.remove_file(path)]
        words.remove(gone)
        batch: list[_Read] = []
        last_commit = time.monotonic()
        for done, (source, sha256, document) in enumerate(read_all(work.folder, work.to_read, config), 1):
            chunks = _cut(document)
            batch.append(_Read(source, sha256, document, chunks))
            if sum(len(read.chunks) for read in batch) > _COMMIT_CHUNKS or _seconds(last_commit) > _COMMIT_SECONDS:
                _commit(catalog, words, batch, work.scanned_ns)
                batch, last_commit = [], time.monotonic()
            yield FileRead(source.path, document.page_count or 0, len(chunks), done, len(work.to_read))
        _commit(catalog, words, batch, work.scanned_ns)
        words.commit()
    with catalog.transaction():
        catalog.put(words="level", words_files=footprint(config.index / FOLDER_NAME))


def _commit(catalog: Catalog, words: "WordsWriter", batch: Sequence[_Read], scanned_ns: int) -> None:
    """Commit files to the words index and then to the catalog: a hit that the catalog does not know is dropped,
    so each file is seen wholly old until the second commit and wholly new from then on."""
    old: list[int] = []
    with catalog.transaction():
        for read in batch:
            old += catalog.remove_file(read.source.path)
            ids = catalog.add_file(read.source, scanned_ns, read.sha256, read.document, read.chunks)
            words.add(catalog.chunks(ids).values())
        words.commit()
    words.remove(old)  # with the next commit: readers drop them by themselves until then


def _pass_2(catalog: Catalog, config: Config) -> Generator[Event, None, int]:
    """Embed what has no vector yet, committed batch by batch; returns how many were made."""
    name = config.embedder or catalog.get("embedder_name") or "bundled"
    embedder = embedding.load(name, config)
    if not catalog.counts().pending and name == catalog.get("embedder_name") and not _was_replaced(embedder, catalog):
        return 0
    _take_over(catalog, embedder)
    pending = catalog.pending()
    if not pending:
        return 0
    from assistant.indexing.pipeline import embed_texts

    for at in range(0, len(pending), _EMBED_BATCH):
        batch = pending[at : at + _EMBED_BATCH]
        rows = catalog.chunks(id_ for _, id_ in batch)
        texts = [embedded_text(rows[id_].title, rows[id_].headings, rows[id_].text) for _, id_ in batch]
        vectors = list(embed_texts(texts, embedder))
        with catalog.transaction():
            catalog.add_vectors(zip((key for key, _ in batch), vectors, strict=True))
        yield ChunksEmbedded(at + len(batch), len(pending))
    return len(pending)


def _was_replaced(embedder: Embedder, catalog: Catalog) -> bool:
    """Whether the index's own embedder is another model now than when it made the vectors."""
    try:
        return embedder.fingerprint != catalog.get("embedder")
    except ModelUnavailable:  # its server does not run: nothing needs it now
        return False


def _take_over(catalog: Catalog, embedder: Embedder) -> None:
    """Make `embedder` the index's own; vectors of another one are dropped, to be made anew."""
    if catalog.get("embedder") != embedder.fingerprint:
        with catalog.transaction():
            catalog.drop_vectors()
            publish.withdraw(catalog)
            catalog.put(embedder=embedder.fingerprint, embedder_name=embedder.name, vectors="behind")


def _reconcile(catalog: Catalog, words: "WordsWriter") -> None:
    """Bring the words index level with the catalog after a run that was killed, or where it was deleted."""
    held = words.ids()
    if catalog.get("words") == "level" and held:
        return
    known = set(catalog.chunk_ids())
    words.remove(sorted(held - known))
    missing = sorted(known - held)
    for at in range(0, len(missing), _COMMIT_CHUNKS):
        words.add(catalog.chunks(missing[at : at + _COMMIT_CHUNKS]).values())
    words.commit()


def _words_behind(catalog: Catalog, index: Path) -> bool:
    return catalog.get("words") != "level" or not _words_intact(catalog, index)


def _words_intact(catalog: Catalog, index: Path) -> bool:
    """Whether the words index is what the last run left; after a killed run it is for `_reconcile` to say."""
    if (index / DAMAGED).exists():
        return False
    return catalog.get("words") != "level" or intact(index / "words", catalog.get("words_files"))


def _really_changed(
    catalog: Catalog, folder: Path, suspect: Sequence[SourceFile], known: dict[str, FileRow], scanned_ns: int
) -> list[SourceFile]:
    """Those of the files whose content is not what it was; the others' times are noted."""
    changed = []
    with catalog.transaction():
        for file in suspect:
            if _content_hash(folder / file.path) == known[file.path].sha256 != "":
                catalog.touch_file(file, scanned_ns)
            else:
                changed.append(file)
    return changed


def _content_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # gone or unreadable by now: reading it will say so


def _cut(document: Document) -> Sequence[Chunk]:
    if not document.texts:
        return []
    from assistant.indexing.pipeline import cut_documents

    return cut_documents([document])[0]


def _check_index(index: Path) -> None:
    """Raise UsageError where something else than an index stands already: nothing of it is touched."""
    for name in (FILE_NAME, *sorted(_OWN_NAMES)):
        if (index / name).is_symlink() or (name == FILE_NAME and (index / name).is_dir()):
            raise UsageError(f"{index / name} is not what an index has there", "Name another place with --index.")
    if index.is_dir() and not (index / FILE_NAME).exists() and {path.name for path in index.iterdir()} - _OWN_NAMES:
        raise UsageError(f"{index} is a folder of other files, not an index", "Name another place with --index.")


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {what}", "Name a folder with PDFs, markdown or text files.")
    if folder.resolve() == Path(folder.resolve().anchor):
        raise UsageError(f"{folder} is the whole machine", "Name the folder that your documents are in.")


def _settled_folder(catalog: Catalog, folder: Path | None, index: Path, replace: bool) -> Path:
    """The folder to index, absolute; an index that belongs to another one is not overwritten by accident."""
    own = catalog.get("folder")
    if folder is None:
        if own is None:
            raise UsageError("the index does not know its folder yet", "assistant index FOLDER")
        if not Path(own).is_dir():
            raise UsageError(
                f"the folder of this index, {own}, is not there",
                "Connect its drive; or, if it has moved: assistant index NEW_FOLDER --replace",
            )
        return Path(own)
    absolute = folder.resolve()
    if own is not None and own != str(absolute) and not replace:
        raise UsageError(
            f"the index at {index} belongs to {own}",
            f"Use --index indexes/{absolute.name} for a second index, or --replace if that folder has moved or may go.",
        )
    return absolute


def _report(
    catalog: Catalog, seen: Scan, done: tuple[int, int, int, int], last_built: str | None, began: float
) -> Report:
    added, changed, vanished, embedded = done
    counts = catalog.counts()
    return Report(
        added=added,
        changed=changed,
        vanished=vanished,
        unchanged=len(seen.files) - added - changed,
        files=counts.files,
        pages=counts.pages,
        chunks=counts.chunks,
        embedded=embedded,
        last_built=last_built,
        other_types=seen.other_types,
        left_out=seen.left_out,
        gaps=tuple((path, gap) for path, row in catalog.files().items() for gap in row.gaps),
        without_text=catalog.files_without_text(),
        seconds=_seconds(began),
    )


def _seconds(since: float) -> float:
    return time.monotonic() - since


@contextmanager
def _private_files() -> Iterator[None]:
    """Let every file made meanwhile, also by child processes, be readable by its owner alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
