"""Tells a folder whose drive or share is not connected from one that was emptied: its documents are not given up."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.types import LeftOut, Scan


def with_unmounted(seen: Scan, folder: Path, devices: Mapping[str, int]) -> Scan:
    """What was seen, with the folders among the unlisted that were a device of their own, and are empty now.

    `devices` is the device of every file that the index knows, by its path.
    """
    if len(set(devices.values())) < 2:
        return seen
    there = {file.path for file in seen.files}
    gone = [path for path in devices if path not in there and not path.startswith(seen.unlisted)]
    places = tuple(sorted(_unmounted(folder, gone, devices))) if gone else ()
    if not places:
        return seen
    rows = [LeftOut(place.rstrip("/"), "cannot be read: it is not mounted") for place in places]
    left_out = tuple(sorted((*seen.left_out, *rows), key=lambda item: item.path))
    return replace(seen, unlisted=(*seen.unlisted, *places), left_out=left_out)


def _unmounted(folder: Path, gone: list[str], devices: Mapping[str, int]) -> Iterator[str]:
    for place in {_standing(folder, above) for above in {path.rpartition("/")[0] for path in gone}} - {""}:
        try:
            empty = not any((folder / place).iterdir())
            plain = (folder / place).stat().st_dev == (folder / place).parent.stat().st_dev
        except OSError:
            continue  # the scan says why
        if empty and plain and _was_mounted(place, devices):
            yield place


def _standing(folder: Path, place: str) -> str:
    """A folder, or the lowest one above it that is still there; "" for the top itself."""
    while place and not os.path.isdir(folder / place):  # noqa: PTH112 - where nobody may look, Path raises
        place = place.rpartition("/")[0]
    return f"{place}/" if place else ""


def _was_mounted(place: str, devices: Mapping[str, int]) -> bool:
    """Whether the files in a folder were on a device that none beside them was on.

    Compared with each other and not with today's: a device may have another number every time it is connected.
    """
    above = place.rstrip("/").rpartition("/")[0]
    beside = f"{above}/" if above else ""
    own = {device for path, device in devices.items() if path.startswith(place)}
    others = {device for path, device in devices.items() if path.startswith(beside) and not path.startswith(place)}
    return bool(others) and own.isdisjoint(others)
