"""Part d: eight processes at one index, three that index and five that read, while its folder changes all the time.

Every document carries its edition in each of its passages, and how many of them there are: a reader sees at once
whether a file is half old and half new. A writer that comes second has to leave with 6 and name the first. Afterwards
one reader measures beside one writer how long reads of the catalog wait for commits; the machine's own noise are reads
of a copy at rest and commits of its own. In the end the index is compared with a fresh one.
"""

import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant import library
from assistant.errors import IndexUnusable
from assistant.types import Hit
from soaking import cheap
from soaking.compare import assert_same
from soaking.frame import Broken, Case, Part, forked
from soaking.imported import IMPORTED
from soaking.processes import Processes
from soaking.rights import prepare
from soaking.runs import HANGING, Runs
from soaking.said import assert_clear, command
from soaking.waits import measure

_WRITERS, _READERS = 3, 4  # and the one that measures
_SECONDS, _SECONDS_OF_SLICE = 10.0, 3.0
_RUNS_ALONE = 3
_FILES = 12
_MOST_PARTS = 7  # passages of a document
_QUESTION = "edition part"  # words of every passage
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
    with Processes(case) as processes:
        for number in range(_WRITERS):
            processes.start(f"writer {number}", partial(_write, scene, number))
        for number in range(_READERS):
            processes.start(f"reader {number}", partial(_read, scene, keep=bool(number % 2)))
        processes.start("reader that measures", partial(_measure, scene, case.shared / "waits-crowd.jsonl"))
        while time.monotonic() < scene.until:
            folder.change()
            time.sleep(folder.random.uniform(0.02, 0.4))
    case.step("one writer, one reader")
    scene = Scene(case.work, folder.root, time.monotonic() + HANGING, case.work / "over")
    with Processes(case) as processes:
        processes.start("reader alone", partial(_measure, scene, case.shared / "waits.jsonl", longest=_LONGEST_WAIT))
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
            self._write(f"{number % 3}/ledger-{number}.md")

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
            (self.root / path).rename((self.root / path).with_name(f"ledger-{100 + self.edition}.md"))
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


# --- what the processes do ---


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
                check(opened.find(_QUESTION, _EVERYTHING).hits, editions, counts)
            else:
                with library.open(scene.index) as once:
                    check(once.find(_QUESTION, _EVERYTHING).hits, editions, counts)
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


def check(hits: Iterable[Hit], editions: dict[str, int], counts: Counter[str]) -> None:
    """Raise Broken where a file is not wholly of one edition, or of one that was seen to be replaced.

    `editions` remembers what was seen; the hits are all passages that there are.
    """
    seen: dict[str, list[tuple[int, int, int]]] = {}
    for hit in hits:
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
    """As soon as there is an index: measure how long reads of its catalog wait."""
    while not _there(scene.index):
        if time.monotonic() > scene.until:
            return Counter()
        time.sleep(0.01)
    return measure(scene.index, scene.work / "copy", scene.going(), file, longest)


PART = Part("d", "runs", times=50, sliced=1, run=crowd, note=cheap.NOTE)
