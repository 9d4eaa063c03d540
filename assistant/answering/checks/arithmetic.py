"""Sums that a sentence works out itself: its operation and operands are stated, and exact decimal arithmetic agrees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext

from assistant.language.numbers import Figure, figures
from assistant.language.spelled import MULTIPLES

_WORDS = r"(?:[^\W\d_]+\.?\s+){0,3}?"
_OPERATION = re.compile(
    rf"\s*{_WORDS}(?P<sign>\+|plus|und|and|−|–|-|minus|less|×|\*|x|times|mal|÷|/|divided by|geteilt durch)\s*[€$£]?\s*",
    re.IGNORECASE,
)
_RESULT = re.compile(
    rf"\s*{_WORDS}(?:=|equals|is|are|makes?|gives?|comes to|ergibt|ergeben|sind|ist|macht|das sind)"
    r"\s*(?:together |zusammen )?[€$£]?\s*",
    re.IGNORECASE,
)
_OF_WHAT = r"(?:\s+[^\W\d_]+){0,5}\s+[€$£]?$"  # "the difference between the fees of"
_TOTAL = re.compile(rf"\b(?:sum|total|summe) (?:of|aus|von){_OF_WHAT}", re.IGNORECASE)
_DIFFERENCE = re.compile(
    rf"\b(?:difference (?:between|of)|(?:differenz|unterschied) (?:zwischen|von|aus)){_OF_WHAT}", re.IGNORECASE
)
_FROM = re.compile(r"\b(?:from|von)\s+(?:EUR |USD )?[€$£]?$", re.IGNORECASE)
_TO = re.compile(r"\s*(?:[^\W\d_]+\s+){0,2}(?:to|auf)\s+(?:EUR |USD )?[€$£]?", re.IGNORECASE)
_GROWTH = re.compile(
    r"[^.;]{0,40}?\b(?P<way>increase[ds]?|rise|rose|growth|grew|gain|decrease[ds]?|decline[ds]?|drop(?:ped)?|fell|fall|"
    r"reduction|anstieg|zuwachs|plus|stieg|rückgang|minus|sank)\s+(?:of|by|um|von)\s+[€$£]?",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\s*(?:[^\W\d_]+\s+)?(?:(?P<more>more|higher|larger|longer|above|over|mehr|höher|länger)|less|fewer|lower|smaller"
    r"|shorter|below|under|weniger|niedriger|kürzer)(?:\s+[^\W\d_]+){0,5}?\s+[€$£]?",
    re.IGNORECASE,
)
_THAT_IS = re.compile(
    r"[^.;,]{0,30}?,\s*(?:(?:which|that) (?:is|was)|i\.e\.|or|namely|also|das (?:ist|sind)|nämlich)?\s*[€$£]?",
    re.IGNORECASE,
)
_SIGNS = {
    "+": "+", "plus": "+", "und": "+", "and": "+", "−": "-", "–": "-", "-": "-", "minus": "-", "less": "-",
    "×": "*", "*": "*", "x": "*", "times": "*", "mal": "*",
    "÷": "/", "/": "/", "divided by": "/", "geteilt durch": "/",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sum:
    """An operation that a sentence states, what it says comes out, and what does."""

    operands: tuple[Figure, ...]
    result: Figure
    right: Decimal

    @property
    def agrees(self) -> bool:
        """Whether the stated result is the right one, to as many places as it is written with."""
        return any(value == _rounded(self.right, value) for value in self.result.values)

    @property
    def said(self) -> str:
        """What is wrong with it, in words."""
        written = f"{_plain(self.right)}{' %' if self.result.percent else ''}"
        return f"that makes {written}, the answer says {self.result.written.strip()}"


def sums(text: str) -> tuple[Sum, ...]:
    """Every operation with a result that `text` states, from left to right."""
    found = [figure for figure in figures(text) if len(figure.values) == 1 and not figure.code]
    return (*_written_out(text, found), *_named(text, found), *_grown(text, found), *_compared(text, found))


def _written_out(text: str, found: Sequence[Figure]) -> Iterator[Sum]:
    """ "12 + 15 = 27", and longer ones, from left to right with multiplication first."""
    at = 0
    while at < len(found) - 2:
        operands, signs, end = [found[at]], list[str](), at
        while end + 1 < len(found) and (sign := _OPERATION.fullmatch(_between(text, found, end))):
            signs.append(_SIGNS[sign["sign"].lower()])
            end += 1
            operands.append(found[end])
        if (
            signs
            and end + 1 < len(found)
            and _RESULT.fullmatch(_between(text, found, end))
            and _symbolic(text, operands, signs)
        ):
            right = _evaluated([_value(one) for one in operands], signs)
            if right is not None:
                yield Sum(tuple(operands), found[end + 1], right)
            at = end + 1
        else:
            at += 1


def _symbolic(text: str, operands: Sequence[Figure], signs: Sequence[str]) -> bool:
    """Whether a row of figures is a calculation: "3 and 5 are ..." is none, "3 and 5 make 8" is left to its words."""
    joined = text[operands[0].end : operands[-1].start].lower()
    return not (set(signs) == {"+"} and "+" not in joined and "plus" not in joined)


def _named(text: str, found: Sequence[Figure]) -> Iterator[Sum]:
    """ "The sum of 12 and 15 is 27", "the difference between 15 and 12 is 3"."""
    for at, (one, other, result) in enumerate(zip(found, found[1:], found[2:], strict=False)):
        joined = re.fullmatch(rf"\s*{_WORDS}(?:and|und)\s+[€$£]?", _between(text, found, at), re.IGNORECASE)
        if not joined or not _RESULT.fullmatch(_between(text, found, at + 1)):
            continue
        before = text[: one.start]
        if _TOTAL.search(before):
            yield Sum((one, other), result, _value(one) + _value(other))
        elif _DIFFERENCE.search(before):
            yield Sum((one, other), result, abs(_value(one) - _value(other)))


def _grown(text: str, found: Sequence[Figure]) -> Iterator[Sum]:
    """ "From 40 to 50, an increase of 25 %": in percent of the first, or the difference."""
    for at, (one, other, result) in enumerate(zip(found, found[1:], found[2:], strict=False)):
        way = _GROWTH.fullmatch(_between(text, found, at + 1))
        if not way or not _FROM.search(text[: one.start]) or not _TO.fullmatch(_between(text, found, at)):
            continue
        first = _as_large(one, other)
        change = _value(other) - _value(first)
        if re.match(r"dec|dro|f[ae]ll|red|rück|minus|sank", way["way"], re.IGNORECASE):
            change = -change
        if not result.percent:
            yield Sum((first, other), result, change)
        elif _value(first):
            yield Sum((first, other), result, _divided(100 * change, _value(first)))


def _compared(text: str, found: Sequence[Figure]) -> Iterator[Sum]:
    """ "29 euros, nine euros more than the 20 euros": the first less the last, or the last less the first."""
    for at, (one, result, other) in enumerate(zip(found, found[1:], found[2:], strict=False)):
        way = _THAN.fullmatch(_between(text, found, at + 1))
        if not way or result.percent or not _THAT_IS.fullmatch(_between(text, found, at)):
            continue
        change = _value(one) - _value(other)
        yield Sum((one, other), result, change if way["more"] else -change)


def _as_large(one: Figure, other: Figure) -> Figure:
    """The first of "from 40 to 50 million", which means millions as well."""
    multiple = re.search(r"[^\W\d_]+", other.written)
    times = MULTIPLES.get(multiple[0].lower(), 1) if multiple and not re.search(r"[^\W\d_]", one.written) else 1
    return replace(one, values=frozenset(value * times for value in one.values))


def _between(text: str, found: Sequence[Figure], at: int) -> str:
    return text[found[at].start + len(found[at].written) : found[at + 1].start]


def _value(figure: Figure) -> Decimal:
    return next(iter(figure.values))


def _evaluated(values: list[Decimal], signs: list[str]) -> Decimal | None:
    """The result with multiplication and division first; None where it divides by nothing."""
    terms, added = [values[0]], list[str]()
    for sign, value in zip(signs, values[1:], strict=True):
        if sign == "*":
            terms[-1] *= value
        elif sign == "/":
            if not value:
                return None
            terms[-1] = _divided(terms[-1], value)
        else:
            terms.append(value)
            added.append(sign)
    total = terms[0]
    for sign, term in zip(added, terms[1:], strict=True):
        total = total + term if sign == "+" else total - term
    return total


def _divided(one: Decimal, other: Decimal) -> Decimal:
    with localcontext(prec=40):
        return one / other


def _rounded(right: Decimal, written: Decimal) -> Decimal:
    """The right result with as many decimal places as the written one where it has more than can be written."""
    if right == right.quantize(Decimal(1).scaleb(-6)):  # it ends: it has to be right as it is
        return right
    exponent = written.as_tuple().exponent
    return right.quantize(Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0), ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    short = (
        value.quantize(Decimal("0.01"), ROUND_HALF_UP)
        if value != value.to_integral_value()
        else value.quantize(Decimal(1))
    )
    written = f"{short:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
