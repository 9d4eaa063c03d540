"""Refuses what would leave this machine: an audit hook on the sockets and the name look-ups of Python code.

`assistant/__init__.py` installs it before any dependency is imported. Whose sockets it judges depends on the process:

- The `assistant` command and every process that it starts are guarded whole (`guard_process`).
- A program that imports `assistant` has connections of its own, and a hook cannot be taken out again: refusing those
  would break programs that did nothing wrong. There it judges only calls that come through this package, by the stack.
  A thread that a dependency starts by itself has no such stack; there the switches count. `assistant.guard_process()`
  guards such a program whole, if it wants that.

It stops code that means no harm and talks all the same: telemetry, updates, a default server. What does not pass it:
native code (onnxruntime, Chroma's own, ctypes), other programs, also a Python, that a dependency starts by itself,
`listen` on a socket that was given no address, and the look-up of a name given to `socket.connect`, which Python makes
before it tells anybody. For those there are the switches, and strace is the proof.
What is refused is said in `egress.py`, imported with the first socket: the hook sees every file that is opened, and
until then costs a comparison.
"""

import sys
from collections.abc import Iterable

TYPE_CHECKING = False  # as in typing, whose import takes as long as all of this
if TYPE_CHECKING:
    from typing import Any

_installed = False
_whole_process = False


def install() -> None:
    """Judge from now on what comes through this package; safe to call again."""
    global _installed  # noqa: PLW0603 - a hook is for the whole process, once and for good
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


def guard_process(allowed_hosts: Iterable[str] = ()) -> None:
    """Refuse, from now on and for good, every connection and look-up of this process beyond loopback and these hosts.

    Refusals raise `assistant.errors.EgressRefused` where the attempt is made.
    """
    global _whole_process  # noqa: PLW0603 - as above
    _whole_process = True
    if hosts := tuple(allowed_hosts):
        from assistant.airgap.egress import allow

        allow(hosts)


def is_whole() -> bool:
    """Whether all of this process is guarded, and not only what comes through this package."""
    return _whole_process


def _hook(event: str, arguments: "tuple[Any, ...]") -> None:
    if event.startswith("socket."):
        from assistant.airgap.egress import check

        check(event, arguments, _whole_process)
