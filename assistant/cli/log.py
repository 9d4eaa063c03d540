"""`assistant log`: what was asked and answered, with the sources as they were, and whether anybody changed it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.commands import Command, Commands
from assistant.cli.options import AsJson, IndexPath, config_from, counted
from assistant.cli.show import number

if TYPE_CHECKING:
    from assistant.log.entry import Entry

_CHANGED = 1  # exit code of `verify`

log_app = typer.Typer(cls=Commands, invoke_without_command=True, rich_markup_mode=None)


@log_app.callback()
def log_command(
    context: typer.Context,
    limit: Annotated[int, counted("--limit", "-n", most=1_000_000, help="Entries to list, the last ones.")] = 20,
    index: IndexPath = None,
    as_json: AsJson = False,
) -> int:
    """List what was asked and answered, the newest last.

    Example: assistant log --limit 50
    """
    context.obj = index
    if context.invoked_subcommand is not None:
        return 0
    from assistant.log.store import Log

    log = Log(_index(context, index))
    last = log.last()
    entries = log.entries(max(1, last - limit + 1))
    if as_json:
        from assistant.cli.output.records import print_json

        print_json({"schema": 1, "index": str(log.path.parent), "entries": [_listed(entry) for entry in entries]})
        return 0
    from assistant.cli.output.entries import entry_lines
    from assistant.cli.output.terminal import wrapped
    from assistant.log.entry import QUESTION

    judged = {of for entry in entries if isinstance(of := entry.facts.get("of"), int)}
    asked = {of: found.text(QUESTION) for of in sorted(judged) if (found := log.entry(of)) is not None}
    for text in entry_lines(entries, asked):
        print(text)
    if not entries:
        print("Nothing has been logged.")
    elif len(entries) < last:
        print(wrapped(f"Entries before these: {last - len(entries):,}. See: assistant log --limit {last}"))
    return 0


@log_app.command("show", cls=Command, short_help="Show an answer again, with its sources as they were.")
def show_entry_command(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(parser=number, metavar="N", help="Number of the entry.")],
    full: Annotated[bool, typer.Option("--full", help="Print every passage whole, as it was found.")] = False,
    index: IndexPath = None,
    as_json: AsJson = False,
) -> int:
    """Show an answer again, with its sources as they were.

    Example: assistant log show 12
    """
    from assistant.cli.output.entries import replay_lines
    from assistant.log.replay import replay

    place = _index(context, index)
    replayed = replay(place, entry)
    if as_json:
        from assistant.cli.output.records import plain, print_json

        print_json({"schema": 1, "index": str(place)} | plain(replayed))
        return 0
    for text in replay_lines(replayed, full):
        print(text)
    return 0


@log_app.command("verify", cls=Command, short_help="Find what anybody has changed in the log.")
def verify_command(
    context: typer.Context,
    head: Annotated[
        str | None, typer.Option("--head", metavar="DIGEST", help="A head written down before: nothing is cut off.")
    ] = None,
    index: IndexPath = None,
    as_json: AsJson = False,
) -> int:
    """Find every change, gap and swap in the log, and print its head to write down elsewhere.

    Only a head that was written down shows later that entries were cut off at the end, or all written anew; with it
    the entries behind it are counted, and those among them that erase texts.

    Example: assistant log verify --head 3c1184e0bce25ed08b5968a8b8acc14a
    """
    from assistant.cli.output.terminal import line, wrapped
    from assistant.log.verify import verify

    place = _index(context, index)
    verified = verify(place, head)
    if as_json:
        from assistant.cli.output.records import plain, print_json

        print_json({"schema": 1, "index": str(place)} | plain(verified))
    else:
        for finding in verified.findings:
            print(wrapped(line(finding), hanging="  "))
        said = "not as it was written" if verified.findings else "as it was written"
        erased = f"; texts erased, as it says: {verified.erased:,}" if verified.erased else ""
        print(f"The log is {said}. Entries: {verified.entries:,}{erased}")
        if verified.behind is not None:
            print(f"Entries behind the head that you gave: {verified.behind:,}, that erase texts: {verified.erasing:,}")
        if not verified.findings:
            print(f"Head: {verified.head}")
    return _CHANGED if verified.findings else 0


@log_app.command("export", cls=Command, short_help="Print the whole log, one JSON object a line.")
def export_command(context: typer.Context, index: IndexPath = None) -> int:
    """Print the whole log, one JSON object a line, with what its digests are made of.

    Example: assistant log export > log.jsonl
    """
    from assistant.cli.output.records import print_json
    from assistant.log.store import Log

    for entry in Log(_index(context, index)).entries():
        texts = {name: {"salt": text.salt.hex(), "text": text.text} for name, text in entry.texts.items()}
        print_json(
            {
                "schema": 1, "entry": entry.number, "time": entry.time, "kind": entry.kind, "facts": entry.facts,
                "texts": texts, "digest": entry.digest,
            }
        )  # fmt: skip
    return 0


def _index(context: typer.Context, index: "list[str] | None") -> Path:
    """The index whose log is meant; raises IndexUnusable where there is neither."""
    from assistant.storage.layout import LOG
    from assistant.storage.place import has_catalog, no_index

    config = config_from(index=index or context.obj)
    if not (config.index / LOG).exists() and not has_catalog(config.index):
        raise no_index(config.index)
    return config.index


def _listed(entry: "Entry") -> dict[str, Any]:
    from assistant.cli.output.entries import said

    facts = {key: value for key, value in entry.facts.items() if key != "texts"}
    return {"entry": entry.number, "time": entry.time, "kind": entry.kind, "said": said(entry), "facts": facts}
