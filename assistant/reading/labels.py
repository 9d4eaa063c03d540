"""Takes what a name says about day, version and standing off its two ends: "policy-v2 (draft)", "Stand Mai 2025".

Labels stand at the ends of a name. What stands between other words is part of the name: "metering-old-networks".
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from assistant.reading.titles import plausible_date

_LONGEST = 300  # code points looked at, from the end: file names are shorter

_MONTHS = (
    ("january", "januar", "jan", "jänner"), ("february", "februar", "feb"), ("march", "märz", "mar", "mär", "maerz"),
    ("april", "apr"), ("may", "mai"), ("june", "juni", "jun"), ("july", "juli", "jul"), ("august", "aug"),
    ("september", "sept", "sep"), ("october", "oktober", "oct", "okt"), ("november", "nov"),
    ("december", "dezember", "dec", "dez"),
)  # fmt: skip
_MONTH_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}

_NAME = "(?P<name>" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DATES = (  # the longest first: a day is no year with a number in front
    rf"{_YEAR}(?P<sep>[ ._/-])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})",
    rf"{_YEAR}{_MONTH}(?P<day>[0-3]\d)",
    rf"(?P<one>\d{{1,2}})(?P<sep>[ ._/-])(?P<two>\d{{1,2}})(?P=sep){_YEAR}",
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ ._-]*{_NAME}[ ,._-]*{_YEAR}",
    rf"{_NAME}[ ._-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ ,._-]+{_YEAR}",
    rf"{_YEAR}[ ._/-]{_MONTH}",
    rf"{_MONTH}[ ._/-]{_YEAR}",
    rf"{_NAME}[ ,._-]*{_YEAR}",
    rf"{_YEAR}[ ,._-]*{_NAME}",
    rf"(?:fy ?|gj ?)?(?:(?:19|20)\d\d ?[-/–] ?)?{_YEAR}",
)
# Before a date, these say that it is the text's own and not of what it tells about.
_AS_OF = (
    r"(?P<as_of>(?:stand|as of|as at|valid (?:from|as of)|effective(?: from)?|in force since|updated|version|v"
    r"|fassung(?: vom)?|gültig (?:ab|seit)|in kraft seit)[ .:_-]*)?(?:vom |dated )?"
)
_HAS_YEAR = re.compile(r"(?:19|20)\d\d")  # every date has one, and most names have none
_AT_START = tuple(re.compile(rf"{_AS_OF}{pattern}(?!\w)") for pattern in _DATES)
_AT_END = tuple(re.compile(rf"(?:(?<!\w){_AS_OF}|(?<=[^\W\d]{{4}})){pattern}$") for pattern in _DATES)
_INSIDE = tuple(re.compile(rf"(?<!\w){pattern}(?!\w)") for pattern in _DATES)

_VERSIONS = (
    re.compile(
        r"(?<!\w)(?:v|ver|vers|version|fassung|rev|revision|edition|auflage)"
        r"[ ._-]*(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})(?P<letter>[a-z]?)$"
    ),
    re.compile(r"(?<!\w)(?:rev|revision)[ ._-]+(?P<letter>[a-z])$"),
    re.compile(r"(?<!\w)(?P<number>\d{1,2})(?:st|nd|rd|th|\.) ?(?:edition|auflage|fassung|version)$"),
    re.compile(r"(?<=[^\W\d]{4})v(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})$"),
)

_SUPERSEDED = (
    r"superseded|obsolete|outdated|deprecated|withdrawn|no longer (?:valid|in force)|do not use|veraltet|überholt"
    r"|aufgehoben|abgelöst|ungültig|außer kraft|nicht mehr gültig|archived|archiviert"
)
_DRAFT = r"drafts?|entwurf|entwürfe|wip"
_NO_MATTER = (
    r"final|endfassung|signed|unterschrieben|unterzeichnet|clean|approved|freigegeben|genehmigt|in force|gültig"
    r"|in kraft|new|neu|latest|aktuell|(?:copy|kopie)(?: ?\(?\d{1,2}\)?)?"
)
_WORDS_AT_END = re.compile(rf"(?<!\w)(?:(?P<superseded>{_SUPERSEDED}|old|alt)|(?P<draft>{_DRAFT}) ?\d?|{_NO_MATTER})$")
_SUPERSEDED_BY = re.compile(r"(?<!\w)(?:superseded|replaced|ersetzt|abgelöst) (?:by|durch)\b[^)\]]*$")
_WORDS_AT_START = re.compile(
    rf"(?:(?P<superseded>{_SUPERSEDED}|old|alt)(?= ?[:—–]| - )|(?P<draft>draft|entwurf|wip)|copy of|kopie von)(?!\w)"
)
_REPLACES = re.compile(r"(?:supersedes|replaces|ersetzt)(?! durch)\b")  # says nothing about the name it stands in
_ARCHIVE = re.compile(
    r"(?:\d{1,3}[ .-]+)?(?:archives?|archiv|old(?:er)?|alt|previous"
    r"|(?:old|older|previous|former|superseded|outdated|alte|ältere|frühere|bisherige|überholte|veraltete)"
    r" (?:versions?|editions?|files?|documents?|policies|rules|stuff|versionen|fassungen|stände|dateien|dokumente"
    r"|richtlinien|regelungen))(?:[ .-]*(?P<year>(?:19|20)\d\d))?$"
)
_SPAN = re.compile(r"(?<!\w)(?:since|until|till|before|after|to|through|seit|bis|vor|nach)(?: dem| zum)?[ _-]*$")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]$")
_FIRST_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_LANGUAGE = re.compile(r"(?<=[ ._-])[(\[]?(de|en|fr|es|it|nl|pl|deutsch|englisch|german|english)[)\]]?$")
_JOINTS = " ,;:._–—-/|"
_PERIOD = re.compile(
    r"\b(?:[qh][1-4]|[1-4][qh]|(?:quarter|quartal|half|halbjahr|week|woche|kw|cw|wk|month|monat) ?\d{1,2}"
    r"|(?:\d{1,2}(?:st|nd|rd|th|\.)? ?|first |second |third |fourth |erstes |zweites |drittes |viertes )"
    r"(?:quarter|quartal|half|halbjahr|week|woche))(?:\b|(?=\d))"
)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a name says about itself, and `core`, the words that are left of it.

    `day` is the most exact day at its ends, as much of YYYY-MM-DD as is said; `inside` the only one between its words.
    """

    core: str = ""
    day: str = ""
    inside: str = ""
    version: tuple[int, ...] = ()
    as_of: bool = False  # the day is said to be the text's own: "Stand Mai 2025"
    superseded: bool = False
    draft: bool = False
    archive: bool = False  # the whole name is "archive", "old", "99_Archiv 2019"
    period: bool = False  # of a quarter, a half year, a week


_Step = tuple[str, Labels]  # what is left of a name, and what the label taken off it said


@lru_cache(maxsize=10_000)  # thousands of files share their folders' names
def labels(name: str) -> Labels:
    """Take the labels off both ends of a name; one without any comes back as its lower-case words."""
    plain = _plain(name)
    if put_away := _ARCHIVE.match(plain.strip(_JOINTS + "()[]")):
        return Labels(day=put_away["year"] or "", archive=True)
    tongue = _LANGUAGE.search(plain)
    rest, found = _peeled(plain[: tongue.start()] if tongue else plain)
    words = re.findall(r"\w+", f"{rest} {tongue[1]}" if tongue else rest)
    return replace(found, core=" ".join(words), inside=_inside(rest), period=bool(_PERIOD.search(plain)))


def _plain(name: str) -> str:
    """Lower case, with spaces for underscores; "PolicyV2" and "v1_0" are written out."""
    name = unicodedata.normalize("NFC", name)[-_LONGEST:]
    name = re.sub(r"(?<=[a-zäöüß])(?=V\d)", " ", name).lower()
    return re.sub(r"(?<![^\W_])(v\d{1,3})_(\d{1,2})(?!\d)", r"\1.\2", name).replace("_", " ").strip()


def _peeled(text: str) -> tuple[str, Labels]:
    found = Labels()
    while True:
        text = text.strip(_JOINTS)
        step = _from_end(text) or _from_start(text)
        if step is None:
            return text, found
        text, label = step
        found = _joined(found, label)


def _from_end(text: str) -> _Step | None:
    """One label less at the end, with what it said; None where there is none."""
    if match := _BRACKETS.search(text):
        label = _in_brackets(match[1])
        return None if label is None else (text[: match.start()], label)
    if match := _SUPERSEDED_BY.search(text):
        return text[: match.start()], Labels(superseded=True)
    return _version_at_end(text) or _day_at_end(text) or _word_at_end(text)


def _version_at_end(text: str) -> _Step | None:
    match = next(filter(None, (pattern.search(text) for pattern in _VERSIONS)), None)
    return (text[: match.start()], Labels(version=_version(match))) if match else None


def _day_at_end(text: str) -> _Step | None:
    for pattern in _AT_END if _HAS_YEAR.search(text) else ():
        if (match := pattern.search(text)) and (day := _day(match)):
            rest = text[: match.start()]
            return None if _SPAN.search(rest) else (rest, Labels(day=day, as_of=bool(match["as_of"])))
    return None


def _word_at_end(text: str) -> _Step | None:
    if match := _WORDS_AT_END.search(text):
        said = Labels(superseded=bool(match["superseded"]), draft=bool(match["draft"]))
        return text[: match.start()], said
    return None


def _from_start(text: str) -> _Step | None:
    """One label less at the start, with what it said; None where there is none."""
    if match := _FIRST_BRACKETS.match(text):
        label = _in_brackets(match[1])
        return None if label is None else (text[match.end() :], label)
    for pattern in _AT_START if _HAS_YEAR.search(text) else ():
        if (match := pattern.match(text)) and (day := _day(match)):
            return text[match.end() :], Labels(day=day, as_of=bool(match["as_of"]))
    if match := _WORDS_AT_START.match(text):
        return text[match.end() :], Labels(superseded=bool(match["superseded"]), draft=bool(match["draft"]))
    return None


def _in_brackets(text: str) -> Labels | None:
    """What stands in brackets, if it is nothing but labels.

    A number is none: "invoice (1)" and "invoice (2)" may be two invoices that were downloaded.
    """
    if _REPLACES.match(text.strip()):
        return Labels()
    rest, found = _peeled(text)
    return None if rest else found


def _joined(one: Labels, other: Labels) -> Labels:
    """Both together; the version said first is kept, and the more exact of two days that agree."""
    day = other.day if other.day.startswith(one.day) else one.day
    return replace(
        one,
        day=day,
        version=one.version or other.version,
        as_of=one.as_of or other.as_of,
        superseded=one.superseded or other.superseded,
        draft=one.draft or other.draft,
    )


def _version(match: re.Match[str]) -> tuple[int, ...]:
    """A version as numbers without noughts at the end: "2.0" is 2, "2b" is 2.2, "rev C" is 3."""
    said = match.groupdict()
    numbers = [int(part) for part in (said.get("number") or "").split(".") if part]
    if letter := said.get("letter"):
        numbers.append(ord(letter) - ord("a") + 1)
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _day(match: re.Match[str]) -> str:
    """The day that a pattern found, as much of YYYY-MM-DD as is sure; empty where there is no such day."""
    said = match.groupdict()
    year = int(said["year"])
    month = _MONTH_NUMBER[said["name"]] if said.get("name") else int(said.get("month") or 0)
    day = int(said.get("day") or 0)
    if said.get("one"):
        day, month = _ordered(int(said["one"]), int(said["two"]), said["sep"])
    try:
        if not plausible_date(date(year, month or 1, day or 1)):
            return ""
    except ValueError:
        return ""
    return f"{year}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")


def _ordered(one: int, two: int, sep: str) -> tuple[int, int]:
    """Day and month of "1.3." (German) or of what can only be read one way; noughts where nobody can tell."""
    if sep == "." or one == two or one > 12:
        return one, two
    return (two, one) if two > 12 else (0, 0)


def _inside(text: str) -> str:
    """The only day that stands between the words of a name; empty where there is none, or more than one."""
    days = set(_days(text, _INSIDE[:5])) or set(_days(text, _INSIDE[5:]))
    return days.pop() if len(days) == 1 else ""


def _days(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[str]:
    for pattern in patterns:
        yield from filter(None, map(_day, pattern.finditer(text)))
