"""Part d: eight processes at one index, three that index and five that read, while its folder changes all the time.

Every document carries its edition in each of its passages, and how many of them there are: a reader sees at once
whether a file is half old and half new. A writer that comes second has to leave with 6 and name the first. Afterwards
one reader measures beside one writer how long reads of the catalog wait for commits; the machine's own noise are reads
of a copy at rest and commits of its own. In the end the index is compared with a fresh one.
"""

import json
import os
import random
import re
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from assistant import library
from assistant.errors import IndexUnusable
from assistant.indexing.catalog import Catalog
from soaking import cheap
from soaking.compare import assert_same
from soaking.frame import Broken, Case, Part, forked
from soaking.imported import IMPORTED
from soaking.rights import prepare
from soaking.runs import HANGING, Runs
from soaking.said import assert_clear, command

_WRITERS, _READERS = 3, 4  # and the one that measures
_SECONDS, _SECONDS_OF_SLICE = 10.0, 3.0
_RUNS_ALONE = 3
_FILES = 12
_MOST_PARTS = 7  # passages of a document
_EVERYTHING = 400  # hits: more than there are passages
_IN_USE = 6
_LONGEST_WAIT = 0.1  # seconds for a commit
_PART = re.compile(r"edition (\d+), part (\d+) of (\d+)")
_FILLER = (
    "audit",
    "branch",
    "budget",
    "cabinet",
    "claim",
    "deposit",
    "engine",
    "freight",
    "garden",
    "invoice",
    "office",
)
_READY = bool(IMPORTED)  # before the forks


def crowd(case: Case) -> None:
    """One run of eight processes; every third begins without an index."""
    prepare(case.work)
    cheap.use()
    folder = Folder(case.work / "documents", case.random("folder"))
    runs = Runs(case.work / "log")
    case.step("set up")
    for name in ("index", "copy"):
        runs.to_end(folder.root, case.work / name)
    if case.number % 3 == 2:
        shutil.rmtree(case.work / "index")
    scene = Scene(case.work, folder.root, time.monotonic() + (_SECONDS_OF_SLICE if case.sliced else _SECONDS))
    case.step("eight processes")
    with _Processes(case) as processes:
        for number in range(_WRITERS):
            processes.start(f"writer {number}", partial(_write, scene, number))
        for number in range(_READERS):
            processes.start(f"reader {number}", partial(_read, scene, keep=bool(number % 2)))
        processes.start("reader that measures", partial(_measure, scene, case.shared / "waits in a crowd"))
        while time.monotonic() < scene.until:
            folder.change()
            time.sleep(folder.random.uniform(0.02, 0.4))
    case.step("one writer, one reader")
    scene = Scene(case.work, folder.root, time.monotonic() + HANGING, case.work / "over")
    with _Processes(case) as processes:
        processes.start("reader alone", partial(_measure, scene, case.shared / "waits", longest=_LONGEST_WAIT))
        for _ in range(1 if case.sliced else _RUNS_ALONE):
            for _ in range(_FILES // 3):
                folder.change()
            runs.to_end(folder.root, scene.index)
        scene.over.touch()
    case.step("run to the end and compare")
    runs.to_end(folder.root, case.work / "index")
    runs.to_end(folder.root, case.work / "fresh")
    questions = [f"edition part {word}" for word in _FILLER[:3]]
    forked(lambda: assert_same(case.work / "index", case.work / "fresh", questions), HANGING)
    case.count("runs")


# --- the folder ---


@dataclass(slots=True)
class Folder:
    """Documents whose passages tell their edition; every change is made in one step."""

    root: Path
    random: random.Random
    edition: int = 0

    def __post_init__(self) -> None:
        for number in range(_FILES):
            self._write(f"{number % 3}/ledger-{number}.{'md' if number % 4 else 'txt'}")

    def change(self) -> None:
        """Write a document anew, which is mostly what happens; or add, move or delete one."""
        paths = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("ledger*"))
        [how] = self.random.choices(("edit", "add", "move", "delete"), (10, 1, 2, 1))
        path = self.random.choice(paths)
        if how == "edit":
            self._write(path)
        elif how == "add" or len(paths) < _FILES // 2:
            self._write(f"{self.edition % 3}/ledger-{100 + self.edition}.md")
        elif how == "move":
            self.edition += 1
            (self.root / path).rename((self.root / path).with_name(f"ledger-{100 + self.edition}{Path(path).suffix}"))
        else:
            (self.root / path).unlink()

    def _write(self, path: str) -> None:
        self.edition += 1
        parts = self.random.randint(1, _MOST_PARTS)
        sections = [
            f"## Part {part}\n\nThis is edition {self.edition}, part {part} of {parts}. {self._sentences()}\n"
            for part in range(1, parts + 1)
        ]
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = self.root / ".draft"
        draft.write_text("\n".join(sections), encoding="utf-8")
        draft.replace(target)

    def _sentences(self) -> str:
        """Enough words that each part is a passage of its own."""
        return " ".join(f"The {' '.join(self.random.choices(_FILLER, k=9))}." for _ in range(12))


# --- the processes ---


@dataclass(frozen=True, slots=True)
class Scene:
    """What the processes share."""

    work: Path
    folder: Path
    until: float  # monotonic
    over: Path = Path("never")  # or as soon as this is there

    @property
    def index(self) -> Path:
        """The index that all are at."""
        return self.work / "index"

    def going(self) -> Iterator[None]:
        """Go on until the time is over, at least once."""
        yield
        while time.monotonic() < self.until and not self.over.exists():
            yield


def _write(scene: Scene, number: int) -> Counter[str]:
    """Index again and again; raise Broken for an end that is neither good nor said to be another's turn."""
    counts: Counter[str] = Counter()
    own = scene.work / f"writer-{number}"
    own.mkdir()
    for _ in scene.going():
        said = command(own, "index", str(scene.folder), "--index", str(scene.index), "--yes", "--quiet")
        counts["writers that came second"] += said.code == _IN_USE
        counts["writers that came first"] += said.code == 0
        if said.code == _IN_USE:
            assert_clear(said, [])
            if not re.search(r"process \d+ since", said.err):
                raise Broken(f"a writer that came second does not name the first: {said.last}")
            time.sleep(0.02)
        elif said.code:
            raise Broken(f"a writer ended with {said.code}: {said.err[-300:]}")
    return counts


def _read(scene: Scene, keep: bool) -> Counter[str]:
    """Search again and again, with one index kept open or opened anew; raise Broken for a file that is half new."""
    counts: Counter[str] = Counter()
    editions: dict[str, int] = {}
    while not _there(scene.index):
        if time.monotonic() > scene.until:
            return counts
        time.sleep(0.01)
    opened = library.open(scene.index) if keep else None
    try:
        for _ in scene.going():
            if opened is not None:
                _check(opened, editions, counts)
            else:
                with library.open(scene.index) as once:
                    _check(once, editions, counts)
    finally:
        if opened is not None:
            opened.close()
    return counts


def _there(index: Path) -> bool:
    """Whether an index holds text already; a reader may come before the first commit."""
    try:
        library.open(index).close()
    except IndexUnusable as error:
        if "no index" in str(error) or "empty" in str(error) or "no text" in str(error):
            return False
        raise
    return True


def _check(index: library.Index, editions: dict[str, int], counts: Counter[str]) -> None:
    """Every file is wholly of one edition, which is none that was seen to be replaced."""
    seen: dict[str, list[tuple[int, int, int]]] = {}
    for hit in index.find("edition part", _EVERYTHING).hits:
        told = _PART.search(hit.text)
        if told is None:
            raise Broken(f"{hit.path}: a passage that tells no edition: {hit.text[:60]!r}")
        seen.setdefault(hit.path, []).append((int(told[1]), int(told[2]), int(told[3])))
    for path, parts in seen.items():
        edition, _, total = parts[0]
        if sorted(parts) != [(edition, part, total) for part in range(1, total + 1)]:
            raise Broken(f"{path} is neither old nor new: {sorted(parts)}")
        if edition < editions.get(path, 0):
            raise Broken(f"{path} is of edition {edition} again, after {editions[path]}")
        editions[path] = edition
        counts["files seen whole"] += 1
    counts["searches"] += 1


def _measure(scene: Scene, file: Path, longest: float | None = None) -> Counter[str]:
    """Measure reads of the catalog, and what the machine does to reads and commits that nobody else is at.

    Raises Broken where a read took more than `longest` seconds beyond that.
    """
    waits: dict[str, list[float]] = {"reads": [], "reads of a copy": [], "commits alone": []}
    while not _there(scene.index):
        if time.monotonic() > scene.until:
            return Counter()
        time.sleep(0.01)
    with (
        Catalog.open(scene.index) as catalog,
        Catalog.open(scene.work / "copy") as copy,
        closing(_scratch(file.name, scene.work)) as scratch,
    ):
        for _ in scene.going():
            for name, what in (("reads", catalog), ("reads of a copy", copy)):
                began = time.perf_counter()
                with what.snapshot():
                    what.counts()
                waits[name].append(time.perf_counter() - began)
            began = time.perf_counter()
            scratch.execute("INSERT INTO scratch VALUES (zeroblob(20000))")
            waits["commits alone"].append(time.perf_counter() - began)
            time.sleep(0.002)
    with file.with_suffix(".jsonl").open("a", encoding="utf-8") as kept:
        kept.write(json.dumps({name: _figures(times) for name, times in waits.items()}) + "\n")
    return _judged(waits, longest)


def _scratch(name: str, work: Path) -> sqlite3.Connection:
    """A database whose commits are as durable as the catalog's."""
    scratch = sqlite3.connect(work / f"{name}.sqlite", isolation_level=None)
    scratch.execute("PRAGMA synchronous=EXTRA")
    scratch.execute("CREATE TABLE scratch (content BLOB)")
    return scratch


def _judged(waits: dict[str, list[float]], longest: float | None) -> Counter[str]:
    worst = {name: max(times) for name, times in waits.items()}
    noise = max(worst["reads of a copy"], worst["commits alone"])
    if longest is None:
        return Counter({"reads measured in the crowd": len(waits["reads"])})
    if worst["reads"] > longest + noise:
        raise Broken(f"a read took {_ms(worst['reads'])} ms, where the machine by itself takes {_ms(noise)} at most")
    slow = sum(time > longest for time in waits["reads"])
    return Counter({"reads measured beside a writer": len(waits["reads"]), "of them above 100 ms": slow})


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"count": len(times), "median_ms": _ms(ordered[len(ordered) // 2]), "worst_ms": _ms(ordered[-1])}


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


@dataclass(slots=True)
class _Processes:
    """Forks that run beside each other; leaving waits for all, adds up their counts, and raises what one met."""

    case: Case
    running: dict[int, str] = field(default_factory=dict)

    def __enter__(self) -> "_Processes":
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


PART = Part("d", "runs", times=50, sliced=1, run=crowd, note=cheap.NOTE)
