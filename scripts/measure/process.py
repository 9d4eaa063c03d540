"""Starts the processes of `scripts/bench.py --scale` and collects what they say."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from measure.figures import Peak
from measure.tree import MeasurementFailed, Watch

_SCRIPTS = Path(__file__).parent.parent
_SAMPLED = 0.2  # seconds between two looks at the memory of a long run: each look takes its own time
_PATIENCE = 900.0  # seconds for a process that ends by itself


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a run, with the most memory that its processes held."""

    name: str
    began: float  # by time.monotonic
    seconds: float
    processor: float  # seconds of all its processes
    peak: Peak


class Beside:
    """A process that plays one role of measure/beside.py until it is asked for its answer, or the block ends."""

    def __init__(self, *role: str) -> None:
        self._role = role[0]
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the block
        self._process = subprocess.Popen(
            [sys.executable, "-m", "measure.beside", *role],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_SCRIPTS), str(_SCRIPTS.parent)])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream:
                stream.close()

    def ready(self) -> "Beside":
        """Wait for it to say that it is; raises MeasurementFailed where it ends instead."""
        self._line()
        return self

    def answer(self) -> dict[str, Any]:
        """Let it end, and return the last that it says."""
        if self._process.stdin:
            self._process.stdin.close()
        said: dict[str, Any] = {}
        while line := self._next():
            said = json.loads(line)
        return self._ended(said)

    def result(self) -> dict[str, Any]:
        """Return what it says when it has come to its end by itself."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise MeasurementFailed(f"{self._role}: not done after {_PATIENCE:.0f} s") from None
        return self.answer()

    def watched(self) -> tuple[dict[str, Any], Peak]:
        """As `result`, with the most memory of its tree."""
        watch = Watch([self._process.pid])
        watch.start()
        try:
            said = self.result()
        finally:
            peak = watch.stop()
        return said, peak

    def stages(self) -> tuple[list[Stage], dict[str, Any]]:
        """Every stage that it names with the memory of its tree, and the last that it says."""
        found: list[Stage] = []
        said: dict[str, Any] = {"stage": "start", "at": time.monotonic(), "processor": 0.0}
        watch = Watch([self._process.pid], _SAMPLED)
        watch.start()
        while line := self._next():
            now = json.loads(line)
            took, processor = now["at"] - said["at"], now["processor"] - said["processor"]
            found.append(Stage(said["stage"], said["at"], took, processor, watch.stop()))
            said = now
            watch = Watch([self._process.pid], _SAMPLED)
            watch.start()
        watch.stop()
        return found, self._ended(said)

    def _next(self) -> str:
        return self._process.stdout.readline() if self._process.stdout else ""

    def _line(self) -> dict[str, Any]:
        line = self._next()
        return dict(json.loads(line)) if line else self._ended({})

    def _ended(self, said: dict[str, Any]) -> dict[str, Any]:
        if self._process.wait() != 0 or not said:
            self._errors.seek(0)
            last = "".join(self._errors.readlines()[-6:]).strip()
            raise MeasurementFailed(f"{self._role}: {last or f'exit code {self._process.returncode}'}")
        return said


def seconds_of(command: Sequence[str]) -> tuple[float, float]:
    """How long a command takes from the start of its process to its end, and how much of a processor's time."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
