"""What a document is called and when it is from, out of what its author or its file says."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

LONGEST_TITLE = 200  # code points
_OPENING = 220  # code points; the context line has room for less
_OPENING_SEEN = 6_000  # code points in which it is looked for

# What programs write where nobody gave a title, and what is stamped above one.
_NO_TITLE = re.compile(
    r"^(microsoft (word|excel|powerpoint)\s+-\s+|untitled\b|unbenannt\b|document\s*\d*$|dokument\s*\d*$|slide 1$"
    r"|powerpoint presentation$|print(ed)?$|layout 1$|\(?anonymous\)?$|unspecified$|none$|null$|title$|about:blank"
    r"|(strictly |private and )?confidential\b|vertraulich\b|draft$|entwurf$|exhibit\b|page \d|seite \d)",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"(^|[/\\])[^/\\]*\.(pdf|docx?|xlsx?|pptx?|odt|rtf|tex|dvi|ps|indd|qxd|html?|txt|md|tmp)$", re.I
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$")


@lru_cache(maxsize=4_000)  # asked of every passage that a question finds, question after question
def from_name(path: str) -> str:
    """Make a file's name readable: no suffix, spaces for underscores and joining hyphens."""
    stem = unquote(PurePosixPath(path).stem).replace("_", " ")
    if " " not in stem.strip():
        stem = stem.replace("-", " ")
    title = " ".join(stem.split()) or path
    return title if title == path else title[0].upper() + title[1:]


def first_title(candidates: Iterable[str]) -> str:
    """Return the first candidate that a person may have written as a title, "" where there is none."""
    for candidate in candidates:
        title = " ".join(candidate.split())
        if looks_like_title(title):
            return title[:LONGEST_TITLE]
    return ""


def opening(text: str) -> str:
    """The first words of a text that say something: what a document without a title is about.

    It stands for the title in what is embedded, so that a file's name may change and no vector with it
    (scripts/LOG.md, "Names").
    """
    taken: list[str] = []
    for line in text[:_OPENING_SEEN].splitlines():
        words = " ".join(line.split())
        if looks_like_title(words):
            taken.append(words)
        if sum(map(len, taken)) >= _OPENING:
            break
    return " ".join(taken)[:_OPENING]


def looks_like_title(title: str) -> bool:
    """Whether `title` has words of its own: not a program's default, a file name, a number or an address."""
    if _NO_TITLE.match(title) or _FILE_NAME.search(title) or title.startswith(("http://", "https://", "file:")):
        return False
    letters = sum(character.isalpha() for character in title)
    return letters >= 2 and letters * 2 >= len(title.replace(" ", ""))


def plausible_date(value: Any) -> date | None:
    """Return the day that `value` names (a date, or text that starts with one), from 1950 to next year at most."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, date) and 1950 <= value.year <= date.today().year + 1:
        return value
    return None


def _parsed(text: str) -> date | None:
    try:
        if match := _ISO.match(text):
            year, month, day = (int(part) for part in match.groups())
            return date(year, month, day)
        if match := _GERMAN.match(text):
            day, month, year = (int(part) for part in match.groups())
            return date(year, month, day)
    except ValueError:
        return None
    return None
