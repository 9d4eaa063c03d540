"""Entries of the log in words: one line each in a list, and an answer again with its sources as they were."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.cli.places import page_text
from assistant.cli.terminal import bold, clean, line, width, wrapped
from assistant.dates import clock
from assistant.log.entry import QUESTION, RIGHT, SAID, Entry, Kind
from assistant.log.replay import Replayed

_STATUS = {
    "answered": "answered", "quotes": "quoted", "not_in_documents": "not said",
    "stopped": "stopped", "failed": "failed",
}  # fmt: skip
_LINE = 120  # characters of a page's line, at most: what is longer is a paragraph
_ERASED = "(erased, or not kept)"


def entry_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Entries as a list, one line of the terminal each: number, time, what it is, what it says."""
    numbers = [str(entry.number) for entry in entries]
    times = [clock(entry.time) for entry in entries]
    whats = [_what(entry) for entry in entries]
    columns = [max(map(len, column), default=0) for column in (numbers, times, whats)]
    for number, time, what, entry in zip(numbers, times, whats, entries, strict=True):
        row = f"{number:>{columns[0]}}  {time:>{columns[1]}}  {what:<{columns[2]}}  "
        text = row + line(_ERASED if (words := said(entry)) is None else words)
        yield text if len(text) <= width() else text[: width() - 1].rstrip() + "…"


def _what(entry: Entry) -> str:
    """What an entry is, in a word or two."""
    facts = entry.facts
    if entry.kind is Kind.QUESTION:
        return _STATUS.get(facts.get("status", ""), "")
    return f"{facts.get('verdict')}, on {facts.get('of')}" if entry.kind is Kind.FEEDBACK else entry.kind.value


def said(entry: Entry) -> str | None:
    """What an entry says: the question, the right answer, the event, or what was erased and why."""
    if entry.kind is Kind.ERASURE:
        names = entry.facts.get("erased", {})
        count, many = sum(map(len, names.values())), len(names)
        return (
            f"{count:,} text{'' if count == 1 else 's'} of {many:,} entr{'y' if many == 1 else 'ies'}:"
            f" {entry.facts.get('why')}"
        )
    name = {Kind.QUESTION: QUESTION, Kind.FEEDBACK: RIGHT, Kind.EVENT: SAID}[entry.kind]
    had_none = name not in entry.facts.get("texts", {}) and entry.kind is Kind.FEEDBACK
    return "" if had_none else entry.text(name)


def replay_lines(entry: Replayed) -> Iterator[str]:
    """An entry as text: the question, the answer as it was, what it was made from, what was said of it."""
    yield f"Entry {entry.entry}, {clock(entry.time)}, {_STATUS.get(entry.status, '')}"
    yield bold(wrapped(line(entry.question or _ERASED)))
    yield ""
    if entry.answer is not None:
        yield from (wrapped(line(text)) for text in clean(str(entry.answer.get("text", ""))).splitlines())
        yield from _sources(entry.answer)
    else:
        yield f"Answer: {_ERASED}"
    yield ""
    yield wrapped(_given(entry))
    for passage in entry.passages:
        yield from _passage(passage)
    for judgment in entry.judgments:
        right = f"; the right answer: “{line(judgment.right)}”" if judgment.right else ""
        yield wrapped(f"Judged {judgment.verdict}, {clock(judgment.time)} (entry {judgment.entry}){right}")
    if entry.erased:
        yield wrapped(f"Erased since: {', '.join(map(line, entry.erased))}")


def _sources(answer: Mapping[str, Any]) -> Iterator[str]:
    for source in answer.get("citations") or answer.get("closest") or ():
        yield ""
        yield f"[{source['number']}] {_where(source)}"
        yield wrapped(f"“{line(source['quote'])}”", indent="    ")


def _given(entry: Replayed) -> str:
    """Which model the passages went to, with its weights and options."""
    if entry.model is None:
        return "Quoted from these passages, as they were:" if entry.passages else "No passage was used."
    options = ", ".join(f"{key} {value}" for key, value in entry.model["options"].items())
    weights = f" ({line(str(entry.model['digest']))[:12]})" if entry.model["digest"] else ""
    return f"Given to {line(str(entry.model['name']))}{weights}, {line(options)}; these passages, as they were:"


def _passage(passage: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"--- {_where(passage)}"
    if "text" in passage:
        for text in clean(str(passage["text"])).splitlines():
            yield text if len(text) <= _LINE else wrapped(text)
    else:
        yield f"    characters {passage['start']} to {passage['end']} of the file with SHA-256 {passage['sha256']}"


def _where(place: Mapping[str, Any]) -> str:
    heading = f"   {line(place['heading'])}" if place.get("heading") else ""
    return f"{line(place['path'])}{page_text(place['page'], place.get('page_label'))}{heading}"
