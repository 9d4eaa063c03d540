"""Small bundles for tests: real archives and folders with a few small files in them."""

import hashlib
import io
import subprocess
from pathlib import Path

from assistant.bundle import archive
from assistant.bundle.manifest import MANIFEST, SUMS, Entry, Manifest, render, sums

FILES = {
    "README.txt": b"How to install.\n",
    "empty": b"",
    "models/blobs/sha256-0": bytes(range(256)) * 5,
    "wheels/one-1.0-py3-none-any.whl": b"PK" + b"w" * 1500,
    "wheels/two-2.0-py3-none-any.whl": b"PK" + b"v" * 511,
}


def entry(path: str, data: bytes) -> Entry:
    return Entry(path, len(data), hashlib.sha256(data).hexdigest(), "MIT", "a test")


def manifest_of(files: dict[str, bytes]) -> Manifest:
    return Manifest("0.1.0", {"linux-x86_64-cp311": "2.28"}, tuple(entry(path, files[path]) for path in sorted(files)))


def packed(files: dict[str, bytes] = FILES, signature: bytes | None = None) -> bytes:
    """The archive of these files."""
    out = io.BytesIO()
    archive.write(out, manifest_of(files), signature, lambda entry: io.BytesIO(files[entry.path]))
    return out.getvalue()


def unpacked(folder: Path, data: bytes) -> Path:
    """Unpack an archive as a person does; the bundle's folder."""
    subprocess.run(["tar", "x", "-C", folder], input=data, check=True)
    return folder / "assistant-0.1.0"


def with_manifest(folder: Path, text: bytes) -> Path:
    """Put another manifest into an unpacked bundle, with sums that vouch for it, as whoever means harm would."""
    (folder / MANIFEST).write_bytes(text)
    (folder / SUMS).write_bytes(sums(text, None))
    return folder


def rendered(files: dict[str, bytes] = FILES) -> bytes:
    return render(manifest_of(files))


def files(folder: Path) -> set[str]:
    """Everything below a folder, by its path from there."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
