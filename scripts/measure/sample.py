"""Which files are measured."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from assistant.config import Config
from assistant.reading.scan import scan

Item = TypeVar("Item")
_MEGABYTE = 1_000_000


def all_files(folder: Path) -> tuple[str, ...]:
    """The files below a folder that `assistant index` reads, smallest first."""
    found = scan(folder, Config().max_file_mb * _MEGABYTE).files
    return tuple(file.path for file in sorted(found, key=lambda file: (file.size, file.path)))


def copied(folder: Path, files: Sequence[str], target: Path) -> Path:
    """A folder with these files alone."""
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, target / file)
    return target


def evenly(items: Sequence[Item], number: int) -> tuple[Item, ...]:
    """At most `number` of the items, evenly spread, in their order."""
    if len(items) <= number:
        return tuple(items)
    return tuple(items[(2 * at + 1) * len(items) // (2 * number)] for at in range(number))
