"""The processes of `scripts/bench.py --scale`: `python -m measure.beside ROLE ...` plays one role.

    index INDEX FOLDER      runs as `assistant index` does but with the cheap embedder; names each stage as it begins
    command ARGUMENT ...    runs the `assistant` command, and says which of the heavy libraries it imported
    wait INDEX              reads the catalog until its input ends: how long did a commit hold it up?
    ask INDEX PAUSE         asks until its input ends: how long did each question take?
    find INDEX PATH WORD    asks for a word until it is found in a file, by words and by meaning
    warm INDEX QUESTIONS    asks so many questions, each another, in one process: how long did each take?
    notice INDEX RUNS       looks whether the folder has changed: how long does that take?

The answers are lines of JSON. Times are those of `time.monotonic`, which the processes of one machine share.
"""

import json
import re
import resource
import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder, PassageVectors, Vector

HEAVY = ("chromadb", "llama_index", "onnxruntime", "tantivy")
_READ_PAUSE = 0.005  # seconds between two reads of the catalog
_ASK_PAUSE = 0.02  # between two searches for what is still to come: they are not to take a processor of their own
_QUESTIONS = 20
_SNIPPET = 11  # words: the step of a snippet, 16 tokens
_SPACE = 32  # dimensions; recall of the first 50 in a generation of 10,000: 0.998, of real vectors 0.999


def main() -> None:
    role, *arguments = sys.argv[1:]
    _ROLES[role](*arguments)


def index(index: str, folder: str) -> None:
    """Bring an index up to date with vectors that cost nothing, so that everything else is what is measured."""
    from assistant import embedding
    from assistant.config import Config
    from assistant.indexing.events import Report
    from assistant.indexing.run import index_folder

    embedding.load = _lookalike
    stage = ""
    for event in index_folder(Path(folder), Config(index=Path(index))):
        if isinstance(event, Report):
            _say(stage="done", **_clocks(), passages=event.chunks, embedded=event.embedded)
        elif type(event).__name__ != stage:
            stage = type(event).__name__
            _say(stage=stage, **_clocks())


def command(*arguments: str) -> None:
    """Run the command as a person would."""
    from assistant.cli.app import run

    with redirect_stdout(StringIO()) as printed:
        code = run(arguments)
    _say(code=code, **_clocks(), printed=printed.getvalue(), imported=[name for name in HEAVY if name in sys.modules])


def wait(index: str) -> None:
    """Read the state of the catalog, as every question does, every few milliseconds."""
    catalog = _opened(Path(index))
    waits: list[tuple[float, float]] = []
    late: list[float] = []  # how much longer a pause took than asked for: what the machine, not a commit, costs
    _say(ready=True)
    for _ in _until_closed():
        began = time.monotonic()
        time.sleep(_READ_PAUSE)
        read = time.monotonic()
        late.append(read - began - _READ_PAUSE)
        with catalog.snapshot():
            catalog.get("built_at")
        waits.append((time.monotonic() - read, read))
    _say(reads=len(waits), longest=sorted(waits)[-20:], late=max(late, default=0.0))


def ask(index: str, pause: str) -> None:
    """Search for what the documents say, one question after the other."""
    from assistant import library

    took: list[tuple[float, float]] = []
    with library.open(index) as opened:
        questions = _questions(opened)
        opened.find(questions[0])
        _say(ready=True)
        for question, _ in zip(cycle(questions), _until_closed(), strict=False):
            began = time.monotonic()
            opened.find(question)
            took.append((began, time.monotonic() - began))
            time.sleep(float(pause))
    _say(took=took)


def warm(index: str, count: str) -> None:
    """Search for what the documents say, each question once; the first one loads what all need."""
    from assistant import library

    with library.open(index) as opened:
        first, *questions = _questions(opened, int(count) + 1)
        opened.find(first)
        before = time.process_time()
        asked = iter(questions)
        took = _timed(lambda: opened.find(next(asked)), len(questions))
        processor = (time.process_time() - before) / len(took)
    _say(took=took, processor=processor)


def find(index: str, path: str, word: str) -> None:
    """Search for a word that only the changed file has."""
    from assistant import library

    found: dict[str, float] = {}
    with library.open(index) as opened:
        opened.find(word)
        _say(ready=True)
        for _ in _until_closed():
            for hit in opened.find(word, limit=5).hits:
                if hit.path == path and word in hit.text:
                    found.setdefault("words", time.monotonic())
                    if hit.meaning:
                        found.setdefault("meaning", time.monotonic())
            if "meaning" in found:
                break
            time.sleep(_ASK_PAUSE)
    _say(**found)


def notice(index: str, runs: str) -> None:
    """Time the comparison alone, and a search with it and without."""
    from assistant import library
    from assistant.config import Config
    from assistant.indexing.fresh import drift
    from assistant.storage.catalog import Catalog

    config = Config(index=Path(index))
    with Catalog.open(Path(index)) as catalog:
        drift(catalog, config)
        before = time.process_time()
        alone = _timed(lambda: drift(catalog, config), int(runs))
        processor = (time.process_time() - before) / int(runs)
    with library.open(index) as opened:
        questions = cycle(_questions(opened))
        opened.find(next(questions))
        library._LOOK_SECONDS = float("inf")
        without = _timed(lambda: opened.find(next(questions)), int(runs))
        library._LOOK_SECONDS = -1.0
        with_it = _timed(lambda: opened.find(next(questions)), int(runs))
    _say(alone=alone, processor=processor, without=without, with_it=with_it)


class _Lookalike:
    """Stands for the bundled embedder, name and fingerprint: the real one goes on with the index that it made.

    A text's vector is the sum of one random direction a word, longer words counting for more. The directions lie in a
    space of few dimensions: then nearest neighbors are as hard to find as those of the model's vectors.
    """

    name = "bundled"
    dimensions = 384
    window = 256

    def __init__(self) -> None:
        import numpy as np

        from assistant.embedding.bundled import BundledEmbedder

        self.fingerprint = BundledEmbedder().fingerprint
        chance = np.random.default_rng(4)
        self._space = np.linalg.qr(chance.standard_normal((self.dimensions, _SPACE)))[0].T.astype(np.float32)

    def embed_one(self, text: str) -> "Vector":
        """Embed one text."""
        import numpy as np

        total = np.sum([_direction(word) for word in re.findall(r"\w+", text.lower()) or [""]], axis=0)
        vector: Vector = (total / np.linalg.norm(total)) @ self._space
        return vector

    def embed(self, texts: Sequence[str]) -> "Iterator[Vector]":
        """Embed texts one after the other."""
        return map(self.embed_one, texts)

    def embed_passages(self, texts: "Sequence[str]") -> "Iterator[PassageVectors]":
        """Embed texts one after the other, with as many snippets as the real model makes of a passage."""
        import numpy as np

        from assistant.embedding.embedder import PassageVectors

        for text in texts:
            words = text.split()
            parts = [" ".join(words[at : at + _SNIPPET]) for at in range(0, len(words), _SNIPPET)]
            snippets = np.array([self.embed_one(part) for part in parts])
            yield PassageVectors(self.embed_one(text), np.rint(snippets * 127).astype(np.int8))

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`."""
        from assistant.embedding.tokens import count_tokens

        return count_tokens(text)


def _lookalike(name: str, config: object) -> "Embedder":  # noqa: ARG001 - as the one that it stands for
    return _Lookalike()


@cache
def _direction(word: str) -> "Vector":
    import numpy as np

    from measure.directions import direction

    return direction(word, _SPACE) * np.float32(len(word) / 10)


def _opened(index: Path) -> Any:
    """The catalog, as soon as a run has made it."""
    from assistant.errors import IndexUnusable
    from assistant.storage.catalog import Catalog

    for _ in _until_closed():
        try:
            return Catalog.open(index)
        except IndexUnusable:
            time.sleep(_READ_PAUSE)
    raise SystemExit("no run has made the index")


def _questions(opened: Any, count: int = _QUESTIONS) -> list[str]:
    """The first words of some passages, evenly spread."""
    ids = list(opened.catalog.chunk_ids())
    rows = opened.catalog.chunks(ids[:: max(1, len(ids) // count)]).values()
    return [" ".join(re.findall(r"\w+", row.text)[:12]) for row in rows][:count]


def _clocks() -> dict[str, float]:
    """The time, and the processor's time that this process and its children took so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)  # of those that have ended
    return {"at": time.monotonic(), "processor": time.process_time() + children.ru_utime + children.ru_stime}


def _until_closed() -> Iterator[None]:
    while not select.select([sys.stdin], [], [], 0)[0]:
        yield


def _timed(once: Callable[[], object], runs: int) -> list[float]:
    took = []
    for _ in range(runs):
        began = time.monotonic()
        once()
        took.append(time.monotonic() - began)
    return took


def _say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


_ROLES: dict[str, Callable[..., None]] = {
    "index": index, "command": command, "wait": wait, "ask": ask, "find": find, "warm": warm, "notice": notice,
}  # fmt: skip

if __name__ == "__main__":
    main()
