"""Shows that nothing leaves: indexes and asks for real, in hostile surroundings, while something watches.

Each step is a process of its own, and so are the readers and the builder of vectors that it starts. Where strace may
trace, the kernel is asked, for all of them; elsewhere the guard says what it refused in the process of the command.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.airgap import hostile
from assistant.airgap.trace import traced, tracer

_DOCUMENT = """# Travel

## Hotels
Hotel costs are refunded up to 140 euros per night.

## Approvals
Travel outside the EU is approved by the head of department.
"""
_QUESTION = "hotel costs per night"
_HERE = "127.0.0.1:9"  # where nothing answers: what is shown has to hold without a server, too
_REFUSED_BY_SETTINGS = 2
# The command line, and after it, as the last line, what the guard refused in this process.
_PROGRAM = """
import json, sys
from assistant.cli import main
from assistant.airgap.egress import refused
code = 0
try:
    main()
except SystemExit as ended:
    code = ended.code or 0
print("\\n" + json.dumps([f"{refusal.module} tried to {refusal.attempt}" for refusal in refused()]))
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it tried."""

    said: str
    holds: bool  # it ended as it should, and tried nothing
    attempts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was run, and what watched it."""

    steps: tuple[Step, ...]
    watched_by: str

    @property
    def holds(self) -> bool:
        """Whether every command ended as it should and nothing was tried."""
        return all(step.holds for step in self.steps)


def prove() -> Proof:
    """Index a small document and ask about it in a temporary folder that is removed afterwards."""
    strace = tracer()
    watching = "strace, which sees every process and native code" if strace else (
        "the guard, which sees Python code alone; install strace for the whole proof"
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="assistant-proof-") as name:
        return Proof(tuple(_steps(Path(name), strace)), watching)


def _steps(place: Path, strace: Sequence[str] | None) -> Sequence[Step]:
    """What is run: first where foreign settings name a host, which has to be refused, then the whole way."""
    folder = place / "current"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "travel.md").write_text(_DOCUMENT, encoding="utf-8")
    hostile.furnish(folder)
    ask = ["ask", "--no-model", _QUESTION]
    index, answer = ["index", "docs", "--host", _HERE], [*ask, "--host", _HERE]
    settings = folder / "assistant.toml"
    settings.write_text(hostile.SETTINGS, encoding="utf-8")
    refused = _step(place, strace, answer, "a host in a foreign assistant.toml is refused", _REFUSED_BY_SETTINGS)
    settings.unlink()
    return (
        refused,
        _step(place, strace, ask, "a host in OLLAMA_HOST is refused", _REFUSED_BY_SETTINGS),
        _step(place, strace, index, "a document is indexed", 0),
        _step(place, strace, answer, "a question is answered from it", 0),
    )


def _step(place: Path, strace: Sequence[str] | None, arguments: Sequence[str], said: str, expected: int) -> Step:
    """Run a command of the assistant and see how it ends and what it tries."""
    command = [sys.executable, "-P", "-c", _PROGRAM, *arguments]
    environ = os.environ | hostile.VARIABLES | hostile.HOST | {"HOME": str(place), "XDG_CONFIG_HOME": str(place)}
    folder = place / "current"
    seen: tuple[str, ...] = ()
    if strace:
        finished, trace = traced(strace, command, folder, environ, place / "trace.txt")
        seen = trace.attempts
    else:
        finished = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    attempts = (*seen, *_refusals(finished.stdout))
    if finished.returncode == expected:
        return Step(said, not attempts, attempts)
    complaint = (finished.stderr.strip() or "no reason given").splitlines()[0]
    return Step(f"{said}: it ended with code {finished.returncode}, {complaint}", holds=False, attempts=attempts)


def _refusals(output: str) -> list[str]:
    """What the guard refused, as the last line says; nothing where the process ended before it."""
    lines = output.splitlines()
    try:
        found = json.loads(lines[-1]) if lines else []
    except ValueError:
        return []
    return found if isinstance(found, list) else []
