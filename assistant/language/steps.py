"""Which step of a scale an amount falls into: 8,000 euros into "5,000 to 25,000 euros", and not into "up to 500 euros".

A pure reading of figures and units in English and German; the head of a table says what the bare figures of its rows
count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from assistant.language.numbers import Figure, figures
from assistant.language.terms import content
from assistant.language.units import unit

_LETTERS = r"[^\W\d_€$£]"
_TO = re.compile(
    rf"\s*(?:[€$£%]|{_LETTERS}+)?\s*(?:to|bis(?: zu)?|and|und|–|-)\s*(?:EUR|USD|GBP|CHF|[€$£])?\s*", re.IGNORECASE
)
_UP_TO = re.compile(
    r"\b(?:up to|at most|not? more than|not exceeding|below|under|less than|until|bis(?: zu)?|höchstens|unter"
    r"|weniger als)\s+(?:EUR |USD |GBP |CHF )?[€$£]?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:above|over|more than|exceeding|from|at least|ab|über|mehr als|mindestens)\s+(?:the |dem |der )?"
    r"(?:EUR |USD |GBP |CHF )?[€$£]?$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:between|zwischen)\s+(?:EUR |USD |GBP |CHF )?[€$£]?$", re.IGNORECASE)
_OR_MORE = re.compile(
    rf"\s*(?:{_LETTERS}+\s+)?(?:(?:and|or) (?:more|above|over|longer)|(?:und|oder) (?:mehr|darüber|länger))\b|\+",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"[\s-]*({_LETTERS}+|[€$£])")
_BEFORE = re.compile(r"[€$£]\s?$")
_LEAST, _MOST = Decimal("-Infinity"), Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class _Step:
    """From where to where a text reaches, and what it counts there, if it says so."""

    least: Decimal
    most: Decimal
    counts: str  # the unit, empty where none is written
    noun: str  # stem of the word right behind the figure


def fits(question: str, text: str, header: str = "") -> bool | None:
    """Whether a step of `text` holds an amount that the question names; None where the two cannot be compared."""
    amounts = _amounts(question)
    steps = list(_steps(text)) if amounts else []
    heads = frozenset(content(header))
    told = [
        step.least <= value <= step.most
        for value, counts, noun in amounts
        for step in steps
        if noun == step.noun or (step.counts == counts if step.counts else noun in heads)
    ]
    return any(told) if told else None


@lru_cache(maxsize=64)  # a question is held against each statement
def _amounts(question: str) -> tuple[tuple[Decimal, str, str], ...]:
    """The amounts that a question names: each with its unit or the word behind it, and with that word's stem."""
    counted = [(figure, *_counts(question, figure)) for figure in figures(question) if figure.values]
    return tuple((max(figure.values), counts, noun) for figure, counts, noun in counted if noun)


def _noun(text: str, figure: Figure) -> str:
    """The stem of the word right behind a figure, or of the sign before it."""
    behind = _COUNTED.match(text, figure.end)
    sign = _BEFORE.search(text[: figure.start])
    word = sign[0] if sign else behind[1] if behind else ""
    return next(iter(content(word)), "")


def _steps(text: str) -> Iterator[_Step]:
    """Every step that a text states; "500 to 5,000" is one."""
    found = [figure for figure in figures(text) if figure.values]
    number = 0
    while number < len(found):
        figure, other = found[number], found[number + 1] if number + 1 < len(found) else None
        before, value = text[: figure.start], max(figure.values)
        joint = text[figure.end : other.start] if other else ""
        between = bool(_BETWEEN.search(before)) or not re.search(r"\b(?:and|und)\b", joint)
        if other and between and _TO.fullmatch(joint):
            yield _Step(value, max(other.values), *_counts(text, other))
            number += 1
        elif _OR_MORE.match(text, figure.end) or _FROM.search(before):
            yield _Step(value, _MOST, *_counts(text, figure))
        elif _UP_TO.search(before):
            yield _Step(_LEAST, value, *_counts(text, figure))
        number += 1


def _counts(text: str, figure: Figure) -> tuple[str, str]:
    """The unit that a figure counts and the stem of the word behind it, empty where there is none."""
    counted = unit(text, figure)
    return counted.name if counted else "", _noun(text, figure)
