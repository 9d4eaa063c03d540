"""Checks the places that a run is given, the folder and the index, before anything is touched."""

import os
import shlex
from pathlib import Path

from assistant.config import Config
from assistant.errors import IndexUnusable, UsageError
from assistant.storage.layout import CATALOG, OWN
from assistant.storage.ownership import is_ours
from assistant.storage.seal import sealed


def index_command(index: Path, folder: str | None = None, *options: str) -> str:
    """The command that brings an index up to date, with its folder where that has to be said."""
    return command("index", index, folder, *options)


def command(name: str, index: Path, argument: str | None = None, *options: str) -> str:
    """A command on an index as a person types it, with `--index` where it is not the default one."""
    named = [] if argument is None else [shlex.quote(argument)]
    own = [] if index == Config().index else ["--index", shlex.quote(str(index))]
    return " ".join([f"assistant {name}", *named, *own, *options])


def rebuild_hint(index: Path) -> str:
    """What to do about an index whose catalog is of no use any more, with its folder where the seal knows it.

    All but the catalog stays: nothing makes the log again.
    """
    kept = sealed(index)
    anew = index_command(index, kept[1] if kept else "FOLDER")
    return f"Delete the file {index / CATALOG} and run: {anew}. The log is kept."


def has_catalog(index: Path) -> bool:
    """Whether there is an index already; raises UsageError where nobody may look."""
    try:
        return (index / CATALOG).exists()
    except OSError as error:
        raise _no_place(index, error) from error


def no_index(index: Path) -> IndexUnusable:
    """The error for a place where no index is, or something else."""
    kept = sealed(index)
    make = IndexUnusable(
        f"there is no index at {index}", f"Make one with: {index_command(index, kept[1] if kept else 'FOLDER')}"
    )
    if kept or not os.path.exists(index):  # noqa: PTH110 - where nobody may look, Path raises
        return make
    if not os.path.isdir(index):  # noqa: PTH112 - as above
        return IndexUnusable(f"{index} is a file, not an index", "Name the folder of an index with --index.")
    if is_ours(index):
        return make
    own = Path("indexes") / index.resolve().name
    return IndexUnusable(
        f"{index} is a folder of other files, not an index",
        f"To ask them: {index_command(own, str(index))}, then ask with --index {shlex.quote(str(own))}",
    )


def check_index(index: Path) -> None:
    """Raise UsageError where something else than an index stands already: nothing of it is touched."""
    try:
        _check_index(index)
    except OSError as error:
        raise _no_place(index, error) from error


def _no_place(index: Path, error: OSError) -> UsageError:
    return UsageError(f"no index can be kept at {index}: {error.strerror}", "Choose another place with --index PATH.")


def _check_index(index: Path) -> None:
    for name in (CATALOG, *sorted(OWN)):
        if (index / name).is_symlink() or (name == CATALOG and (index / name).is_dir()):
            raise UsageError(f"{index / name} is not what an index has there", "Name another place with --index.")
    if index.exists() and not index.is_dir():
        raise UsageError(f"{index} is a file, not an index", "Name another place with --index.")
    if index.is_dir() and not is_ours(index):
        was = f" Was it an index? {rebuild_hint(index)}" if sealed(index) else ""
        raise UsageError(f"{index} is a folder of other files, not an index", f"Name another place with --index.{was}")


def check_apart(folder: Path, index: Path) -> None:
    """Raise UsageError where documents would stand where the index keeps, and removes, files of its own."""
    if folder.resolve().is_relative_to(index.resolve()):
        raise UsageError(
            f"the documents in {folder} cannot stand inside of the index {index}", "Name another place with --index."
        )


def check_name(path: Path) -> None:
    """Raise UsageError where a path is not text: neither the catalog nor a message could name it."""
    whole = os.path.realpath(path)
    try:
        whole.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(whole).decode("utf-8", "backslashreplace")
        raise UsageError(f"the name {shown} is not valid UTF-8", "Rename it, or choose another place.") from None


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
            raise UsageError("the index does not know its folder yet", f"Name it: {index_command(index, 'FOLDER')}")
        if not os.path.isdir(own):  # noqa: PTH112 - where nobody may look, Path raises
            raise UsageError(
                f"the folder of this index, {own}, is not there",
                f"Connect its drive; or, if it has moved: {index_command(index, 'NEW_FOLDER')}",
            )
        return Path(own)
    absolute = folder.resolve()
    if own is not None and own != str(absolute) and not replace and os.path.exists(own):  # noqa: PTH110 - as above
        raise UsageError(
            f"the index at {index} belongs to {own}",
            f"Use --index indexes/{absolute.name} for a second index, or --replace to give up that folder.",
        )
    return absolute
