"""Plants errors in true sentences of documents and counts what the check catches (assistant/answering/verify.py).

    scripts/planted.py SETS... [--each 250] [--documents 40] [--half kept|tuned|all] [--seed 1] [--show 20] [--slice]

SETS are folders of documents (with a docs/ of their own or not). Of each kind of error, and of true sentences copied,
reworded and read off a table, it prints the share that was judged right, with its 95 % bootstrap interval, and what a
sentence's checks cost. --show prints the cases judged wrong, --read all of a kind as a reader needs them to judge the
planting itself. The half of the documents that nothing was tuned on is what counts.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from planting.cases import FALSE, TRUE, Case, cases
from planting.corpus import Source, sources

from assistant.answering.passages import Passage, read
from assistant.answering.verify import Checked, check
from assistant.embedding.bundled import BundledEmbedder
from assistant.evaluation.measures import mean
from assistant.types import Evidence, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with what the check said of it."""

    case: Case
    checked: Checked
    seconds: float

    @property
    def right(self) -> bool:
        """Whether a true sentence is supported, or a false one is not."""
        return (self.checked.verdict is Verdict.SUPPORTED) == self.case.true


def judged(found: Sequence[Case], embedder: BundledEmbedder | None) -> list[Judged]:
    """Check every case; taking its passages apart happens once a question and is not timed."""
    outcomes = []
    for case in found:
        passages = [_read(passage) for passage in case.passages]
        started = time.perf_counter()
        checked = check(case.sentence, passages, embedder)
        outcomes.append(Judged(case, checked, time.perf_counter() - started))
    return outcomes


@lru_cache(maxsize=4_000)
def _read(evidence: Evidence) -> Passage:
    return read(evidence)


def report(outcomes: Sequence[Judged]) -> list[str]:
    """A line for each kind, for errors and true sentences together, and for the time."""
    groups = {kind: [one for one in outcomes if one.case.kind == kind] for kind in (*FALSE, *TRUE)}
    lines = [_line(kind, group) for kind, group in groups.items() if group]
    for name, true in (("all errors", False), ("all true sentences", True)):
        lines.append(_line(name, [one for one in outcomes if one.case.true is true]))
    milliseconds = [1000 * one.seconds for one in outcomes]
    return [*lines, f"checks of one sentence: {statistics.median(milliseconds):.0f} ms (median)"]


def _line(name: str, group: Sequence[Judged]) -> str:
    interval = mean([float(one.right) for one in group])
    return f"{name:20s} {interval.value:.3f}   {interval.low:.3f} to {interval.high:.3f}   {len(group):5d}"


def made(found: Sequence[Source], each: int, seed: int) -> list[Case]:
    """Cases of every kind: `each` of an error, and as many true ones of every wording."""
    return [case for kind in (*FALSE, *TRUE) for case in cases(found, kind, each, seed)]


def shown(one: Judged) -> str:
    """A case with what was said of it, for a reader."""
    origin = f"\n      true:  {one.case.origin}" if one.case.origin not in one.case.sentence else ""
    said = one.checked.reason or "supported"
    score = "" if one.checked.score is None else f" ({one.checked.score:.2f})"
    head = f"- {one.case.kind}: {said}{score}  {one.case.note}"
    return f"{head}\n      said:  {one.case.sentence}{origin}\n      {one.case.document}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=250, help="cases of each kind at most")
    parser.add_argument("--documents", type=int, default=40, help="documents of each set at most")
    parser.add_argument("--half", choices=("kept", "tuned", "all"), default="kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="cases judged wrong to print, of each kind")
    parser.add_argument("--read", default="", help="a kind of which all cases are printed")
    parser.add_argument("--words", action="store_true", help="without the model of meaning")
    options = parser.parse_args()
    found = sources(options.sets, options.documents, options.half, options.seed)
    outcomes = judged(made(found, options.each, options.seed), None if options.words else BundledEmbedder())
    for kind in (*FALSE, *TRUE):
        wrong = [one for one in outcomes if one.case.kind == kind and (kind == options.read or not one.right)]
        for one in wrong[: 100 if kind == options.read else options.show]:
            print(shown(one))
    print(f"{len(found)} documents, {sum(len(one.passages) for one in found)} passages")
    print("\n".join(report(outcomes)))


if __name__ == "__main__":
    main()
