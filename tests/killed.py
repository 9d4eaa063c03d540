"""Runs of `index_folder` that are killed at a chosen moment, each in a process of its own.

`python -m tests.killed FOLDER INDEX MOMENT...` runs once for each moment, one after the other, and prints how each run
ended. The heavy imports are made once: the runs are forks. Moments:

    before-commit N     inside the N-th transaction of the catalog, when all its work is done
    after-commit N      when the N-th transaction has been committed
    words-commit N      when the words index has committed for the N-th time, the catalog not yet
    embedded N          when N batches of vectors have been committed
    building S          S seconds into the building of a generation, whose process lives on
    built               when the generation is there, and the catalog does not know it yet
    never               not at all
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from assistant.config import Config
from assistant.indexing import embed, ingest, pipeline, publish, run, words
from assistant.indexing.events import ChunksEmbedded, Publishing
from assistant.storage.catalog import Catalog


def die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def kill_at_commit(number: int, before: bool) -> None:
    original, numbers = Catalog.transaction, count(1)

    @contextmanager
    def transaction(self: Catalog) -> Iterator[None]:
        with original(self):
            yield
            this = next(numbers)
            if before and this == number:
                die()
        if this == number:
            die()

    Catalog.transaction = transaction  # type: ignore[method-assign, assignment]


def kill_at_words_commit(number: int) -> None:
    original, numbers = words.WordsWriter.commit, count(1)

    def commit(self: words.WordsWriter) -> None:
        original(self)
        if next(numbers) == number:
            die()

    words.WordsWriter.commit = commit  # type: ignore[method-assign]


def kill_when_built() -> None:
    original = publish._in_child

    def built(*arguments: Any) -> NoReturn:
        original(*arguments)
        die()

    publish._in_child = built  # type: ignore[assignment]


def index(folder: Path, place: Path, moment: str) -> None:
    """Index until the moment comes; every file is a commit of its own, and every eight passages are."""
    ingest._COMMIT_SECONDS, embed._BATCH = 0.0, 8
    name, _, number = moment.partition(" ")
    if name.endswith("-commit") and name != "words-commit":
        kill_at_commit(int(number), before=name == "before-commit")
    elif name == "words-commit":
        kill_at_words_commit(int(number))
    elif name == "built":
        kill_when_built()
    batches = count(1)
    for event in run.index_folder(folder, Config(index=place, workers=1)):
        if name == "embedded" and isinstance(event, ChunksEmbedded) and next(batches) == int(number):
            die()
        if name == "building" and isinstance(event, Publishing):
            signal.signal(signal.SIGALRM, die)
            signal.setitimer(signal.ITIMER_REAL, float(number))


def main() -> None:
    assert pipeline, "imported before the forks"
    for moment in sys.argv[3:]:
        child = os.fork()
        if not child:
            index(Path(sys.argv[1]), Path(sys.argv[2]), moment)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{moment}: {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()  # or the next fork says it too


if __name__ == "__main__":
    main()
