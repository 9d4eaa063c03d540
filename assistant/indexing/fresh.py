"""Whether the folder is still what the index was made from: by sizes and times alone, in a tenth of a second.

The notice may miss a file that was written twice within the clock's grain; a run hashes such files. The state of the
few files that an answer cites is looked at as closely as a run would.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Config
from assistant.dates import clock
from assistant.errors import UsageError
from assistant.indexing.catalog import Catalog
from assistant.indexing.plan import is_unchanged
from assistant.indexing.rows import FileRow
from assistant.indexing.survey import MEGABYTE, content_hash, look
from assistant.reading.scan import scan
from assistant.types import FileState, SourceFile


@dataclass(frozen=True, slots=True)
class Drift:
    """How many files have come, changed, moved and gone since the last run; `lost` where the folder cannot be read."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    gone: int = 0
    since: str | None = None  # ISO time of the last run that changed something
    lost: str = ""  # why the folder cannot be read, where it cannot

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Files added, changed, moved and gone."""
        return self.added, self.changed, self.moved, self.gone

    @property
    def total(self) -> int:
        """Files that the index does not have as they are now."""
        return sum(self.counts)

    def notice(self, command: str = "assistant index") -> str:
        """What a reader should know, in one line; empty where the index is current."""
        since = f" since {clock(self.since)}" if self.since else ""
        if self.lost:
            return f"What the index says is as it was{since}: {self.lost}."
        if not self.total:
            return ""
        return f"{self.total:,} file{'' if self.total == 1 else 's'} changed{since}, run {command}"


def drift(catalog: Catalog, config: Config) -> Drift:
    """Compare the folder of an index with what its last run saw."""
    since = catalog.get("built_at")
    try:
        seen = scan(Path(catalog.get("folder") or ""), config.max_file_mb * MEGABYTE, config.ignore)
    except UsageError as error:
        return Drift(since=since, lost=str(error))
    known = catalog.seen()
    added: list[SourceFile] = []
    changed = 0
    for file in seen.files:
        row = known.pop(file.path, None)
        if row is None:
            added.append(file)
        elif row != (file.size, file.mtime_ns, file.ctime_ns, file.inode, file.device):
            changed += 1
    gone = [row for path, row in known.items() if not path.startswith(seen.unlisted)]
    moved = _moved(added, gone)
    return Drift(len(added) - moved, changed, moved, len(gone) - moved, since)


def states(catalog: Catalog, paths: Iterable[str]) -> dict[str, FileState]:
    """For each path whether its file still is what the index read."""
    folder = Path(catalog.get("folder") or "")
    wanted = sorted(set(paths))
    known = catalog.files(wanted)
    return {path: _state(folder, path, known.get(path)) for path in wanted}


def _moved(added: Sequence[SourceFile], gone: Sequence[tuple[int, ...]]) -> int:
    """How many of the new files are ones that are gone elsewhere: a move keeps all but the time of the last change."""
    left = Counter((row[0], row[1], row[3], row[4]) for row in gone)
    came = Counter((file.size, file.mtime_ns, file.inode, file.device) for file in added)
    return (left & came).total()


def _state(folder: Path, path: str, row: FileRow | None) -> FileState:
    if not (folder / path).exists():
        return FileState.GONE
    if row is None:
        return FileState.CHANGED
    now = look(folder, row.source)
    same = now is not None and is_unchanged(now, row)
    return FileState.CURRENT if same or content_hash(folder / path) == row.sha256 != "" else FileState.CHANGED
