"""Runs a job in a process of its own and watches the memory of that process and everything it starts.

Memory is the sum of the processes' PSS: each page counts once, a shared one in parts to those that share it. Where the
system does not tell PSS (macOS) it is USS, the pages that a process has for itself.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from measure.figures import Job, Peak

INTERVAL = 0.05  # seconds between two samples
_MEGABYTE = 1_000_000
KIND = "PSS" if sys.platform == "linux" else "USS"


class MeasurementFailed(Exception):
    """A measuring process ended without figures."""


class Watch:
    """Samples the memory of process trees in a thread, from `start` to `stop`."""

    def __init__(self, roots: Sequence[int], interval: float = INTERVAL) -> None:
        self._roots = [psutil.Process(pid) for pid in roots]
        self._interval = interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._samples = 0
        self._peak: tuple[float, list[tuple[str, float]]] = (0.0, [])

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> Peak:
        """End, and say what the most was; safe to call again."""
        self._done.set()
        self._thread.join()
        parts = sorted(self._peak[1], key=lambda part: -part[1])
        return Peak(round(self._peak[0], 1), KIND, tuple((name, round(size, 1)) for name, size in parts), self._samples)

    def _run(self) -> None:
        while not self._done.wait(self._interval):
            now = [(process, _size(process)) for root in self._roots for process in _tree(root)]
            total = sum(size for _, size in now)
            self._samples += 1
            if total > self._peak[0]:
                self._peak = (total, [(_name(process), size) for process, size in now if size])


def run_job(job: Job, environ: dict[str, str], also: Sequence[int] = ()) -> tuple[dict[str, Any], Peak]:
    """The job's figures, and the peak of its processes and of those in `also` until it said that it was done.

    Raises MeasurementFailed with the end of its output where it gave none.
    """
    readable, writable = os.pipe()
    command = [sys.executable, "-m", "measure.job", str(writable), json.dumps(asdict(job))]
    path = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        command,
        env=environ | path,
        pass_fds=[writable],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writable)
    watch = Watch([process.pid, *also])
    watch.start()
    errors = _Drained(process)
    with os.fdopen(readable, encoding="utf-8") as answer:
        answer.readline()  # "measured": what comes after it counts tokens, and is no part of the measurement
        peak = watch.stop()
        figures = answer.read()
    if process.wait() != 0 or not figures:
        raise MeasurementFailed(f"{job.name}: {errors.last_lines()}")
    return json.loads(figures), peak


class _Drained:
    """Reads a process's errors in a thread, so that it is never held up."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=[process], daemon=True)
        self._thread.start()

    def last_lines(self) -> str:
        """The end of what it wrote."""
        self._thread.join()
        return "".join(self._lines[-6:]).strip()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        with process.stderr or open(os.devnull) as errors:  # noqa: PTH123 - the type says None, the call says PIPE
            self._lines.extend(errors)


def _tree(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _size(process: psutil.Process) -> float:
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0.0  # it has just ended
    return float(memory.pss if KIND == "PSS" else memory.uss) / _MEGABYTE


def _name(process: psutil.Process) -> str:
    """What the process is: the module that Python runs, or the program with its first argument."""
    try:
        line = process.cmdline()
    except psutil.Error:
        return "ended"
    if "-m" in line[:-1]:
        return line[line.index("-m") + 1]
    if "-c" in line[:-1]:
        return "reading worker" if "assistant.reading.worker" in line[line.index("-c") + 1] else "python -c"
    return " ".join([Path(line[0]).name, *line[1:2]]) if line else process.name()
