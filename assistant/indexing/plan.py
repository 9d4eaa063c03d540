"""Compares what a scan saw with what the catalog holds, and says what a run has to do; pure functions and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.storage.rows import FileRow
from assistant.types import LeftOut, SourceFile

# A file written again within the clock's grain of the scan keeps its times: git's "racy" entry. Such files are hashed.
RACY_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What sizes and times alone tell."""

    added: tuple[SourceFile, ...]
    suspect: tuple[SourceFile, ...]  # may have changed: only the hash of the content can tell
    unchanged: tuple[SourceFile, ...]
    vanished: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that has another path now, and the content it had."""

    old: str
    file: SourceFile


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do; each file of the folder is in one of added, changed, moved and unchanged."""

    added: tuple[SourceFile, ...]
    changed: tuple[SourceFile, ...]
    moved: tuple[Moved, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[SourceFile, ...]
    touched: tuple[SourceFile, ...] = ()  # of the unchanged: their times are to be noted
    unreadable: tuple[str, ...] = ()  # of the added and changed: they cannot be opened now
    kept: tuple[str, ...] = ()  # in the index as they were: their folder gave an I/O error
    reread: tuple[SourceFile, ...] = ()  # of the unchanged: another version of the reader read them
    ignored: tuple[str, ...] = ()  # of the deleted: they are in the folder, and a rule keeps them out
    barred: tuple[LeftOut, ...] = ()  # folders and files that may not be read
    mended: tuple[str, ...] = ()  # derived indexes that are missing or damaged: "words index"
    retried: tuple[SourceFile, ...] = ()  # of the unchanged: they could not be read within limits that are others now
    recut: tuple[SourceFile, ...] = ()  # of the unchanged and moved: another version of the cutter cut them
    unembedded: int = 0  # passages of the index that wait for their vector, all of them where the embedder is another

    @property
    def to_read(self) -> tuple[SourceFile, ...]:
        """Everything that has to be opened."""
        return (*self.added, *self.changed, *self.reread, *self.retried)

    @property
    def is_empty(self) -> bool:
        """Whether the index already has every file as it is."""
        return not (self.to_read or self.moved or self.deleted or self.recut)


def compare(files: Sequence[SourceFile], known: Mapping[str, FileRow], unlisted: Sequence[str] = ()) -> Comparison:
    """A file is unchanged by size, times, inode and device, if its time is not too close to that of its last scan.

    What stands in an `unlisted` folder has not vanished: nobody could look.
    """
    added = tuple(file for file in files if file.path not in known)
    old = [file for file in files if file.path in known]
    unchanged = tuple(file for file in old if is_unchanged(file, known[file.path]))
    settled = {file.path for file in unchanged}
    gone = known.keys() - {file.path for file in files}
    return Comparison(
        added=added,
        suspect=tuple(file for file in old if file.path not in settled),
        unchanged=unchanged,
        vanished=tuple(sorted(path for path in gone if not path.startswith(tuple(unlisted)))),
    )


def is_unchanged(file: SourceFile, row: FileRow) -> bool:
    """Whether a file looks as it did, and cannot have been written since in a way that leaves it so."""
    # What could not be read may be readable now, with nothing to show for it. And no program can set the time of the
    # last change (ctime), so one that lies ahead of the scan is news of it.
    settled = row.scanned_ns - file.ctime_ns > RACY_NS and abs(row.scanned_ns - file.mtime_ns) > RACY_NS
    return file == row.source and settled and row.sha256 != ""
