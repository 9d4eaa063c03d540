"""Runs of `assistant index`, the real command in a fork: to their end, or killed at a chosen moment.

The process that builds a generation is a fork, too, or the real one where a run is told so.
"""

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from assistant.cli import app
from assistant.indexing import publish, vectors
from soaking.frame import Broken, forked

HANGING = 120.0  # seconds
_BEYOND = 1.15  # the last moment at which a run is killed, as a share of its usual time
_STOPPED = 130  # what a run ends with that was asked to stop


@dataclass(frozen=True, slots=True)
class Kill:
    """When a run is killed, and how."""

    delay: float  # seconds after the start, or after a generation began to be built
    building: bool
    alone: bool  # the process only, or all that belong to it
    polite: bool = False  # asked to stop instead

    def __str__(self) -> str:
        what = "the process alone" if self.alone else "all its processes"
        since = "the building began" if self.building else "the start"
        return f"{'stop' if self.polite else 'kill'} {what}, {self.delay:.3f} s after {since}"


@dataclass(slots=True)
class Runs:
    """Runs of the command with one log and one way to build generations."""

    log: Path
    real_builder: bool = False
    seconds: float = 1.0  # of a run that has something to do
    build_seconds: float = 0.5  # from the start of a building to the end of the run
    patch: Callable[[], None] | None = None  # made in every fork before the command runs

    def to_end(self, folder: Path, index: Path, *options: str) -> None:
        """Run the command; raises Broken where it fails."""
        began = time.monotonic()
        if code := forked(lambda: self._command(folder, index, options, None), HANGING):
            raise Broken(f"assistant index ended with {code}: {self.said()}")
        self.seconds = (self.seconds + time.monotonic() - began) / 2

    def moment(self, share: float, building: bool) -> float:
        """A moment for a kill, as a share of the time that a run takes; a few come too late."""
        return share * _BEYOND * (self.build_seconds if building else self.seconds)

    def killed(self, kill: Kill, folder: Path, index: Path, *options: str) -> bool:
        """Start the command and kill it; returns whether it was still running."""
        readable, writable = os.pipe()
        child = os.fork()
        if not child:
            os.close(readable)
            os._exit(_code(lambda: self._command(folder, index, options, writable)))
        os.close(writable)
        ended = os.pidfd_open(child)
        built = kill.building and self._is_building(readable)
        began = time.monotonic()
        late = kill.building and not built  # nothing was to be built: the run ends by itself
        if not late and not select.select([ended], [], [], kill.delay)[0]:
            _end(child, kill)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(readable)
        os.close(ended)
        if code in (-signal.SIGKILL, -signal.SIGTERM, _STOPPED):
            return True
        if code:
            raise Broken(f"assistant index ended with {code}: {self.said()}")
        if built:
            self.build_seconds = (self.build_seconds + time.monotonic() - began) / 2
        return False

    def _is_building(self, readable: int) -> bool:
        """Wait until a generation begins to be built; returns whether it has, or the run has ended without."""
        return bool(select.select([readable], [], [], HANGING)[0] and os.read(readable, 1))

    def said(self) -> str:
        """The last lines that runs have printed."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " / ".join(line.strip() for line in lines[-3:])

    def _command(self, folder: Path, index: Path, options: Sequence[str], started: int | None) -> int:
        """In a fork: the command itself; a byte goes to `started` when the building of a generation begins."""
        log = os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        publish.subprocess = Builders(started, self.real_builder)  # type: ignore[assignment, attr-defined]
        if self.patch is not None:
            self.patch()
        return app.run(["index", str(folder), "--index", str(index), "--yes", *options])


def left_alone() -> bool:
    """Whether nothing of a killed run lives on; waits for what does, so that it is over from now on."""
    alone, deadline = True, time.monotonic() + HANGING
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                alone = False
                time.sleep(0.02)
        except ChildProcessError:
            return alone
    raise Broken("what a killed run left behind does not end")


class Builders:
    """Stands for `subprocess` in `publish`: says when a generation begins to be built, and builds it in a fork."""

    def __init__(self, started: int | None, real: bool) -> None:
        self._started = started
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, arguments: list[str], **options: Any) -> "subprocess.Popen[str] | Builder":  # noqa: N802 - its name
        """As `subprocess.Popen`."""
        if self._started is not None:
            os.write(self._started, b"!")
        return subprocess.Popen(arguments, **options) if self._real else Builder(arguments[-3:])


class Builder:
    """A fork that builds a generation, with what `publish` uses of a `subprocess.Popen`."""

    def __init__(self, arguments: list[str]) -> None:
        self.returncode: int | None = None
        self._said = b""
        self._pipe, writable = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.setsid()
            os.dup2(writable, 1)
            os.closerange(3, 1024)  # as if it were another program: locks are not inherited
            os._exit(_code(lambda: _build(arguments)))
        os.close(writable)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._pipe)
        self._wait()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What the fork wrote; raises TimeoutExpired where it has not ended in time."""
        while select.select([self._pipe], [], [], timeout)[0]:
            part = os.read(self._pipe, 4096)
            if not part:
                self._wait()
                return self._said.decode(), "the log says why" if self.returncode else ""
            self._said += part
        raise subprocess.TimeoutExpired("builder", timeout)

    def kill(self) -> None:
        """End the fork."""
        if self.returncode is None:
            os.kill(self._pid, signal.SIGKILL)

    def _wait(self) -> None:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _end(child: int, kill: Kill) -> None:
    """Kill a run, and all that it has started if the kill is for all of them, whatever sessions they are in."""
    if kill.polite:
        os.kill(child, signal.SIGTERM)
        return
    os.kill(child, signal.SIGSTOP)  # it starts nothing while its children are counted
    others = [] if kill.alone else psutil.Process(child).children(recursive=True)
    os.kill(child, signal.SIGKILL)
    for other in others:
        with suppress(psutil.NoSuchProcess):
            other.kill()


def _build(arguments: list[str]) -> int:
    index, number, up_to = arguments
    os.umask(0o077)
    os.write(1, f"{vectors.build(Path(index), int(number), int(up_to))}\n".encode())
    return 0


def _code(function: Callable[[], int]) -> int:
    """What a process that does this ends with."""
    try:
        return function()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        return 70
