"""`assistant watch`: keeps an index level with its folder, one line for each run that found something."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import AllowHost, EmbedderName, Host, IndexPath, Quiet, config_from
from assistant.cli.stopping import stoppable

if TYPE_CHECKING:
    from assistant.indexing.events import ChunksEmbedded, Event, FileRead, Publishing, Report
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

    Ends with Ctrl-C, after the batch in hand.

    Example: assistant watch ~/Policies
    """
    from assistant.cli.output.terminal import line
    from assistant.indexing.watch import watch

    config = config_from(index=index, embedder=embedder, host=host, allow_host=allow_host)
    with stoppable() as stop:
        for text in _lines(watch(folder, config, stop, polling)):
            if not quiet:
                print(f"{datetime.now():%H:%M:%S}  {line(text)}", flush=True)
    return 0


def _lines(events: "Iterable[Watching | Held | Event]") -> Iterator[str]:
    """What is said, a line each; nothing for a run that found nothing."""
    from assistant.cli.output.progress import announced
    from assistant.indexing.events import ChunksEmbedded, FileRead, Notice, Planned, Publishing, Report
    from assistant.indexing.watch import Held, Watching

    known: frozenset[str] | None = None  # what is in the index from before is said by `assistant status`
    held = False
    last = time.monotonic()
    for event in events:
        match event:
            case Watching():
                yield _greeting(event)
            case Held():
                held = True
                yield f"Still watching, but {event.reason}. {event.hint}"
            case Planned():
                last = time.monotonic()
            case Notice():
                yield announced(event)
            case FileRead() | ChunksEmbedded() | Publishing() if time.monotonic() - last >= _LONG_SECONDS:
                last = time.monotonic()
                yield _halfway(event)
            case Report():
                if held and not event.stopped:
                    held = False
                    yield "All is well again: the index is level with the folder."
                if not event.nothing_to_do:
                    yield _done(event)
                problems = _problems(event)
                yield from sorted(problems - (problems if known is None else known))[:_MOST_ROWS]
                known = problems


def _greeting(event: "Watching") -> str:
    how = f", looking every few seconds ({event.polling})" if event.polling else ""
    return f"Watching {event.folder}{how}. Ctrl-C ends it."


def _halfway(event: "FileRead | ChunksEmbedded | Publishing") -> str:
    from assistant.indexing.events import FileRead, Publishing

    if isinstance(event, Publishing):
        return f"Publishing {event.vectors:,} vectors"
    if isinstance(event, FileRead):
        return f"Reading {event.done:,} of {event.total:,} files"
    return f"Embedding {event.done:,} of {event.total:,} passages"


def _done(report: "Report") -> str:
    """A run that did something: "2 files: 1 new, 1 changed (hr/a.md, hr/b.md). Searchable after 0.8 s"."""
    counts = [
        (report.added, "new"),
        (report.changed, "changed"),
        (report.moved, "moved"),
        (report.deleted, "deleted"),
        (report.blank, "without text"),
    ]
    total = report.added + report.changed + report.moved + report.deleted
    named = ", ".join(report.first_paths) + (", …" if total > len(report.first_paths) else "")
    said = [
        f"{total:,} file{'' if total == 1 else 's'}: {', '.join(f'{n:,} {what}' for n, what in counts if n)}"
        + (f" ({named})" if report.first_paths else "")
    ]
    if not total:
        said = [f"{report.embedded:,} passages embedded"] if report.embedded else []
    if report.unsettled:
        said.append(f"{len(report.unsettled):,} kept changing and will be read again")
    if report.unread:
        said.append(f"{len(report.unread):,} could not be read this time and will be tried again")
    if report.stopped:
        return ". ".join([*said, "Stopped: what is done is kept, the next run goes on from here"])
    what = "Done" if total == report.deleted + report.blank and not report.embedded else "Searchable"
    return ". ".join([*said, f"{what} after {report.seconds:.1f} s"])


def _problems(report: "Report") -> frozenset[str]:
    """The files that could not be read, or not whole, with the reason."""
    from assistant.cli.output.report import failed, gap_text

    gaps = {f"{path}: {gap_text(gap)}" for path, gap in report.gaps}
    return frozenset(gaps | {f"{item.path}: {item.reason}" for item in report.left_out if failed(item)})
