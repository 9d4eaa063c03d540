"""The measuring process: `python -m measure.job FD JOB` runs one job and writes its figures to the descriptor FD."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

from measure.figures import Job

# Each lives in a module of its own, so that no contender pays for the imports of another.
_JOBS = {
    "ours": ("measure.ours", "ingest"),
    "bare": ("measure.ours", "bare"),
    "questions": ("measure.ours", "questions"),
    "stock": ("measure.stock", "ingest"),
    "mixed": ("measure.stock", "ingest_with_our_embedder"),
    "window": ("measure.stock", "window"),
}


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answer:

        def measured() -> None:
            answer.write("measured\n")
            answer.flush()

        job = Job(**json.loads(sys.argv[2]))
        module, function = _JOBS[job.name]
        run: Callable[[Job, Callable[[], None]], Any] = getattr(import_module(module), function)
        answer.write(json.dumps(asdict(run(job, measured))))


if __name__ == "__main__":
    main()
