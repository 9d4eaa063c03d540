"""An index under test with its folder: indexed to the end, killed, looked at, and compared with a fresh one."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant import library
from assistant.errors import IndexUnusable
from assistant.storage.catalog import Catalog
from assistant.storage.layout import GENERATIONS
from soaking.compare import assert_same
from soaking.folders import Documents
from soaking.frame import Broken, Case, forked
from soaking.imported import IMPORTED
from soaking.runs import HANGING, Kill, Runs, left_alone

_QUESTIONS = 3
_READY = bool(IMPORTED)  # before the forks


@dataclass(slots=True)
class Subject:
    """An index, its folder, and the runs that keep them level."""

    case: Case
    documents: Documents
    index: Path
    runs: Runs
    options: tuple[str, ...] = ()  # of every run, also of the fresh one
    finished: bool = False  # whether a run has ever come to its end
    strays: set[str] = field(default_factory=set)  # generations that killed runs' children finished too late

    def killed(self, kill: Kill) -> bool:
        """Kill a run, and look at what it left; returns whether it was still running."""
        self.case.step(str(kill))
        killed = self.runs.killed(kill, self.documents.root, self.index, *self.options)
        self.finished = self.finished or not killed
        self.look()
        return killed

    def look(self) -> None:
        """Open and search the index, which may be behind its folder; raise Broken for a crash, a phantom or a loss."""
        self.case.step("open and search")
        questions, steady = self._questions(), sorted(self.documents.steady) if self.finished else []
        forked(lambda: _look(self.index, self.documents, questions, steady), HANGING)

    def level(self) -> None:
        """Run to the end."""
        self.case.step("run to the end")
        self.runs.to_end(self.documents.root, self.index, *self.options)
        if not left_alone():
            self.strays |= {folder.name for folder in (self.index / GENERATIONS).glob("gen-*")}
        self.finished = True
        self.documents.settle()
        self.documents.steady &= forked(lambda: _paths(self.index))  # not what is ignored, or a link

    def compare(self) -> None:
        """Compare with a fresh index; the index is level."""
        self.case.step("compare")
        fresh = self.case.work / "fresh"
        replace(self.runs).to_end(self.documents.root, fresh, *self.options)  # a copy: it is not timed with the others
        questions = self._questions()
        forked(lambda: assert_same(self.index, fresh, questions, self.strays), HANGING)
        shutil.rmtree(fresh)
        self.case.count("comparisons")

    def _questions(self) -> list[str]:
        return [self.documents.question() for _ in range(_QUESTIONS)]


def _paths(index: Path) -> set[str]:
    with Catalog.open(index) as catalog:
        return set(catalog.files())


def _look(index: Path, documents: Documents, questions: Sequence[str], steady: Sequence[str]) -> None:
    try:
        with library.open(index) as opened:
            for question in questions:
                for hit in opened.find(question, 10).hits:
                    if not documents.held(hit):
                        raise Broken(f"{hit.path}, page {hit.page}: {hit.text[:60]!r} never stood there")
        with Catalog.open(index) as catalog:
            lost = sorted(set(steady) - catalog.files().keys())
        if lost:
            raise Broken(f"{lost[0]} and {len(lost) - 1} more are lost")
    except IndexUnusable as error:
        if steady:
            raise Broken(f"the index cannot be opened: {error}") from error
