"""A source: front matter that says how the document is printed, and markdown that says what it says."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Source:
    """One document to typeset; the fields after `body` come from the front matter."""

    body: str
    file: str  # below the folder of documents
    title: str
    date: date
    paper: str = "a4"  # or "a5"
    face: str = "sans"  # or "serif"
    subtitle: str = ""
    cover: tuple[str, ...] = ()  # lines under the title of a title page; empty: the title stands on the first page
    numbers: str = "arabic"  # or "roman", until a `numbers` comment changes them
    breaks: int = 0  # headings up to this level begin a page
    columns: int = 1
    outline: bool = True  # bookmarks
    metadata: bool = True  # title, author and subject in the file's properties
    language: str = "en-US"
    header: str = ""  # above every page but a title page; the title if empty
    stamp: str = ""  # printed across every page
    encrypted: bool = False
    cut_at: float = 1.0  # share of the bytes that are kept: less makes a damaged file


def read_source(path: Path) -> Source:
    """Read one source; raises ValueError where the front matter is missing or the standard fonts lack a letter."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    try:
        body.encode("cp1252")
    except UnicodeEncodeError as error:
        raise ValueError(f"{path.name}: the standard fonts have no {body[error.start]!r}") from error
    settings = yaml.safe_load(front)
    settings["cover"] = tuple(settings.get("cover", ()))
    return Source(body=body, **settings)
