"""Entries of the log in words: one line each in a list, and an answer again with its sources as they were."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.cli.output.places import page_text
from assistant.cli.output.terminal import bold, clean, line, width, wrapped
from assistant.dates import clock
from assistant.log.entry import QUESTION, RIGHT, SAID, Entry, Kind
from assistant.log.replay import Replayed

_STATUS = {
    "answered": "answered", "quotes": "quoted", "not_in_documents": "not said",
    "stopped": "stopped", "failed": "failed",
}  # fmt: skip
_JUDGED = 32  # characters of a question that was judged
_ERASED = "(erased, or not kept)"


def entry_lines(entries: Sequence[Entry], questions: Mapping[int, str | None]) -> Iterator[str]:
    """Entries as a list, one line of the terminal each: number, time, what it is, what it says.

    `questions` are those that a person has judged, by the number of their entries.
    """
    numbers = [str(entry.number) for entry in entries]
    times = [clock(entry.time) for entry in entries]
    whats = [_what(entry) for entry in entries]
    columns = [max(map(len, column), default=0) for column in (numbers, times, whats)]
    for number, time, what, entry in zip(numbers, times, whats, entries, strict=True):
        row = f"{number:>{columns[0]}}  {time:>{columns[1]}}  {what:<{columns[2]}}  "
        text = row + _judged(entry, questions) + line(_ERASED if (words := said(entry)) is None else words)
        text = text.rstrip()
        yield text if len(text) <= width() else text[: width() - 1].rstrip() + "…"


def _judged(entry: Entry, questions: Mapping[int, str | None]) -> str:
    """The start of the question that an entry judges the answer of: "How many days of annual leave …  "."""
    if entry.kind is not Kind.FEEDBACK:
        return ""
    question = line(questions.get(int(entry.facts.get("of", 0))) or _ERASED)
    shown = question if len(question) <= _JUDGED else question[:_JUDGED].rpartition(" ")[0] + " …"
    return f"{shown}  "


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


def replay_lines(entry: Replayed, full: bool = False) -> Iterator[str]:
    """An entry as text: the question, the answer with its sources, what else it was made from, what was said of it.

    With `full` every passage is given whole, as the model had it.
    """
    yield f"Entry {entry.entry}, {clock(entry.time)}, {_STATUS.get(entry.status, '')}"
    yield bold(wrapped(line(entry.question or _ERASED)))
    yield ""
    if entry.answer is not None:
        yield from (wrapped(line(text)) for text in clean(str(entry.answer.get("text", ""))).splitlines())
        yield from _sources(entry.answer)
    else:
        yield f"Answer: {_ERASED}"
    yield ""
    yield from _whole(entry) if full else _named(entry)
    for judgment in entry.judgments:
        right = f"; the right answer: “{line(judgment.right)}”" if judgment.right else ""
        yield wrapped(f"Judged {judgment.verdict}, {clock(judgment.time)} (entry {judgment.entry}){right}")
    if entry.erased:
        yield wrapped(f"Erased since: {', '.join(map(line, entry.erased))}")


def _sources(answer: Mapping[str, Any]) -> Iterator[str]:
    cited = answer.get("citations") or ()
    for source in cited or answer.get("closest") or ():
        mark = f"[{source['number']}]" if cited else "Closest:"
        yield ""
        yield wrapped(f"{mark} {_where(source)}", hanging="    ")
        yield wrapped(f"“{line(source['quote'])}”", indent="    ")


def _whole(entry: Replayed) -> Iterator[str]:
    yield wrapped(f"{_given(entry)} These passages, as they were:" if entry.passages else _given(entry))
    for passage in entry.passages:
        yield from _passage(passage)


def _named(entry: Replayed) -> Iterator[str]:
    """The passages that are not cited, by their places, and how to see them all."""
    answer = entry.answer or {}
    cited = {(source["path"], source["page"]) for source in answer.get("citations") or answer.get("closest") or ()}
    others = dict.fromkeys(_where(one) for one in entry.passages if (one["path"], one["page"]) not in cited)
    yield wrapped(f"{_given(entry)}{' Also found, and not cited:' if others else ''}")
    for place in others:
        yield wrapped(place, indent="  ", hanging="    ")
    if entry.passages:
        number = len(entry.passages)
        texts = "the text of its passage" if number == 1 else f"the texts of its {number} passages"
        yield wrapped(f"With {texts}: assistant log show {entry.entry} --full")


def _given(entry: Replayed) -> str:
    """Which model the passages went to, with its weights and options."""
    if entry.model is None:
        return "Quoted; no model had a part in it." if entry.passages else "No passage was used."
    options = ", ".join(f"{key} {value}" for key, value in entry.model["options"].items())
    weights = f" ({line(str(entry.model['digest']))[:12]})" if entry.model["digest"] else ""
    return f"Given to {line(str(entry.model['name']))}{weights}, {line(options)}."


def _passage(passage: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield wrapped(f"--- {_where(passage)}", hanging="    ")
    if "text" in passage:
        for text in clean(str(passage["text"])).splitlines():
            yield wrapped(text)
    else:
        said = f"characters {passage['start']} to {passage['end']} of the file with SHA-256 {passage['sha256']}"
        yield wrapped(said, indent="    ")


def _where(place: Mapping[str, Any]) -> str:
    heading = f"   {line(place['heading'])}" if place.get("heading") else ""
    return f"{line(place['path'])}{page_text(place['page'], place.get('page_label'))}{heading}"
