"""Draws the events of a run: bars on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.cli.output.terminal import line
from assistant.indexing.events import (
    Bound,
    ChunksEmbedded,
    Cost,
    Event,
    FileRead,
    Ignoring,
    Mending,
    Notice,
    Planned,
    Publishing,
    Report,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LOG_SECONDS = 10.0


def drawn(events: Iterable[Event], silent: bool) -> Report:
    """Go through a run, drawing its events on stderr unless `silent`; returns its report."""
    if silent:
        drawing: _Silent = _Silent()
    else:
        drawing = _Bars() if sys.stderr.isatty() else _Lines()
    try:
        for event in events:
            if isinstance(event, Report):
                return event
            drawing.draw(event)
    finally:
        drawing.close()
    raise AssertionError("a run ends with its report")


def announced(event: Bound | Ignoring | Cost | Mending) -> str:
    """What a person should know before it starts, in one line."""
    if isinstance(event, Bound):
        return line(f"This index was made from {event.old}; from here on it belongs to {event.folder}.")
    if isinstance(event, Ignoring):
        rules = (("now ignored", event.now), ("no longer ignored", event.no_longer))
        said = "; ".join(f"{what}: {', '.join(names)}" for what, names in rules if names)
        return line(f"The settings have other rules than in the run before; {said}.")
    if isinstance(event, Mending):
        return f"The {event.what} was missing or damaged and is made anew; nothing is embedded for it."
    counts = ((event.files, "file"), (event.passages, "passage"))
    parts = [f"{number:,} {what}{'' if number == 1 else 's'}" for number, what in counts if number]
    if event.seconds is not None:
        parts.append(f"about {duration(event.seconds)}")
    return f"{event.reason[0].upper()}{event.reason[1:]}: {', '.join(parts)}."


def duration(seconds: float) -> str:
    """A time as a person says it: 12 s, 4 min."""
    return f"{max(1, round(seconds))} s" if seconds < 100 else f"{seconds / 60:,.0f} min"


class _Silent:
    """Draws nothing."""

    def draw(self, event: Event) -> None:
        """Take one event."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class _Lines(_Silent):
    """A line when a stage begins or ends, and every ten seconds between."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last = 0.0
        self._pages = 0

    def draw(self, event: Event) -> None:
        """Print the event if it is due."""
        match event:
            case Planned():
                if event.to_read or event.moved or event.deleted:
                    self._say(
                        f"To read: {event.to_read:,}, moved: {event.moved:,}, deleted: {event.deleted:,},"
                        f" unchanged: {event.unchanged:,}"
                    )
            case Notice():
                self._say(announced(event))
            case FileRead():
                self._pages += event.pages
                self._now_and_then(
                    event.done == event.total, f"Reading {event.done:,} of {event.total:,} files, {self._pages:,} pages"
                )
            case ChunksEmbedded():
                rate = event.done / max(time.monotonic() - self._began, 0.1)
                self._now_and_then(
                    event.done == event.total,
                    f"Embedding {event.done:,} of {event.total:,} passages, {rate:.0f}/s",
                )
            case Publishing():
                self._say(f"Publishing {event.vectors:,} vectors")

    def _now_and_then(self, last: bool, text: str) -> None:
        if last or time.monotonic() - self._last >= _LOG_SECONDS:
            self._say(text)

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        if not text.startswith("Embedding"):
            self._began = self._last
        print(text, file=sys.stderr, flush=True)


class _Bars(_Silent):
    """One bar a stage, with what is done, how fast, and the time left."""

    def __init__(self) -> None:
        self._progress: Progress = _progress()
        self._progress.start()
        self._stages: dict[str, TaskID] = {}
        self._pages = 0

    def draw(self, event: Event) -> None:
        """Move the bar of the event's stage."""
        match event:
            case FileRead():
                self._pages += event.pages
                said = f"{event.done:,} of {event.total:,} files  {self._pages:,} pages"
                self._move("Reading", event.done, event.total, said)
            case ChunksEmbedded():
                task = self._progress.tasks[self._stages["Embedding"]] if "Embedding" in self._stages else None
                rate = f", {task.speed:,.0f}/s" if task is not None and task.speed else ""
                said = f"{event.done:,} of {event.total:,} passages{rate}"
                self._move("Embedding", event.done, event.total, said)
            case Notice():
                self._progress.console.print(announced(event), markup=False)
            case Publishing():
                self._move("Publishing", 0, None, f"{event.vectors:,} vectors")

    def close(self) -> None:
        """Leave the bars as they are and the cursor below them."""
        if "Publishing" in self._stages:
            self._progress.update(self._stages["Publishing"], total=1, completed=1)
        self._progress.stop()

    def _move(self, stage: str, done: int, total: int | None, said: str) -> None:
        if stage not in self._stages:
            self._stages[stage] = self._progress.add_task(stage, total=total, said=said)
        self._progress.update(self._stages[stage], completed=done, said=said)


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<10}"),
        TextColumn("{task.fields[said]}"),
        BarColumn(20),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
    )
