"""Options that several commands share, and the Config that they make."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.config import Config, load
from assistant.errors import UsageError
from assistant.question import LONGEST, valid
from assistant.types import Filter, Kind

IndexPath = Annotated[
    list[str] | None,  # so that a second one is not taken for the only one
    typer.Option("--index", metavar="PATH", help="The index [indexes/default]."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only what was asked for, and errors.")]
Host = Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The Ollama server [127.0.0.1:11434].")]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Allow a server that is not on this machine. Repeatable."),
]
EmbedderName = Annotated[
    str | None,
    typer.Option("--embedder", metavar="NAME", help="bundled, or ollama:NAME [the index's own]."),
]
NoLog = Annotated[bool, typer.Option("--no-log", help="Write nothing about this question into the log.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Bring the index up to date first.")]
Within = Annotated[
    str | None, typer.Option("--in", metavar="FOLDER_OR_GLOB", help="Only files below this folder, or matching this.")
]
FileType = Annotated[str | None, typer.Option("--type", metavar="pdf|md|txt", help="Only files of this type.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="Only documents of this date or later: 2026, 2026-02, 2026-02-01."),
]


def counted(*names: str, most: int, help: str) -> Any:
    """An option that takes a whole number from 1 to `most`; raises UsageError for anything else."""

    def parsed(written: Any) -> int:
        """The number as typed."""
        text = str(written)
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:12]) <= most:
            raise UsageError(f"{names[0]} {text} cannot be used", f"Write a whole number from 1 to {most:,}.")
        return int(text)

    return typer.Option(*names, parser=parsed, metavar="N", help=help)


def config_from(**flags: Any) -> Config:
    """Merge these flags with the environment and the settings files."""
    named = flags.pop("index", None) or []
    if len(named) > 1:
        raise UsageError(f"--index was given {len(named)} times", "One index is used at a time: name that one.")
    flags["index"] = named[0] if named else None
    flags["allowed_hosts"] = flags.pop("allow_host", None) or None
    return load(flags, os.environ, own_settings())


def own_settings() -> Path:
    """Where the person's own settings file stands, whether there is one or not."""
    from platformdirs import user_config_path

    return user_config_path("assistant") / "settings.toml"


def filter_from(within: str | None, kind: str | None, since: str | None) -> Filter:
    """The filter that `--in`, `--type` and `--since` name; raises UsageError for values that mean nothing."""
    from datetime import date

    kinds = {"pdf": Kind.PDF, "md": Kind.MARKDOWN, "markdown": Kind.MARKDOWN, "txt": Kind.TEXT}
    if kind is not None and kind.lower().lstrip(".") not in kinds:
        raise UsageError(f"--type “{kind}” is not a type that is read", "Use pdf, md or txt.")
    if within is not None and not within.strip():
        raise UsageError("--in names nothing", "Name a folder, a file or a glob: --in hr, --in 'hr/*.pdf'")
    try:
        day = date.fromisoformat(since + "-01" * _MISSING.get(len(since), 0)) if since is not None else None
    except ValueError:
        raise UsageError(f"--since “{since}” is not a date", "Write it like 2026, 2026-02 or 2026-02-01.") from None
    return Filter(within, kinds[kind.lower().lstrip(".")] if kind is not None else None, day)


def question_from(words: list[str] | None) -> str:
    """The question as typed, or from stdin where there is none or a single dash; raises UsageError for none at all."""
    given = " ".join(words or [])
    if given in ("", "-"):
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("there is no question", 'Ask like this: assistant ask "How many days of leave?"')
        given = sys.stdin.read(LONGEST + 1)
    return valid(" ".join(given.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split()))


_MISSING = {4: 2, 7: 1}  # parts of a date that "2026" and "2026-02" leave out
