"""Where a passage stands, in words: path, page, printed page, heading, date."""

from datetime import date
from pathlib import Path

from assistant.cli.terminal import line, link, width, wrapped
from assistant.dates import written
from assistant.types import Citation, Dated, FileState, Hit

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
    parts = [part for part in (line(item.heading), date_text(item.date, item.dated), older, more) if part]
    first = line(item.path) + page_text(item.page, item.page_label)
    shown = where(item.path, item.page, item.page_label, folder)
    if len(indent) + len("   ".join([first, *parts])) <= width():
        return "   ".join([shown, *parts])
    return "\n".join([shown, wrapped("   ".join(parts), indent)]) if parts else shown


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


def date_text(day: date | None, dated: Dated) -> str:
    """A date as exactly as it is known: "1 Feb 2026", "Mar 2025", "2025", "file of 12 Jan 2026"; empty for none."""
    if day is not None and dated is Dated.FILE:
        return f"file of {written(day, Dated.DOCUMENT)}"
    return written(day, dated)
