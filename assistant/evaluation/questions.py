"""Reads the questions that an index is measured with: one JSON object a line, each with the places that answer it.

Keys that are not known are ignored, so that other people's sets can be used as they are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import UsageError

_FIGURE_LENGTH = 24  # code points: "82,959", "$1,234.5 million", "November 1, 2019"
_HINT = "Each line is one JSON object: id, question, answerable, evidence (README.md, “Measure it yourself”)."


@dataclass(frozen=True, slots=True)
class Piece:
    """A place that the answer stands at, as closely as the file tells: a stretch of text, a page, or a document."""

    doc: str  # relative to the indexed folder
    pages: tuple[int, ...] = ()  # physical, from 1; empty for markdown and where only the document is known
    text: str = ""  # verbatim; empty where the page or the document as a whole is meant
    start: int | None = None  # of the text in the file's, in code points
    end: int | None = None
    repeated: bool = False  # each of the pages prints the text; otherwise it runs from the first to the last

    @property
    def is_placed(self) -> bool:
        """Whether more is known than the document."""
        return bool(self.pages or self.text)

    @property
    def is_figure(self) -> bool:
        """Whether its text is a number, an amount or a date, which counts only word for word."""
        return 0 < len(self.text) <= _FIGURE_LENGTH and any(character.isdigit() for character in self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what is known of its answer."""

    id: str
    text: str
    answerable: bool
    evidence: tuple[Piece, ...] = ()
    also: tuple[Piece, ...] = ()  # further places that say the same: a passage from one of them is right
    kind: str = ""
    answer: str = ""  # as a person would give it

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents of its evidence, each once."""
        return tuple(dict.fromkeys(piece.doc for piece in self.evidence))

    @property
    def is_placed(self) -> bool:
        """Whether more than the documents is known of its evidence."""
        return any(piece.is_placed for piece in self.evidence)


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a file in its order; raises UsageError with file and line where a row means nothing."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Name a file of questions.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", _HINT) from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line), number)
            if question.id in questions:
                raise ValueError(f"the id {question.id} has been used before")
        except (ValueError, RecursionError) as error:
            said = "not JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else error
            raise UsageError(f"{path}, line {number}: {said}", _HINT) from error
        questions[question.id] = question
    if not questions:
        raise UsageError(f"{path} holds no questions", _HINT)
    return tuple(questions.values())


def _question(row: Any, number: int) -> Question:
    row = _mapping(row, "the line")
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("question is not a text")
    evidence, also = _pieces(row, "evidence"), _pieces(row, "also")
    answerable = row.get("answerable", bool(evidence))
    if not isinstance(answerable, bool):
        raise ValueError("answerable is neither true nor false")
    kind, answer = row.get("kind", row.get("type", "")), row.get("answer")
    return Question(
        id=str(row.get("id", f"line {number}")),
        text=text,
        answerable=answerable,
        evidence=evidence if answerable else (),
        also=also if answerable else (),
        kind=kind if isinstance(kind, str) else "",
        answer=answer if isinstance(answer, str) else "",
    )


def _pieces(row: Mapping[str, Any], key: str) -> tuple[Piece, ...]:
    pieces = row.get(key)
    if pieces is None:
        return ()
    if not isinstance(pieces, list):
        raise ValueError(f"{key} is not a list")
    return tuple(_piece(_mapping(piece, key)) for piece in pieces)


def _piece(row: Mapping[str, Any]) -> Piece:
    doc, text = row.get("doc"), row.get("text") or ""
    if not isinstance(doc, str) or not doc:
        raise ValueError("a piece of evidence names no doc")
    if not isinstance(text, str):
        raise ValueError(f"the text of the evidence in {doc} is not a text")
    pages = row.get("pages")
    if pages is not None and not isinstance(pages, list):
        raise ValueError(f"the pages of the evidence in {doc} are not a list")
    first, last = _number(row, "page", 1), _number(row, "page_end", 1)
    run = range(first, max(first, last or first) + 1) if first is not None else ()
    start, end = _number(row, "start", 0), _number(row, "end", 0)
    if (start is None) != (end is None) or (start is not None and end is not None and start >= end):
        raise ValueError(f"start and end of the evidence in {doc} are no stretch of text")
    return Piece(
        doc.encode("utf-8", "replace").decode(),  # half a character is no file's name, and SQLite refuses it
        tuple(_whole(page, "pages", 1) for page in pages or run),
        text,
        start,
        end,
        repeated=bool(pages),
    )


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def _number(row: Mapping[str, Any], key: str, smallest: int) -> int | None:
    return None if row.get(key) is None else _whole(row[key], key, smallest)


def _whole(value: Any, key: str, smallest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not smallest <= value < 2**40:
        raise ValueError(f"{key} is not a whole number from {smallest}")
    return value
