"""`assistant index`: brings an index up to date with a folder, and says what it did."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import AllowHost, AsJson, EmbedderName, Host, IndexPath, Quiet, config_from

_UNREADABLE_CODE = 7


def index_command(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="The folder to index [the one it was made from].")
    ] = None,
    index: IndexPath = None,
    embedder: EmbedderName = None,
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
    from assistant.cli.progress import drawn
    from assistant.cli.records import plain, print_json
    from assistant.indexing.run import index_folder

    config = config_from(index=index, embedder=embedder, host=host, allow_host=allow_host)
    try:
        report = drawn(index_folder(folder, config, replace=replace), silent=quiet or as_json)
    except KeyboardInterrupt:
        if not quiet:
            print("\nStopped. What is done is kept; the same command goes on from here.", file=sys.stderr)
        raise
    from assistant.cli.report import failed, gap_text, report_lines

    if as_json:
        gaps: dict[str, list[str]] = {}
        for path, gap in report.gaps:
            gaps.setdefault(path, []).append(gap_text(gap))
        print_json({"schema": 1, "index": str(config.index)} | plain(report) | {"gaps": gaps})
    elif not quiet:
        for text in report_lines(report, str(config.index), with_gaps=strict):
            print(text)
    unreadable = report.without_text or any(map(failed, report.left_out))
    return _UNREADABLE_CODE if strict and unreadable else 0
