"""`assistant forget`: takes documents out of the index, so that nothing of them stands in any of its files."""

from typing import Annotated

import typer

from assistant.cli.options import AsJson, IndexPath, Quiet, config_from

_MOST_ROWS = 20  # documents named one by one


def forget_command(
    what: Annotated[str, typer.Argument(metavar="PATH_OR_GLOB", help="A file, a folder, or a glob: 'hr/*.pdf'.")],
    index: IndexPath = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Take documents out of the index at once: no text, vector or word of theirs is left in any of its files.

    Example: assistant forget hr/payroll-2019.pdf
    """
    from assistant.indexing.forget import forget

    config = config_from(index=index)
    forgotten = forget(what, config)
    if as_json:
        from assistant.cli.records import plain, print_json

        print_json({"schema": 1, "index": str(config.index)} | plain(forgotten))
        return 0
    if quiet:
        return 0
    from assistant.cli.terminal import line

    number = len(forgotten.paths)
    counts = ((number, "document"), (forgotten.passages, "passage"), (forgotten.vectors, "vector"))
    said = ", ".join(f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in counts)
    print(f"Forgotten: {said}. ({forgotten.seconds:.1f} s)")
    for path in forgotten.paths[:_MOST_ROWS]:
        print(f"  {line(path)}")
    if number > _MOST_ROWS:
        print(f"  and {number - _MOST_ROWS:,} more")
    if forgotten.still_there:
        print(
            "The files are still in the folder. To keep them out of the next run, name them in .assistantignore there."
        )
    return 0
