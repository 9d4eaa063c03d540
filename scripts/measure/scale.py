"""What a run costs when little has changed, on a generated folder that is large: each step in a process of its own.

The index is made with an embedder that costs nothing (measure/beside.py); reading, catalog, words and generations are
the real ones, and the few passages that change later are embedded by the real model.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from assistant.storage.catalog import Catalog
from measure.figures import Peak
from measure.grown import grow, rewrite
from measure.machine import Machine
from measure.process import Beside, seconds_of
from measure.scale_report import Part, Results, memory, peaks, seconds, stage_seconds, target, wait_figures, wait_target
from measure.start import program
from measure.tree import MeasurementFailed

PARTS = ("first", "unchanged", "notice", "warm", "changed", "moved", "generation")
FULL = 10_000  # files for which the targets are meant
_RUNS, _CHANGED = 9, 5  # short runs; files that are changed one after the other
_REWRITTEN = 0.06  # of the files: just above what makes a new generation due
_QUESTIONS = 1_000
_QUIET_SECONDS, _QUESTION_PAUSE = 20.0, 0.25


@dataclass(slots=True)
class Scale:
    """A measurement under way; a part that fails is noted, and the others go on."""

    work: Path
    files: int
    parts: tuple[str, ...]
    machine: Machine
    done: dict[str, Part] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def run(self) -> Results:
        """Measure every part, the first also where only others are asked for and there is no index yet."""
        steps: dict[str, Callable[[], Part]] = {
            "first": self._first, "unchanged": self._unchanged, "notice": self._notice, "warm": self._warm,
            "changed": self._changed, "moved": self._moved, "generation": self._generation,
        }  # fmt: skip
        for name, step in steps.items():
            if name in self.parts or (name == "first" and not self._index.exists()):
                print(f"measuring: {name}", file=sys.stderr, flush=True)
                try:
                    self.done[name] = step()
                except (MeasurementFailed, OSError, ValueError) as error:
                    self.failures.append(f"{name}: {error}")
        return Results(self.machine, self.files, self._judged, self.done, tuple(self.failures))

    @property
    def _index(self) -> Path:
        return self.work / "index"

    @property
    def _judged(self) -> bool:
        return self.files >= FULL

    def _first(self) -> Part:
        """Every file is new, and somebody reads the index meanwhile."""
        folder = self.work / "documents"
        for old in (folder, self.work / "renamed", self._index):
            shutil.rmtree(old, ignore_errors=True)
        began = time.monotonic()
        grow(folder, self.files)
        grown = round(time.monotonic() - began, 1)
        with Beside("wait", str(self._index)) as reading, Beside("index", str(self._index), str(folder)) as running:
            stages, said = running.stages()
            waits = reading.answer()
        share = said["passages"] / self.files / 10
        return Part(
            {"files": self.files, "passages": said["passages"], "seconds to make the folder": grown}
            | stage_seconds(stages)
            | peaks(stages)
            | wait_figures(waits),
            (
                target("passages, of ten a file", share, 0.98, at_least=True),
                target("passages, of ten a file", share, 1.02),
                *memory("first run", stages),
                wait_target("first run", waits),
            ),
        )

    def _unchanged(self) -> Part:
        """The whole command, from the start of its process to its end."""
        command = [*program(), "index", "--index", str(self._index)]
        seconds_of(command)  # notes the times of files that were written while they were scanned
        runs = [seconds_of(command) for _ in range(self._runs)]
        took = [whole for whole, _ in runs]
        said, peak = self._command()
        return Part(
            seconds("run", took)
            | seconds("processor time of it", [processor for _, processor in runs])
            | {"printed": said["printed"].strip(), "imported": said["imported"]},
            (
                target("unchanged: seconds, median", median(took), 1.0),
                target("unchanged: heavy libraries imported", len(said["imported"]), 0),
                target("unchanged: memory of the tree, MB", peak.megabytes, 600),
            ),
        )

    def _notice(self) -> Part:
        """The comparison alone, and what it adds to a search."""
        with Beside("notice", str(self._index), str(self._runs)) as looking:
            took = looking.result()
        return Part(
            seconds("comparison", took["alone"])
            | {"processor time of it, s": round(took["processor"], 4)}
            | seconds("search without it", took["without"])
            | seconds("search with it", took["with_it"]),
            (
                target("notice: seconds of the comparison, median", median(took["alone"]), 0.1),
                target("notice: seconds added to a search", median(took["with_it"]) - median(took["without"]), 0.1),
            ),
        )

    def _warm(self) -> Part:
        """Searches in one process, the question's embedding by the real model included."""
        with Beside("warm", str(self._index), str(_QUESTIONS if self._judged else _QUESTIONS // 50)) as asking:
            said = asking.result()
        took = sorted(said["took"])
        slowest = took[len(took) * 99 // 100]
        return Part(
            seconds("search", took)
            | {"99th percentile of them": round(slowest, 4), "processor time of one, s": round(said["processor"], 4)},
            (
                target("warm: seconds of a search, median", median(took), 0.06),
                target("warm: seconds of a search, 99th percentile", slowest, 0.15),
            ),
        )

    def _changed(self) -> Part:
        """One file gets a new paragraph; somebody searches for its words from before the run on."""
        folder, paths = self._folder_and_paths()
        times = _CHANGED if self._judged else 1
        words, meaning, runs, processor, most = [], [], [], [], 0.0
        imported: set[str] = set()
        for number, path in enumerate(paths[:: len(paths) // times][:times]):
            word = f"zyxo{time.time_ns()}{number}"
            with Beside("find", str(self._index), path, word) as finding:
                finding.ready()
                with (folder / path).open("a", encoding="utf-8") as file:
                    file.write(f"\nThe depot in {word} keeps the spare keys of the archive.\n")
                began = time.monotonic()
                said, peak = self._command()
                runs.append(time.monotonic() - began)
                found = finding.result()
            words.append(found["words"] - began)
            meaning.append(found["meaning"] - began)
            processor.append(said["processor"])
            imported.update(said["imported"])
            most = max(most, peak.megabytes)
        return Part(
            seconds("found by words", words)
            | seconds("found by meaning", meaning)
            | seconds("run", runs)
            | seconds("processor time of it", processor)
            | {"imported": sorted(imported)},
            (
                target("changed: seconds to be found by words, slowest", max(words), 2.0),
                target("changed: seconds to be found by meaning, too, slowest", max(meaning), 2.0),
                target("changed: chromadb imported", int("chromadb" in imported), 0),
                target("changed: memory of the tree, MB", most, 600),
            ),
        )

    def _moved(self) -> Part:
        """The folder has another name; then everything in it lies a folder deeper (or, the next time, higher)."""
        folder, _ = self._folder_and_paths()
        renamed = self.work / ("renamed" if folder.name != "renamed" else "documents")
        folder.rename(renamed)
        whole, whole_peak, whole_seconds = self._indexed(renamed)
        _move_everything(renamed, self.work / "aside")
        below, below_peak, below_seconds = self._indexed(renamed)
        return Part(
            {
                "folder renamed: seconds": whole_seconds,
                "texts embedded when the folder is renamed": whole["embedded"],
                "everything in it moved: seconds": below_seconds,
                "texts embedded when everything in it moves": below["embedded"],
                "files known again in another place": below["moved"],
            },
            (
                target("moved: texts embedded, both runs", whole["embedded"] + below["embedded"], 0),
                target("moved: share of the files known again", below["moved"] / self.files, 1.0, at_least=True),
                target("moved: memory of the tree, MB", max(whole_peak.megabytes, below_peak.megabytes), 600),
            ),
        )

    def _generation(self) -> Part:
        """So many files are written anew that the next generation is due; somebody asks and reads meanwhile."""
        folder, paths = self._folder_and_paths()
        chosen = paths[:: int(1 / _REWRITTEN)]
        quiet_seconds = _QUIET_SECONDS if self._judged else 1.0
        with (
            Beside("ask", str(self._index), str(_QUESTION_PAUSE)) as asking,
            Beside("wait", str(self._index)) as reading,
        ):
            asking.ready()
            reading.ready()
            before = time.monotonic()
            time.sleep(quiet_seconds)
            for number, path in enumerate(chosen):
                rewrite(folder / path, seed=time.time_ns() + number)
            began = time.monotonic()
            with Beside("index", str(self._index), str(folder)) as running:
                stages, said = running.stages()
            waits, took = reading.answer(), asking.answer()["took"]
        building = next((stage for stage in stages if stage.name == "Publishing"), None)
        if building is None:
            raise MeasurementFailed("no new generation was due")
        quiet = [long for at, long in took if before < at < began - long]
        meanwhile = [long for at, long in took if building.began < at < building.began + building.seconds]
        return Part(
            {"files written anew": len(chosen), "texts embedded": said["embedded"], "passages": said["passages"]}
            | stage_seconds(stages)
            | peaks(stages)
            | seconds("quiet question", quiet)
            | seconds("question meanwhile", meanwhile)
            | wait_figures(waits),
            (
                target("generation: seconds to build it", building.seconds, 90),
                *memory("generation", stages),
                wait_target("generation", waits),
            ),
        )

    @property
    def _runs(self) -> int:
        return _RUNS if self._judged else 2

    def _command(self) -> tuple[dict[str, Any], Peak]:
        """One run of the command, which must succeed."""
        with Beside("command", "index", "--index", str(self._index)) as running:
            said, peak = running.watched()
        if said["code"]:
            raise MeasurementFailed(f"assistant index ended with {said['code']}")
        return said, peak

    def _indexed(self, folder: Path) -> tuple[dict[str, Any], Peak, float]:
        """The report of a run over a folder that has moved, its memory and its seconds."""
        began = time.monotonic()
        with Beside("command", "index", str(folder), "--replace", "--json", "--index", str(self._index)) as running:
            said, peak = running.watched()
        return json.loads(said["printed"]), peak, round(time.monotonic() - began, 2)

    def _folder_and_paths(self) -> tuple[Path, list[str]]:
        """Where the indexed folder is now, and its files."""
        with Catalog.open(self._index) as catalog:
            return Path(catalog.get("folder") or ""), sorted(catalog.files())


def _move_everything(folder: Path, aside: Path) -> None:
    """Into a subfolder of its own, or out of it."""
    inner = folder / "everything"
    if inner.exists():
        inner.rename(aside)
        folder.rmdir()
        aside.rename(folder)
    else:
        folder.rename(aside)
        folder.mkdir()
        aside.rename(inner)
