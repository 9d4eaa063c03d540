"""Where a passage stands, in words: path, page, printed page, heading, date."""

from datetime import date
from pathlib import Path

from assistant.cli.output.terminal import line, link, unbroken, width, wrapped
from assistant.dates import origin, written
from assistant.types import Citation, Dated, FileState, Hit

_LONGEST_LEVEL = 60  # characters of a heading; in contracts whole sentences in capitals look like one
_LONGEST_PATH = 100  # of a heading path
_STATES = {
    FileState.CURRENT: "",
    FileState.CHANGED: "(changed since it was indexed)",
    FileState.GONE: "(no longer in the folder)",
}


def place(item: Hit | Citation, folder: Path, indent: str, more: str = "") -> str:
    """Where it stands: "hr/leave.pdf, page 5 (printed “v”)   Annual leave › Entitlement   1 Feb 2026".

    What does not fit the terminal's width goes to lines of its own, `indent` in front, broken between words.
    """
    older = f"(older version; newest: {line(item.superseded_by)})" if item.superseded_by else ""
    parts = [heading_text(item.heading), unbroken(date_text(item.date, item.dated)), older, more]
    shown = where(item.path, item.page, item.page_label, folder)
    room = width() - len(indent)
    rest = "   ".join(filter(None, parts))
    if "\n" not in (both := wrapped(f"{shown}   {rest}" if rest else shown, columns=room)):
        return both
    return "\n".join(filter(None, [wrapped(shown, columns=room, hanging=indent), rest and wrapped(rest, indent)]))


def heading_text(heading: str) -> str:
    """A heading path as it is shown: of a long one the two innermost levels, a long one of these cut at a word."""
    levels = line(heading).split(" › ")
    inner = [_cut(level) for level in levels]
    if len(levels) > 2 and len(" › ".join(inner)) > _LONGEST_PATH:
        inner = ["…", *inner[-2:]]
    return " › ".join(inner)


def _cut(level: str) -> str:
    return level if len(level) <= _LONGEST_LEVEL else level[:_LONGEST_LEVEL].rpartition(" ")[0].rstrip(" ,;:") + " …"


def where(path: str, page: int | None, page_label: str | None, folder: Path) -> str:
    """Path and page, as a link to the page on a terminal."""
    return link(line(path) + page_text(page, page_label), folder / path, page)


def page_text(page: int | None, page_label: str | None) -> str:
    """A page as ", page 5 (printed “v”)"; empty where there are no pages."""
    if page is None:
        return ""
    printed = f" (printed “{line(page_label)}”)" if page_label is not None and page_label != str(page) else ""
    return f", page {page}{printed}"


def state_text(state: FileState) -> str:
    """That a file is no longer what was indexed: "(changed since it was indexed)"; empty where it is."""
    return _STATES[state]


def origin_text(day: date | None, dated: Dated, path: str) -> str:
    """A date with where it is from: "1 Feb 2026 (from its PDF metadata)"; empty for none."""
    if day is None:
        return ""
    said = written(day, Dated.DOCUMENT if dated is Dated.FILE else dated)
    return f"{unbroken(said)} (from its {origin(day, dated, path)})"


def date_text(day: date | None, dated: Dated) -> str:
    """A date as exactly as it is known: "1 Feb 2026", "Mar 2025", "2025", "file of 12 Jan 2026"; empty for none."""
    if day is not None and dated is Dated.FILE:
        return f"file of {written(day, Dated.DOCUMENT)}"
    return written(day, dated)
