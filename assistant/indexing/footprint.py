"""Remembers what a derived index looks like on disk, so that a run notices damage without opening it.

Opening one costs a second and can crash the process. A name or a size tells of every file that was deleted, cut off,
or brought back from an older copy; not of one whose bytes changed in place.
"""

import json
from contextlib import suppress
from pathlib import Path

DAMAGED = "damaged"  # a file that a reader leaves in the index when it could not use a derived index


def note_damage(index: Path) -> None:
    """Have the next run build the derived indexes anew; where nothing can be written there will be no run either."""
    with suppress(OSError):
        (index / DAMAGED).touch(mode=0o600)


def footprint(folder: Path) -> str:
    """The files below a folder with their sizes, as text to keep; locks are left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return json.dumps({path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(files)})


def intact(folder: Path, kept: str | None) -> bool:
    """Whether every file of a footprint is still there and no shorter: Chroma's SQLite file grows by being read."""
    if not kept or not folder.is_dir():
        return False
    try:
        return all((folder / name).stat().st_size >= size for name, size in json.loads(kept).items())
    except FileNotFoundError:
        return False
