"""Remembers where the sources of the last answer stand, so that `show` and `open` can name them by number.

Only places are written, no text: what an index must forget is then nowhere else.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from assistant.cli.output.terminal import command
from assistant.errors import UsageError
from assistant.storage.layout import LAST_ANSWER
from assistant.types import Answer


@dataclass(frozen=True, slots=True)
class Source:
    """Where a source of the last answer stands; offsets count code points in the page's or file's text."""

    number: int
    path: str
    page: int | None
    start: int
    end: int
    quote: str = ""  # its hash: what stands there now may be another text

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError for what no page and no offset can be: the file may have been tampered with."""
        for value in (self.number, self.page or 0, self.start, self.end):
            if not 0 <= int(value) < 2**40:
                raise ValueError(value)


def remember(index: Path, answer: Answer) -> None:
    """Write the places of an answer's sources; an index that is read-only simply keeps none."""
    cited = answer.citations or answer.closest
    places = [
        {
            "number": number,
            "path": item.path,
            "page": item.page,
            "start": item.start,
            "end": item.end,
            "quote": quote_hash(item.quote),
        }
        for number, item in enumerate(cited, 1)
    ]
    with contextlib.suppress(OSError):
        descriptor = os.open(index / LAST_ANSWER, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(places, file)


def quote_hash(text: str) -> str:
    """What tells a quote from another one without holding it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def recall(index: Path, number: int) -> Source:
    """Source `number` of the last answer; raises UsageError where there is none."""
    try:
        places = [Source(**place) for place in json.loads((index / LAST_ANSWER).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, RecursionError):
        places = []
    if not places:
        raise UsageError("there is no last answer with sources", f'Ask first: {command("ask", str(index))} "…"')
    for place in places:
        if place.number == number:
            return place
    has = f"It has {len(places)}: choose from 1 to {len(places)}." if len(places) > 1 else "It has one: source 1."
    raise UsageError(f"the last answer has no source {number}", has)
