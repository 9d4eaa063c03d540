"""`assistant verify`: whether a bundle, or what was installed from one, is file by file what its manifest says."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import AsJson, Quiet
from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.bundle.archive import Progress


@dataclass(frozen=True, slots=True)
class _Verified:
    version: str
    files: int
    bytes: int
    said: str  # what it is, and whose


def verify_command(
    path: Annotated[Path, typer.Argument(metavar="BUNDLE|FOLDER", help="A bundle, or the folder it was installed to.")],
    signed_by: Annotated[
        Path | None, typer.Option("--signed-by", metavar="KEY.pub", help="Refuse what this key's owner did not sign.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Compare every file of a bundle, packed or unpacked, or of an installation, with its manifest; changes nothing.

    Example: assistant verify assistant.tar --signed-by colleague.pub
    """
    from assistant.bundle.receipt import VERSIONS
    from assistant.bundle.ticking import ticking
    from assistant.cli.output.terminal import line

    progress = ticking("Checked", _size(path), lambda text: None if quiet or as_json else print(text, file=sys.stderr))
    kind = _installation if (path / VERSIONS).is_dir() else _bundle
    verified = kind(path, signed_by, progress)
    if as_json:
        from assistant.cli.output.records import print_json

        print_json({"schema": 1, "path": str(path)} | asdict(verified))
    elif not quiet:
        counts = f"{verified.files:,} files, {verified.bytes / 1e6:,.1f} MB"
        print(f"{line(str(path))}: assistant {verified.version}, {counts}, each as listed; {line(verified.said)}.")
    return 0


def _installation(path: Path, signed_by: Path | None, progress: "Progress") -> _Verified:
    from assistant.bundle import prefix, receipt

    if signed_by:
        raise UsageError(f"{path} is an installation, and only bundles are signed", "Name the bundle.")
    found = receipt.verify(path, progress)
    listed = (*found.files, *found.models)
    beside = ", ".join(map(repr, prefix.strangers(path)))
    said = f"an installation{f'; not of it, and not checked: {beside}' if beside else ''}"
    return _Verified(found.version, len(listed), sum(entry.size for entry in listed), said)


def _bundle(path: Path, signed_by: Path | None, progress: "Progress") -> _Verified:
    from assistant.bundle import signature
    from assistant.bundle.verify import verify

    bundle = verify(path, progress)
    said = "signed, by whom was not asked" if bundle.signature else "not signed"
    if signed_by:
        signature.check(bundle.manifest_bytes, bundle.signature, signed_by)
        said = f"signed by the owner of {signed_by}"
    return _Verified(bundle.manifest.version, len(bundle.manifest.files), bundle.manifest.size, said)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())
    return path.stat().st_size if path.exists() else 0
