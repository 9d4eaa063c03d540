"""What a process that starts runs is given, and what is taken from it."""

import ctypes
import os
from pathlib import Path

_PR_SET_CHILD_SUBREAPER, _PR_CAPBSET_DROP = 36, 24  # linux/prctl.h
_VERSION, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 0x20080522, 1, 2  # linux/capability.h


def prepare(work: Path) -> None:
    """Start runs from `work` on: with one reader, without settings of a person's own; what they leave is adopted."""
    os.environ.update(ASSISTANT_WORKERS="1", XDG_CONFIG_HOME=str(work))
    os.chdir(work)
    _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def be_bound_by_permissions() -> None:
    """Let the permissions of files bind this process and what it starts, also where it runs as root."""
    if os.geteuid():
        return
    for right in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        _call("prctl", _PR_CAPBSET_DROP, right, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: twice, for 64 rights
    _call("capget", header, sets)
    for at in range(3):
        sets[at] &= ~(1 << _CAP_DAC_OVERRIDE | 1 << _CAP_DAC_READ_SEARCH)
    _call("capset", header, sets)


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
