"""Checks the places that a run is given, the folder and the index, before anything is touched."""

import os
import shlex
from pathlib import Path

from assistant.config import Config
from assistant.errors import UsageError
from assistant.indexing.layout import CATALOG, OWN


def index_command(index: Path) -> str:
    """The command that brings an index up to date."""
    return "assistant index" if index == Config().index else f"assistant index --index {shlex.quote(str(index))}"


def check_index(index: Path) -> None:
    """Raise UsageError where something else than an index stands already: nothing of it is touched."""
    for name in (CATALOG, *sorted(OWN)):
        if (index / name).is_symlink() or (name == CATALOG and (index / name).is_dir()):
            raise UsageError(f"{index / name} is not what an index has there", "Name another place with --index.")
    if index.is_dir() and not (index / CATALOG).exists() and {path.name for path in index.iterdir()} - OWN:
        raise UsageError(f"{index} is a folder of other files, not an index", "Name another place with --index.")


def check_folder(folder: Path) -> None:
    """Raise UsageError where there is no such folder, or where it is the whole machine."""
    try:
        with os.scandir(folder):
            pass
    except (FileNotFoundError, NotADirectoryError):
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {what}", "Name a folder with PDFs, markdown or text files.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{folder} cannot be read: {reason}", "Check the name and its permissions.") from error
    if folder.resolve() == Path(folder.resolve().anchor):
        raise UsageError(f"{folder} is the whole machine", "Name the folder that your documents are in.")


def settled_folder(own: str | None, folder: Path | None, index: Path, replace: bool) -> Path:
    """The folder to index, absolute; an index that belongs to another one is not overwritten by accident.

    A folder that is gone may have been moved: another one is then taken, and the question before a large deletion
    still stands between a wrong name and the index.
    """
    if folder is None:
        if own is None:
            raise UsageError("the index does not know its folder yet", "assistant index FOLDER")
        if not Path(own).is_dir():
            raise UsageError(
                f"the folder of this index, {own}, is not there",
                "Connect its drive; or, if it has moved: assistant index NEW_FOLDER",
            )
        return Path(own)
    absolute = folder.resolve()
    if own is not None and own != str(absolute) and not replace and Path(own).exists():
        raise UsageError(
            f"the index at {index} belongs to {own}",
            f"Use --index indexes/{absolute.name} for a second index, or --replace to give up that folder.",
        )
    return absolute
