"""One run of `assistant index`: survey, read and cut (pass 1), embed (pass 2), publish.

Each step commits as it goes, so a run that is stopped anywhere is continued by the next. Yields events; draws nothing.
The heavy libraries are imported only by the steps that have something to do.
"""

import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event as Flag

from assistant.config import Config
from assistant.errors import Confirm, UsageError
from assistant.indexing import mend, publish
from assistant.indexing.embed import Embedded, drop_unused, embed
from assistant.indexing.events import Bound, Cost, Event, Ignoring, Mending, Planned, Publishing, Report
from assistant.indexing.health import VECTORS_STORE, WORDS_INDEX, damaged, store_damaged
from assistant.indexing.own_embedder import check_at_hand, needed, waiting
from assistant.indexing.plan import Plan
from assistant.indexing.survey import Survey, survey
from assistant.log.erasing import forget_unknown, retain
from assistant.log.refusals import log_refused
from assistant.storage import lock
from assistant.storage.audit import Audited, audit
from assistant.storage.catalog import Catalog
from assistant.storage.layout import DAMAGED
from assistant.storage.place import (
    check_apart,
    check_folder,
    check_index,
    check_name,
    has_catalog,
    index_command,
    settled_folder,
)
from assistant.storage.rows import FileRow
from assistant.storage.schema import parts
from assistant.types import PageGap, SourceFile

_FIRST = 3  # paths that a report names
_REMOVED_SHARE = 0.2  # of all passages: so many removed ones make the words index due


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may ask of a run."""

    replace: bool = False  # give up the folder that the index was made from
    yes: bool = False  # delete more than half of the documents without a question
    verify: bool = False  # hash every file


@dataclass(slots=True)
class _Done:
    """What a run has come to so far."""

    last_built: str | None  # ISO time of the run before
    began: float = field(default_factory=time.monotonic)
    unsettled: list[str] = field(default_factory=list)
    unread: list[tuple[str, PageGap]] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    embedded: int = 0
    stopped: bool = False
    published: bool = False


def index_folder(
    folder: Path | None, config: Config, options: Options = Options(), stop: Flag | None = None
) -> Iterator[Event]:  # fmt: skip
    """Bring the index at `config.index` up to date with a folder, by default the one that it was made from.

    When `stop` is set the batch in hand is committed and the last event, the Report, says so. Raises UsageError where
    the folder is missing or is not the index's own, Confirm before it would delete more than half of the documents
    (unless told to), and IndexInUse.
    """
    stopping = stop.is_set if stop is not None else _never
    with ExitStack() as stack:
        stack.enter_context(private_files())
        _check(folder, config.index)
        if not has_catalog(config.index):  # and nothing is made where the run cannot be
            check_at_hand(None, config)
        stack.enter_context(lock.writer(config.index))
        catalog = stack.enter_context(Catalog.create(config.index))
        own = settled_folder(catalog.get("folder"), folder, config.index, options.replace)
        check_at_hand(catalog, config)
        if config.log:
            stack.callback(log_refused, config.index)
        yield from _run(catalog, own, config, options, stopping)


def plan_folder(folder: Path | None, config: Config, options: Options = Options()) -> Plan:
    """What `index_folder` would do; reads only, makes nothing and takes no lock."""
    _check(folder, config.index)
    if not has_catalog(config.index):
        return survey(settled_folder(None, folder, config.index, options.replace), config, {}).plan
    with Catalog.open(config.index) as catalog:
        own = settled_folder(catalog.get("folder"), folder, config.index, options.replace)
        plan = survey(own, config, catalog.files(), options.verify).plan
        return replace(plan, mended=damaged(catalog, config.index), unembedded=waiting(catalog, config))


def check_deletion(going: int, known: int, folder: Path, advice: str) -> None:
    """Raise Confirm where more than half of the documents would go; `advice` is the command that lets them go."""
    if going * 2 > known:
        raise Confirm(
            f"{going:,} of {known:,} documents would be deleted from the index: they are not in {folder}, or ignored",
            f"Is the drive connected? If they shall go: {advice}",
        )


def _check(folder: Path | None, index: Path) -> None:
    for path in filter(None, (folder, index)):
        check_name(path)
    if folder is None and not has_catalog(index):
        raise UsageError(
            "there is no index yet, so it has to be told which folder", f"Name it: {index_command(index, 'FOLDER')}"
        )
    if folder is not None:
        check_folder(folder)
        check_apart(folder, index)
    check_index(index)


def _never() -> bool:
    return False


def _run(
    catalog: Catalog, folder: Path, config: Config, options: Options, stopping: Callable[[], bool]
) -> Iterator[Event]:
    done = _Done(catalog.get("built_at"))
    finish_forgetting(catalog, config.index)
    retain(config.index, config.log_days)
    found = audit(catalog)
    if found != Audited():
        yield Cost("the catalog was damaged and is mended", files=found.files, passages=found.vectors)
    known = catalog.files()
    work = survey(folder, config, known, options.verify)
    plan = work.plan
    own = catalog.get("folder")
    if not options.yes:
        anew = None if own == str(folder) else str(folder)
        given = ("--replace", "--yes") if options.replace else ("--yes",)
        check_deletion(len(plan.deleted), len(known), folder, index_command(config.index, anew, *given))
    yield from _bound(catalog, folder, config)
    yield Planned(
        len(plan.added), len(plan.changed), len(plan.moved), len(plan.deleted), len(plan.unchanged), len(plan.to_read)
    )
    yield from _files(catalog, config, work, done, stopping)
    if not done.stopped:
        with needed("Start its server with: assistant serve-model, then run it again. Until then words alone answer."):
            embedded: Embedded = yield from embed(catalog, config, _reason(plan), stopping)
        done.embedded, done.stopped = embedded.made, embedded.stopped
    if not done.stopped:
        yield from _publish(catalog, config.index, done, stopping)
    changed = not plan.is_empty or done.embedded or done.mended
    if not done.stopped:
        (config.index / DAMAGED).unlink(missing_ok=True)
        _finish(catalog, config.index, bool(changed) or done.last_built is None, done.published)
    # Nothing has been written since `known` was read: at 10,000 files reading it again takes a tenth of a second.
    yield _report(catalog, catalog.files() if changed or done.unsettled else known, work, done)


def finish_forgetting(catalog: Catalog, index: Path) -> None:
    """Erase from the log what a forgetting that was killed has left there."""
    if catalog.get("words") == mend.FORGETTING:
        forget_unknown(index, [row.id for row in catalog.files().values()])


def _bound(catalog: Catalog, folder: Path, config: Config) -> Iterator[Event]:
    """Note the folder, so that a run that is killed is continued without naming it, and the rules in force."""
    own, rules = catalog.get("folder"), catalog.get("ignore")
    now = json.dumps(config.ignore)
    if (own, rules) == (str(folder), now):
        return
    with catalog.transaction():
        catalog.put(folder=str(folder), ignore=now)
    if own not in (None, str(folder)):
        yield Bound(str(own), str(folder))
    before = tuple(json.loads(rules or "[]"))
    if own is not None and set(before) != set(config.ignore):
        came = tuple(rule for rule in config.ignore if rule not in before)
        yield Ignoring(came, tuple(rule for rule in before if rule not in config.ignore))


def _files(
    catalog: Catalog, config: Config, work: Survey, done: _Done, stopping: Callable[[], bool]
) -> Iterator[Event]:
    """Bring files, chunks and words level with the folder."""
    plan = work.plan
    for part in parts(plan.touched):
        with catalog.transaction():
            for file in part:
                catalog.touch_file(file, work.scanned_ns)
    if not mend.words_trusted(catalog, config.index):
        done.mended.append(WORDS_INDEX)
        yield Mending(WORDS_INDEX)
    if plan.is_empty and mend.words_level(catalog, config.index):
        return
    if plan.reread:
        yield Cost("files are read in a new way", files=len(plan.reread))
    if plan.retried:
        yield Cost("files that could not be read within the limits are tried again", files=len(plan.retried))
    if plan.recut:
        yield Cost("passages are cut in a new way; no file is read for it", files=len(plan.recut))
    from assistant.indexing.ingest import ingest

    ingested = yield from ingest(catalog, config, work, stopping)
    done.unsettled, done.unread, done.stopped = ingested.unsettled, ingested.unread, ingested.stopped


def _reason(plan: Plan) -> str:
    return "their text or headings differ in the new way" if plan.reread or plan.recut else ""


def _publish(catalog: Catalog, index: Path, done: _Done, stopping: Callable[[], bool]) -> Generator[Event, None, None]:
    """Build a generation where the one in use is damaged or too much has changed since."""
    lost = store_damaged(catalog, index)
    if lost:
        done.mended.append(VECTORS_STORE)
        yield Mending(VECTORS_STORE)
    if lost or (catalog.get("vectors") != "level" and publish.due(catalog)):
        yield Publishing(catalog.count_chunks(catalog.embedded_prefix()))
        done.stopped = not publish.publish(catalog, index, stopping)
        done.published = True
    removed = mend.removed_passages(index)
    if removed and not done.stopped and (done.published or removed > _REMOVED_SHARE * catalog.count_chunks()):
        mend.renew_words(catalog, index)


def _finish(catalog: Catalog, index: Path, changed: bool, published: bool) -> None:
    """Note that nothing is left to do; with a new generation, that nothing is left of what was deleted."""
    if catalog.get("vectors") != "level":
        drop_unused(catalog)
        publish.remove_old(catalog, index)
    elif not changed:
        return
    if published and catalog.get("remains"):
        catalog.erase_remains()
    with catalog.transaction():
        if published:
            catalog.drop("remains")
        catalog.put(vectors="level")
        if changed:
            catalog.put(built_at=datetime.now().astimezone().isoformat(timespec="seconds"))


def _report(catalog: Catalog, now: Mapping[str, FileRow], work: Survey, done: _Done) -> Report:
    plan = work.plan
    counts = catalog.counts()
    blank = catalog.files_without_text()

    def landed(files: Iterable[SourceFile]) -> list[str]:
        """Those of the planned files that this run has stored."""
        return [file.path for file in files if file.path in now and now[file.path].scanned_ns >= work.scanned_ns]

    added, changed, moved = (landed(files) for files in (plan.added, plan.changed, [it.file for it in plan.moved]))
    deleted = [path for path in plan.deleted if path not in now]
    return Report(
        added=len(added),
        changed=len(changed),
        moved=len(moved),
        deleted=len(deleted),
        unchanged=len(plan.unchanged),
        files=counts.files,
        pages=counts.pages,
        chunks=counts.chunks,
        embedded=done.embedded,
        pending=counts.pending,
        last_built=done.last_built,
        other_types=work.seen.other_types,
        left_out=work.seen.left_out,
        gaps=tuple((path, gap) for path, row in now.items() for gap in row.gaps),
        without_text=blank,
        unsettled=tuple(done.unsettled),
        unread=tuple(done.unread),
        kept=plan.kept,
        mended=tuple(done.mended),
        stopped=done.stopped,
        seconds=time.monotonic() - done.began,
        first_paths=tuple([*added, *changed, *moved, *deleted][:_FIRST]),
        blank=len({*added, *changed} & set(blank)),
    )


@contextmanager
def private_files() -> Iterator[None]:
    """Let every file made meanwhile, also by child processes, be readable by its owner alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
