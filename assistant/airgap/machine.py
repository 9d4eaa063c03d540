"""What the machine gives: room on the disk, memory, permissions of what is kept, the clock."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.airgap.finding import Finding, note, ok, wrong
from assistant.config import Config

_LEAST_ROOM = 200_000_000  # bytes; a new generation of vectors stands beside the old one for a while
_LEAST_MEMORY = 1_000_000_000  # bytes: twice what a run over 150 contracts took (README, "Measured")
_NEWEST_KNOWN = datetime(2026, 11, 30, tzinfo=UTC)  # this program was written by then: no clock shows less
_CLOCK_SLACK = timedelta(minutes=5)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_NAMED = 3


def machine(config: Config) -> Iterator[Finding]:
    """Disk, memory, permissions and clock."""
    yield disk(config.index)
    yield memory(available_memory(), config)
    yield permissions(config.index)
    yield clock(datetime.now(UTC), config.index)


def disk(index: Path) -> Finding:
    """Whether there is room for what a run may write."""
    place = next(folder for folder in (index.absolute(), *index.absolute().parents) if _is_there(folder))
    held = sum(_size(path) for path in index.rglob("*"))
    free, needed = shutil.disk_usage(place).free, _LEAST_ROOM + held
    said = f"{free / 1e9:,.1f} GB free for {index}"
    if free < needed:
        return wrong("Disk", f"{said}; a run may need {needed / 1e9:,.1f} GB", "Make room, or use --index PATH.")
    return ok("Disk", said)


def memory(available: int | None, config: Config) -> Finding:
    """Whether a run fits."""
    if available is None:
        return ok("Memory", "this system does not say how much is free")
    said = f"{available / 1e9:,.1f} GB available"
    if available < _LEAST_MEMORY:
        fewer = "" if config.workers == 1 else ", or set workers = 1"
        return note("Memory", f"{said}; a run takes up to 1 GB", f"Close other programs{fewer}.")
    return ok("Memory", said)


def available_memory() -> int | None:
    """Bytes that programs may still take; all of the machine's where the system does not say, None where not even
    that is known."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def permissions(index: Path) -> Finding:
    """Whether the index is its owner's alone: files 0600, folders 0700."""
    open_ones = [path for path in (index, *sorted(index.rglob("*"))) if _mode(path) & _OTHERS]
    if open_ones:
        named = ", ".join(str(path) for path in open_ones[:_MOST_NAMED])
        more = f" and {len(open_ones) - _MOST_NAMED} more" if len(open_ones) > _MOST_NAMED else ""
        return wrong("Permissions", f"others may read or change {named}{more}", f"chmod -R go= {index}")
    if not _is_there(index):
        return ok("Permissions", "nothing is kept yet")
    if not os.access(index, os.R_OK | os.X_OK):
        return wrong("Permissions", f"you may not read {index}", f"chmod u+rwX {index}")
    if not os.access(index, os.W_OK):
        return note("Permissions", f"you may not write to {index}", "Questions are answered; a run needs more.")
    return ok("Permissions", f"{index} is yours alone")


def clock(now: datetime, index: Path) -> Finding:
    """Whether the clock can be right: dates of documents and changes are judged by it."""
    said = now.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    newest = max((_changed(path) for path in (index, *index.rglob("*"))), default=0.0)
    if now < _NEWEST_KNOWN or datetime.fromtimestamp(newest, UTC) > now + _CLOCK_SLACK:
        return wrong("Clock", f"{said} is earlier than the index, or this program", "Set the clock of this machine.")
    return ok("Clock", said)


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - where nobody may look, Path raises


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _mode(path: Path) -> int:
    """Permission bits; none for links, whose own mean nothing, and for what is not there."""
    try:
        status = path.lstat()
    except OSError:
        return 0
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)
