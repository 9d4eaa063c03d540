"""`assistant watch`: keeps an index level with its folder, one line for each run that found something."""

import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import AllowHost, EmbedderName, Host, IndexPath, Quiet, config_from

if TYPE_CHECKING:
    from assistant.indexing.events import Event, Report
    from assistant.indexing.watch import Held, Watching

_LONG_SECONDS = 10.0  # of a run, until it says how far it is
_MOST_ROWS = 20  # files named after one run


def watch_command(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="The folder to watch [the one the index was made from].")
    ] = None,
    index: IndexPath = None,
    embedder: EmbedderName = None,
    polling: Annotated[
        bool, typer.Option("--polling", help="Look for changes every few seconds [on network shares only].")
    ] = False,
    host: Host = None,
    allow_host: AllowHost = None,
    quiet: Quiet = False,
) -> int:
    """Keep the index level with its folder: changes are searchable a few seconds after they were saved.

    Ends with Ctrl-C, after the batch in hand. Example: assistant watch ~/Policies
    """
    from assistant.indexing.watch import watch

    config = config_from(index=index, embedder=embedder, host=host, allow_host=allow_host)
    with _stoppable() as stop:
        for text in _lines(watch(folder, config, stop, polling)):
            if not quiet:
                print(f"{datetime.now():%H:%M:%S}  {text}", flush=True)
    return 0


@contextmanager
def _stoppable() -> Iterator[Flag]:
    """A flag that Ctrl-C or a polite request to end sets; a second one ends at once, and loses nothing either."""
    stop = Flag()

    def asked(*_: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _lines(events: "Iterable[Watching | Held | Event]") -> Iterator[str]:
    """What is said, a line each."""
    from assistant.cli.progress import announced
    from assistant.indexing.events import Cost, Mending, Planned, Report
    from assistant.indexing.watch import Held, Watching

    known: set[str] | None = None
    last = time.monotonic()
    for event in events:
        match event:
            case Watching():
                yield _greeting(event)
            case Held():
                yield f"Not done: {event.reason}. {event.hint} Still watching.".replace("..", ".")
            case Planned():
                last = time.monotonic()
            case Cost() | Mending():
                yield announced(event)
            case Report():
                if not event.nothing_to_do:
                    yield _done(event)
                problems = _problems(event)
                yield from sorted(problems - known)[:_MOST_ROWS] if known is not None else ()
                known = problems
            case _:
                if time.monotonic() - last >= _LONG_SECONDS:
                    last = time.monotonic()
                    yield _halfway(event)
