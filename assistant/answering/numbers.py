"""Figures in running text, in English and German spellings: what each may mean, and whether two mean the same.

A figure is ambiguous where spellings differ ("1.200" is 1200 in German and 1.2 in English): it keeps every value that
it may have, and two figures agree when they share one. Nothing is rounded: values are exact decimals.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

# (year, month, day); None for a part that is not written
Date = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, percentage, date, time or code of a text: text[start:end] is how it is written."""

    start: int
    end: int
    written: str
    values: frozenset[Decimal] = frozenset()
    percent: bool = False
    dates: frozenset[Date] = field(default=frozenset())
    code: str = ""  # "it-204", "09:30", "a@b.example": must be found as it is

    def agrees(self, other: "Figure") -> bool:
        """Whether `other`, a figure of a source, says what this one says."""
        if self.code or other.code:
            return self.code == other.code
        if self.dates:
            return any(_dates_agree(mine, theirs) for mine in self.dates for theirs in other.dates)
        if other.dates:  # "2025" against "1 July 2025"
            return any(Decimal(year) in self.values for year, _, _ in other.dates if year)
        return bool(self.values & other.values) and (other.percent or not self.percent)


def figures(text: str) -> list[Figure]:
    """Every figure of `text`, in order; marks such as [1] must be gone before."""
    found: list[Figure] = []
    for pattern, make in _KINDS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            figure = make(match)
            if figure is not None:
                found.append(figure)
    return sorted(found, key=lambda figure: figure.start)


def missing(claimed: Iterable[Figure], source: Sequence[Figure]) -> list[Figure]:
    """The figures that no figure of the source agrees with."""
    return [figure for figure in claimed if not any(figure.agrees(other) for other in source)]


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar jänner jan",
            "february februar feb",
            "march märz mrz mar",
            "april apr",
            "may mai",
            "june juni jun",
            "july juli jul",
            "august aug",
            "september sept sep",
            "october oktober okt oct",
            "november nov",
            "december dezember dez dec",
        ),
        1,
    )
    for name in names.split()
}
_MULTIPLES = {
    "hundred": 10**2, "hundert": 10**2,
    "thousand": 10**3, "tausend": 10**3, "tsd": 10**3,
    "million": 10**6, "millions": 10**6, "millionen": 10**6, "mio": 10**6,
    "billion": 10**9, "billions": 10**9, "milliarde": 10**9, "milliarden": 10**9, "mrd": 10**9, "bn": 10**9,
}  # fmt: skip
_PERCENT = r"(?:\s*(?:%|per\s?cent\b|percent\b|prozent\b|v\.\s?h\.))"
_MULTIPLE = rf"(?:[\s-]*(?P<multiple>{'|'.join(sorted(_MULTIPLES, key=len, reverse=True))})\b)"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:1[89]|20|21)\d\d)"


def _numbered(words: str, values: Iterable[int]) -> dict[str, int]:
    return dict(zip(words.split(), values, strict=True))


def _english() -> dict[str, int]:
    ones = _numbered("one two three four five six seven eight nine", range(1, 10))
    teens = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    tens = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", range(20, 100, 10))
    joined = {
        f"{ten}{join}{one}": high + low for ten, high in tens.items() for one, low in ones.items() for join in "- "
    }
    words = ones | _numbered(teens, range(10, 20)) | tens | joined | {"zero": 0, "hundred": 100, "thousand": 1000}
    del words["one"]  # mostly a pronoun
    return words


def _german() -> dict[str, int]:
    ones = _numbered("ein zwei drei vier fünf sechs sieben acht neun", range(1, 10))
    teens = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
    tens = _numbered("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig", range(20, 100, 10))
    joined = {f"{one}und{ten}": high + low for ten, high in tens.items() for one, low in ones.items()}
    words = ones | _numbered(teens, range(10, 20)) | tens | joined | {"null": 0, "hundert": 100, "tausend": 1000}
    del words["ein"]  # mostly an article
    return words


def _ordinals() -> dict[str, int]:
    english = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    german = _numbered("erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft", range(1, 13))
    inflected = {f"{word}{end}": value for word, value in german.items() for end in ("e", "en", "er", "es", "em")}
    return _numbered(english, range(1, 13)) | inflected


_WORDS = _ordinals() | _english() | _german()
_SPELLED = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))


COUNT = rf"(?:\d+(?:[.,]\d+)*|(?:{_SPELLED}))"  # a number as it is written, in a pattern


@cache
def _decimals(written: str) -> frozenset[Decimal]:
    """Every value that digits with separators may have in English or German."""
    plain = re.sub(r"[\s'’]", "", written).rstrip(".,")
    found = set()
    for thousands, point in ((",", "."), (".", ",")):
        if re.fullmatch(rf"\d+(?:\{point}\d+)?|\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{point}\d+)?", plain):
            found.add(Decimal(plain.replace(thousands, "").replace(point, ".")))
    return frozenset(value.normalize() for value in found)


def _from_digits(match: re.Match[str]) -> Figure | None:
    multiple = (match["multiple"] or "").lower()
    values = {value * _MULTIPLES.get(multiple, 1) for value in _decimals(match["digits"])}
    if not values:
        return _from_code(match)
    return Figure(*match.span(), match.group().strip(), frozenset(values), percent=bool(match["percent"]))


def _from_words(match: re.Match[str]) -> Figure | None:
    word = match["word"].lower()
    following = match.string[match.end() : match.end() + 1]
    if word in ("first", "second") and following == ",":  # "First, ..." orders sentences, not things
        return None
    value = _WORDS.get(word, 0)
    multiple = (match["multiple"] or "").lower()
    number = Decimal(value * _MULTIPLES.get(multiple, 1))
    return Figure(*match.span(), match.group(), frozenset({number}), percent=bool(match["percent"]))


def _from_date(match: re.Match[str]) -> Figure | None:
    parts = match.groupdict()
    month = parts["month"]
    number = _MONTHS.get(month.lower().rstrip("."), 0) or int(month)
    year, day = parts.get("year"), parts.get("day")
    date = (int(year) if year else None, number, int(day) if day else None)
    return Figure(*match.span(), match.group().strip(), dates=frozenset({date}))


def _from_slashed(match: re.Match[str]) -> Figure | None:
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    dates = {(year, month, day) for month, day in ((one, two), (two, one)) if 1 <= month <= 12 and 1 <= day <= 31}
    return Figure(*match.span(), match.group(), dates=frozenset(dates)) if dates else None


def _from_code(match: re.Match[str]) -> Figure | None:
    return Figure(*match.span(), match.group(), code=match.group().lower().rstrip(".,;:"))


def _from_time(match: re.Match[str]) -> Figure | None:
    return Figure(*match.span(), match.group(), code=f"{int(match['hour']):02}:{match['minute']}")


def _dates_agree(claimed: Date, source: Date) -> bool:
    """Whether the source names every part of the date that is claimed, equally."""
    return all(mine is None or mine == theirs for mine, theirs in zip(claimed, source, strict=True))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# In the order in which they take their stretch of the text.
_KINDS = (
    (_pattern(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bhttps?://[^\s)>\]]+|\bwww\.[^\s)>\]]+"), _from_code),
    (_pattern(rf"\b{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b"), _from_date),
    (_pattern(r"\b(?P<one>\d{1,2})[./](?P<two>\d{1,2})[./](?P<year>\d{4})\b"), _from_slashed),
    (_pattern(rf"\b{_DAY}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?"), _from_date),
    (_pattern(rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?\b(?![.,]?\d)(?:,?\s+{_YEAR}\b)?"), _from_date),
    (_pattern(rf"\b{_MONTH}\s+{_YEAR}\b"), _from_date),
    (_pattern(r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)\b"), _from_time),
    (_pattern(r"\b(?!(?:eur|usd|gbp|chf)\d)(?=[a-z][\w./-]*\d)[a-z]+[-_/.]?\d[\w-]*(?:[./]\d[\w-]*)*"), _from_code),
    (
        _pattern(
            r"(?:(?<![\w.,])|(?<=eur)|(?<=usd)|(?<=gbp)|(?<=chf))"
            # no plain space between thousands: in a table it stands between columns
            r"(?P<digits>\d{1,3}(?:[\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
            rf"(?:st|nd|rd|th)?{_MULTIPLE}?(?P<percent>{_PERCENT})?"
        ),
        _from_digits,
    ),
    (_pattern(rf"\b(?P<word>{_SPELLED})\b{_MULTIPLE}?(?P<percent>{_PERCENT})?"), _from_words),
)
