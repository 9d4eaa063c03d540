"""`assistant show N` prints a source of the last answer; `assistant open N` opens its file."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import AsJson, IndexPath, config_from
from assistant.errors import AssistantError, UsageError

_AROUND = 600  # code points before and after the source


def number(written: str) -> int:
    """The number of a source or an entry as typed; raises UsageError for what is none."""
    if not written.isascii() or not written.isdecimal():
        raise UsageError(f"{written} is no number", "Write it in digits, for example 1.")
    return int(written[:9])


Number = Annotated[int, typer.Argument(parser=number, metavar="N", help="Number of the source in the last answer.")]


def show_command(source_number: Number, index: IndexPath = None, as_json: AsJson = False) -> int:
    """Print source N of the last answer with what stands around it.

    Example: assistant show 1
    """
    from assistant.cli.last import quote_hash, recall
    from assistant.cli.places import state_text, where
    from assistant.cli.records import print_json
    from assistant.cli.terminal import bold, clean, styled
    from assistant.indexing.catalog import Catalog
    from assistant.indexing.fresh import states

    config = config_from(index=index)
    with Catalog.open(config.index) as catalog:
        source = recall(config.index, source_number)
        stored = catalog.stored_text(source.path, source.page)
        folder = Path(catalog.get("folder") or "")
        state = states(catalog, [source.path])[source.path]
    if stored is None:
        raise UsageError(f"{source.path} is no longer in the index", "Ask again.")
    if quote_hash(stored.text[source.start : source.end]) != source.quote:
        raise UsageError(f"{source.path} has changed since that answer", "Ask again.")
    first, last = _whole_words(stored.text, source.start - _AROUND, source.end + _AROUND)
    if as_json:
        record = {
            "schema": 1, "number": source.number,
            "path": source.path, "page": source.page, "page_label": stored.page_label,
            "start": source.start, "end": source.end, "quote": stored.text[source.start : source.end],
            "before": stored.text[first : source.start], "after": stored.text[source.end : last],
            "state": state,
        }  # fmt: skip
        print_json(record)
        return 0
    quote = clean(stored.text[source.start : source.end])
    print("   ".join(filter(None, [where(source.path, source.page, stored.page_label, folder), state_text(state)])))
    print()
    before = clean(stored.text[first : source.start])
    after = clean(stored.text[source.end : last])
    more = ("… " if first else "", " …" if last < len(stored.text) else "")
    print(f"{more[0]}{before}{bold(quote) if styled() else f'>>{quote}<<'}{after}{more[1]}")
    return 0


def open_command(source_number: Number, index: IndexPath = None) -> int:
    """Open the file of source N of the last answer at its page, with the system's viewer.

    Example: assistant open 1
    """
    from assistant.cli.last import recall
    from assistant.cli.terminal import command, line
    from assistant.indexing.catalog import Catalog
    from assistant.indexing.place import index_command

    config = config_from(index=index)
    with Catalog.open(config.index) as catalog:
        folder = Path(catalog.get("folder") or "")
    source = recall(config.index, source_number)
    path = (folder / source.path).resolve()
    try:
        is_there = path.is_file() and path.is_relative_to(folder.resolve())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Check the permissions of its folder.") from error
    if not is_there:
        raise UsageError(
            f"{source.path} is no longer there", f"Bring the index up to date with: {index_command(config.index)}"
        )
    page = f"#page={source.page}" if source.page is not None else ""
    viewer = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.run([viewer, path.as_uri() + page], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        at = f" at page {source.page}" if source.page is not None else ""
        here = command(f"show {source.number}", str(config.index))
        raise AssistantError(
            f"{viewer} could not open the file", f"Open {line(str(path))}{at} yourself, or read it here: {here}"
        ) from error
    return 0


def _whole_words(text: str, first: int, last: int) -> tuple[int, int]:
    """The stretch widened or narrowed to whole words."""
    first = 0 if first <= 0 else text.find(" ", first) + 1
    last = len(text) if last >= len(text) else max(text.rfind(" ", 0, last), 0)
    return first, last
