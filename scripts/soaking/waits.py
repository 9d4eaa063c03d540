"""How long reads of a catalog wait for commits, beside what the machine itself does to reads and to commits."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from assistant.storage.catalog import Catalog
from soaking.frame import Broken

_PAUSE = 0.002  # seconds between two rounds


def measure(index: Path, copy: Path, rounds: Iterable[None], file: Path, longest: float | None) -> Counter[str]:
    """Read the catalog in every round, and a copy at rest, and commit something elsewhere; keep the figures in a file.

    Raises Broken where a read took more than `longest` seconds beyond what the machine did to the other two.
    """
    waits: dict[str, list[float]] = {"reads": [], "reads of a copy": [], "commits alone": []}
    with (
        Catalog.open(index) as catalog,
        Catalog.open(copy) as other,
        closing(_scratch(copy.parent / f"{file.stem}.sqlite")) as scratch,
    ):
        for _ in rounds:
            for name, read in (("reads", catalog), ("reads of a copy", other)):
                began = time.perf_counter()
                with read.snapshot():
                    read.counts()
                waits[name].append(time.perf_counter() - began)
            began = time.perf_counter()
            scratch.execute("INSERT INTO scratch VALUES (zeroblob(20000))")
            waits["commits alone"].append(time.perf_counter() - began)
            time.sleep(_PAUSE)
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps({name: _figures(times) for name, times in waits.items()}) + "\n")
    return judged(waits, longest)


def judged(waits: Mapping[str, Sequence[float]], longest: float | None) -> Counter[str]:
    """Count the reads; raise Broken where one waited too long."""
    if longest is None:
        return Counter({"reads measured in the crowd": len(waits["reads"])})
    worst = {name: max(times) for name, times in waits.items()}
    noise = max(worst["reads of a copy"], worst["commits alone"])
    if worst["reads"] > longest + noise:
        raise Broken(f"a read took {_ms(worst['reads'])} ms, where the machine by itself takes {_ms(noise)} ms at most")
    slow = sum(wait > longest for wait in waits["reads"])
    return Counter({"reads measured beside a writer": len(waits["reads"]), "of them above 100 ms": slow})


def _scratch(path: Path) -> sqlite3.Connection:
    """A database whose commits are as durable as the catalog's."""
    scratch = sqlite3.connect(path, isolation_level=None)
    scratch.execute("PRAGMA synchronous=EXTRA")
    scratch.execute("CREATE TABLE scratch (content BLOB)")
    return scratch


def _figures(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"count": len(times), "median_ms": _ms(ordered[len(ordered) // 2]), "worst_ms": _ms(ordered[-1])}


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
