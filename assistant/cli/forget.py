"""`assistant forget`: takes documents out of the index, so that nothing of them stands in any of its files."""

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.agreeing import agree
from assistant.cli.options import AsJson, IndexPath, Quiet, config_from
from assistant.cli.stopping import STOPPED_CODE, Stopped, stoppable

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.indexing.forget import Forgotten

_MOST_ROWS = 20  # documents named one by one
_NOTHING = "Nothing was forgotten. Run it again."
_FINISHING = "Finishing what has begun …"


def forget_command(
    what: Annotated[str, typer.Argument(metavar="PATH_OR_GLOB", help="A file, a folder, or a glob: 'hr/*.pdf'.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Forget more than half of the documents, if so.")] = False,
    index: IndexPath = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Take documents out of the index at once: no text, vector or word of theirs is left in any of its files.

    Ctrl-C finishes the erasing that has begun.

    Example: assistant forget hr/payroll-2019.pdf
    """
    from assistant.errors import Confirm

    config = config_from(index=index)
    try:
        forgotten, code = _forgotten(what, config, yes, silent=quiet or as_json)
    except Confirm as question:
        agree(question, "Forget them?", "nothing was forgotten", silent=quiet or as_json)
        forgotten, code = _forgotten(what, config, True, silent=quiet or as_json)
    if as_json:
        from assistant.cli.output.records import plain, print_json

        print_json({"schema": 1, "index": str(config.index)} | plain(forgotten))
    elif not quiet or code:
        _print(what, forgotten)
    return code


def _forgotten(what: str, config: "Config", yes: bool, silent: bool) -> "tuple[Forgotten, int]":
    """What was forgotten, and the exit code; raises Stopped where it was interrupted before the end."""
    try:
        with stoppable("" if silent else _FINISHING, at_once=_NOTHING) as stop:
            from assistant.indexing.forget import forget, is_held
            from assistant.storage.place import index_command

            forgotten = forget(what, config, yes, stop)
    except Stopped:
        if is_held(what, config):
            raise
        anew = index_command(config.index)
        raise Stopped(f"Forgotten for every answer; the erasing is finished by: {anew}") from None
    if not forgotten.paths and not forgotten.cleaned:
        raise Stopped(_NOTHING)
    return forgotten, STOPPED_CODE if stop.is_set() else 0


def _print(what: str, forgotten: "Forgotten") -> None:
    from assistant.cli.output.terminal import line

    if not forgotten.paths:
        print(f"No indexed document is, or lies in, {line(what)}.")
        logged = f", and erased from the log: {forgotten.logged:,} texts" if forgotten.logged else ""
        print(f"What was left of documents deleted before has been removed{logged}. ({forgotten.seconds:.1f} s)")
        return
    number = len(forgotten.paths)
    counts = [(number, "document"), (forgotten.passages, "passage"), (forgotten.vectors, "vector")]
    if forgotten.logged:
        counts.append((forgotten.logged, "text of the log" if forgotten.logged == 1 else "texts of the log"))
    said = ", ".join(f"{count:,} {noun}{'' if count == 1 or ' ' in noun else 's'}" for count, noun in counts)
    print(f"Forgotten: {said}. ({forgotten.seconds:.1f} s)")
    for path in forgotten.paths[:_MOST_ROWS]:
        print(f"  {line(path)}")
    if number > _MOST_ROWS:
        print(f"  and {number - _MOST_ROWS:,} more")
    if there := len(forgotten.still_there):
        print(
            "The file is still in the folder. To keep it out of the next run, name it in .assistantignore there."
            if there == 1
            else "The files are still in the folder. To keep them out of the next run, name them in .assistantignore"
            " there."
        )
