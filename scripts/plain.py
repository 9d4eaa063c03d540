"""The plain script that a ranking is compared with (scripts/LOG.md, "The plain script").

    scripts/plain.py INDEX=QUESTIONS.jsonl [INDEX=QUESTIONS.jsonl ...] [--each N]

Cuts the texts of an index into windows of 200 tokens without overlap, below the file's name, and prints the measures of
meaning alone (M, the bundled model), words alone (W, tantivy, English stems, stop words kept), and both fused (F,
reciprocal ranks, k = 60). Nothing of the index but its texts is used, and nothing is written.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import tantivy

from assistant import embedding, library
from assistant.config import Config
from assistant.embedding.embedder import Embedder
from assistant.evaluation.judge import BUDGETS, Judge
from assistant.evaluation.measures import mean
from assistant.evaluation.questions import Question, read_questions
from assistant.retrieval.search import Found
from assistant.storage.catalog import Catalog
from assistant.types import Evidence, Hit

_TOKENS = 200  # of a window
_RANKED = 100  # windows of each half
_FUSED = 60  # k of reciprocal rank fusion (Cormack et al. 2009)
_SHOWN = (
    "right document@1", "right document@5", "all documents@10", "documents' recall@5", "nDCG@10", "evidence page@5",
    "evidence page@10", "evidence inside 2,000 tokens", "figures inside 2,000 tokens", "characters recalled, first 5",
    "characters recalled, 2,000 tokens",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one text, as a hit of no rank yet, and how long it is."""

    hit: Hit
    tokens: int

    @property
    def text(self) -> str:
        """What is embedded."""
        return f"{self.hit.title}\n{self.hit.text}"


class Plain:
    """The windows of one index, ready to be asked."""

    def __init__(self, catalog: Catalog, embedder: Embedder) -> None:
        count = lru_cache(maxsize=500_000)(embedder.count_tokens)
        self.windows: list[Window] = []
        for path in catalog.files():
            for text in catalog.document(path).texts:
                for start, end, tokens in _cut(text.text, count):
                    hit = Hit(
                        path, text.page, None, "", text.text[start:end], start, end, 0.0, len(self.windows),
                        Path(path).stem,
                    )  # fmt: skip
                    self.windows.append(Window(hit, tokens))
        self._embedder = embedder
        self._vectors = np.array(list(embedder.embed([window.text for window in self.windows])))
        self._words = _words(self.windows)

    def ranked(self, question: str) -> dict[str, list[int]]:
        """The best windows by meaning, by words, and by both."""
        meaning = [int(n) for n in np.argsort(-(self._vectors @ self._embedder.embed_one(question)))[:_RANKED]]
        words = self._by_words(question)
        fused: dict[int, float] = {}
        for half in (meaning, words):
            for rank, number in enumerate(half, 1):
                fused[number] = fused.get(number, 0.0) + 1 / (_FUSED + rank)
        return {"M": meaning, "W": words, "F": sorted(fused, key=lambda number: -fused[number])}

    def _by_words(self, question: str) -> list[int]:
        searcher = self._words.searcher()
        text = "".join(character if character.isalnum() else " " for character in question).lower()
        found = searcher.search(self._words.parse_query(text, ["title", "body"]), _RANKED).hits
        return [int(searcher.doc(address)["id"][0]) for _, address in found]

    def found(self, numbers: Sequence[int]) -> tuple[Found, dict[int, tuple[Evidence, ...]]]:
        """A ranking as it is judged, with what each budget holds of it."""
        hits = [replace(self.windows[number].hit, score=1 / rank) for rank, number in enumerate(numbers, 1)]
        return Found(tuple(hits)), {budget: tuple(self._packed(hits, budget)) for budget in BUDGETS}

    def _packed(self, hits: Sequence[Hit], budget: int) -> Iterator[Evidence]:
        for number, hit in enumerate(hits, 1):
            tokens = self.windows[hit.chunk_id].tokens
            if tokens > budget:
                return
            budget -= tokens
            yield Evidence(
                number, hit.path, hit.page, None, "", hit.text, hit.start, hit.end, hit.score, hit.title
            )  # fmt: skip


def _cut(text: str, count: Callable[[str], int]) -> Iterator[tuple[int, int, int]]:
    """Start, end and tokens of windows that follow one another."""
    start, tokens, end, at = 0, 0, 0, 0
    for word in text.split():
        at = text.index(word, at)
        size = count(word)
        if tokens and tokens + size > _TOKENS:
            yield start, end, tokens
            start, tokens = at, 0
        start = at if not tokens else start
        tokens, at = tokens + size, at + len(word)
        end = at
    if tokens:
        yield start, end, tokens


def _words(windows: Sequence[Window]) -> tantivy.Index:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True)
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    with index.writer() as writer:
        for number, window in enumerate(windows):
            writer.add_document(tantivy.Document(id=number, title=window.hit.title, body=window.hit.text))
    return index


def measured(index: Path, questions: Sequence[Question]) -> dict[str, dict[str, list[float]]]:
    """For M, W and F the values of each measure, one a question."""
    values: dict[str, dict[str, list[float]]] = {"M": {}, "W": {}, "F": {}}
    with library.Index(Config(index=index, log=False)) as opened:
        plain, judge = Plain(opened.catalog, embedding.load("bundled", opened.config)), Judge(opened)
        for question in questions:
            for half, numbers in plain.ranked(question.text).items():
                for name, value in judge.values(question, *plain.found(numbers)).items():
                    values[half].setdefault(name, []).append(value)
    return values


def main() -> None:
    """Measure each set and print a line a measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="INDEX=QUESTIONS")
    parser.add_argument("--each", type=int, help="only so many questions of a set, spread over it")
    options = parser.parse_args()
    for pair in options.sets:
        index, _, path = pair.partition("=")
        asked = [question for question in read_questions(Path(path)) if question.evidence]
        values = measured(Path(index), asked[:: max(1, len(asked) // (options.each or len(asked)))])
        print(f"{index}\n{'':36s}     M      W      F", flush=True)
        for name in _SHOWN:
            if name in values["M"]:
                shares = " ".join(f"{mean(values[half][name]).value:6.3f}" for half in ("M", "W", "F"))
                print(f"{name:36s} {shares}", flush=True)


if __name__ == "__main__":
    main()
