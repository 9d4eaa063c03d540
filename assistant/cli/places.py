"""Where a passage stands, in words: path, page, printed page, heading, date."""

from datetime import date
from pathlib import Path

from assistant.cli.terminal import line, link
from assistant.types import Citation, Hit


def place(item: Hit | Citation, folder: Path) -> str:
    """One line: "hr/leave.pdf, page 5 (printed “v”)   Annual leave › Entitlement   1 Feb 2026"."""
    return "   ".join(
        part
        for part in (
            where(item.path, item.page, item.page_label, folder),
            line(item.heading),
            date_text(item.date),
        )
        if part
    )


def where(path: str, page: int | None, page_label: str | None, folder: Path) -> str:
    """Path and page, as a link to the page on a terminal."""
    label = line(path)
    if page is not None:
        label += f", page {page}"
        if page_label is not None and page_label != str(page):
            label += f" (printed “{line(page_label)}”)"
    return link(label, folder / path, page)


def date_text(day: date | None) -> str:
    """A date as "1 Feb 2026"; empty for none."""
    return f"{day.day} {day:%b %Y}" if day is not None else ""
