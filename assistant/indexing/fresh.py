"""Whether the folder is still what the index was made from, in a tenth of a second: by sizes and times, and by content
where only the times differ and there is little to read.

The notice may miss a file that was written twice within the clock's grain; a run hashes such files. The state of the
few files that an answer cites is looked at as closely as a run would.
"""

import errno
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Config
from assistant.dates import clock
from assistant.errors import UsageError
from assistant.indexing.plan import is_unchanged
from assistant.indexing.survey import MEGABYTE, content_hash, ignored_among, look
from assistant.indexing.unmounted import with_unmounted
from assistant.reading.scan import LASTING, barred, scan
from assistant.storage.catalog import Catalog
from assistant.storage.rows import FileRow
from assistant.types import FileState, LeftOut, SourceFile

_MOST_BYTES = 16 * MEGABYTE  # of all files whose contents are compared
_MOST_FILES = 300
_NAMED = 3  # of what may not be read, in a notice


@dataclass(frozen=True, slots=True)
class Drift:
    """How many files have come, changed, moved and gone since the last run; `lost` where the folder cannot be read."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    gone: int = 0
    since: str | None = None  # ISO time of the last run that changed something
    lost: str = ""  # why the folder cannot be read, where it cannot
    ignored: int = 0  # in the index, and kept out by a rule now
    uncompared: int = 0  # of the changed: by their times alone, for their contents are too much to read
    barred: tuple[LeftOut, ...] = ()  # folders and files that may not be read

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Files added, changed, moved, gone and ignored."""
        return self.added, self.changed, self.moved, self.gone, self.ignored

    @property
    def total(self) -> int:
        """Files that the index does not have as they are now."""
        return sum(self.counts)

    def notice(self, command: str = "assistant index", holder: str = "") -> str:
        """What a reader should know, in one line; empty where the index is current. `holder` is who is writing now."""
        since = f" since {clock(self.since)}" if self.since else ""
        if self.lost:
            return f"What the index says is as it was{since} and was not compared: {self.lost}."
        if not self.total:
            return ""
        unsure = f" ({self.uncompared:,} by their times alone)" if self.uncompared else ""
        closed = ", ".join(item.path for item in self.barred[:_NAMED])
        closed += f" and {len(self.barred) - _NAMED:,} more" if len(self.barred) > _NAMED else ""
        hidden = f" (not to be read: {closed})" if closed else ""
        advice = f"a run is at work on them ({holder})" if holder else f"run {command}"
        return f"{self.total:,} file{'' if self.total == 1 else 's'} changed{since}{unsure}{hidden}, {advice}"


def drift(catalog: Catalog, config: Config) -> Drift:
    """Compare the folder of an index with what its last run saw."""
    since = catalog.get("built_at")
    folder = catalog.get("folder")
    if not folder:
        return Drift(since=since, lost="the index does not know its folder yet")
    try:
        seen = scan(Path(folder), config.max_file_mb * MEGABYTE, config.ignore)
    except UsageError as error:
        return Drift(since=since, lost=str(error))
    known = catalog.seen()
    seen = with_unmounted(seen, Path(folder), {path: row[-1] for path, row in known.items()})
    added: list[SourceFile] = []
    suspect: list[SourceFile] = []
    for file in seen.files:
        row = known.pop(file.path, None)
        if row is None:
            added.append(file)
        elif row != (file.size, file.mtime_ns, file.ctime_ns, file.inode, file.device):
            suspect.append(file)
    gone = {path: row for path, row in known.items() if not path.startswith(seen.unlisted)}
    ignored = ignored_among(gone, seen.left_out)
    moved = _moved(added, list(gone.values()))
    changed, uncompared = _changed(catalog, Path(folder), suspect)
    closed = [
        LeftOut(file.path, "no permission to read it")
        for file in suspect[:_MOST_FILES]
        if _is_closed(folder, file.path)
    ]
    return Drift(
        added=len(added) - moved,
        changed=changed,
        moved=moved,
        gone=max(len(gone) - moved - len(ignored), 0),
        since=since,
        ignored=min(len(ignored), len(gone) - moved),
        uncompared=uncompared,
        barred=(*barred(seen), *closed),
    )


def states(catalog: Catalog, paths: Iterable[str]) -> dict[str, FileState]:
    """For each path whether its file still is what the index read; CURRENT where nobody can tell."""
    folder = Path(catalog.get("folder") or "")
    wanted = sorted(set(paths))
    known = catalog.files(wanted)
    return {path: _state(folder, path, known.get(path)) for path in wanted}


def _moved(added: Sequence[SourceFile], gone: Sequence[tuple[int, ...]]) -> int:
    """How many of the new files are ones that are gone elsewhere: a move keeps all but the time of the last change."""
    left = Counter((row[0], row[1], row[3], row[4]) for row in gone)
    came = Counter((file.size, file.mtime_ns, file.inode, file.device) for file in added)
    return (left & came).total()


def _changed(catalog: Catalog, folder: Path, suspect: Sequence[SourceFile]) -> tuple[int, int]:
    """How many files have changed, and how many of these are only taken to: they are too much to read at once."""
    known = catalog.files([file.path for file in suspect[:_MOST_FILES]]) if suspect else {}
    changed = uncompared = read = 0
    for file in suspect:
        row = known.get(file.path)
        if row is not None and row.source.size != file.size:
            changed += 1
            continue
        read += file.size
        if row is None or read > _MOST_BYTES:
            uncompared += 1
        elif content_hash(folder / file.path) != row.sha256 or not row.sha256:
            changed += 1
    return changed + uncompared, uncompared


def _is_closed(folder: str, path: str) -> bool:
    """Whether a file is there and may not be opened."""
    at = f"{folder}/{path}"
    return os.path.exists(at) and not os.access(at, os.R_OK)  # noqa: PTH110 - of text, as the scan


def _state(folder: Path, path: str, row: FileRow | None) -> FileState:
    try:
        (folder / path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return FileState.GONE
    except OSError as error:
        # As for a run: what lies in a folder that may not be read goes, and an I/O error says nothing.
        hidden = error.errno in LASTING and os.access(folder, os.R_OK | os.X_OK)
        return FileState.GONE if hidden or error.errno == errno.ELOOP else FileState.CURRENT
    if row is None:
        return FileState.CHANGED
    now = look(folder, row.source)
    same = now is not None and is_unchanged(now, row)
    return FileState.CURRENT if same or content_hash(folder / path) == row.sha256 != "" else FileState.CHANGED
