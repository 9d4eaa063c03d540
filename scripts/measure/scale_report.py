"""The figures of `scripts/bench.py --scale`: one part's figures and targets, the table, and the object for `--json`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from measure.machine import Machine
from measure.process import Stage
from measure.report import Target

CHEAP = "The index is made with the cheap embedder: sums of random directions, one a word. All else is real."
SLICE = "A slice: starting weighs more than anything else, so no target is judged."
_LABEL = 44  # characters
_BUILDING = "Publishing"  # the stage in which a generation is built
_MOST, _MOST_BUILDING = 600.0, 900.0  # MB of a process tree
_LONGEST_WAIT = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the measurement gave."""

    figures: dict[str, Any]
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    machine: Machine
    files: int
    judged: bool  # whether the targets apply: a slice is too small for them
    parts: dict[str, Part]
    failures: tuple[str, ...]

    @property
    def targets(self) -> list[Target]:
        """The targets of every part; none of a slice."""
        return [target for part in self.parts.values() for target in part.targets] if self.judged else []


def target(name: str, value: float, limit: float, at_least: bool = False) -> Target:
    """A figure to reach, by default at most `limit`."""
    return Target(name, round(value, 3), limit, at_least)


def seconds(name: str, took: Sequence[float]) -> dict[str, Any]:
    """Median, fastest and slowest of several times, in one line."""
    if not took:
        return {name: "none"}
    middle, least, most = (round(value, 4) for value in (median(took), min(took), max(took)))
    return {name: {"median": middle, "fastest": least, "slowest": most, "runs": len(took)}}


def stage_seconds(stages: Sequence[Stage]) -> dict[str, Any]:
    """Seconds of each stage of a run, and those of the processors: with other work beside it the latter tell more."""
    return {f"seconds of {stage.name} (processors)": _both(stage) for stage in stages}


def _both(stage: Stage) -> str:
    return f"{stage.seconds:.1f} ({stage.processor:.1f})"


def peaks(stages: Sequence[Stage]) -> dict[str, Any]:
    """The most memory of each stage, with the processes that held it."""
    return {f"memory of {stage.name}, MB": asdict(stage.peak) for stage in stages}


def memory(name: str, stages: Sequence[Stage]) -> Iterator[Target]:
    """The targets for the memory of a run: while a generation is built, and otherwise."""
    building = [stage.peak.megabytes for stage in stages if stage.name == _BUILDING]
    others = [stage.peak.megabytes for stage in stages if stage.name != _BUILDING]
    yield target(f"{name}: memory of the tree, MB", max(others), _MOST)
    yield target(f"{name}: memory while a generation is built, MB", max(building, default=0.0), _MOST_BUILDING)


def wait_figures(said: dict[str, Any]) -> dict[str, Any]:
    """How long a reader waited at worst, and how late the machine itself was."""
    return {
        "reads of the catalog meanwhile": said["reads"],
        "longest waits of a reader, s": [round(wait, 3) for wait, _ in said["longest"][::-1][:5]],
        "latest return from a pause, s": round(said["late"], 3),
    }


def wait_target(name: str, said: dict[str, Any]) -> Target:
    """The longest wait of a reader for a commit."""
    return target(f"{name}: longest wait of a reader, s", said["longest"][-1][0], _LONGEST_WAIT)


def record(results: Results) -> dict[str, Any]:
    """One object for `--json`: `schema` 1."""
    return {
        "schema": 1,
        "machine": asdict(results.machine),
        "files": results.files,
        "judged": results.judged,
        "embedder": CHEAP,
        "parts": {name: part.figures for name, part in results.parts.items()},
        "targets": [asdict(target) | {"reached": target.reached} for target in results.targets],
        "failures": list(results.failures),
    }


def lines(results: Results) -> Iterator[str]:
    """The table, line by line."""
    it = results.machine
    yield f"{it.processor}, {it.cores} cores, {it.memory_gb:g} GB; {it.system}; Python {it.python}; load {it.load:g}"
    yield f"processor flags: {', '.join(it.flags) or 'none of those that matter'}"
    yield CHEAP
    for name, part in results.parts.items():
        yield ""
        yield name
        for label, value in part.figures.items():
            yield f"  {label:<{_LABEL}}{_said(value)}"
    yield ""
    for target in results.targets:
        mark, bound = "reached    " if target.reached else "NOT REACHED", "at least" if target.at_least else "at most"
        yield f"{mark}  {target.name}: {target.value:g} ({bound} {target.limit:g})"
    if not results.judged:
        yield f"note: {SLICE}"
    for failure in results.failures:
        yield f"Failed or left out: {failure}"


def _said(value: object) -> str:
    match value:
        case {"median": middle, "fastest": least, "slowest": most, "runs": runs}:
            return f"{middle:.3f} s (median of {runs}; {least:.3f} to {most:.3f})"
        case {"megabytes": megabytes, "kind": kind, "parts": parts}:
            return f"{megabytes:,.0f} ({kind}; {', '.join(f'{name} {size:.0f}' for name, size in parts)})"
        case list():
            return ", ".join(map(str, value)) or "none"
        case int():
            return f"{value:,}"
    return str(value)
