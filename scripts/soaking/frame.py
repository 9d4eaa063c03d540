"""The frame of scripts/soak.py: cases that are drawn from a seed, each in a fork, resumed where one stopped.

How a part is added
    1. Write a module of this package with a value `PART = Part(...)` and a function `run(case)` that it names.
    2. Name the module in `MODULES` of scripts/soak.py.
    A case is one independent piece of the part's work: a life of an index with ten kills, one mutation, one run of
    eight processes. It draws everything from `case.random()`, so that seed, part and number repeat it. It works below
    `case.work`, an empty folder that is removed if the case held; what all cases of the part need and none changes
    goes below `case.shared` (made under another name and renamed: a run may be killed meanwhile). It counts what it
    did with `case.count("kills")`; counts are added up and make the part's line of figures, and cases follow one
    another until the part's unit has been counted often enough: each counts at least one. It calls
    `case.step("kill 7: parent only, after 0.31 s")` before each thing that may fail: a failure is reported with the
    last step. What does not hold is raised as `Broken` (one line); any other exception is a failure, too.
    Each case runs in a fork of this process, so that a crash is a failure and not the end. Libraries that the cases
    use are imported at the top of the part's module, once. They must not be *used* there: chromadb and tantivy start
    threads at their first use, and a fork has none of them. `forked` runs a function in one more fork. The modules
    folders (documents to index), cheap (the cheap embedder), runs (of the command, also killed), and compare (an
    index against a fresh one) are there for every part.
"""

import json
import os
import pickle
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

_MOST_FAILURES = 25  # of one part: what fails so often needs no more examples
_SAYING_SECONDS = 30.0  # between two lines of progress
_LENGTH_BYTES = 8  # in front of what a fork sends
_Result = TypeVar("_Result")


class Broken(Exception):
    """Something that a part promises does not hold; the message says what, in one line."""


class Died(Broken):
    """A fork ended before it had returned its result."""


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of a part's work; the same seed, part and number draw the same."""

    part: str
    number: int
    seed: int
    work: Path  # of this case alone, empty at its start
    shared: Path  # of all cases of the part
    sliced: bool  # whether this is a slice for the tests: few and small
    counts: Counter[str] = field(default_factory=Counter)
    steps: list[str] = field(default_factory=list)

    def random(self, *more: object) -> random.Random:
        """A new source of random numbers that depends on seed, part, number and `more` only."""
        return random.Random(repr((self.seed, self.part, self.number, *more)))

    def count(self, name: str, number: int = 1) -> None:
        """Add to one of the part's figures."""
        self.counts[name] += number

    def step(self, what: str) -> None:
        """Note what is done next."""
        self.steps.append(what)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the soak."""

    letter: str
    unit: str  # what `--times` counts, as `case.count` names it: "kills"
    times: int  # units of a full run: cases follow one another until so many are counted
    sliced: int  # units of a slice
    run: Callable[[Case], None]  # one case; raises Broken
    note: str = ""  # said in the line of figures: "cheap embedder"
    seconds: float = 600.0  # after which a case counts as hung


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that did not hold, and where in it."""

    case: int
    step: str
    what: str


@dataclass(slots=True)
class Standing:
    """How far a part is; kept in the file from which an interrupted run goes on."""

    seed: int
    cases: int = 0  # done
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Soak:
    """What was asked for."""

    seed: int
    work: Path
    sliced: bool = False
    times: int | None = None
    only: int | None = None  # a single case, to reproduce a failure; nothing is resumed or kept


def soak(part: Part, asked: Soak) -> Standing:
    """Run the part's cases that have not been run yet, and return how it stands; an interruption keeps what is done."""
    if asked.only is not None:
        standing = Standing(asked.seed)
        _run_case(part, asked, asked.only, standing)
        return standing
    file = asked.work / f"{part.letter}.json"
    standing = _load(file) or Standing(asked.seed)
    if standing.seed != asked.seed:
        raise Broken(f"{asked.work} is of a soak with seed {standing.seed}: name another --work, or remove it")
    times = asked.times or (part.sliced if asked.sliced else part.times)
    said = time.monotonic()
    while standing.counts.get(part.unit, 0) < times and len(standing.failures) < _MOST_FAILURES:
        _run_case(part, asked, standing.cases, standing)
        standing.cases += 1
        _save(file, standing)
        if time.monotonic() - said > _SAYING_SECONDS:
            said = time.monotonic()
            print(f"so far, of {times:,}: {line(part, standing)}", file=sys.stderr, flush=True)
    return standing


def line(part: Part, standing: Standing) -> str:
    """The figures of a part in one line."""
    counts = dict(standing.counts)
    done = counts.pop(part.unit, 0)
    verdict = f"{len(standing.failures)} failed" if standing.failures else "all held"
    others = "".join(f", {number:,} {name}" for name, number in sorted(counts.items()))
    minutes = f"{int(standing.seconds) // 60}:{int(standing.seconds) % 60:02}"
    note = f"; {part.note}" if part.note else ""
    return f"{part.letter}  {done:,} {part.unit}, {verdict}{others}; {minutes} min, seed {standing.seed}{note}"


def reproduce(part: Part, seed: int, failure: Failure) -> str:
    """A failure in words, with the command that repeats its case."""
    command = f"soak.py --part {part.letter} --seed {seed} --only {failure.case}"
    return f"{part.letter}  case {failure.case}, {failure.step}: {failure.what}\n   again with: {command}"


def forked(function: Callable[[], _Result], seconds: float = 300.0) -> _Result:
    """Return what `function` returns in a fork of this process; raises what it raises, and Died where it cannot say."""
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        os.close(readable)
        _answer(function, writable)
    os.close(writable)
    try:
        received = _received(readable, time.monotonic() + seconds)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(readable)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not received:
        raise Died(f"the process ended with {code}")
    held, result = pickle.loads(received)  # noqa: S301 - from our own fork
    if not held:
        raise result
    answer: _Result = result
    return answer


def _answer(function: Callable[[], Any], writable: int) -> None:
    """In the fork: send the function's result, or its exception, and end without any of the parent's clean-up."""
    try:
        try:
            sent = pickle.dumps((True, function()))
        except Broken as broken:
            sent = pickle.dumps((False, broken))
        except BaseException as error:
            trace = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} at {Path(trace.filename).name}:{trace.lineno}: {error}"
            traceback.print_exc()
            sent = pickle.dumps((False, Broken(what)))
        with os.fdopen(writable, "wb") as pipe:
            pipe.write(len(sent).to_bytes(_LENGTH_BYTES, "big") + sent)
    finally:
        os._exit(0)


def _received(readable: int, deadline: float) -> bytes:
    """What the fork sends, empty where it sends nothing; what it leaves running may hold the pipe open."""
    received = bytearray()
    while len(received) < _LENGTH_BYTES or len(received) < _LENGTH_BYTES + _length(received):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([readable], [], [], left)[0]:
            raise Died("the process hung")
        part = os.read(readable, 1 << 20)
        if not part:
            return b""
        received += part
    return bytes(received[_LENGTH_BYTES:])


def _length(received: bytearray) -> int:
    return int.from_bytes(received[:_LENGTH_BYTES], "big")


def _run_case(part: Part, asked: Soak, number: int, standing: Standing) -> None:
    """Run one case in a fork, and add what it counted and how it failed to the part's standing."""
    work, shared = (asked.work / part.letter / name for name in (str(number), "shared"))
    _removed(work)
    for folder in (work, shared):
        folder.mkdir(parents=True, exist_ok=True)
    case = Case(part.letter, number, asked.seed, work, shared, asked.sliced)
    began = time.monotonic()
    try:
        counts, steps, what = forked(lambda: _outcome(part, case), part.seconds)
    except Broken as broken:  # a crash or a hang: its counts are lost
        counts, steps, what = Counter(), ["somewhere"], str(broken)
    standing.seconds += time.monotonic() - began
    standing.counts = dict(Counter(standing.counts) + counts)
    if what is None:
        _removed(work)
        return
    failure = Failure(number, steps[-1] if steps else "at its start", what)
    standing.failures.append(failure)
    (asked.work / part.letter / f"{number}.steps").write_text("\n".join(steps) + "\n", encoding="utf-8")
    print(reproduce(part, asked.seed, failure), file=sys.stderr, flush=True)


def _outcome(part: Part, case: Case) -> tuple[Counter[str], list[str], str | None]:
    """In the fork: what the case counted and did, and what did not hold."""
    os.setpgid(0, 0)  # what it leaves behind can be found
    try:
        part.run(case)
    except Broken as broken:
        return case.counts, case.steps, str(broken)
    except Exception as error:
        traceback.print_exc()
        return case.counts, case.steps, f"{type(error).__name__}: {error}"
    return case.counts, case.steps, None if case.counts[part.unit] else f"the case counted no {part.unit}"


def _removed(folder: Path) -> None:
    """Remove a folder whatever permissions a case has left in it."""
    if folder.is_dir():
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _load(file: Path) -> Standing | None:
    if not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    failures = [Failure(**failure) for failure in kept.pop("failures")]
    return Standing(**kept | {"failures": failures})


def _save(file: Path, standing: Standing) -> None:
    """Replace the file in one step: whoever is killed meanwhile has the old one."""
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(standing), indent=1, ensure_ascii=False), encoding="utf-8")
    draft.replace(file)
