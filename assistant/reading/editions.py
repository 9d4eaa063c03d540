"""Which day a document is of, and which documents are versions of one.

Nothing here reads a text: the path, the title and the two dates are all that is known. A false family hides a true
answer and a missed one only shows an older answer with its date, so what is not sure is no family:

1. A family is a folder and the words of the file's name without the labels at its two ends (`labels.py`): the name's
   "v2", "2025", "(superseded)", "Stand Mai 2025". Folders that are labels themselves ("archive", "2024") do not count.
   Files in different folders are never versions of one another.
2. A name that says nothing ("README", "scan_0017") has no family, unless its title names a text that sets rules
   (policy, price list, Richtlinie) and has words beside that.
3. A version number and words such as "superseded", "draft", "final" are always labels.
4. A date is one only where the name is that of a text that sets rules, or says "as of", "valid from", "Stand": a new
   policy replaces the old one. Minutes, letters, invoices and contracts stand each for themselves, whatever their date,
   and so do files of a quarter, a week, a number ("ISO 9001 2015"), and all others that a month or a day is given to.
5. Other files of a year (annual-report-2023) are families in which the newest comes first and none is superseded: what
   the report of 2023 says stays true. `is_yearly` tells them. Only where the name is no report's and the folder or the
   name says "old" does another one take its place: old/retention-2019 gives way to retention.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

from assistant.reading.kinds import OUT_OF_FORCE, Kind, kind_of, says_nothing
from assistant.reading.labels import Labels, labels
from assistant.reading.ranks import ARCHIVED, DRAFT, IN_FORCE, SUPERSEDED, YEARLY, Rank
from assistant.types import Dated

_PARTS = 4  # of a version number
_FULL = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class Edition:
    """A document's day, and its place among its versions.

    `rank` orders the documents of one `family`, the newest last; `sortable` makes text of it.
    """

    date: date | None
    dated: Dated
    family: str  # what all versions have in common, empty where nobody can tell
    rank: Rank
    superseded: bool  # its name or its title says so itself


def edition(path: str, title: str, own_date: date | None, mtime_ns: int, standing: str = "") -> Edition:
    """Tell the edition of the document at `path` from its names and dates; `title` is empty where it has none.

    `standing` is what its front matter says: "superseded", "draft", "version 2". A version counts there only without a
    date beside it.
    """
    name, heading = (_of_rules(labels(text)) for text in (unquote(PurePosixPath(path).stem), title))
    folders = [(part, labels(part)) for part in PurePosixPath(path).parent.parts]
    boxes = [found for _, found in folders if not found.core]
    kept = [part.lower() for part, found in folders if found.core]
    named = [name, heading, *reversed(boxes)]
    inside = heading.inside if len(heading.inside) == _FULL else ""
    said = _best(found.day for found in named) or name.inside or inside
    family, in_order = _family(name, heading, boxes, "/".join(kept))
    stated = labels(standing) if own_date is None else replace(labels(standing), version=())
    superseded = any(found.superseded for found in (stated, *boxes, name, heading))
    force = SUPERSEDED if superseded else _standing([stated, *named])
    if force == ARCHIVED and (kind_of(name.core) or kind_of(heading.core)) is Kind.YEARLY:
        force = IN_FORCE  # where reports are put away
    version = next((found.version for found in (name, heading, *boxes, stated) if found.version), ())
    own = own_date.isoformat() if own_date else ""
    day, dated = _dated(own_date, said or _best(found.day for _, found in reversed(folders)), mtime_ns)
    return Edition(day, dated, family, (force, in_order, version[:_PARTS], own), superseded)


def _of_rules(found: Labels) -> Labels:
    """What a name says that starts with "old": a label before "policy" ("old-travel-policy"), a word before "town"."""
    first, _, rest = found.core.partition(" ")
    if first in OUT_OF_FORCE and kind_of(rest) is Kind.RULES:
        return replace(found, core=rest, superseded=True)
    return found


def _standing(named: list[Labels]) -> int:
    if any(found.archive for found in named):
        return ARCHIVED
    return DRAFT if any(found.draft for found in named) else IN_FORCE


def _best(days: Iterable[str]) -> str:
    """The first day said, made more exact by others that agree with it."""
    best = ""
    for day in days:
        if day.startswith(best):
            best = day
    return best


def _dated(own: date | None, said: str, mtime_ns: int) -> tuple[date | None, Dated]:
    if own is not None:
        return own, Dated.DOCUMENT
    if said:
        year, month, day = (int(part) for part in f"{said}-01-01"[:10].split("-"))
        return date(year, month, day), {4: Dated.YEAR, 7: Dated.MONTH}.get(len(said), Dated.NAME)
    try:
        return datetime.fromtimestamp(mtime_ns / 1e9).date(), Dated.FILE
    except (ValueError, OverflowError, OSError):
        return None, Dated.FILE


def _family(name: Labels, heading: Labels, boxes: list[Labels], folder: str) -> tuple[str, str]:
    """The family, and the day that orders it."""
    kind, by_title = kind_of(name.core), says_nothing(name.core)
    if by_title:
        kind = kind_of(heading.core)
        if kind is not Kind.RULES or len(heading.core.split()) < 2:
            return "", ""
    kind = kind or kind_of(heading.core) or Kind.YEARLY
    core = heading.core if by_title else name.core
    labelled = [*([] if by_title else [name]), *reversed(boxes)]
    family = f"{folder}/{core}".lstrip("/")
    as_of = any(found.as_of for found in labelled)
    period = any(found.period for found in labelled)
    day = _best(found.day for found in labelled)
    numbered = bool(day) and core[-1].isdigit()
    if day and (kind is Kind.RULES or as_of) and not (period or numbered):
        return family, day
    if not day and kind is Kind.RULES:
        return family, heading.day
    if not day:
        return family, ""
    if kind is Kind.YEARLY and len(day) == 4 and not (period or numbered or name.version):
        return family + YEARLY, day
    return f"{family} {day}", day
