"""How a person names documents of an index: by a path, a folder, or a glob in which `*` crosses folders."""

import unicodedata
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import PurePath


def named(written: str, folder: str) -> str:
    """What a person wrote as the index knows it: relative to `folder`, also if written from the machine's root."""
    place = PurePath(written).relative_to(folder).as_posix() if PurePath(written).is_relative_to(folder) else written
    return place.removeprefix("./").rstrip("/")


def lying_in(paths: Iterable[str], place: str) -> list[str]:
    """Those of the paths that a place names: the file of that very name, else what lies in that folder, else the glob.

    Accents may be written either way, where nothing is written just so.
    """
    every = list(paths)
    if place in ("", "."):
        return every
    composed = unicodedata.normalize("NFC", place)
    named_so: tuple[Callable[[str], bool], ...] = (
        lambda path: path == place,
        lambda path: unicodedata.normalize("NFC", path) == composed,
        lambda path: path.startswith(f"{place}/"),
        lambda path: unicodedata.normalize("NFC", path).startswith(f"{composed}/"),
        lambda path: fnmatchcase(unicodedata.normalize("NFC", path), composed),
    )
    return next((found for test in named_so if (found := [path for path in every if test(path)])), [])
