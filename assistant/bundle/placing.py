"""Puts models and indexes where they are looked for: each file is checked on its way and appears whole or not at all.

Runs before anything is installed: the standard library only.
"""

import hashlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from assistant.bundle.manifest import INDEXES, MODELS, Entry, refused
from assistant.bundle.verify import digest

_SERVICE_STORE = Path("/usr/share/ollama/.ollama/models")  # of the Linux service, whose user alone may write there
_PIECE = 1 << 20  # bytes copied at once
_LARGE = 10_000_000  # bytes: what takes long enough to be told


def model_store(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where the Ollama server of this person looks for models; None where it is a service with a user of its own."""
    if own := environ.get("OLLAMA_MODELS"):
        return Path(own).absolute()
    return None if _SERVICE_STORE.is_dir() else _own_store()


def _own_store() -> Path:
    return Path.home() / ".ollama" / "models"


def service_line(bundle: Path) -> str:
    """The one line that gives the models to a server that runs as a service."""
    copy = f"cp -r {shlex.quote(str(bundle / MODELS))}/. {_SERVICE_STORE}"
    return f"sudo sh -c {shlex.quote(f'{copy} && chown -R ollama: {_SERVICE_STORE} && systemctl restart ollama')}"


def place_models(bundle: Path, listed: Sequence[Entry], store: Path, say: Callable[[str], None]) -> tuple[Entry, ...]:
    """Copy the models that the store lacks, and return those files that were not there before.

    Blobs come before the manifests that name them, so a server never sees a model in part.
    """
    blobs_first = sorted(listed, key=lambda entry: (not entry.path.startswith(f"{MODELS}/blobs/"), entry.path))
    placed: list[Entry] = []
    try:
        for within in _placed(bundle, blobs_first, store, say):
            placed.append(within)  # what there is so far, should the next one fail
    except BaseException:
        remove_models(store, placed)
        raise
    return tuple(sorted(placed, key=lambda entry: entry.path))


def _placed(bundle: Path, listed: Sequence[Entry], store: Path, say: Callable[[str], None]) -> Iterator[Entry]:
    for entry in listed:
        within = Entry(entry.path.removeprefix(f"{MODELS}/"), entry.size, entry.sha256)
        target = store / within.path
        if not (target.is_file() and target.stat().st_size == entry.size and digest(target) == entry.sha256):
            if entry.size >= _LARGE:
                say(f"Copying {entry.size / 1e6:,.0f} MB to {store}")
            copy(bundle / entry.path, target, entry)
            yield within


def remove_models(store: Path, placed: Sequence[Entry]) -> None:
    """Take away what was placed, but blobs that a model of somebody else's names."""
    manifests = [entry for entry in placed if entry.path.startswith("manifests/")]
    for entry in manifests:
        _remove(store / entry.path, store)
    others = [path.read_bytes() for path in (store / "manifests").rglob("*") if path.is_file()]
    for entry in placed:
        if entry not in manifests and not any(entry.sha256.encode() in text for text in others):
            _remove(store / entry.path, store)
    if store == _own_store():  # one that the person named is theirs
        for folder in (store, store.parent):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def place_index(bundle: Path, name: str, listed: Sequence[Entry], prefix: Path) -> bool:
    """Copy an index, unless the person has one of that name: theirs may have grown. True where it was copied."""
    target, new = prefix / INDEXES / name, prefix / INDEXES / f".{name}.new"
    if target.exists():
        return False
    shutil.rmtree(new, ignore_errors=True)
    for entry in listed:
        copy(bundle / entry.path, new / entry.path.removeprefix(f"{INDEXES}/{name}/"), entry)
    new.replace(target)
    return True


def copy(source: Path, target: Path, entry: Entry) -> None:
    """Copy one file for its owner alone; raises BundleRefused where it is not what the manifest says."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = target.with_name(f".{target.name}.new")
    found = hashlib.sha256()
    try:
        descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with source.open("rb") as read, os.fdopen(descriptor, "wb") as written:
            while piece := read.read(_PIECE):
                found.update(piece)
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        if found.hexdigest() != entry.sha256:
            raise refused(f"{entry.path} is not what the manifest says")
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _remove(path: Path, store: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == store or any(folder.iterdir()):
            return
        folder.rmdir()
