"""Compares what a scan saw with what the catalog holds; a pure function of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.indexing.rows import FileRow
from assistant.types import SourceFile

# A file written again within the clock's grain of the scan keeps its times: git's "racy" entry. Such files are hashed.
RACY_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do."""

    added: tuple[SourceFile, ...]
    suspect: tuple[SourceFile, ...]  # may have changed: only the hash of the content can tell
    unchanged: tuple[SourceFile, ...]
    vanished: tuple[str, ...]


def plan(files: Sequence[SourceFile], known: Mapping[str, FileRow]) -> Plan:
    """A file is unchanged by size, times, inode and device, if its time is not too close to that of its last scan."""
    added = tuple(file for file in files if file.path not in known)
    old = [file for file in files if file.path in known]
    unchanged = tuple(file for file in old if _same(file, known[file.path]))
    settled = {file.path for file in unchanged}
    return Plan(
        added=added,
        suspect=tuple(file for file in old if file.path not in settled),
        unchanged=unchanged,
        vanished=tuple(sorted(known.keys() - {file.path for file in files})),
    )


def _same(file: SourceFile, row: FileRow) -> bool:
    if file != row.source:
        return False
    # No program can set the time of the last change (ctime), so one that lies ahead of the scan is news of it.
    return row.scanned_ns - file.ctime_ns > RACY_NS and abs(row.scanned_ns - file.mtime_ns) > RACY_NS
