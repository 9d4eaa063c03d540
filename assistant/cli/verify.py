"""`assistant verify`: whether a bundle, or what was installed from one, is file by file what its manifest says."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import AsJson, Quiet


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
    from assistant.bundle import receipt, signature
    from assistant.bundle.verify import verify
    from assistant.cli.terminal import line
    from assistant.errors import UsageError

    said = "an installation"
    if receipt.is_prefix(path):
        if signed_by:
            raise UsageError(f"{path} is an installation, and only bundles are signed", "Name the bundle.")
        checked = receipt.verify(path)
        version, files, size = checked.version, len(checked.files), sum(entry.size for entry in checked.files)
    else:
        bundle = verify(path)
        if signed_by:
            signature.check(bundle.manifest_bytes, bundle.signature, signed_by)
        version, files, size = bundle.manifest.version, len(bundle.manifest.files), bundle.manifest.size
        said = (
            f"signed by the owner of {signed_by}"
            if signed_by
            else "signature not checked"
            if bundle.signature
            else "not signed"
        )
    if as_json:
        from assistant.cli.records import print_json

        print_json({"schema": 1, "path": str(path), "version": version, "files": files, "bytes": size, "signed": said})
    elif not quiet:
        print(f"{line(str(path))}: assistant {version}, {files:,} files, {size / 1e6:,.1f} MB, each as listed; {said}.")
    return 0
