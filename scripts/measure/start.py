"""How long it takes to start: each time a fresh process, with the files it reads in the page cache."""

import os
import pty
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure.figures import Peak
from measure.tree import Watch

_SOURCE = re.compile(rb"^(?:\x1b\[[0-9;]*m)*\[1\] ", re.MULTILINE)
_PACKAGE_IMPORT = "import time; start = time.perf_counter(); import assistant; print(time.perf_counter() - start)"
_ROOT = Path(__file__).parent.parent.parent
_ASK_SCRIPT = _ROOT / "scripts" / "ask"


@dataclass(frozen=True, slots=True)
class Seconds:
    """The median of several runs, with the fastest and the slowest."""

    median: float
    fastest: float
    slowest: float
    runs: int


@dataclass(frozen=True, slots=True)
class Starting:
    """What one waits for before anything happens."""

    help: Seconds
    package_import: Seconds  # `import assistant` inside a running Python
    script_adds: float | None  # seconds of scripts/ask beyond the program that it runs, where it is set up


def program() -> list[str]:
    """The `assistant` of this environment."""
    installed = Path(sys.executable).parent / "assistant"
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "assistant"]


def cold_ask(index: str, questions: Sequence[str], runs: int) -> tuple[Seconds, Peak]:
    """Seconds to the first source of `assistant ask --no-model` on a terminal, and the memory of one more run."""
    commands = [[*program(), "ask", "--no-model", "--index", index, question] for question in questions]
    peak = _watched(commands[0])  # also brings the files into the page cache
    return _summary([first_source(commands[run % len(commands)]) for run in range(runs)]), peak


def starting(runs: int) -> Starting:
    """How long `--help`, the package's import and scripts/ask take."""
    return Starting(
        help=_summary(_timed([*program(), "--help"], runs)),
        package_import=_summary(_repeated(_import_seconds, runs)),
        script_adds=_added(runs) if _script_is_set_up() else None,
    )


def _script_is_set_up() -> bool:
    """Whether scripts/ask would only run the program; otherwise it would first make `.venv` and index the samples."""
    lock = _ROOT / "requirements.lock"
    mark = _ROOT / ".venv" / f"installed-{lock.name}"
    return (
        _ASK_SCRIPT.exists()
        and Path(sys.prefix) == _ROOT / ".venv"
        and mark.is_file()
        and mark.read_bytes() == lock.read_bytes()
        and (_ROOT / "indexes" / "default" / "sample-indexed").exists()
    )


def _added(runs: int) -> float:
    """What scripts/ask takes longer than the program that it runs in the end."""
    script = _timed([str(_ASK_SCRIPT), "--help"], runs)
    alone = _timed([*program(), "ask", "--help"], runs)
    return round(statistics.median(script) - statistics.median(alone), 4)


def first_source(command: Sequence[str]) -> float:
    """Seconds from the start of a process to the line that begins with [1]; raises ValueError without such a line."""
    ours, theirs = pty.openpty()
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        seen, found = b"", None
        while piece := _read(ours):
            seen += piece
            if found is None and _SOURCE.search(seen):
                found = time.perf_counter() - start
        os.close(ours)
        process.wait()
    if found is None:
        raise ValueError(f"{command[-1]!r} was answered without a source: {seen.decode(errors='replace')[-300:]}")
    return found


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side has closed
        return b""


def _watched(command: Sequence[str]) -> Peak:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watch = Watch([process.pid])
    watch.start()
    process.wait()
    return watch.stop()


def _timed(command: Sequence[str], runs: int) -> list[float]:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return _repeated(once, runs)


def _import_seconds() -> float:
    return float(subprocess.run([sys.executable, "-c", _PACKAGE_IMPORT], check=True, capture_output=True).stdout)


def _repeated(once: Callable[[], float], runs: int) -> list[float]:
    """The seconds of so many runs after one that does not count."""
    once()
    return [once() for _ in range(runs)]


def _summary(seconds: Sequence[float]) -> Seconds:
    return Seconds(
        median=round(statistics.median(seconds), 4),
        fastest=round(min(seconds), 4),
        slowest=round(max(seconds), 4),
        runs=len(seconds),
    )
