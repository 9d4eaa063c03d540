"""Older versions of a document stand behind the newest, unless the question asks for them.

What makes documents versions of one another is told in `reading/editions.py`; here their families and ranks are given.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from assistant.reading.ranks import is_yearly, rank_of, said_superseded, supersedes
from assistant.types import Dated, Evidence, Hit

_BEHIND = 0.08  # taken from the score of an older version's passages; scripts/LOG.md, "Versions"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_VERSION = re.compile(
    r"\b(?:v|ver\.?|version|fassung|rev\.?|revision|edition|auflage) ?(\d{1,3}(?:\.\d{1,3}){0,3})\b", re.IGNORECASE
)
_TEXTS = (
    r"versions?|rules?|polic(?:y|ies)|text|agreements?|contracts?|handbooks?|guidelines?|regulations?|terms|prices|rates"
    r"|price lists?|reports?|editions?|templates?|wording|procedures?|fassung(?:en)?|version(?:en)?"
    r"|regel(?:n|ung|ungen)?|\w*richtlinien?|\w*ordnung|\w*vertrag|\w*vereinbarung|preisen?|preisliste|handbuch|stand"
)
_PAST = re.compile(
    r"\b(?:(?<!how )old|older|former|previous|earlier|outdated|archived|obsolete|alte[nrs]?|ältere[nrs]?|frühere[nrs]?"
    r"|vorherige[nrs]?|bisherige[nrs]?|ehemalige[nrs]?|veraltete[nrs]?)"
    rf" (?:\w+ )?(?:{_TEXTS})\b"
    r"|\b(?:superseded|formerly|previously|in the past|back then|no longer (?:valid|in force))\b"
    r"|\bused to (?:be|have|apply|say|cost)\b"
    r"|\bwhat (?:has |have |is |was )?changed\b|\b(?:changed|changes|differs?) (?:since|from|compared)\b"
    r"|\b(?:changed|differences?|unterschiede?)\b.{0,60}\b(?:versions|editions|versionen|fassungen)\b"
    r"|\b(?:prior to|before|vor) (?:19|20)\d\d\b"
    r"|\b(?:damals|ehemals|vormals|bisher|außer kraft|nicht mehr gültig)\b|\bwas (?:hat|wurde|ist)\b.*\bgeändert\b"
    r"|\b(?:galt|galten|war|waren|gab|hatten?)\b.{0,60}\bfrüher\b|\bfrüher (?:galt|galten|war|waren|gab|hatten?)\b",
    re.IGNORECASE,
)


def newest_first(hits: Sequence[Hit], question: str, newest: Mapping[str, str]) -> list[Hit]:
    """The hits by score, with passages of older versions behind; by score alone if the question asks for the past.

    `newest` gives the edition that sorts last for the families among the hits, which need not be among them.
    """
    older = _behind(hits, question, newest, lambda _: True)
    ranked = [replace(hit, score=max(0.0, round(hit.score - _BEHIND, 4))) if hit.path in older else hit for hit in hits]
    return sorted(ranked, key=lambda hit: (-hit.score, hit.path, hit.page or 0, hit.start))


def superseded(items: Sequence[Hit | Evidence], question: str, newest: Mapping[str, str]) -> frozenset[str]:
    """Paths of the documents that do not hold any more; none if the question asks for the past.

    A newer version is among `items` or in `newest`, or the document itself says so. A report of an earlier year still
    holds.
    """
    return _behind(items, question, newest, lambda family: not is_yearly(family))


def asks_for_past(question: str) -> bool:
    """Whether a question asks for what is not in force: "the old policy", "what changed", "damals"."""
    return bool(_PAST.search(question))


def _behind(
    items: Sequence[Hit | Evidence], question: str, newest: Mapping[str, str], counts: Callable[[str], bool]
) -> frozenset[str]:
    if asks_for_past(question):
        return frozenset()
    known: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.family and item.edition:
            known[item.family].add(item.edition)
    for family, editions in known.items():
        editions.update(filter(None, [newest.get(family)]))
    older = {(family, text) for family in filter(counts, known) for text in _older(known[family])}
    years, versions = set(_YEAR.findall(question)), [_numbers(text) for text in _VERSION.findall(question)]
    return frozenset(
        item.path
        for item in items
        if item.edition
        and ((item.family, item.edition) in older or said_superseded(rank_of(item.edition)))
        and not _is_asked_for(item, years, versions)
    )


def _older(editions: Iterable[str]) -> set[str]:
    """The editions that another one supersedes; none where each is superseded by another, as labels contradict."""
    ranks = {text: rank_of(text) for text in editions}
    older = {text for text, rank in ranks.items() if any(supersedes(other, rank) for other in ranks.values())}
    return older if len(older) < len(ranks) else set()


def _is_asked_for(item: Hit | Evidence, years: set[str], versions: Sequence[tuple[int, ...]]) -> bool:
    """Whether a question's years or versions are this document's: by its date, its path, its title, or its number."""
    _, day, version, _ = rank_of(item.edition)
    own = {day[:4], *_YEAR.findall(f"{item.path} {item.title}".replace("_", " "))}
    if item.date is not None and item.dated is not Dated.FILE:
        own.add(str(item.date.year))
    return bool(years & own) or any(version[: len(asked)] == asked for asked in versions)


def _numbers(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in text.split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
