"""Older versions of a document stand behind the newest; where a question asks for them, the newest stands behind.

What makes documents versions of one another is told in `reading/editions.py`, what a question asks for in `asked.py`;
here families, ranks and scores are given.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.reading.ranks import YEARLY, in_force, is_yearly, rank_of, said_superseded, supersedes
from assistant.retrieval.asked import Asked, asked
from assistant.types import Dated, Evidence, Hit

_BEHIND = 0.08  # taken from the score of an older version's passages; scripts/LOG.md, "Versions"
_BEARS = 0.6  # of a passage's relevance, from which a passage of another version bears on the same question
_STEP = 0.0001  # scores have four digits
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

_Item = Hit | Evidence


@dataclass(frozen=True, slots=True)
class _Family:
    """The versions of one document that are known, and those passages of them that were found."""

    members: tuple[_Item, ...]
    older: frozenset[str]  # editions that another one comes before
    newest: str  # the edition that sorts last of the others, and its path where that is known


def newest_first(hits: Sequence[Hit], question: str, newest: Mapping[str, str], limit: int | None = None) -> list[Hit]:
    """The best hits by score, with passages of older versions behind; ahead where the question asks for these.

    `newest` gives the edition that sorts last for the families among the hits, which need not be among them; a path may
    follow it. Hits of other editions come back with it and its path in `newest`, and older ones with `superseded_by`.
    """
    families = _families(hits, newest)
    less = {path for family in families for path in _passed_over(family, asked(question))}
    less |= _alone(hits, asked(question))
    scores = [max(0.0, hit.score - _BEHIND) if hit.path in less else hit.score for hit in hits]
    scored = [(hit.path, score, hit.score) for hit, score in zip(hits, scores, strict=True)]
    known = {item.family: family.newest for family in families for item in family.members}
    ranked = [
        hit if score == hit.score else replace(hit, score=max(0.0, round(score, 4)))
        for hit, score in zip(hits, in_order(scored, hits, question, newest), strict=True)
    ]
    ranked.sort(key=lambda hit: (-hit.score, hit.path, hit.page or 0, hit.start))
    return [_marked(hit, known.get(hit.family, "")) for hit in ranked[:limit]]


def in_order(
    scored: Sequence[tuple[str, float, float]], items: Sequence[_Item], question: str, newest: Mapping[str, str]
) -> list[float]:
    """The scores of (path, score, relevance), lowered where another version that the question asks for says as much.

    A passage whose version the question does not ask for comes behind every one of the version that it asks for, if
    that bears on the question. A report of another year keeps its place unless the question names a year.
    """
    before: dict[str, frozenset[str]] = {}
    for family in _families(items, newest):
        first = _first(family, asked(question))
        before |= {item.path: first for item in family.members if first and item.path not in first}
    return [
        min([score, *(other - _STEP for place, other, weight in scored
                      if place in before[path] and weight >= _BEARS * relevance)])
        if path in before else score
        for path, score, relevance in scored
    ]  # fmt: skip


def superseded(items: Sequence[_Item], question: str, newest: Mapping[str, str]) -> frozenset[str]:
    """Paths of the documents that do not hold any more; none if the question asks for the past.

    A newer version is among `items` or in `newest`, or the document itself says so. A report of an earlier year still
    holds.
    """
    passed = {path for family in _families(items, newest) for path in _passed_over(family, asked(question))}
    holding = {item.path for item in items if _still_holds(item)}
    return frozenset((passed - holding) | _alone(items, asked(question)))


def newer(item: _Item) -> str:
    """The path of the newest version of a document, where that takes the place of `item`; else empty."""
    order, path = _parts(item.newest)
    if not path or _still_holds(item) or not supersedes(rank_of(order), rank_of(item.edition)):
        return ""
    return path


def _families(items: Sequence[_Item], newest: Mapping[str, str]) -> list[_Family]:
    members: defaultdict[str, list[_Item]] = defaultdict(list)
    for item in items:
        if item.family and item.edition:
            members[item.family.removesuffix(YEARLY)].append(item)
    found = []
    for name, group in members.items():
        known = {f"{item.edition} {item.path}" for item in group}
        known |= set(filter(None, [newest.get(name), newest.get(name + YEARLY)]))
        older = _older(_parts(text)[0] for text in known)
        last = max(text for text in known if _parts(text)[0] not in older)
        found.append(_Family(tuple(group), older, last))
    return found


def _first(family: _Family, ask: Asked) -> frozenset[str]:
    """Paths of the versions that a question asks for more than for the others; none where it compares them."""
    if ask.compares:
        return frozenset()
    if wanted := _wanted(family, ask):
        return wanted
    old = {item.path for item in family.members if item.edition in family.older}
    if ask.past or ask.until is not None:
        return frozenset(old)
    return frozenset(item.path for item in family.members if item.path not in old or _still_holds(item))


def _wanted(family: _Family, ask: Asked) -> frozenset[str]:
    """Paths of the versions that a question names, or that held at the time that it names."""
    named = frozenset(item.path for item in family.members if _is_named(item, ask))
    year = ask.until or (max(ask.years, default=None) if ask.was else None)
    if named or year is None or any(map(_still_holds, family.members)):
        return named
    return _held(family.members, year)


def _passed_over(family: _Family, ask: Asked) -> set[str]:
    """Paths of the older versions, without those that the question asks for."""
    if _is_about_then(ask):
        return set()
    wanted = _wanted(family, ask)
    return {item.path for item in family.members if item.edition in family.older and item.path not in wanted}


def _alone(items: Sequence[_Item], ask: Asked) -> set[str]:
    """Paths of the documents that say of themselves that they do not hold any more, unless they are asked for."""
    if _is_about_then(ask):
        return set()
    said = (item for item in items if item.edition and said_superseded(rank_of(item.edition)))
    return {item.path for item in said if not _is_named(item, ask)}


def _is_about_then(ask: Asked) -> bool:
    return ask.past or ask.compares or ask.until is not None


def _still_holds(item: _Item) -> bool:
    """Whether a document holds beside those of later years: the report of a year, not put away as old."""
    return is_yearly(item.family) and in_force(rank_of(item.edition))


def _held(members: Iterable[_Item], year: int) -> frozenset[str]:
    """Paths of the versions that held in a year: the last of those dated before its end."""
    days = {item.path: item.date.year for item in members if item.date is not None and item.dated is not Dated.FILE}
    last = max((own for own in days.values() if own <= year), default=None)
    return frozenset(path for path, own in days.items() if own == last)


def _older(editions: Iterable[str]) -> frozenset[str]:
    """The editions that another one supersedes; none where each is superseded by another, as labels contradict."""
    ranks = {text: rank_of(text) for text in editions}
    older = {text for text, rank in ranks.items() if any(supersedes(other, rank) for other in ranks.values())}
    return frozenset(older if len(older) < len(ranks) else ())


def _is_named(item: _Item, ask: Asked) -> bool:
    """Whether a question's years or versions are this document's: by its date, its path, its title, or its number."""
    if not ask.years and not ask.versions:
        return False
    _, day, version, _ = rank_of(item.edition)
    own = {int(year) for year in _YEAR.findall(f"{day} {item.path} {item.title}")}
    if item.date is not None and item.dated is not Dated.FILE:
        own.add(item.date.year)
    return bool(ask.years & own) or any(version[: len(number)] == number for number in ask.versions)


def _marked(hit: Hit, newest: str) -> Hit:
    if not newest and not hit.newest:
        return hit
    marked = replace(hit, newest="" if _parts(newest)[0] == hit.edition else newest)
    return replace(marked, superseded_by=newer(marked))


def _parts(text: str) -> tuple[str, str]:
    """Edition and path of a text that may hold both."""
    fields = text.split(" ", 4)
    return " ".join(fields[:4]), "".join(fields[4:])
