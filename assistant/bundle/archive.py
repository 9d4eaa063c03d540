"""The bundle as one tar archive, of which every byte follows from the manifest and the files.

The same inputs make the same archive, so checking one trusts nothing that a stranger wrote: each header has to be the
one that would be written there. A link, a device, a second file of a name, a name that leads out, a size beyond the
manifest's, or one flipped bit of padding is then simply another byte. Knows nothing of what the files are.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from assistant.bundle.manifest import (
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
    sums,
)

MTIME = 315_532_800  # of every file: 1 January 1980, the first day that zip archives know
_BLOCK = 512  # bytes; what tar counts in
_END = bytes(2 * _BLOCK)
_PIECE = 1 << 20  # bytes read at once
_LARGEST_SUMS = 1_000  # bytes
_FOLDER = "assistant-"

Progress = Callable[[int], None]  # told the number of bytes that are done


def size(manifest: Manifest, signature: bytes | None) -> int:
    """Bytes of the whole archive."""
    heads = [(name, len(data)) for name, data in _heads(manifest, signature)]
    files = heads + [(entry.path, entry.size) for entry in manifest.files]
    return sum(len(_header(manifest, *file)) + _padded(file[1]) for file in files) + len(_END)


def write(
    out: BinaryIO,
    manifest: Manifest,
    signature: bytes | None,
    opened: Callable[[Entry], BinaryIO],
    progress: Progress = lambda _: None,
) -> str:
    """Write the archive and return its SHA-256; `opened` gives each file's bytes, which are checked on their way."""
    whole = hashlib.sha256()

    def put(data: bytes) -> None:
        """Write what comes next, and count it into the digest."""
        whole.update(data)
        out.write(data)

    for name, data in _heads(manifest, signature):
        put(_header(manifest, name, len(data)) + data + _padding(len(data)))
    for entry in manifest.files:
        put(_header(manifest, entry.path, entry.size))
        with opened(entry) as file:
            _copy(file, entry, put, progress)
        put(_padding(entry.size))
    put(_END)
    return whole.hexdigest()


def check(path: Path, progress: Progress = lambda _: None) -> tuple[Manifest, bytes | None]:
    """The manifest and the signature of an archive whose every byte is as it should be; raises BundleRefused."""
    with path.open("rb") as file:
        folder, listed = _first(file)
        manifest_bytes = _head(file, f"{folder}/{MANIFEST}", LARGEST_MANIFEST)
        signature = _head(file, f"{folder}/{SIGNATURE}", LARGEST_MANIFEST) if SIGNATURE.encode() in listed else None
        check_sums(listed, manifest_bytes, signature)
        manifest = parse(manifest_bytes)
        if manifest.folder != folder:
            raise refused(f"the archive unpacks to {folder!r}, and its manifest is of {manifest.folder!r}")
        _check_length(path.stat().st_size, size(manifest, signature))
        for entry in manifest.files:
            _check_member(file, manifest, entry, progress)
        if file.read() != _END:
            raise refused("something stands where the archive should end")
    return manifest, signature


def _copy(file: BinaryIO, entry: Entry, put: Callable[[bytes], None], progress: Progress) -> None:
    digest, count = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        count += len(piece)
        digest.update(piece)
        put(piece)
        progress(len(piece))
    if (count, digest.hexdigest()) != (entry.size, entry.sha256):
        raise refused(f"{entry.path} is not, or no longer, what it has to be", "Get it again, then run it again.")


def _heads(manifest: Manifest, signature: bytes | None) -> Iterator[tuple[str, bytes]]:
    """What stands before the files that the manifest lists, in its order."""
    data = render(manifest)
    yield SUMS, sums(data, signature)
    yield MANIFEST, data
    if signature is not None:
        yield SIGNATURE, signature


def _header(manifest: Manifest, path: str, count: int) -> bytes:
    return _named_header(f"{manifest.folder}/{path}", count)


def _named_header(name: str, count: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = count, MTIME, 0o644
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def _padded(count: int) -> int:
    return -(-count // _BLOCK) * _BLOCK


def _padding(count: int) -> bytes:
    return bytes(_padded(count) - count)


def _first(file: BinaryIO) -> tuple[str, bytes]:
    """The archive's folder, and the text of SHA256SUMS, which stands first."""
    name, _, _ = _described(file.read(_BLOCK))
    folder, _, rest = name.partition("/")
    if rest != SUMS or not folder.startswith(_FOLDER):
        raise refused("this is no bundle of an assistant", "Name the .tar that assistant bundle made, or its folder.")
    file.seek(0)
    return folder, _head(file, name, _LARGEST_SUMS)


def _head(file: BinaryIO, name: str, most: int) -> bytes:
    """The bytes of a small file whose size only its header says."""
    header = file.read(_BLOCK)
    _, count, _ = _described(header)
    if not 0 <= count <= most:
        raise refused(f"{name} is larger than any that an assistant writes")
    if header != _named_header(name, count):
        raise _unexpected(header, name)
    data = file.read(_padded(count))
    if len(data) != _padded(count) or data[count:].strip(b"\0"):
        raise refused(f"{name} is cut short, or followed by something")
    return data[:count]


def _check_member(file: BinaryIO, manifest: Manifest, entry: Entry, progress: Progress) -> None:
    expected = _header(manifest, entry.path, entry.size)
    header = file.read(len(expected))
    if header != expected:
        raise _unexpected(header[:_BLOCK], entry.path)
    digest, left = hashlib.sha256(), entry.size
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise refused(f"{entry.path} is cut short")
        left -= len(piece)
        digest.update(piece)
        progress(len(piece))
    if digest.hexdigest() != entry.sha256:
        raise refused(f"{entry.path} is not what the manifest says")
    padding = _padding(entry.size)
    if file.read(len(padding)) != padding:
        raise refused(f"something stands behind {entry.path}")


def _check_length(found: int, expected: int) -> None:
    if found < expected:
        raise refused(f"the archive is cut short: {found:,} of {expected:,} bytes")
    if found > expected:
        raise refused(f"the archive is longer than its manifest says: {found:,} instead of {expected:,} bytes")


def _described(header: bytes) -> tuple[str, int, bytes]:
    """Name, size and type of a member as its header says; raises BundleRefused for what is no header."""
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise refused("this is no bundle, or one that is damaged at a header") from error
    return info.name, info.size, info.type


def _unexpected(header: bytes, path: str) -> Exception:
    name, count, kind = _described(header)
    what = "a file" if kind in (tarfile.REGTYPE, tarfile.AREGTYPE) else "no plain file"
    return refused(f"where {path!r} should stand, the archive has {name!r}: {what}, {count:,} bytes")
