"""`assistant show N` prints a source of the last answer; `assistant open N` opens its file."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import AsJson, IndexPath, config_from
from assistant.errors import AssistantError, UsageError

if TYPE_CHECKING:
    from assistant.cli.last import Source

_AROUND = 600  # code points before and after the source
_BOUNDARY = re.compile(r"(?<=[.!?:;])\s+(?=[^a-zß-ÿ])|\n\s*")  # of sentences and lines


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
    from assistant.cli.output.records import print_json
    from assistant.dates import origin
    from assistant.indexing.fresh import states
    from assistant.storage.catalog import Catalog

    config = config_from(index=index)
    with Catalog.open(config.index) as catalog:
        source = recall(config.index, source_number)
        stored = catalog.stored_text(source.path, source.page)
        folder = Path(catalog.get("folder") or "")
        state = states(catalog, [source.path])[source.path]
        day, dated = catalog.date_of(source.path)
    if stored is None:
        raise UsageError(f"{source.path} is no longer in the index", "Ask again.")
    if quote_hash(stored.text[source.start : source.end]) != source.quote:
        raise UsageError(f"{source.path} has changed since that answer", "Ask again.")
    first, last = around(stored.text, source.start, source.end)
    if as_json:
        record = {
            "schema": 1, "number": source.number,
            "path": source.path, "page": source.page, "page_label": stored.page_label,
            "start": source.start, "end": source.end, "quote": stored.text[source.start : source.end],
            "before": stored.text[first : source.start], "after": stored.text[source.end : last],
            "state": state, "date": day, "dated": dated, "date_from": origin(day, dated, source.path),
        }  # fmt: skip
        print_json(record)
        return 0
    from assistant.cli.output.places import origin_text, state_text, where
    from assistant.cli.output.terminal import unbroken, wrapped

    place = where(source.path, source.page, stored.page_label, folder)
    parts = (place, origin_text(day, dated, source.path), unbroken(state_text(state)))
    print(wrapped("   ".join(filter(None, parts)), hanging="    "))
    print()
    for text in _marked(stored.text, first, source, last):
        print(text)
    return 0


def _marked(text: str, first: int, source: "Source", last: int) -> Iterator[str]:
    """Lines of a text from `first` to `last`, the source among them marked: bold on a terminal, >>so<< elsewhere.

    Where the stretch begins or ends within a sentence, an ellipsis says so.
    """
    from assistant.cli.output.terminal import bold, clean, styled, wrapped

    quote = clean(text[source.start : source.end])
    shown = "\n".join(map(bold, quote.split("\n"))) if styled() else f">>{quote}<<"
    begins = "" if _is_boundary(text, first) else "… "
    ends = "" if _is_boundary(text, last) else " …"
    said = f"{begins}{clean(text[first : source.start])}{shown}{clean(text[source.end : last])}{ends}"
    yield from (wrapped(row) for row in said.strip("\n").split("\n"))


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch around a source, from a sentence or line to the end of one; at whole words where none is near."""
    first, last = start - _AROUND, end + _AROUND
    if first <= 0:
        first = 0
    else:
        first = next((found.end() for found in _BOUNDARY.finditer(text, first, start)), text.find(" ", first) + 1)
    if last >= len(text):
        return first, len(text)
    boundaries = [found.start() for found in _BOUNDARY.finditer(text, end, last)]
    return first, boundaries[-1] if boundaries else max(text.rfind(" ", end, last), end)


def _is_boundary(text: str, at: int) -> bool:
    """Whether a line or a sentence begins or ends at a place."""
    return at in (0, len(text)) or any(at in (found.start(), found.end()) for found in _BOUNDARY.finditer(text))


def open_command(source_number: Number, index: IndexPath = None) -> int:
    """Open the file of source N of the last answer at its page, with the system's viewer.

    Example: assistant open 1
    """
    from assistant.cli.last import recall
    from assistant.cli.output.terminal import command, line
    from assistant.storage.catalog import Catalog
    from assistant.storage.place import index_command

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
        what = f"there is no {viewer} here to open the file with"
        raise AssistantError(
            what if isinstance(error, FileNotFoundError) else f"{viewer} could not open the file",
            f"Open {line(str(path))}{at} yourself, or read it here: {here}",
        ) from error
    return 0
