"""What an installation consists of: written last, so that without it there is none, and compared at any later time."""

import json
import os
import re
import shlex
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.bundle.archive import Progress
from assistant.bundle.manifest import LARGEST_MANIFEST, Entry, entries, parse_object, refused
from assistant.bundle.verify import check_files, digest, links, walk
from assistant.errors import BundleRefused

RECEIPT = "INSTALLED.json"
CURRENT = "current"  # a link to the version in use
VERSIONS = "versions"
MARK = ".made-by-the-assistant"  # a file in what the installer made
PROGRAM = "bin/assistant"
_KEYS = {"schema", "version", "bundle", "files", "links", "store", "models"}
_AGAIN = "Install it again from its bundle."
_NAME = re.compile(r"[\w.+-]{1,80}", re.ASCII)
_AWAY = "Move away what you did not put there, then install again from the bundle."


@dataclass(frozen=True, slots=True)
class Receipt:
    """The files of an installed version, and the models that came with it."""

    version: str
    bundle: str  # SHA-256 of the manifest
    files: tuple[Entry, ...]  # below the version's folder
    links: dict[str, str]  # below it, too, and where they lead
    store: str  # the Ollama server's folder of models
    models: tuple[Entry, ...]  # below the store


def taken(folder: Path, version: str, bundle: str, store: str, models: tuple[Entry, ...]) -> Receipt:
    """The receipt of a version as it stands in its folder now."""
    listed = sorted(set(walk(folder, skip_links=True)) - {RECEIPT})
    files = tuple(Entry(path, (folder / path).stat().st_size, digest(folder / path)) for path in listed)
    return Receipt(version, bundle, files, links(folder), store, models)


def write(receipt: Receipt, folder: Path) -> None:
    """Keep a receipt in the version's folder, whole or not at all."""
    new = folder / f"{RECEIPT}.new"
    with new.open("wb") as file:
        file.write(_rendered(receipt))
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / RECEIPT)


def read(folder: Path) -> Receipt | None:
    """The receipt of a version's folder, None where the installation never ended; raises BundleRefused."""
    try:
        with (folder / RECEIPT).open("rb") as file:
            data = file.read(LARGEST_MANIFEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    content = parse_object(data, RECEIPT)
    if set(content) != _KEYS or content["schema"] != 1 or not isinstance(content["links"], dict):
        raise refused(f"{folder / RECEIPT} is not of a kind that this version knows", _AGAIN)
    lists = {name: entries(content[name]) for name in ("files", "models")}
    texts = {name: str(content[name]) for name in ("version", "bundle", "store")}
    receipt = Receipt(**texts, files=lists["files"], links=content["links"], models=lists["models"])
    if _rendered(receipt) != data:
        raise refused(f"{folder / RECEIPT} was changed", _AGAIN)
    return receipt


def known(folder: Path) -> Receipt | None:
    """The receipt of a version's folder, None where there is none that can be trusted."""
    try:
        return read(folder)
    except BundleRefused:
        return None


def prefix_links(version: Path) -> dict[str, str]:
    """The links of an installation that bring a version into use, and where they lead."""
    return {CURRENT: f"{VERSIONS}/{version.name}", PROGRAM: f"../{CURRENT}/{PROGRAM}"}


def current(prefix: Path) -> Path | None:
    """The folder of the version in use, None where there is none."""
    try:
        folder, _, name = str((prefix / CURRENT).readlink()).partition("/")
    except OSError:
        return None
    return prefix / VERSIONS / name if folder == VERSIONS and _NAME.fullmatch(name) else None


def verify(prefix: Path, progress: Progress = lambda _: None) -> Receipt:
    """The receipt of the version in use, which is whole and has nothing beside it; raises BundleRefused."""
    folder = current(prefix)
    if folder is not None:
        for only in (prefix / PROGRAM, folder):
            if others := sorted(path for path in only.parent.glob("*") if path.name != only.name):
                raise refused(f"{str(others[0])!r} is not of the installation", _AWAY)
    return whole(prefix, progress)


def whole(prefix: Path, progress: Progress = lambda _: None) -> Receipt:
    """The receipt of the version in use, all of whose files are as they were installed; raises BundleRefused."""
    folder = current(prefix)
    receipt = read(folder) if folder else None
    if folder is None or receipt is None:
        raise refused(f"nothing is installed in {prefix}, or not to its end", _AGAIN)
    check_files(folder, receipt.files, set(walk(folder, skip_links=True)) - {RECEIPT}, progress, _AGAIN)
    ways = {path: _leads(prefix / path) for path in ("bin", VERSIONS, PROGRAM)}
    expected = {"bin": "", VERSIONS: "", PROGRAM: prefix_links(folder)[PROGRAM]}
    if links(folder) != receipt.links or ways != expected:
        raise refused(f"a link below {prefix} was changed", _AGAIN)
    check_modes((prefix.resolve(), prefix / "bin", prefix / VERSIONS, folder, *folder.rglob("*")))
    store = Path(receipt.store)
    present = {entry.path for entry in receipt.models if (store / entry.path).is_file()}
    check_files(store, receipt.models, present, progress, _AGAIN)
    return receipt


def check_modes(paths: Iterable[Path]) -> None:
    """Raise BundleRefused where others may write, or where a file runs as somebody else."""
    for path in paths:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & stat.S_IWOTH:
            raise refused(f"others may write {str(path)!r}", f"Take that from them: chmod o-w {shlex.quote(str(path))}")
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            raise refused(f"{str(path)!r} runs as its owner or group, whoever starts it (setuid)", _AGAIN)


def _leads(link: Path) -> str:
    """Where a link leads, nowhere where there is none."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _rendered(receipt: Receipt) -> bytes:
    content: dict[str, Any] = {"schema": 1} | asdict(receipt)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
