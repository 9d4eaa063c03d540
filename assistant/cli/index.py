"""`assistant index`: brings an index up to date with a folder, and says what it did."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.agreeing import agree
from assistant.cli.options import AllowHost, AsJson, EmbedderName, Host, IndexPath, Quiet, config_from
from assistant.cli.stopping import STOPPED_CODE, Stopped, stoppable

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.indexing.events import Report
    from assistant.indexing.run import Options

_UNREADABLE_CODE = 7
_STOPPING = "Stopping after this batch …"


def index_command(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="The folder to index [the one it was made from].")
    ] = None,
    index: IndexPath = None,
    embedder: EmbedderName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare contents, not only sizes and times.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete more than half of the documents, if so.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Give up the folder that this index was made from.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 7 if some file could not be read.")] = False,
    host: Host = None,
    allow_host: AllowHost = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Read a folder of documents and make them searchable. Run it again after changes: only those are read.

    Example: assistant index ~/Policies
    """
    from assistant.indexing.run import Options

    config = config_from(index=index, embedder=embedder, host=host, allow_host=allow_host)
    options = Options(replace=replace, yes=yes, verify=verify)
    if dry_run:
        return _planned(folder, config, options, as_json)
    report = brought_up_to_date(folder, config, options, silent=quiet or as_json)
    from assistant.cli.output.report import failed, gap_text, report_lines

    if as_json:
        from assistant.cli.output.records import plain, print_json

        gaps: dict[str, list[str]] = {}
        for path, gap in report.gaps:
            gaps.setdefault(path, []).append(gap_text(gap))
        print_json({"schema": 1, "index": str(config.index)} | plain(report) | {"gaps": gaps})
    elif not quiet or report.stopped:
        for text in report_lines(report, str(config.index), with_gaps=strict):
            print(text)
    if report.stopped:
        return STOPPED_CODE
    unreadable = report.without_text or report.unsettled or report.unread or any(map(failed, report.left_out))
    return _UNREADABLE_CODE if strict and unreadable else 0


def brought_up_to_date(folder: Path | None, config: "Config", options: "Options", silent: bool) -> "Report":
    """Run, drawing what happens on stderr; a person at a terminal is asked before much is deleted.

    The first Ctrl-C lets the batch in hand be finished, the second ends at once; nothing is lost by either.
    """
    from dataclasses import replace

    from assistant.errors import Confirm

    try:
        return _run(folder, config, options, silent)
    except Confirm as question:
        agree(question, "Delete them from the index?", "nothing was done, and the documents stay in the index", silent)
    return _run(folder, config, replace(options, yes=True), silent)


def make_fresh(config: "Config", silent: bool) -> tuple[str, ...]:
    """What `--fresh` does before a question, and what the reader should know of it; raises Stopped where it was.

    It never asks to delete: where the run would, the index stays as it is.
    """
    from assistant.errors import Confirm
    from assistant.indexing.run import Options
    from assistant.storage.place import index_command as advised

    try:
        report = _run(None, config, Options(), silent)
    except Confirm as question:
        return (f"Not made fresh: {question}. Look at it with: {advised(config.index, None, '--dry-run')}",)
    if report.stopped:
        raise Stopped("Stopped before the question was asked. What is done is kept.")
    return ()


def _run(folder: Path | None, config: "Config", options: "Options", silent: bool) -> "Report":
    from assistant.cli.output.progress import drawn
    from assistant.indexing.run import index_folder

    with stoppable("" if silent else _STOPPING) as stop:
        return drawn(index_folder(folder, config, options, stop), silent)


def _planned(folder: Path | None, config: "Config", options: "Options", as_json: bool) -> int:
    from assistant.cli.output.report import plan_lines
    from assistant.indexing.run import plan_folder

    plan = plan_folder(folder, config, options)
    if as_json:
        from assistant.cli.output.records import print_json
        from assistant.cli.output.report import plan_record

        print_json({"schema": 1, "index": str(config.index)} | plan_record(plan))
    else:
        for text in plan_lines(plan, asks=not options.yes):
            print(text)
    return 0
