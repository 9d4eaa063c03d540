"""What a figure counts, and per what: "28 working days per calendar year", in English and German.

Compares a sentence with one statement of a source; knows nothing of passages.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.language.numbers import COUNT, Figure
from assistant.language.terms import STOP, stem, words

_NAMES = (
    ("second", r"seconds?|secs?|sekunden?"),
    ("day", r"(?:work|business|week)?days?|(?!(?:mon|diens|donners|frei|sams|sonn)tag)[a-zäöüß]*tag(?:e[ns]?|s)?"),
    ("hour", r"hours?|[a-zäöüß]*stunden?"),
    ("minute", r"minutes?|minuten"),
    ("night", r"nights?|nacht|nächten?"),
    ("week", r"weeks?|[a-zäöüß]*wochen?"),
    ("month", r"months?|[a-zäöüß]*monat(?:e[ns]?|s)?"),
    ("quarter", r"quarters?|quartal[es]?"),
    ("year", r"years?|[a-zäöüß]*jahr(?:e[ns]?|s)?"),
    ("millimeter", r"mm|millimet(?:er|re)s?"),
    ("centimeter", r"cm|[cz]entimet(?:er|re)s?"),
    ("meter", r"met(?:er|re)s?"),
    ("kilometer", r"km|kilomet(?:er|re)s?"),
    ("mile", r"miles?|meilen?"),
    ("foot", r"feet|foot"),
    ("milligram", r"mg|milligramm?s?"),
    ("gram", r"gramm?s?"),
    ("kilogram", r"kg|kilos?|kilogramm?s?"),
    ("tonne", r"tonn?es?|tonnen?"),
    ("liter", r"lit(?:er|re)s?"),
    ("milliliter", r"ml|millilit(?:er|re)s?"),
    ("volt", r"volts?"),
    ("ampere", r"amperes?|amps?|ampère"),
    ("watt", r"watts?"),
    ("kilowatt", r"kw|kilowatts?"),
    ("kilowatt hour", r"kwh|kilowattstunden?"),
    ("hertz", r"hz|hertz"),
    ("kilohertz", r"khz"),
    ("megahertz", r"mhz"),
    ("gigahertz", r"ghz"),
    ("bar", r"bar"),
    ("kilobyte", r"kb|kilobytes?"),
    ("megabyte", r"mb|megabytes?"),
    ("gigabyte", r"gb|gigabytes?"),
    ("terabyte", r"tb|terabytes?"),
)
_UNIT = {name: re.compile(pattern) for name, pattern in _NAMES}
_CURRENCY = frozenset(("eur", "usd", "gbp", "chf"))
# The beginning of a word that says which days or years are meant; "werk" (Saturdays count) is not "working".
_KIND = {
    "work": "working", "business": "working", "arbeits": "working", "werk": "werk",
    "calendar": "calendar", "kalender": "calendar",
    "fiscal": "fiscal", "financial": "fiscal", "geschäfts": "fiscal",
}  # fmt: skip
_RATES = {
    "annually": "year", "yearly": "year", "jährlich": "year", "monthly": "month", "monatlich": "month",
    "weekly": "week", "wöchentlich": "week", "daily": "day", "täglich": "day", "hourly": "hour", "stündlich": "hour",
}  # fmt: skip
# Of a source only: in a sentence "annual leave" and "in the year" say no more than what is spoken of.
_TOLD_RATES = _RATES | {"annual": "year", "jährliche": "year", "jährlichen": "year", "jährlicher": "year"}
_WRITTEN_RATES = _TOLD_RATES | {
    f"{word}{ending}": unit
    for word, unit in (("jährlich", "year"), ("monatlich", "month"), ("wöchentlich", "week"), ("täglich", "day"))
    for ending in ("e", "en", "er", "es", "em")
}
_PER = re.compile(r"\b(?:per|pro|je|each|every|jede[nmrs]?)\s+", re.IGNORECASE)
_TOLD_PER = re.compile(r"\b(?:per|pro|je|each|every|jede[nmrs]?|an?|im|in (?:the|a|der|einer|einem))\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"([^\W\d_]+|[€$£%\d])\s+(an?\s+)", re.IGNORECASE)
_TIMES = frozenset(("once", "twice", "times"))
_END = re.compile(r"[.,;:!?()|\d]|\n\s*\n")
_AGAIN = re.compile(
    rf"\s*(?:\(\d[\d.,]*\)|(?:to|or|bis|oder|–|-)\s*{COUNT}(?=[\s-]))(?:\s*\(\d[\d.,]*\))?", re.IGNORECASE
)
_REACH = 4  # words from a figure to its unit: "28 additional paid working days"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: text[:end] of the text that it was found in ends with it."""

    name: str  # "day", "eur", "percent"
    kind: str  # "working", "calendar", "fiscal", "werk" or empty
    end: int

    def agrees(self, other: "Unit") -> bool:
        """Whether `other` is the same unit, as far as both say which kind of it they mean."""
        return self.name == other.name and (not self.kind or not other.kind or self.kind == other.kind)


def unit(text: str, figure: Figure) -> Unit | None:
    """What `figure` counts in `text`, None where no unit is written beside it."""
    if figure.dates or figure.code:
        return None
    if figure.percent:
        return Unit("percent", "", figure.end)
    again = _AGAIN.match(text, figure.end)  # "five (5) years", "four to five months"
    if again:
        return _first_unit(text, again.end())
    ordinal = text[figure.end : figure.end + 2] == ". "  # "im 3. Jahr"
    after = _first_unit(text, figure.end + ordinal)
    if after:
        return after
    before = re.search(r"([^\W\d_]+|[€$£])\s*$", text[: figure.start])  # "year 3", "EUR 140"
    name = names_unit(before.group(1).lower()) if before else ""
    return Unit(name, "", figure.end) if name else None


def other_unit(text: str, claimed: Sequence[Figure], source: str, told: Sequence[Figure]) -> str:
    """The source's words for a figure that counts something else in `text`, empty where there is none."""
    for figure in claimed:
        mine = unit(text, figure)
        same = [other for other in told if figure.agrees(other)] if mine else []
        theirs = [(other, unit(source, other)) for other in same]
        other = [(one, found) for one, found in theirs if found]
        if mine and other and not any(mine.agrees(found) for _, found in other):
            first, found = other[0]
            return " ".join(source[first.start : max(first.end, found.end if found else 0)].split())
    return ""


def other_rate(text: str, source: str, near: str) -> str:
    """Why a "per week" of `text` is not the source's, empty where it is; `near` is the source with its surroundings."""
    told = list(_rates(source, _TOLD_PER, _TOLD_RATES))
    spoken = {_TOLD_RATES.get(word) or names_unit(word) for word in words(near)}
    for mine, written in _claimed_rates(text):
        if any(mine.agrees(other) for other, _ in told):
            continue
        strict = [phrase for _, phrase in _rates(source, _PER, _RATES)]
        if strict:
            return f"the source says “{strict[0]}”"
        if mine.name not in spoken:
            return f"the source does not say “{written}”"
    return ""


def rates(text: str) -> frozenset[str]:
    """The units per which a text counts: "week" of "weekly", "in der Woche", "38 hours a week"."""
    return frozenset(found.name for found, _ in _rates(text, _TOLD_PER, _WRITTEN_RATES))


def _claimed_rates(text: str) -> Iterator[tuple[Unit, str]]:
    yield from _rates(text, _PER, _RATES)
    for match in _ARTICLE.finditer(text):  # "28 days a year", "twice a week"; not "within a month"
        found = _first_unit(text, match.end())
        counted = match[1].lower()
        if found and (counted in _TIMES or counted in "%0123456789" or names_unit(counted)):
            yield found, " ".join(text[match.start(2) : found.end].split())


def _rates(text: str, per: re.Pattern[str], adverbs: dict[str, str]) -> Iterator[tuple[Unit, str]]:
    for match in per.finditer(text):
        found = _first_unit(text, match.end(), 2)
        if found:
            yield found, " ".join(text[match.start() : found.end].split())
    for word in words(text):
        if word in adverbs:
            yield Unit(adverbs[word], "", 0), word


def _first_unit(text: str, start: int, reach: int = _REACH) -> Unit | None:
    """The first unit among the next words, before any sign or word that begins something else."""
    stop = _END.search(text, start)
    kind = ""
    for count, match in enumerate(re.finditer(r"[^\W\d_]+|[€$£]", text[start : stop.start() if stop else None])):
        word = match.group().lower()
        if count == reach or word in STOP:
            return None
        kind = _kind(word) or kind
        name = names_unit(word)
        if name:
            end = start + match.end()
            fiscal = name == "year" and "business" in text[start:end].lower()
            return Unit(name, "fiscal" if fiscal else kind, end)
    return None


def _kind(word: str) -> str:
    return next((kind for beginning, kind in _KIND.items() if word.startswith(beginning)), "")


@cache
def names_unit(word: str) -> str:
    """The unit that a lower-case word names, or nothing."""
    if stem(word) in _CURRENCY:
        return stem(word)
    if word in ("percent", "prozent"):
        return "percent"
    return next((name for name, pattern in _UNIT.items() if pattern.fullmatch(word)), "")
