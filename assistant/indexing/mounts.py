"""Knows on what kind of file system a folder stands."""

import os
import re
from pathlib import Path

# File systems that other machines change without this one being told. So does most of FUSE; "fuseblk" is a local disk.
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "coda", "davfs", "glusterfs", "lustre", "gpfs"),
    *("beegfs", "ocfs2", "gfs2", "orangefs", "ncpfs", "fuse", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs"),
}


def network_type(folder: Path, table: Path = Path("/proc/self/mounts")) -> str:
    """The type of the network file system that a real path stands on or has below it; empty where there is none."""
    try:
        lines = table.read_bytes().splitlines()
    except OSError:
        return ""  # not Linux
    own, below, longest = "", [], 0
    for line in lines:
        place, kind = (_unescaped(field) for field in line.split(b" ")[1:3])
        if folder.is_relative_to(place) and len(place) >= longest:  # of two at one place the later hides the earlier
            own, longest = kind, len(place)
        elif Path(place).is_relative_to(folder):
            below.append(kind)
    return next((kind for kind in (own, *below) if kind in _NETWORK or kind.startswith("fuse.")), "")


def _unescaped(field: bytes) -> str:
    """A field of the table, in which spaces and the like are written as octal numbers."""
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), field))
