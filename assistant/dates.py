"""Dates and times in words, as exactly as they are known."""

from datetime import date, datetime

from assistant.types import Dated


def said(day: date | None, dated: Dated) -> str:
    """A document's date as ISO text, "2025-03" or "2025" where no more is known, empty where only its file has one."""
    if day is None or dated is Dated.FILE:
        return ""
    return day.isoformat()[: {Dated.YEAR: 4, Dated.MONTH: 7}.get(dated, 10)]


def written(day: date | None, dated: Dated) -> str:
    """A document's date for a reader, "1 Feb 2026", "Mar 2025" or "2025"; empty where only its file has one."""
    if day is None or dated is Dated.FILE:
        return ""
    return {Dated.YEAR: f"{day.year}", Dated.MONTH: f"{day:%b} {day.year}"}.get(dated, f"{day.day} {day:%b} {day.year}")


def origin(day: date | None, dated: Dated, path: str) -> str | None:
    """Where a document's date is from, as `--json` says it; None where it has none."""
    if day is None:
        return None
    if dated is Dated.DOCUMENT:
        return "PDF metadata" if path.lower().endswith(".pdf") else "front matter"
    return "file time" if dated is Dated.FILE else "name, title or folder"


def clock(moment: str) -> str:
    """An ISO time as a person says it: 14:02 today, with the date on other days."""
    when = datetime.fromisoformat(moment)
    return when.strftime("%H:%M" if when.date() == datetime.now().date() else "%-d %b %Y %H:%M")
