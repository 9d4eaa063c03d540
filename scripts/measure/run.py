"""One measurement: which parts, in what order, and what each gave."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from measure import report
from measure.figures import Bare, Ingested, Job, Peak
from measure.machine import Machine
from measure.sample import copied
from measure.server import Server
from measure.start import Seconds, Starting, cold_ask, starting
from measure.tree import MeasurementFailed, run_job

PARTS = ("ours", "stock", "mixed", "bare", "ask", "start")
_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured."""

    folder: Path
    files: tuple[str, ...]
    compared: tuple[str, ...]  # of the files, those on which the stacks are compared
    parts: tuple[str, ...]
    runs: int  # of what is started again and again
    bare_texts: int
    index: str  # for bare and ask; made by our largest run where empty
    questions: tuple[str, ...]  # taken from the index's headings where empty
    judged: bool


@dataclass(slots=True)
class Measurement:
    """A measurement under way; a part that fails is noted, and the others go on."""

    plan: Plan
    machine: Machine
    work: Path
    server: Server | None
    index: str = ""
    questions: tuple[str, ...] = ()
    window: int | None = None
    ingested: dict[str, tuple[Ingested, Peak]] = field(default_factory=dict)
    bare: Bare | None = None
    ask: tuple[Seconds, Peak] | None = None
    starting: Starting | None = None
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Measure every part of the plan."""
        self.index, self.questions = self.plan.index, self.plan.questions
        same = self.plan.folder
        if self.plan.compared != self.plan.files:
            same = copied(self.plan.folder, self.plan.compared, self.work / "same-files")
        if "ours" in self.plan.parts or (not self.index and {"bare", "ask"} & set(self.plan.parts)):
            if same != self.plan.folder:
                self._try(report.WHOLE, lambda: self._ours(report.WHOLE, self.plan.folder))
            self._try(report.OURS, lambda: self._ours(report.OURS, same))
        steps: dict[str, tuple[str, Callable[[], None]]] = {
            "bare": ("the bare model", self._bare),
            "stock": (report.STOCK, lambda: self._stock(same)),
            "mixed": (report.MIXED, lambda: self._mixed(same)),
            "ask": ("cold questions", self._ask),
            "start": ("starting", self._start),
        }
        for part, (name, step) in steps.items():
            if part in self.plan.parts:
                self._try(name, step)

    def results(self) -> report.Results:
        """What was measured."""
        return report.Results(
            machine=self.machine,
            folder=self.plan.folder.name,
            files=len(self.plan.files),
            sampled=len(self.plan.compared),
            server=self.server,
            window=self.window,
            ingested=self.ingested,
            bare=self.bare,
            ask=self.ask[0] if self.ask else None,
            ask_peak=self.ask[1] if self.ask else None,
            questions=self.questions,
            starting=self.starting,
            judged=self.plan.judged,
            failures=tuple(self.failures),
        )

    def _ours(self, column: str, folder: Path) -> None:
        index = tempfile.mkdtemp(dir=self.work)
        self._ingest(column, Job("ours", str(folder), index=index))
        self.index = self.index or index

    def _stock(self, folder: Path) -> None:
        if self.server is None:
            raise MeasurementFailed("there is no ollama on the PATH")
        address = self.server.address
        figures, _ = self._figures(Job("window", server=address))
        self.window = int(figures["tokens"])
        job = Job("stock", str(folder), self.plan.compared, server=address, window=self.window)
        self._ingest(report.STOCK, job, [self.server.pid])

    def _mixed(self, folder: Path) -> None:
        self._ingest(report.MIXED, Job("mixed", str(folder), self.plan.compared))

    def _ingest(self, column: str, job: Job, also: Sequence[int] = ()) -> None:
        figures, peak = self._figures(job, also)
        self.ingested[column] = Ingested(**figures), peak

    def _bare(self) -> None:
        figures, _ = self._figures(Job("bare", index=self.index, texts=self.plan.bare_texts))
        self.bare = Bare(**figures)

    def _ask(self) -> None:
        if not self.questions:
            figures, _ = self._figures(Job("questions", index=self.index, texts=_QUESTIONS))
            self.questions = tuple(figures["questions"])
        if not self.questions:
            raise MeasurementFailed("no heading of the index is answered with a source; name a --question")
        self.ask = cold_ask(self.index, self.questions, self.plan.runs)

    def _start(self) -> None:
        self.starting = starting(self.plan.runs)

    def _figures(self, job: Job, also: Sequence[int] = ()) -> tuple[dict[str, Any], Peak]:
        placed = replace(job, index=job.index or tempfile.mkdtemp(dir=self.work))
        return run_job(placed, dict(os.environ), also)

    def _try(self, name: str, step: Callable[[], None]) -> None:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        try:
            step()
        except (MeasurementFailed, ValueError, OSError) as error:
            self.failures.append(f"{name}: {error}")
