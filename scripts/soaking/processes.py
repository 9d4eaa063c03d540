"""Forks that run beside each other and count what they do."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from soaking.frame import Broken, Case
from soaking.runs import HANGING


@dataclass(slots=True)
class Processes:
    """Forks that run beside each other; leaving waits for all, adds up their counts, and raises what one met."""

    case: Case
    running: dict[int, str] = field(default_factory=dict)

    def __enter__(self) -> "Processes":
        return self

    def start(self, name: str, function: Callable[[], Counter[str]]) -> None:
        """Run a function in a fork."""
        result = self.case.work / f"{name}.json"
        child = os.fork()
        if child:
            self.running[child] = name
            return
        code = 70
        try:
            code = _kept(function, result)
        finally:
            os._exit(code)

    def __exit__(self, *_: object) -> None:
        deadline = time.monotonic() + HANGING
        broken = []
        while self.running and time.monotonic() < deadline:
            child, status = os.waitpid(-1, os.WNOHANG)
            name = self.running.pop(child, "")
            if not child:
                time.sleep(0.01)
            elif name:
                broken += self._taken(name, os.waitstatus_to_exitcode(status))
        broken += [f"{name} hung" for name in self.running.values()]
        for child in self.running:
            os.kill(child, 9)
        if broken:
            raise Broken("; ".join(broken))

    def _taken(self, name: str, code: int) -> list[str]:
        """Add up what a process counted; returns what it met, if anything."""
        file = self.case.work / f"{name}.json"
        if code or not file.exists():
            return [f"{name} ended with {code}"]
        said = json.loads(file.read_text(encoding="utf-8"))
        for what, number in said["counts"].items():
            self.case.count(what, number)
        return [f"{name}: {said['broken']}"] if said["broken"] else []


def _kept(function: Callable[[], Counter[str]], result: Path) -> int:
    """In a fork: keep what the function counts or meets in a file."""
    counts: Counter[str] = Counter()
    broken = ""
    try:
        counts = function()
    except Broken as met:
        broken = str(met)
    except Exception as met:
        broken = f"{type(met).__name__}: {met}"
    result.write_text(json.dumps({"counts": counts, "broken": broken}), encoding="utf-8")
    return 0
