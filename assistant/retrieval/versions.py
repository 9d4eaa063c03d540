"""Older versions of a document stand behind the newest, unless the question asks for their year."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.types import Evidence, Hit

_BEHIND = 0.08  # taken from the score of an older version's passages; scripts/LOG.md, "Versions"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OLD = re.compile(
    r"\b(?:old|older|former|formerly|previously|superseded|alte|alten|frühere|früheren|bisherige|bisherigen|damals)"
    r" (?:\w+ )?(?:versions?|rules?|polic(?:y|ies)|text|agreement|contract|handbook|Fassung|Version|Regel)",
    re.IGNORECASE,
)
_NOT_OF_THE_NAME = re.compile(
    r"\b(?:v(?:ersion)?\W?\d+(?:\.\d+)*|superseded|archived?|old|draft|final|copy)\b|[\W\d_]+"
)


def newest_first(hits: Sequence[Hit], question: str) -> list[Hit]:
    """The hits by score, with passages of older versions behind; by score alone if the question asks for the past."""
    older = superseded(hits, question)
    ranked = [replace(hit, score=max(0.0, round(hit.score - _BEHIND, 4))) if hit.path in older else hit for hit in hits]
    return sorted(ranked, key=_rank)


def superseded(items: Sequence[Hit | Evidence], question: str) -> frozenset[str]:
    """Paths of those documents of which a newer version is among `items`; none if the question asks for the past.

    Versions of one document have the same title but for years, version numbers and words such as "superseded", and
    dates of their own.
    """
    if _OLD.search(question):
        return frozenset()
    years = {int(year) for year in _YEAR.findall(question)}
    newest = _newest(items)
    return frozenset(item.path for item in items if _is_older(item, newest, years))


def _rank(hit: Hit) -> tuple[float, int]:
    return -hit.score, hit.chunk_id


def family(title: str) -> str:
    """What the titles of all versions of a document have in common."""
    return " ".join(_NOT_OF_THE_NAME.sub(" ", title.lower().replace("_", " ")).split())


def _newest(hits: Sequence[Hit | Evidence]) -> dict[str, date]:
    newest: dict[str, date] = {}
    for hit in hits:
        name = family(hit.title)
        if name and hit.date is not None:
            newest[name] = max(newest.get(name, hit.date), hit.date)
    return newest


def _is_older(hit: Hit | Evidence, newest: dict[str, date], years: set[int]) -> bool:
    latest = newest.get(family(hit.title))
    return latest is not None and hit.date is not None and hit.date < latest and hit.date.year not in years
