"""Finds what there is to read below a folder, and says what was left out and why.

It never follows a link out of the folder, never opens a file of it but the rules of what to ignore, and never fails
over one entry.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import UsageError
from assistant.reading import ignore as ignoring
from assistant.storage.layout import CATALOG
from assistant.types import Kind, LeftOut, Scan, SourceFile

KINDS = {".pdf": Kind.PDF, ".md": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN, ".txt": Kind.TEXT}

_LARGEST = 2**63 - 1  # that SQLite keeps

IGNORED = "ignored"  # reason for what a rule keeps out
_BARRED = "cannot be read"  # part of the reason for what nobody may look into
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_GONE = (errno.ENOENT, errno.ENOTDIR)  # since it was listed
# What cannot be read for as long as nobody changes it. A right that was taken away on purpose is among these: a
# document that may no longer be read may no longer be quoted either. Every other error (a network share that hiccups,
# a disk that fails, too many open files) says nothing about what is there.
LASTING = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP)


def scan(folder: Path, max_bytes: int, ignore: Sequence[str] = ()) -> Scan:
    """List every readable file below `folder`, sorted by path; raises UsageError where `folder` cannot be listed.

    Left out is what the rules in its `.assistantignore` or in `ignore` name (gitignore's; UsageError for a rule that
    is none). A link to a file inside the folder is taken only where that file is not read under its own name. Each
    path that begins with one of `unlisted` may still be there: an I/O error hid it.
    """
    _check(folder)
    root = os.path.realpath(folder)
    walk = _Walk(root, max_bytes, ignoring.rules(root, ignore))
    walk.run()
    files = tuple(sorted(walk.files, key=lambda file: file.path))
    left_out = tuple(sorted(walk.left_out, key=lambda left: left.path))
    return Scan(files, dict(sorted(walk.other_types.items())), left_out, tuple(walk.unlisted))


def barred(seen: Scan) -> tuple[LeftOut, ...]:
    """What a scan left out because it cannot be read: documents may stand there."""
    return tuple(item for item in seen.left_out if _BARRED in item.reason)


def folders(folder: Path, ignore: Sequence[str] = ()) -> tuple[str, ...]:
    """The folders that `scan` looks into, relative and each with a slash at its end; the first is "", the top itself.

    Raises UsageError as `scan` does.
    """
    _check(folder)
    root = os.path.realpath(folder)
    walk = _Walk(root, 0, ignoring.rules(root, ignore))
    walk.run()
    return tuple(walk.listed)


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

    def __init__(self, root: str, max_bytes: int, rules: ignoring.Rules | None) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.files: list[SourceFile] = []
        self.left_out: list[LeftOut] = []
        self.other_types: Counter[str] = Counter()
        self.unlisted: list[str] = []
        self.listed: list[str] = []
        self._rules = rules
        self._folders = [""]  # still to be listed, each with a slash at its end
        self._links: list[str] = []
        self._taken: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Walk the folder once, then its links."""
        while self._folders:
            prefix = self._folders.pop()
            try:
                self._list(prefix)
            except OSError as error:
                self._fail(prefix, error, f"the folder {_BARRED}")
        for path in sorted(self._links):
            self._link(path)

    def _list(self, prefix: str) -> None:
        # By descriptor: faster than by path. Without a slash at the end: a link that took its place is not entered.
        descriptor = os.open(f"{self.root}/{prefix}".rstrip("/") or "/", _FOLDER)
        try:
            self.listed.append(prefix)
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    path = prefix + entry.name
                    try:
                        self._entry(entry, path)
                    except OSError as error:
                        self._fail(path, error, _BARRED)
        finally:
            os.close(descriptor)

    def _entry(self, entry: os.DirEntry[str], path: str) -> None:
        name = entry.name
        if not (name.isascii() or _is_utf8(name)):
            self._leave(path, f"{_BARRED}: its name is not valid UTF-8")
        elif name.startswith("."):
            self._hidden(name, path)
        elif entry.is_dir(follow_symlinks=False):
            self._folder(path + "/")
        elif self._rules is not None and self._rules.ignore(path):
            self._leave(path, IGNORED)
        elif entry.is_symlink():
            self._links.append(path)
        elif not entry.is_file(follow_symlinks=False):
            self._leave(path, "not a regular file")
        elif kind := self._kind(name):
            self._take(path, kind, entry.stat(follow_symlinks=False))

    def _hidden(self, name: str, path: str) -> None:
        if name != ignoring.FILE_NAME:
            self._leave(path, "hidden")
        elif path != name:
            self._leave(path, f"{name} counts only at the top of the folder")

    def _folder(self, path: str) -> None:
        if self._rules is not None and self._rules.ignore(path):
            self._leave(path, IGNORED)
        elif os.path.exists(f"{self.root}/{path}{CATALOG}"):  # noqa: PTH110 - speed
            self._leave(path, "an index of the assistant")
        else:
            self._folders.append(path)

    def _kind(self, name: str) -> Kind | None:
        dot = name.rfind(".")  # a Path for each of 10,000 files costs more than the walk
        suffix = name[dot:].lower() if dot > 0 else ""
        kind = KINDS.get(suffix)
        if kind is None:
            self.other_types[suffix] += 1
        return kind

    def _take(self, path: str, kind: Kind, status: os.stat_result) -> None:
        if status.st_size > self.max_bytes:
            self._leave(path, f"too large: {_megabytes(status.st_size)} of at most {_megabytes(self.max_bytes)}")
            return
        self._taken.add((status.st_dev, status.st_ino))
        self.files.append(source_file(path, kind, status))

    def _link(self, path: str) -> None:
        try:
            target = os.path.realpath(f"{self.root}/{path}", strict=True)
            status = os.stat(target)  # noqa: PTH116 - speed
        except OSError as error:
            if error.errno in (*_GONE, *LASTING):
                self._leave(path, "a link that leads nowhere")
            else:
                self._fail(path, error, _BARRED)
            return
        if target != self.root and not is_inside(target, self.root):
            self._leave(path, "a link out of the folder")
        elif stat.S_ISDIR(status.st_mode):
            self._leave(path, "a link to a folder")
        elif not stat.S_ISREG(status.st_mode):
            self._leave(path, "not a regular file")
        elif self._rules is not None and self._rules.cover(target.removeprefix(self.root).lstrip("/")):
            self._leave(path, IGNORED)  # another name does not bring in what a rule keeps out
        elif kind := self._kind(path.rpartition("/")[2]):
            if (status.st_dev, status.st_ino) in self._taken:
                self._leave(path, "a link to a file that is read under its own name")
            else:
                self._take(path, kind, status)

    def _fail(self, path: str, error: OSError, what: str) -> None:
        if error.errno in _GONE and path:
            return  # as if it had been gone a moment earlier
        self._leave(path, f"{what}: {error.strerror}")
        if error.errno not in LASTING:
            self.unlisted.append(path)

    def _leave(self, path: str, reason: str) -> None:
        printable = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.left_out.append(LeftOut(printable.rstrip("/") or ".", reason))


def source_file(path: str, kind: Kind, status: os.stat_result) -> SourceFile:
    """A file as its status says, with every number in the range of the catalog: dates may lie beyond the year 2262."""
    numbers = (
        status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev,
    )  # fmt: skip
    if max(numbers) > _LARGEST or min(numbers) < -_LARGEST:
        numbers = tuple(max(min(number, _LARGEST), -_LARGEST) for number in numbers)  # type: ignore[assignment]
    return SourceFile(path, kind, *numbers)  # by position: by name it takes half as long again, 10,000 times


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
