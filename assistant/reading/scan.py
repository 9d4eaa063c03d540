"""Finds what there is to read below a folder, and says what was left out and why.

It never follows a link out of the folder, never opens a file, and never fails over one entry.
"""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import UsageError
from assistant.types import Kind, LeftOut, Scan, SourceFile

KINDS = {".pdf": Kind.PDF, ".md": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN, ".txt": Kind.TEXT}


def scan(folder: Path, max_bytes: int) -> Scan:
    """List every readable file below `folder`, sorted by path; raises UsageError where `folder` cannot be listed.

    A link to a file inside the folder is taken only where that file is not read under its own name.
    """
    _check(folder)
    walk = _Walk(os.path.realpath(folder), max_bytes)
    walk.run()
    files = tuple(sorted(walk.files, key=lambda file: file.path))
    left_out = tuple(sorted(walk.left_out, key=lambda left: left.path))
    return Scan(files, dict(sorted(walk.other_types.items())), left_out)


def _check(folder: Path) -> None:
    try:
        with os.scandir(folder):
            return
    except FileNotFoundError:
        raise UsageError(f"there is no folder {folder}", "Check the path.") from None
    except NotADirectoryError:
        raise UsageError(f"{folder} is not a folder", "Name the folder that the file is in.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"the folder {folder} cannot be read: {reason}", "Check its permissions.") from error


class _Walk:
    """One pass over a folder; links wait until every file with a name of its own is known."""

    def __init__(self, root: str, max_bytes: int) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.files: list[SourceFile] = []
        self.left_out: list[LeftOut] = []
        self.other_types: Counter[str] = Counter()
        self._taken: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Walk the folder once, then its links."""
        links: list[tuple[str, str]] = []
        folders = [""]
        while folders:
            for entry, path in self._entries(folders.pop()):
                try:
                    if entry.is_symlink():
                        links.append((entry.path, path))
                    elif entry.is_dir(follow_symlinks=False):
                        if os.path.exists(f"{entry.path}/catalog.sqlite"):  # noqa: PTH110 - see _kind
                            self._leave(path, "an index of the assistant")
                        else:
                            folders.append(path + "/")
                    elif not entry.is_file(follow_symlinks=False):
                        self._leave(path, "not a regular file")
                    elif kind := self._kind(path):
                        self._take(path, kind, entry.stat(follow_symlinks=False))
                except OSError as error:  # gone, or replaced, since it was listed
                    self._leave(path, f"cannot be read: {error.strerror}")
        for full, path in sorted(links):
            self._link(full, path)

    def _entries(self, prefix: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        """Every entry of one folder that has a readable and visible name."""
        try:
            with os.scandir(f"{self.root}/{prefix}") as entries:
                for entry in entries:
                    path = prefix + entry.name
                    if not _is_utf8(entry.name):
                        self._leave(path, "its name is not valid UTF-8")
                    elif entry.name.startswith("."):
                        self._leave(path, "hidden")
                    else:
                        yield entry, path
        except OSError as error:
            self._leave(prefix, f"the folder cannot be read: {error.strerror}")

    def _kind(self, path: str) -> Kind | None:
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - a Path for each of 10,000 files costs more than the walk
        if suffix not in KINDS:
            self.other_types[suffix] += 1
        return KINDS.get(suffix)

    def _take(self, path: str, kind: Kind, status: os.stat_result) -> None:
        if status.st_size > self.max_bytes:
            self._leave(path, f"too large: {_megabytes(status.st_size)} of at most {_megabytes(self.max_bytes)}")
            return
        self._taken.add((status.st_dev, status.st_ino))
        self.files.append(
            SourceFile(
                path=path,
                kind=kind,
                size=status.st_size,
                mtime_ns=status.st_mtime_ns,
                ctime_ns=status.st_ctime_ns,
                inode=status.st_ino,
                device=status.st_dev,
            )
        )

    def _link(self, full: str, path: str) -> None:
        try:
            target = os.path.realpath(full, strict=True)
            status = os.stat(target)  # noqa: PTH116 - see _kind
        except OSError:
            self._leave(path, "a link that leads nowhere")
            return
        if target != self.root and not is_inside(target, self.root):
            self._leave(path, "a link out of the folder")
        elif stat.S_ISDIR(status.st_mode):
            self._leave(path, "a link to a folder")
        elif not stat.S_ISREG(status.st_mode):
            self._leave(path, "not a regular file")
        elif kind := self._kind(path):
            if (status.st_dev, status.st_ino) in self._taken:
                self._leave(path, "a link to a file that is read under its own name")
            else:
                self._take(path, kind, status)

    def _leave(self, path: str, reason: str) -> None:
        printable = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.left_out.append(LeftOut(printable.rstrip("/") or ".", reason))


def is_inside(path: str, folder: str) -> bool:
    """Whether the real path `path` stands below the real path `folder`."""
    return path.startswith(folder if folder.endswith("/") else folder + "/")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
