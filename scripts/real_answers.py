"""Asks a real model questions of indexed sets, and writes each sentence beside its source for a person to read.

    scripts/real_answers.py RAW.jsonl --model smollm2:135m INDEX=QUESTIONS.jsonl [INDEX=QUESTIONS.jsonl ...] [--each N]
    scripts/real_answers.py RAW.jsonl --read

The first asks, and adds what the model wrote to RAW.jsonl: a model's words cost minutes, checking them costs nothing.
What RAW.jsonl has is not asked again. The second checks what was written with the code as it is now, and prints every
sentence with its verdict, its reason and the text around its quote.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant import library
from assistant.answering import ask
from assistant.config import Config
from assistant.evaluation.questions import Question, read_questions
from assistant.models.chat import ChatModel, Message
from assistant.types import Answer, Citation, Sentence, Status

_AROUND = 300  # characters of the page on either side of a quote


class Recording:
    """A model whose words are kept."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.name, self.num_ctx, self.digest = model.name, model.num_ctx, model.digest
        self.options = model.options
        self.written: list[str] = []

    def stream(self, messages: Sequence[Message], answer_tokens: int) -> Iterator[str]:
        """The model's pieces."""
        for piece in self._model.stream(messages, answer_tokens):
            self.written.append(piece)
            yield piece


class Replayed:
    """A model that writes what another one wrote before."""

    digest = ""  # what was written then is not told by it

    def __init__(self, name: str, num_ctx: int, pieces: Sequence[str]) -> None:
        self.name, self.num_ctx = name, num_ctx
        self._pieces = pieces

    def options(self, answer_tokens: int) -> Mapping[str, Any]:
        """None: nothing is sent."""
        del answer_tokens
        return {}

    def stream(self, messages: Sequence[Message], answer_tokens: int) -> Iterator[str]:
        """The pieces that were kept."""
        del messages, answer_tokens
        yield from self._pieces


def answered(opened: library.Index, question: str, model: ChatModel) -> Answer:
    """The answer that the command would give with this model."""
    found = opened.find(question, library.PACKED_HITS)
    pieces = ask.answer(
        question, opened.evidence(found), found.hits, model, opened.config, opened.embedder,
        asked=opened.asked(found),
    )  # fmt: skip
    return next(piece for piece in pieces if isinstance(piece, Answer))


def chosen(path: Path, each: int) -> list[Question]:
    """So many questions of a file, spread over it, always the same."""
    read = read_questions(path)
    return [read[number] for number in np.random.default_rng(7).permutation(len(read))[:each]]


def record(raw: Path, sets: Sequence[str], each: int, config: Config) -> None:
    """Ask, and add what the model wrote to a file."""
    had = {(row["index"], row["id"]) for row in _rows(raw)}
    for pair in sets:
        index, _, questions = pair.partition("=")
        with library.open(index, config) as opened:
            found, _ = ask.choose(opened.config)
            assert found is not None  # a model that is named is there, or choose raises
            for question in chosen(Path(questions), each):
                if (index, question.id) in had:
                    continue
                writer = Recording(found)
                answered(opened, question.text, writer)
                row = {
                    "index": index, "id": question.id, "question": question.text, "answerable": question.answerable,
                    "model": found.name, "num_ctx": found.num_ctx, "evidence_tokens": config.evidence_tokens,
                    "answer_tokens": config.answer_tokens, "pieces": writer.written,
                }  # fmt: skip
                with raw.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")


def read(raw: Path) -> Iterator[str]:
    """Every answer as it is checked now, each sentence beside its source, and the counts."""
    verdicts, statuses = Counter[str](), Counter[str]()
    opened: dict[tuple[str, int, int], library.Index] = {}
    for row in _rows(raw):
        key = row["index"], row["evidence_tokens"], row["answer_tokens"]
        if key not in opened:
            opened[key] = library.open(key[0], Config(evidence_tokens=key[1], answer_tokens=key[2]))
        index = opened[key]
        answer = answered(index, row["question"], Replayed(row["model"], row["num_ctx"], row["pieces"]))
        statuses[answer.status.value] += 1
        yield f"\n## {row['id']} ({'answerable' if row['answerable'] else 'left open'}): {row['question']}"
        yield f"-> {answer.status.value}"
        for sentence in answer.sentences:
            if sentence.shown and answer.status is Status.QUOTES:
                continue
            verdicts[sentence.verdict.value] += 1
            yield from _beside(sentence, answer, index)
    for one in opened.values():
        one.close()
    yield f"\nanswers {dict(statuses)}, sentences {dict(verdicts)}"


def _beside(sentence: Sentence, answer: Answer, index: library.Index) -> Iterator[str]:
    yield f"{sentence.verdict.value:>12}: {sentence.text}" + (f"   [{sentence.reason}]" if sentence.reason else "")
    if sentence.shown:
        yield from (_page(cited, index) for cited in answer.citations if cited.number in sentence.citations)


def _page(cited: Citation, index: library.Index) -> str:
    stored = index.stored_text(cited.path, cited.page)
    text = stored.text if stored else ""
    before, after = text[max(cited.start - _AROUND, 0) : cited.start], text[cited.end : cited.end + _AROUND]
    place = f"{cited.path}, page {cited.page}, {cited.heading}"
    return f"              {place}\n" + " ".join(f"{before}>>>{cited.quote}<<<{after}".split())


def _rows(raw: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in raw.read_text(encoding="utf-8").splitlines()] if raw.exists() else []


def main() -> None:
    """Ask, or read what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("raw", type=Path, metavar="RAW.jsonl")
    parser.add_argument("sets", nargs="*", metavar="INDEX=QUESTIONS")
    parser.add_argument("--model", default="smollm2:135m")
    parser.add_argument("--host", default=Config().host, help="where Ollama answers")
    parser.add_argument("--each", type=int, default=20, help="questions of each set at most")
    parser.add_argument("--evidence-tokens", type=int, default=Config().evidence_tokens, help="that the model is given")
    parser.add_argument("--answer-tokens", type=int, default=Config().answer_tokens, help="that it may write")
    parser.add_argument("--read", action="store_true", help="check and print what was written before")
    options = parser.parse_intermixed_args()
    limits = {"evidence_tokens": options.evidence_tokens, "answer_tokens": options.answer_tokens}
    config = Config(model=options.model, host=options.host, **limits)
    record(options.raw, options.sets, options.each, config)
    if options.read:
        print("\n".join(read(options.raw)))


if __name__ == "__main__":
    main()
