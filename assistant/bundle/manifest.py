"""The list of every file of a bundle, and the only form in which it is read and written.

What is read was on a stick that somebody else may have held: every name, number and key is checked here, and a text
that is not, byte for byte, what `render` writes is refused. Knows nothing of archives and folders.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from assistant.errors import BundleRefused

MANIFEST = "MANIFEST.json"
SIGNATURE = "MANIFEST.json.sig"
SUMS = "SHA256SUMS"  # of the manifest and its signature, which cannot list themselves
WHEELS, MODELS, INDEXES, SERVER = "wheels", "models", "indexes", "ollama"  # folders of a bundle
AGAIN = "Copy the bundle again, or have it made again."
LARGEST_MANIFEST = 16 * 1024 * 1024  # bytes

_SCHEMA = 1
_LONGEST_PATH = 250  # bytes
_LARGEST_FILE = 1 << 50  # bytes
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]{0,300}")
_KEYS = {"schema", "version", "targets", "files"}
_TARGET = re.compile(r"(linux|macos)-\w{1,20}-cp3\d{1,2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its place below the bundle's folder, and what it has to be."""

    path: str  # with slashes, relative
    size: int  # bytes
    sha256: str
    license: str = ""
    source: str = ""  # where it came from


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds, and for which machines."""

    version: str  # of the assistant
    targets: dict[str, str]  # "linux-x86_64-cp311", and the oldest glibc or macOS that its wheels run on
    files: tuple[Entry, ...]  # in the order of their paths

    @property
    def folder(self) -> str:
        """The one folder that the archive unpacks to."""
        return f"assistant-{self.version}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)

    def below(self, folder: str) -> list[Entry]:
        """The files that stand below one folder of the bundle."""
        return [entry for entry in self.files if entry.path.startswith(f"{folder}/")]


def render(manifest: Manifest) -> bytes:
    """The manifest as it is kept: the same bytes for the same manifest."""
    files = [{name: getattr(entry, name) for name in Entry.__slots__} for entry in manifest.files]
    whole = {"schema": _SCHEMA, "version": manifest.version, "targets": manifest.targets, "files": files}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def parse(data: bytes) -> Manifest:
    """The manifest that these bytes are; raises BundleRefused for whatever `render` would not have written."""
    whole = parse_object(data, MANIFEST)
    if set(whole) != _KEYS or whole["schema"] != _SCHEMA:
        raise refused(f"{MANIFEST} is not of a kind that this version knows", "Use the assistant that made the bundle.")
    version, targets = whole["version"], whole["targets"]
    if not isinstance(version, str) or not re.fullmatch(r"[0-9][\w.+]{0,40}", version, re.ASCII):
        raise refused(f"{MANIFEST} names no version")
    if not isinstance(targets, dict) or not targets or not all(map(_is_target, targets.items())):
        raise refused(f"{MANIFEST} names no machine that it is for")
    manifest = Manifest(version, targets, entries(whole["files"]))
    if render(manifest) != data:
        raise refused(f"{MANIFEST} is not written as an assistant writes it")
    return manifest


def parse_object(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object that these bytes are, each key once; raises BundleRefused."""
    if len(data) > LARGEST_MANIFEST:
        raise refused(f"{name} is larger than any that an assistant writes")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        raise refused(f"{name} cannot be read: {str(error)[:100]}") from error
    if not isinstance(value, dict):
        raise refused(f"{name} is no JSON object")
    return value


def entries(listed: Any) -> tuple[Entry, ...]:
    """The files of a list read from JSON; raises BundleRefused where a name or a number cannot be meant well."""
    if not isinstance(listed, list):
        raise refused(f"{MANIFEST} lists no files")
    files = tuple(map(_entry, listed))
    check_paths([entry.path for entry in files])
    return files


def check_paths(paths: Iterable[str]) -> None:
    """Raise BundleRefused unless every path stays inside, stands once, in order, and is one name on every system."""
    seen: dict[str, str] = {}  # as a file system without case sees it
    folders: set[str] = set()
    before = ""
    for path in paths:
        _check_path(path)
        if path <= before:
            raise refused(f"{path!r} is listed twice, or out of order")
        before = path
        folded = _folded(path)
        if folded in seen:
            raise refused(f"{path!r} and {seen[folded]!r} are one name where case does not count")
        seen[folded] = path
        folders.update(_folded(str(parent)) for parent in PurePosixPath(path).parents)
    if both := sorted(folders & set(seen)):
        raise refused(f"{both[0]!r} is listed as a file and as a folder")


def sums(manifest: bytes, signature: bytes | None) -> bytes:
    """SHA256SUMS: the one file that vouches for the manifest and its signature, as `sha256sum -c` reads it."""
    named = {MANIFEST: manifest} | ({SIGNATURE: signature} if signature is not None else {})
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in named.items()).encode()


def check_sums(found: bytes, manifest: bytes, signature: bytes | None) -> None:
    """Raise BundleRefused unless SHA256SUMS says what the manifest and its signature are."""
    if found != sums(manifest, signature):
        raise refused(f"{MANIFEST} is not what {SUMS} says")


def refused(message: str, hint: str = AGAIN) -> BundleRefused:
    """The error for a bundle that is not to be trusted."""
    return BundleRefused(message, hint)


def _entry(value: Any) -> Entry:
    if not isinstance(value, dict) or set(value) != set(Entry.__slots__):
        raise refused(f"{MANIFEST} describes a file in a way that this version does not know")
    path, size, sha256 = value["path"], value["size"], value["sha256"]
    if not isinstance(path, str):
        raise refused(f"{MANIFEST} names a file that is no text")
    if type(size) is not int or not 0 <= size < _LARGEST_FILE:  # true is an int, too
        raise refused(f"{MANIFEST} gives {path!r} a size that no file has")
    if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
        raise refused(f"{MANIFEST} gives {path!r} no SHA-256")
    if not all(isinstance(value[name], str) and _TEXT.fullmatch(value[name]) for name in ("license", "source")):
        raise refused(f"{MANIFEST} says of {path!r} what cannot be shown")
    return Entry(**value)


def _check_path(path: str) -> None:
    parts = path.split("/")
    if not all(parts) or any(part in (".", "..") for part in parts) or "\\" in path or ":" in parts[0]:
        raise refused(f"the name {path!r} leads out of the bundle, or is none")
    if not _TEXT.fullmatch(path) or len(path.encode()) > _LONGEST_PATH:
        raise refused(f"the name {path!r} cannot be shown, or is too long")
    if unicodedata.normalize("NFC", path) != path:
        raise refused(f"the name {path!r} is another one on a system that composes letters")


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def _is_target(target: tuple[str, Any]) -> bool:
    name, minimum = target
    return bool(_TARGET.fullmatch(name)) and isinstance(minimum, str) and bool(re.fullmatch(r"\d+\.\d+", minimum))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return dict(pairs)


def _none(name: str) -> Any:
    raise ValueError(f"{name} is no number")
