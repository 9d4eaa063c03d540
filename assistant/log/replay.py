"""An answer as it was given, with its sources as they were, from the log alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import UsageError
from assistant.log.entry import ANSWER, QUESTION, RIGHT, SEARCHED, Entry, Kind
from assistant.log.store import Log


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a person has said of the answer."""

    entry: int
    time: str
    verdict: str  # "good" or "bad"
    right: str | None  # the right answer; None where none was given, or it was erased


@dataclass(frozen=True, slots=True)
class Replayed:
    """One question of the log with all that belongs to it; what was erased, or never kept, is None or left out."""

    entry: int
    time: str
    status: str  # of the answer; "stopped" or "failed" where none came
    question: str | None
    searched: Mapping[str, Any] | None
    model: Mapping[str, Any] | None  # that the passages went to
    passages: tuple[Mapping[str, Any], ...]
    answer: Mapping[str, Any] | None  # as answering/record.py made it
    judgments: tuple[Judgment, ...]
    erased: tuple[str, ...]  # names of texts


def replay(index: Path, number: int) -> Replayed:
    """The question of entry `number` as it was answered.

    Raises UsageError where there is none, and LogUnusable where the entry is not what was written.
    """
    entry = question(Log(index), number)
    later = Log(index).entries(number + 1)
    return Replayed(
        entry=entry.number,
        time=entry.time,
        status=str(entry.facts.get("status")),
        question=entry.text(QUESTION),
        searched=entry.object(SEARCHED) if SEARCHED in entry.texts else None,
        model=entry.facts.get("model"),
        passages=tuple(entry.passages.values()),
        answer=entry.object(ANSWER) if ANSWER in entry.texts else None,
        judgments=tuple(_judgment(item) for item in later if _is_of(item, number)),
        erased=entry.erased,
    )


def question(log: Log, number: int) -> Entry:
    """Entry `number`, which is a question; raises UsageError where there is none."""
    entry = log.entry(number)
    if entry is None:
        raise UsageError(f"the log has no entry {number}", "See: assistant log")
    if entry.kind is not Kind.QUESTION:
        raise UsageError(f"entry {number} of the log is no question", "See: assistant log")
    return entry


def _is_of(entry: Entry, number: int) -> bool:
    return entry.kind is Kind.FEEDBACK and entry.facts.get("of") == number


def _judgment(entry: Entry) -> Judgment:
    return Judgment(entry.number, entry.time, str(entry.facts.get("verdict")), entry.text(RIGHT))
