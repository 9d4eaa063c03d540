"""What a process and its children asked of the kernel, as strace saw it: native code is seen as well as Python's."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.airgap.addresses import Address

NAME_FILES = ("/etc/resolv.conf", "/etc/hosts")  # what is read to look a name up
# The calls that name another party; files are watched because a name look-up shows itself by what it reads, and
# because some are written, and io_uring because it could connect without any of these calls.
TRACED = "trace=network,openat,?open,?creat,?mkdir,mkdirat,?rename,?renameat,renameat2,?io_uring_setup"
_NAMING = re.compile(r"\d+ +(connect|bind|send\w+)\(")
_ADDRESS = re.compile(r"\{sa_family=(AF_\w+)(?:, ([^{}]*))?\}")
_LISTENING = re.compile(r"(bind|listen)\((\d+)")
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_QUOTED = re.compile(r'"([^"]*)"')
_OPENING = ("openat", "open(")
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|^creat|^mkdir|^rename")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a process and its children asked of the kernel."""

    addresses: frozenset[Address]
    files: frozenset[str]  # that were opened
    written: frozenset[str]  # that were opened to be written, made or renamed
    processes: int
    rings: int  # io_uring instances
    everywhere: int  # sockets that listened without an address of their own

    @property
    def leaks(self) -> set[Address]:
        """Addresses that lead away from this machine."""
        return {address for address in self.addresses if address.leaves}

    @property
    def inet(self) -> set[Address]:
        """Addresses of IP sockets."""
        return {address for address in self.addresses if address.is_inet}

    @property
    def attempts(self) -> tuple[str, ...]:
        """Everything that can have left this machine, in words."""
        looked_up = [f"read {file}, as for looking up a name" for file in NAME_FILES if file in self.files]
        rings = ["opened an io_uring, behind which nothing is seen"] if self.rings else []
        open_ones = ["listened at every address"] if self.everywhere else []
        return (*(f"reached for {address}" for address in sorted(self.leaks, key=str)), *looked_up, *rings, *open_ones)


def read_trace(lines: Sequence[str]) -> Trace:
    """The addresses and files in strace's output."""
    calls = [line.split(None, 1) for line in lines]
    opened = [call for _, call in calls if call.startswith(_OPENING)]
    writing = [call for _, call in calls if not call.startswith(("connect", "send", "bind")) and _WRITING.search(call)]
    return Trace(
        addresses=frozenset(address for line in lines for address in addresses(line)),
        files=frozenset(match[1] for call in opened if (match := _QUOTED.search(call))),
        written=frozenset(name for call in writing for name in _QUOTED.findall(call)),
        processes=len({pid for pid, _ in calls}),
        rings=sum(call.startswith("io_uring_setup") for _, call in calls),
        everywhere=_unbound(call for _, call in calls),
    )


def _unbound(calls: Iterable[str]) -> int:
    """How often a socket was to listen whose number none had that was bound before: the kernel then takes any address.

    Numbers are told apart by nothing else, for threads share them: one that was bound elsewhere hides another.
    """
    bound, found = set(), 0
    for call in calls:
        if match := _LISTENING.match(call):
            bound |= {match[2]} if match[1] == "bind" else set()
            found += match[1] == "listen" and match[2] not in bound
    return found


def addresses(line: str) -> Iterator[Address]:
    """The addresses that a call names; what getsockname and the like answer is no call to anybody."""
    if not _NAMING.match(line):
        return
    for family, fields in _ADDRESS.findall(line):
        port = _PORT.search(fields)
        quoted = _QUOTED.search(fields)
        yield Address(family, quoted[1] if quoted else fields, int(port[1]) if port else 0)


def tracer() -> tuple[str, ...] | None:
    """How a command line begins that is traced with its children; None where no strace may trace on this machine."""
    program = shutil.which("strace")
    for fast in (("--seccomp-bpf",), ()):  # since 5.3: other calls go on at full speed
        begins = (program or "", "-f", "-qq", "-s", "256", *fast)
        tried = [*begins, "-o", os.devnull, "true"]
        if program and subprocess.run(tried, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return begins
    return None


def traced(
    strace: Sequence[str], command: Sequence[str], folder: Path, environ: Mapping[str, str], output: Path
) -> tuple[subprocess.CompletedProcess[str], Trace]:
    """Run a command in a folder under strace, which writes to `output`; returns how it ended and what it asked for."""
    watched = [*strace, "-e", TRACED, "-o", str(output), *command]
    finished = subprocess.run(
        watched, cwd=folder, env=dict(environ), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return finished, read_trace(output.read_text(errors="replace").splitlines())
