"""Figures in running text, in English and German spellings: what each may mean, and whether two mean the same.

A figure is ambiguous where spellings differ ("1.200" is 1200 in German and 1.2 in English): it keeps every value that
it may have, and two figures agree when they share one. Nothing is rounded: values are exact decimals.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from assistant.language.spelled import MULTIPLES, PATTERN, value

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
    about: bool = False  # "about 3 million": a rounded one

    def agrees(self, other: "Figure") -> bool:
        """Whether `other`, a figure of a source, says what this one says."""
        if self.code or other.code:
            return self.code == other.code
        if self.dates:
            return any(_dates_agree(mine, theirs) for mine in self.dates for theirs in other.dates)
        if other.dates:  # "2025" against "1 July 2025"
            return any(Decimal(year) in self.values for year, _, _ in other.dates if year)
        same = bool(self.values & other.values) or (self.about and _rounds(self.values, other.values))
        return same and (other.percent or not self.percent)


def figures(text: str) -> list[Figure]:
    """Every figure of `text`, in order; marks such as [1] must be gone before."""
    return list(_figures(text))


@lru_cache(maxsize=4_000)  # every check of a sentence asks for the same
def _figures(text: str) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for pattern, make in _KINDS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            figure = make(match)
            if figure is not None:
                found.append(replace(figure, about=bool(_ABOUT.search(text, 0, figure.start))))
    return tuple(sorted(found, key=lambda figure: figure.start))


def _rounds(claimed: Iterable[Decimal], source: Iterable[Decimal]) -> bool:
    """Whether a value of the source is a claimed one where it is written with as many places."""
    for mine in filter(None, claimed):
        place = Decimal(1).scaleb(int(mine.normalize().as_tuple().exponent))
        for theirs in source:
            near = abs(theirs - mine) <= abs(mine) * _SLACK
            if near and (theirs / place).quantize(Decimal(1), ROUND_HALF_UP) * place == mine:
                return True
    return False


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
_PERCENT = r"(?:\s*(?:%|per\s?cent\b|percent\b|prozent\b|v\.\s?h\.))"
_MULTIPLE = rf"(?:[\s-]*(?P<multiple>{'|'.join(sorted(MULTIPLES, key=len, reverse=True))})\b)"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:1[89]|20|21)\d\d)"


COUNT = rf"(?:\d+(?:[.,]\d+)*|(?:{PATTERN}))"  # a number as it is written, in a pattern


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
    times = MULTIPLES.get(multiple, _SHORT.get(multiple, 1)) * (-1 if _negative(match) else 1)
    values = {number * times for number in _decimals(match["digits"])}
    if not values:
        return _from_code(match)
    return Figure(*match.span(), match.group().strip(), frozenset(values), percent=bool(match["percent"]))


def _negative(match: re.Match[str]) -> bool:
    """Whether a sign stands before a temperature or a percentage; before other figures it is a range or a rule."""
    before, after = match.string[max(match.start() - 7, 0) : match.start()], match.string[match.end("digits") :]
    signed = re.search(r"(?:^|[\s(|])(?:[-−–]|minus )$", before, re.IGNORECASE)
    return bool(signed and re.match(r"\s*(?:°|%|degrees|percent|grad|prozent)", after, re.IGNORECASE))


def _from_words(match: re.Match[str]) -> Figure | None:
    word = match["word"].lower()
    following = match.string[match.end() : match.end() + 1]
    if word in ("first", "second") and following == ",":  # "First, ..." orders sentences, not things
        return None
    if word == "first" and _FIRST_DONE.search(match.string[: match.start()]):  # "is first heated"
        return None
    multiple = (match["multiple"] or "").lower()
    number = value(word) * MULTIPLES.get(multiple, 1)
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
    if year < 100:
        year += 2000 if year < _CENTURY else 1900
    dates = {(year, month, day) for month, day in ((one, two), (two, one)) if 1 <= month <= 12 and 1 <= day <= 31}
    return Figure(*match.span(), match.group(), dates=frozenset(dates)) if dates else None


def _from_code(match: re.Match[str]) -> Figure | None:
    code = re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", match.group().lower().rstrip(".,;:"))
    return Figure(*match.span(), match.group(), code=code)


def _from_time(match: re.Match[str]) -> Figure | None:
    parts = match.groupdict()
    hour, half = int(match["hour"]), (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "p")
    return Figure(*match.span(), match.group().strip(), code=f"{hour:02}:{parts.get('minute') or '00'}")


def _from_period(match: re.Match[str]) -> Figure | None:
    """A quarter or half of a year: "Q3", "third quarter", "3. Quartal"."""
    found = match["short"] or match["number"] or str(value(match["word"]))
    kind = "h" if re.search(r"^h|half|halbjahr", match.group(), re.IGNORECASE) else "q"
    return Figure(*match.span(), match.group(), code=f"{kind}{found}")


def _from_fraction(match: re.Match[str]) -> Figure | None:
    """A half, quarter or third: of a unit it is a number, of anything else a share."""
    word = match.group().lower().replace("-", " ")
    share = next((share for pattern, share in _FRACTIONS if re.match(pattern, word)), None)
    if share is None:
        return Figure(*match.span(), match.group(), code="2/3" if re.match(r"2|two|zwei|⅔", word) else "1/3")
    whole = Decimal(int(match["whole"])) if (match["whole"] or "").isdigit() else value(match["whole"] or "null")
    if match["whole"] or match["counted"]:
        return Figure(*match.span(), match.group(), frozenset({whole + share}))
    return Figure(*match.span(), match.group(), frozenset({100 * share}), percent=True)


def _from_one(match: re.Match[str]) -> Figure | None:
    return Figure(
        *match.span(), match.group(), frozenset({Decimal(MULTIPLES.get((match["multiple"] or "").lower(), 1))})
    )


def _dates_agree(claimed: Date, source: Date) -> bool:
    """Whether the source names every part of the date that is claimed, equally."""
    return all(mine is None or mine == theirs for mine, theirs in zip(claimed, source, strict=True))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_FIRST_DONE = re.compile(r"\b(?:is|are|was|were|be|been|must|shall|may|can|at) $", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:about|approximately|around|roughly|some|nearly|almost|rund|etwa|circa|ca\.|ungefähr|knapp)"
    r"\s+(?:EUR |USD )?[€$£]?$",
    re.IGNORECASE,
)
_SLACK = Decimal("0.05")  # of a figure, that rounding may take or add
_CENTURY = 60  # "11/1/59" is 2059, "11/1/60" 1960
_SHORT = {"k": 10**3, "m": 10**6, "b": 10**9}  # glued to an amount: "$5m"
_FRACTIONS = (
    (r"(?:.* and a |.*einund)?(?:half|1/2|½|halb|hälfte)|one half", Decimal("0.5")),
    (r"(?:a |one |ein )?(?:quarter|viertel)|1/4|¼", Decimal("0.25")),
    (r"three quarters|dreiviertel|drei viertel|3/4|¾", Decimal("0.75")),
)
_COUNTED = (
    r"(?:hour|day|week|month|quarter|year|percent|million|billion|euro|dollar|"
    r"stunde|tag|woche|monat|jahr|prozent|milliarde)"
)
_DIGITS = r"(?P<digits>\d{1,3}(?:[\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
# In the order in which they take their stretch of the text.
_KINDS = (
    (_pattern(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bhttps?://[^\s)>\]]+|\bwww\.[^\s)>\]]+"), _from_code),
    (_pattern(rf"\b{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b"), _from_date),
    (_pattern(r"\b(?P<one>\d{1,2})[./](?P<two>\d{1,2})[./](?P<year>\d{4})\b"), _from_slashed),
    (_pattern(rf"\b{_DAY}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?"), _from_date),
    (_pattern(rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?\b(?![.,]?\d)(?:,?\s+{_YEAR}\b)?"), _from_date),
    (_pattern(rf"\b{_MONTH}\s+{_YEAR}\b"), _from_date),
    (_pattern(r"\b(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>\d\d)\b"), _from_slashed),
    (_pattern(r"\b(?P<one>\d\d)\.(?P<two>\d\d)\.(?P<year>\d\d)\b(?!\.?\d)"), _from_slashed),
    (
        _pattern(
            r"\b(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?\s*(?:(?P<half>[ap])\.?m\b\.?|uhr\b|o['’]clock\b)"
        ),
        _from_time,
    ),
    (_pattern(r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)\b"), _from_time),
    (
        _pattern(
            r"\b[qh](?P<short>[1-4])\b|\b(?:(?P<number>[1-4])(?:st|nd|rd|th|\.)|(?P<word>first|second|third|fourth|"
            r"(?:erst|zweit|dritt|viert)e[nrs]?))[\s-]+(?:quarter|half|quartals?|halbjahr(?:es)?)\b"
        ),
        _from_period,
    ),
    (
        _pattern(
            r"(?<![\d/.,-])(?:(?P<whole>\d+|one|two|three|four|five|six)\s+and\s+a\s+half\b"
            r"|(?:1/2|1/4|3/4|2/3|1/3|[½¼¾⅓⅔])(?![\d/])"
            rf"|\b(?:half|halbe[mnrs]?)(?P<counted>[\s-]+(?:an?\s+)?{_COUNTED})|\bhalf\b(?=\s+(?:of|the|their|its|a)\b)|\bhälfte\b"
            r"|\b(?:a|one)[\s-](?:quarter|third)(?=\s+of\b)|\bthree[\s-]quarters\b|\btwo[\s-]thirds\b"
            r"|\b(?:ein\s+)?(?:viertel|drittel)\b|\bdrei\s?viertel\b|\bzwei\s?drittel\b)"
        ),
        _from_fraction,
    ),
    (_pattern(rf"(?<=[€$£])\s?{_DIGITS}\s?(?P<multiple>[kmb]|bn|mn)\b(?P<percent>(?!))?"), _from_digits),
    (_pattern(rf"(?<![\w.,]){_DIGITS}(?P<multiple>k)\b(?P<percent>(?!))?"), _from_digits),
    (
        _pattern(
            r"\b(?:one|einem|einer|eines|einen)(?=[\s-]+(?:(?:full|working|business|calendar|additional|weiteren)\s+)?"
            rf"{_COUNTED}|\s+\(1\))|\b(?:an?|ein)\s+(?P<multiple>dozen|dutzend)\b"
        ),
        _from_one,
    ),
    (_pattern(r"\b(?!(?:eur|usd|gbp|chf)\d)(?=[a-z][\w./-]*\d)[a-z]+[-_/.]?\d[\w-]*(?:[./]\d[\w-]*)*"), _from_code),
    (
        _pattern(
            r"(?:(?<![\w.,])|(?<=eur)|(?<=usd)|(?<=gbp)|(?<=chf))"
            rf"{_DIGITS}"  # no plain space between thousands: in a table it stands between columns
            rf"(?:st|nd|rd|th)?{_MULTIPLE}?(?P<percent>{_PERCENT})?"
        ),
        _from_digits,
    ),
    (_pattern(rf"\b(?P<word>{PATTERN})\b{_MULTIPLE}?(?P<percent>{_PERCENT})?"), _from_words),
)
