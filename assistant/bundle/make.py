"""Puts a bundle together: wheels, the assistant itself, models, indexes, the installer, and the manifest over them."""

import hashlib
import io
import os
import shutil
import string
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import BinaryIO

import assistant
from assistant.bundle import archive, lock, package, signature
from assistant.bundle.carried import carried
from assistant.bundle.manifest import SERVER, WHEELS, Entry, Manifest, check_paths, render
from assistant.bundle.sbom import SBOM, sbom
from assistant.bundle.store import StoredFile, canonical, stored
from assistant.bundle.target import Target
from assistant.bundle.ticking import ticking
from assistant.bundle.verify import digest
from assistant.bundle.wheels import Wheel, gathered
from assistant.errors import AssistantError, UsageError

INSTALLER, READ_ME, REQUIREMENTS = "install.sh", "README.txt", "requirements.txt"
_WHEELS_SIZE = 200_000_000  # bytes, of one target's wheels, as long as they are not here
_OUR_LICENSE = "Apache-2.0"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants in a bundle."""

    out: Path
    targets: tuple[Target, ...]
    models: tuple[str, ...] = ()
    indexes: tuple[Path, ...] = ()
    server: Path | None = None  # the Ollama server's own archive
    key: Path | None = None  # to sign with
    cache: Path = Path()  # of wheels
    lock: Path = lock.LOCK


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that is written."""

    path: str
    manifest: Manifest
    size: int  # bytes
    sha256: str
    signed: bool


@dataclass(frozen=True, slots=True)
class _Part:
    entry: Entry
    content: Path | bytes


def make(order: Order, say: Callable[[str], None]) -> Made:
    """Write the bundle, saying what is done; raises AssistantError with nothing left half-written."""
    _check_place(order.out)
    _check_names(order.indexes)
    with ExitStack() as held:
        files = [file for name in order.models for file in stored(name)]
        models = frozenset(map(canonical, order.models))
        for index in order.indexes:
            files += held.enter_context(carried(index, models))
        files += _server(order.server)
        _check_room(order, sum(file.entry.size for file in files))
        wheels = _wheels(order, say)
        parts = {file.entry.path: _Part(file.entry, file.path) for file in files}
        parts |= {part.entry.path: part for part in _own_parts(order.targets, wheels)}
        manifest = _manifest(parts, _minima(order.targets, wheels))
        parts[SBOM] = _generated(SBOM, sbom(manifest.version, manifest.files))
        return _written(order, _manifest(parts, manifest.targets), parts, say)


def _check_place(out: Path) -> None:
    if out.is_dir() or not out.name:
        raise UsageError(f"{out} is a folder", "Name a file, such as assistant.tar.")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {out.absolute().parent}", "Name a place that exists.")
    if not os.access(out.absolute().parent, os.W_OK):
        raise UsageError(f"{out.absolute().parent} cannot be written", "Choose another place.")


def _check_names(indexes: Sequence[Path]) -> None:
    names = [index.resolve().name for index in indexes]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two indexes are named {twice[0]}", "Take one of them along, or rename its folder.")


def _server(given: Path | None) -> Iterator[StoredFile]:
    if given is not None:
        if not given.is_file():
            raise UsageError(f"there is no file {given}", "Name the archive that Ollama offers for download.")
        entry = Entry(f"{SERVER}/{given.name}", given.stat().st_size, digest(given), "MIT", "given with --ollama")
        yield StoredFile(entry, given)


def _check_room(order: Order, known: int) -> None:
    """Raise where the disk has no room for what is known to come, with the wheels counted as if none were here."""
    here = [wheel.stat().st_size for target in order.targets for wheel in (order.cache / str(target)).glob("*.whl")]
    all_wheels = _WHEELS_SIZE * len(order.targets)
    needed: dict[Path, int] = {order.out.absolute().parent: known + all_wheels}
    cache = next(folder for folder in (order.cache, *order.cache.parents) if folder.is_dir())
    needed[cache] = needed.get(cache, 0) + max(0, all_wheels - sum(here))
    for folder, size in needed.items():
        _check_free(folder, size)


def _check_free(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise AssistantError(
            f"the bundle needs {needed / 1e6:,.0f} MB in {folder}, and {free / 1e6:,.0f} MB are free",
            "Make room, or choose another place.",
        )


def _wheels(order: Order, say: Callable[[str], None]) -> list[Wheel]:
    requirements = lock.requirements(order.lock.read_text(encoding="utf-8"))
    return [wheel for target in order.targets for wheel in gathered(requirements, target, order.cache, say)]


def _minima(targets: Sequence[Target], wheels: Sequence[Wheel]) -> dict[str, str]:
    """For each target the oldest system that its wheels run on."""
    fits = {str(target): [wheel.tags for wheel in wheels if wheel.tags & set(target.tags)] for target in targets}
    return {str(target): target.minimum(fits[str(target)]) for target in sorted(targets, key=str)}


def _own_parts(targets: Sequence[Target], wheels: Sequence[Wheel]) -> Iterator[_Part]:
    """The wheels, and what is written for this bundle alone."""
    for wheel in wheels:
        source = f"PyPI {wheel.requirement.name}=={wheel.requirement.version}"
        entry = Entry(f"{WHEELS}/{wheel.path.name}", wheel.size, wheel.sha256, _license(wheel.path), source)
        yield _Part(entry, wheel.path)
    own = _generated(f"{WHEELS}/{package.wheel_name()}", package.wheel())
    yield own
    yield _generated(REQUIREMENTS, _requirements(wheels, own.entry.sha256).encode())
    minors = sorted({target.minor for target in targets})
    values = {
        "version": assistant.__version__,
        "wheel": package.wheel_name(),
        "sha256": own.entry.sha256,
        "pythons": " ".join(f"3.{minor}" for minor in minors),
        "candidates": " ".join(f"python3.{minor}" for minor in minors),
        "wanted": " or ".join(f"3.{minor}" for minor in minors),
    }
    for name in (INSTALLER, READ_ME):
        yield _generated(name, _Template((_HERE / name).read_text(encoding="utf-8")).substitute(values).encode())


class _Template(string.Template):
    delimiter = "@"  # a shell has use for the dollar


def _license(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive_:
        name = next(name for name in archive_.namelist() if name.endswith(".dist-info/METADATA"))
        return lock.license_of(message_from_bytes(archive_.read(name)))


def _requirements(wheels: Sequence[Wheel], own: str) -> str:
    """What pip installs on the other machine: every package with the hashes of those files that are here."""
    hashes: dict[str, set[str]] = {}
    for wheel in wheels:
        required = wheel.requirement
        marker = f" ; {required.marker}" if required.marker else ""
        hashes.setdefault(f"{required.name}=={required.version}{marker}", set()).add(wheel.sha256)
    hashes[f"{package.NAME}=={assistant.__version__}"] = {own}
    lines = (
        f"{name} {' '.join(f'--hash=sha256:{value}' for value in sorted(hashes[name]))}\n" for name in sorted(hashes)
    )
    return "".join(lines)


def _generated(path: str, data: bytes) -> _Part:
    sha256 = hashlib.sha256(data).hexdigest()
    return _Part(Entry(path, len(data), sha256, _OUR_LICENSE, f"assistant {assistant.__version__}"), data)


def _manifest(parts: dict[str, _Part], minima: dict[str, str]) -> Manifest:
    check_paths(sorted(parts))
    return Manifest(assistant.__version__, minima, tuple(parts[path].entry for path in sorted(parts)))


def _written(order: Order, manifest: Manifest, parts: dict[str, _Part], say: Callable[[str], None]) -> Made:
    """Write the archive beside its place and then put it there."""
    signed = signature.sign(render(manifest), order.key) if order.key else None
    size = archive.size(manifest, signed)
    _check_free(order.out.absolute().parent, size)
    say(f"Writing {size / 1e6:,.0f} MB")
    new = order.out.with_name(f"{order.out.name}.part")

    def opened(entry: Entry) -> BinaryIO:
        """The bytes of a file, from memory or from where it lies."""
        content = parts[entry.path].content
        return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")

    try:
        with new.open("wb") as file:
            sha256 = archive.write(file, manifest, signed, opened, ticking("Written", size, say))
            file.flush()
            os.fsync(file.fileno())
        new.replace(order.out)
    finally:
        new.unlink(missing_ok=True)
    return Made(str(order.out), manifest, size, sha256, signed is not None)
