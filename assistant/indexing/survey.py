"""Looks at the folder and plans a run: scans, compares, and hashes what sizes and times leave open."""

import hashlib
import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assistant.config import Config
from assistant.indexing.cut import CUTTING
from assistant.indexing.plan import Moved, Plan, compare
from assistant.indexing.unmounted import with_unmounted
from assistant.reading import READING, limits
from assistant.reading.scan import IGNORED, barred, scan, source_file
from assistant.storage.rows import FileRow
from assistant.types import LeftOut, Scan, SourceFile

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Survey:
    """What the folder holds, and what that means for the index."""

    folder: Path
    seen: Scan
    plan: Plan
    scanned_ns: int  # clock when the scan began


def survey(folder: Path, config: Config, known: Mapping[str, FileRow], verify: bool = False) -> Survey:
    """Plan a run over a folder; with `verify` every known file is hashed. Raises UsageError for a lost folder."""
    scanned_ns = time.time_ns()
    seen = scan(folder, config.max_file_mb * MEGABYTE, config.ignore)
    seen = with_unmounted(seen, folder, {path: row.source.device for path, row in known.items()})
    found = compare(seen.files, known, seen.unlisted)
    changed, same = _by_content(folder, (*found.suspect, *(found.unchanged if verify else ())), known)
    moved = _moved(folder, found.added, found.vanished, known)
    came = {move.file.path for move in moved}
    went = {move.old for move in moved}
    differing = {file.path for file in changed}
    unchanged = [file for file in found.unchanged if file.path not in differing]
    suspect = {file.path for file in found.suspect}
    touched = [file for file in same if file.path in suspect and known[file.path].sha256]
    added = [file for file in found.added if file.path not in came]
    deleted = tuple(path for path in found.vanished if path not in went)
    settled = sorted([*unchanged, *(file for file in same if file.path in suspect)], key=lambda file: file.path)
    present = [(file, known[file.path]) for file in settled] + [(move.file, known[move.old]) for move in moved]
    plan = Plan(
        added=tuple(added),
        changed=tuple(sorted(changed, key=lambda file: file.path)),
        moved=moved,
        deleted=deleted,
        ignored=ignored_among(deleted, seen.left_out),
        barred=barred(seen),
        unchanged=tuple(settled),
        touched=tuple(touched),
        unreadable=tuple(file.path for file in (*added, *changed) if not os.access(folder / file.path, os.R_OK)),
        kept=tuple(sorted(path for path in known if path.startswith(seen.unlisted))) if seen.unlisted else (),
        reread=tuple(file for file, row in present if row.reading != READING),
        recut=tuple(file for file, row in present if row.reading == READING and row.cutting != CUTTING),
        retried=tuple(
            file
            for file, row in present
            if row.reading == READING and row.limits and (verify or row.limits != limits(config))
        ),
    )
    return Survey(folder, seen, plan, scanned_ns)


def ignored_among(paths: Iterable[str], left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """Those of the paths that a rule keeps out, themselves or by a folder above them."""
    ignored = {item.path for item in left_out if item.reason == IGNORED}
    return tuple(path for path in paths if ignored and not ignored.isdisjoint(_with_folders(path)))


def _with_folders(path: str) -> Iterator[str]:
    """A path and the folders above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def look(folder: Path, file: SourceFile) -> SourceFile | None:
    """The file as it is now, None where it is gone."""
    try:
        now = (folder / file.path).stat()
    except OSError:
        return None
    return source_file(file.path, file.kind, now)


def content_hash(path: Path) -> str:
    """SHA-256 of a regular file in hex, "" where it cannot be had: reading it will say why."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _by_content(
    folder: Path, files: Sequence[SourceFile], known: Mapping[str, FileRow]
) -> tuple[list[SourceFile], list[SourceFile]]:
    """The files whose content is not what it was, and those whose content is."""
    changed: list[SourceFile] = []
    same: list[SourceFile] = []
    for file in files:
        row, content = known[file.path], content_hash(folder / file.path)
        # What could not be opened is as it was for as long as that is so, and is read as soon as it is not.
        alike = content == row.sha256 if row.sha256 else not content and file == row.source
        (same if alike else changed).append(file)
    return changed, same


def _moved(
    folder: Path, added: Sequence[SourceFile], vanished: Sequence[str], known: Mapping[str, FileRow]
) -> tuple[Moved, ...]:
    """Pairs each new file that has the content of one that is gone with it, the most alike first."""
    went: dict[tuple[str, str], list[SourceFile]] = defaultdict(list)
    for path in vanished:
        row = known[path]
        if row.sha256:
            went[row.source.kind, row.sha256].append(row.source)
    sizes = {(file.kind, file.size) for files in went.values() for file in files}
    came: dict[tuple[str, str], list[SourceFile]] = defaultdict(list)
    for file in added:
        if (file.kind, file.size) in sizes:
            came[file.kind, content_hash(folder / file.path)].append(file)
    moves = [move for content, files in came.items() for move in _paired(went.get(content, []), files)]
    return tuple(sorted(moves, key=lambda move: move.file.path))


# What speaks for one file that was moved rather than another with its content, the strongest first.
_LIKENESS: tuple[Callable[[SourceFile], object], ...] = (
    lambda file: (file.inode, file.device),
    lambda file: (PurePosixPath(file.path).name, file.mtime_ns),
    lambda file: PurePosixPath(file.path).name,
    lambda file: file.mtime_ns,
    lambda _: None,
)


def _paired(went: Sequence[SourceFile], came: Sequence[SourceFile]) -> Iterator[Moved]:
    """Pairs files of one content until there are no more on one side."""
    for likeness in _LIKENESS:
        alike: dict[object, list[SourceFile]] = defaultdict(list)
        for old in reversed(went):
            alike[likeness(old)].append(old)
        taken: set[str] = set()
        for new in came:
            if olds := alike.get(likeness(new)):
                old = olds.pop()
                taken |= {old.path, new.path}
                yield Moved(old.path, new)
        went = [old for old in went if old.path not in taken]
        came = [new for new in came if new.path not in taken]
