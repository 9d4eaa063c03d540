"""The process that parses untrusted files, one after another, under limits that it cannot lift.

It reads requests from its input, one JSON object a line, and answers each on what was its output: the SHA-256 of the
bytes it read, and then, when it has parsed them, a header, the document, and what the guard refused meanwhile.
Libraries that print reach none of it.
Started by `sandbox.py` alone; it ends with its input.
"""

import errno
import hashlib
import json
import os
import resource
import signal
import stat
import sys
from pathlib import Path
from typing import Any, BinaryIO

from assistant import guard_process
from assistant.reading.markdown import read_markdown
from assistant.reading.pdf import read_pdf
from assistant.reading.plain import read_plain
from assistant.reading.scan import LASTING, is_inside
from assistant.reading.wire import HASH_BYTES, HEADER, pack
from assistant.types import Document, Gap, Kind, PageGap

READY = b"R"

_NO_FILE = (errno.EISDIR, errno.ENOTDIR, errno.ENXIO, errno.ENODEV)  # something else stands there

_SWOLLEN = 250_000_000  # bytes of memory: a worker that still holds them after a file gives them back by ending
# What Python may not do here; native code is held by the limits alone.
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.", "ctypes.dlopen")


class NotReadable(Exception):
    """A file cannot be opened or is not what the scan saw; the reason is a gap."""

    def __init__(self, reason: Gap, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def main() -> None:
    """Answer requests until the input ends; arguments: megabytes of memory, seconds a file, bytes of a file."""
    guard_process()  # for the moments until nothing at all is allowed
    memory_mb, seconds, max_bytes = (int(argument) for argument in sys.argv[-3:])
    channel = _own_channel()
    limit_for_good(memory_mb)
    sys.addaudithook(_refuse)
    channel.write(READY)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limit_for_one_file(seconds)
        ends = answer(request, channel, seconds, max_bytes, memory_mb)
        if ends:
            break


def answer(request: dict[str, Any], channel: BinaryIO, seconds: float, max_bytes: int, memory_mb: int) -> bool:
    """Read one file and send its hash and its document; returns whether this process should end."""
    path, read_hash, ends = request["path"], b" " * HASH_BYTES, False
    unread: Document | None = None
    try:
        data = contents(request["root"], path, max_bytes)
        read_hash = hashlib.sha256(data).hexdigest().encode()
    except NotReadable as error:
        data, unread = b"", _gap(error.reason, str(error))
    except MemoryError:
        data, unread = b"", _gap(Gap.TOO_LARGE, f"needs more than {memory_mb} MB of memory")
    channel.write(read_hash)
    try:
        packed = pack(unread or _read(data, request, seconds))
    except MemoryError:
        packed = pack(_gap(Gap.TOO_LARGE, f"needs more than {memory_mb} MB of memory"))
        ends = True
    except Exception as error:  # a reader's own mistake must not look like a crash without a cause
        packed = pack(_gap(Gap.DAMAGED, f"the reader failed: {type(error).__name__}"))
    ends = ends or _resident_bytes() > min(_SWOLLEN, memory_mb * 2**20 // 2)
    refused = _refused()
    channel.write(HEADER.pack(ends, len(packed), len(refused)))
    channel.write(packed + refused)
    return ends


def contents(root: str, path: str, max_bytes: int) -> bytes:
    """Return the bytes of a file that stands inside `root` after every link is followed; raises NotReadable."""
    try:
        real = os.path.realpath(f"{root}/{path}", strict=True)
        if not is_inside(real, root):
            raise NotReadable(Gap.UNREADABLE, "leads out of the folder")
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotReadable(Gap.UNREADABLE, "not a regular file")
            if status.st_size > max_bytes:
                raise NotReadable(Gap.TOO_LARGE, f"{status.st_size:,} bytes of at most {max_bytes:,}")
            return file.read(max_bytes)
    except FileNotFoundError:
        raise NotReadable(Gap.UNREADABLE, "it has gone since the folder was listed") from None
    except PermissionError:
        raise NotReadable(Gap.UNREADABLE, "no permission to read it") from None
    except OSError as error:
        reason = Gap.UNREADABLE if error.errno in (*LASTING, *_NO_FILE) else Gap.PASSING
        raise NotReadable(reason, error.strerror or str(error)) from None


def _read(data: bytes, request: dict[str, Any], seconds: float) -> Document:
    kind = Kind(request["kind"])
    if kind is Kind.PDF:
        return read_pdf(data, 0.8 * seconds)
    return read_markdown(data) if kind is Kind.MARKDOWN else read_plain(data)


def _gap(reason: Gap, detail: str) -> Document:
    return Document(gaps=(PageGap(reason, detail=detail),))


def _own_channel() -> BinaryIO:
    """Keep the output for answers and give libraries nothing to write to."""
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    return channel


def limit_for_good(memory_mb: int) -> None:
    """Limit memory, files written and core files; where the system has no such limit, do without it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the person's own process, which ends this one
    for name, value in (("RLIMIT_AS", memory_mb * 2**20), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):  # macOS refuses RLIMIT_AS
            continue


def limit_for_one_file(seconds: int) -> None:
    """Give the next file its processor seconds, and wall clock that holds even where the parent has gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
    signal.alarm(2 * seconds + 60)


def _resident_bytes() -> int:
    """The memory that this process holds now; its peak where the system tells no more."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS, in bytes


def _refused() -> bytes:
    """What was refused since the last file, told to the process that reports and logs it."""
    if "assistant.airgap.egress" not in sys.modules:  # no socket was used
        return b""
    from assistant.airgap.egress import report

    return report()


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        if event.startswith("socket."):  # what leads away was refused, and noted, before this
            from assistant.airgap.egress import note

            note(f"use {event}")
        raise PermissionError(f"a reader may not use {event}")


if __name__ == "__main__":
    main()
