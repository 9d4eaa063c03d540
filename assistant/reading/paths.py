"""How a person names documents of an index: by a path, a folder, or a glob in which `*` crosses folders."""

import unicodedata
from fnmatch import fnmatchcase
from pathlib import PurePath


def named(written: str, folder: str) -> str:
    """What a person wrote as the index knows it: relative to `folder`, also if written from the machine's root."""
    place = PurePath(written).relative_to(folder).as_posix() if PurePath(written).is_relative_to(folder) else written
    return place.removeprefix("./").rstrip("/")


def lies_in(path: str, place: str) -> bool:
    """Whether a path is the file, lies below the folder, or matches the glob; accents may be written either way."""
    if place in ("", "."):
        return True
    path, place = unicodedata.normalize("NFC", path), unicodedata.normalize("NFC", place)
    return path == place or path.startswith(f"{place}/") or fnmatchcase(path, place)
