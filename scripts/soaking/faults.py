"""Failing disks: calls that change files below a folder fail where they are told to, for a process and its children.

A seccomp filter hands every such call, of Python and of native code, to the process that watches. It counts them over
all threads, and lets each go on or fail. (strace counts the calls of each thread for itself, and knows no folders.)
What a process writes through mapped memory passes unseen: tantivy and Chroma map only what they read.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from soaking.frame import Broken

_SECONDS = 120.0  # after which a run counts as hung
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8  # linux/seccomp.h, and so are the next five
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND, _CONTINUE = 0xC0502100, 0xC0182101, 1
_NOTICE, _ANSWER = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI")
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # linux/bpf_common.h
_NUMBER_AT, _FLAGS_AT = 0, 16 + 2 * 8  # in what a filter sees: the call's number, and the third argument of openat
_CREATED = os.O_CREAT | os.O_TRUNC
_LONGEST_PATH = 4096
_UNUSED = -1  # for a call that a kind of processor does not have

_KINDS = {"x86_64": 0, "aarch64": 1}  # column of the numbers below
_SECCOMP = (317, 277)
_BY_DESCRIPTOR = {
    "write": (1, 64), "pwrite64": (18, 68), "writev": (20, 66), "pwritev": (296, 70), "pwritev2": (328, 287),
    "fsync": (74, 82), "fdatasync": (75, 83), "ftruncate": (77, 46), "fallocate": (285, 47), "sendfile": (40, 71),
}  # fmt: skip
_BY_PATH = {
    "mkdir": (83, _UNUSED), "rename": (82, _UNUSED), "unlink": (87, _UNUSED), "rmdir": (84, _UNUSED),
    "mkdirat": (258, 34), "renameat": (264, 38), "renameat2": (316, 276), "unlinkat": (263, 35), "openat": (257, 56),
}  # fmt: skip
_FREES = {"unlink", "unlinkat", "rmdir", "ftruncate"}  # works on a full disk


@dataclass(frozen=True, slots=True)
class Fault:
    """Which call fails, and how."""

    number: int  # from 1; none where 0
    errno: int  # EIO, or ENOSPC
    lasting: bool = False  # and every one after it

    def __str__(self) -> str:
        return f"{errno.errorcode[self.errno]} at write {self.number}{' and ever after' if self.lasting else ''}"

    def hits(self, number: int, call: str) -> bool:
        """Whether this call, the `number`-th, fails."""
        if not self.number or (self.errno == errno.ENOSPC and call in _FREES):
            return False
        return number == self.number or (self.lasting and number > self.number)


NEVER = Fault(0, errno.EIO)


@dataclass(slots=True)
class Watched:
    """What a run did below the folder."""

    code: int = 0  # with which it ended; negative for a signal
    calls: list[str] = field(default_factory=list)  # each that changes a file, with the file's path
    failed: list[str] = field(default_factory=list)  # those that were made to fail


def watched(function: Callable[[], int], below: Path, fault: Fault = NEVER) -> Watched:
    """Run `function` in a fork whose writes below a folder fail as told; returns when all its processes have ended."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        code = 70
        try:
            os.setpgid(0, 0)
            listener = _filter()
            socket.send_fds(theirs, [b"!"], [listener])
            os.close(listener)
            code = function()
        finally:
            os._exit(code)
    theirs.close()
    ours.settimeout(_SECONDS)
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    ours.close()
    if not descriptors:
        raise Broken(f"no calls can be watched here: the fork ended with {os.waitpid(child, 0)[1]}")
    seen = Watched()
    try:
        _Watcher(descriptors[0], f"{below.resolve()}/", fault, seen).watch()
    except BaseException:
        os.killpg(child, signal.SIGKILL)
        raise
    finally:
        os.close(descriptors[0])
        seen.code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return seen


def _names() -> dict[int, str]:
    kind = _KINDS[platform.machine()]
    return {numbers[kind]: name for name, numbers in (_BY_DESCRIPTOR | _BY_PATH).items() if numbers[kind] != _UNUSED}


@dataclass(frozen=True, slots=True)
class _Watcher:
    """Answers the calls that arrive at a listener."""

    listener: int
    below: str  # with a slash at its end
    fault: Fault
    seen: Watched
    names: dict[int, str] = field(default_factory=_names)

    def watch(self) -> None:
        """Answer every call until no process is left that could make one."""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            ready = poll.poll(1000)
            if any(event & select.POLLHUP for _, event in ready):
                return
            if ready:
                self._answer_one()
        raise Broken("the run hung")

    def _answer_one(self) -> None:
        notice = bytearray(_NOTICE.size)
        with suppress(FileNotFoundError):  # killed meanwhile
            fcntl.ioctl(self.listener, _RECEIVE, notice)
            id_, process, _, number, _, _, *arguments = _NOTICE.unpack(notice)
            error = self._error(self.names[number], _path(process, self.names[number], arguments))
            fcntl.ioctl(self.listener, _SEND, _ANSWER.pack(id_, 0, -error, 0 if error else _CONTINUE))

    def _error(self, call: str, path: str) -> int:
        """With what the call fails, 0 where it goes on."""
        if not path.startswith(self.below):
            return 0
        self.seen.calls.append(f"{call} {path.removeprefix(self.below)}")
        if not self.fault.hits(len(self.seen.calls), call):
            return 0
        self.seen.failed.append(self.seen.calls[-1])
        return self.fault.errno


def _path(process: int, call: str, arguments: list[int]) -> str:
    """The file that a call is about, empty where its process has gone."""
    try:
        if call in _BY_DESCRIPTOR:
            return str(Path(f"/proc/{process}/fd/{arguments[0] & 0xFFFFFFFF}").readlink())
        relative = call.endswith(("at", "at2"))
        path = _text(process, arguments[1 if relative else 0])
        if path.startswith("/"):
            return path
        folder = arguments[0] & 0xFFFFFFFF if relative else 0xFFFFFF9C  # AT_FDCWD
        base = f"/proc/{process}/cwd" if folder == 0xFFFFFF9C else f"/proc/{process}/fd/{folder}"
        return f"{Path(base).readlink()}/{path}"
    except OSError:
        return ""


def _text(process: int, address: int) -> str:
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return os.fsdecode(memory.read(_LONGEST_PATH).split(b"\0", 1)[0])


def _filter() -> int:
    """Have this process's calls handed over from now on; returns the descriptor at which they arrive."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    program = _program()
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("@HP", len(program), ctypes.addressof(code))
    listener = libc.syscall(
        ctypes.c_long(_SECCOMP[_KINDS[platform.machine()]]), ctypes.c_uint(_SET_MODE_FILTER),
        ctypes.c_uint(_NEW_LISTENER), ctypes.c_char_p(header),
    )  # fmt: skip
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(listener)


def _program() -> list[bytes]:
    """The filter: hand over the calls above, of openat only what makes or empties a file, and allow all others."""
    names = _names()
    opened = next(number for number, name in names.items() if name == "openat")
    others = sorted(names.keys() - {opened})
    steps = [(_LOAD, 0, 0, _NUMBER_AT)]
    # A jump counts the steps that it skips: the last two are "hand over" and, before it, "allow".
    steps += [(_EQUAL, len(others) - at + 3, 0, number) for at, number in enumerate(others)]
    steps += [(_EQUAL, 0, 2, opened), (_LOAD, 0, 0, _FLAGS_AT), (_ANY_BIT, 1, 0, _CREATED)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]
    return [struct.pack("=HBBI", *step) for step in steps]
