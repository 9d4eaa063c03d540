"""Whether a bundle, packed or unpacked, is file by file what its manifest says; nothing is written.

Runs on a machine where nothing is installed yet: the standard library only.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.bundle import archive
from assistant.bundle.archive import Progress
from assistant.bundle.manifest import (
    AGAIN,
    LARGEST_MANIFEST,
    MANIFEST,
    SIGNATURE,
    SUMS,
    Entry,
    Manifest,
    check_sums,
    parse,
    refused,
    render,
)
from assistant.errors import UsageError

_PIECE = 1 << 20  # bytes read at once
_NAMED = 3  # files that a refusal names


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that is what its manifest says."""

    manifest: Manifest
    manifest_bytes: bytes
    signature: bytes | None


def verify(path: Path, progress: Progress = lambda _: None) -> Bundle:
    """Check every file of a bundle, given as archive or folder; raises BundleRefused naming what is wrong."""
    if path.is_dir():
        return _folder(path, progress)
    if not path.is_file():
        raise UsageError(f"there is no {path}", "Name the .tar that assistant bundle made, or its folder.")
    manifest, signature = archive.check(path, progress)
    return Bundle(manifest, render(manifest), signature)


def digest(path: Path, progress: Progress = lambda _: None) -> str:
    """The SHA-256 of a file, which is read through no link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = hashlib.sha256()
        while piece := file.read(_PIECE):
            found.update(piece)
            progress(len(piece))
        return found.hexdigest()


def check_files(folder: Path, files: Sequence[Entry], present: set[str], progress: Progress, hint: str = AGAIN) -> None:
    """Raise BundleRefused unless exactly these files are `present` below a folder, each as it is listed."""
    listed = {entry.path for entry in files}
    wrong = [f"{path} (not listed)" for path in sorted(present - listed)]
    wrong += [f"{path} (missing)" for path in sorted(listed - present)]
    if not wrong:  # what is surplus or missing needs no reading
        wrong = [
            f"{entry.path} (changed)" for entry in files if not _is_as_listed(folder / entry.path, entry, progress)
        ]
    if wrong:
        more = f" and {len(wrong) - _NAMED:,} more" if len(wrong) > _NAMED else ""
        number = "1 file is" if len(wrong) == 1 else f"{len(wrong):,} files are"
        raise refused(f"{number} not as {folder} lists: {', '.join(wrong[:_NAMED])}{more}", hint)


def walk(folder: Path, below: str = "", skip_links: bool = False) -> Iterator[str]:
    """The path of every plain file below a folder; raises BundleRefused for a link, a device or the like."""
    for item in sorted(os.scandir(folder / below), key=lambda item: item.name):
        path = f"{below}/{item.name}" if below else item.name
        status = item.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            yield from walk(folder, path, skip_links)
        elif stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            yield path
        elif not (skip_links and stat.S_ISLNK(status.st_mode)):
            raise refused(f"{folder / path} is a link or a device, and no plain file")


def links(folder: Path, below: str = "") -> dict[str, str]:
    """Every symbolic link below a folder, and where it leads."""
    found: dict[str, str] = {}
    for item in sorted(os.scandir(folder / below), key=lambda item: item.name):
        path = f"{below}/{item.name}" if below else item.name
        if item.is_symlink():
            found[path] = str((folder / path).readlink())
        elif item.is_dir(follow_symlinks=False):
            found |= links(folder, path)
    return found


def _folder(folder: Path, progress: Progress) -> Bundle:
    present = set(walk(folder))
    data = _head(folder, MANIFEST)
    signature = _head(folder, SIGNATURE) if SIGNATURE in present else None
    check_sums(_head(folder, SUMS), data, signature)
    manifest = parse(data)
    check_files(folder, manifest.files, present - {SUMS, MANIFEST, SIGNATURE}, progress)
    return Bundle(manifest, data, signature)


def _head(folder: Path, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            return file.read(LARGEST_MANIFEST + 1)
    except FileNotFoundError:
        raise refused(f"{folder} has no {name}", "Name the .tar that assistant bundle made, or its folder.") from None


def _is_as_listed(path: Path, entry: Entry, progress: Progress) -> bool:
    """Whether a file has the size and the bytes that are listed; it is read only where the size is right."""
    return path.lstat().st_size == entry.size and digest(path, progress) == entry.sha256
