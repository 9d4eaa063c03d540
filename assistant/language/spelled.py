"""Numbers that are written as words, in English and German: "one hundred and twenty", "zweieinhalb", "a dozen"."""

import re
from collections.abc import Iterable
from decimal import Decimal

MULTIPLES = {
    "hundred": 10**2, "hundert": 10**2,
    "thousand": 10**3, "tausend": 10**3, "tsd": 10**3,
    "million": 10**6, "millions": 10**6, "millionen": 10**6, "mio": 10**6, "mn": 10**6, "mln": 10**6,
    "billion": 10**9, "billions": 10**9, "milliarde": 10**9, "milliarden": 10**9, "mrd": 10**9, "bn": 10**9,
    "dozen": 12, "dutzend": 12,
}  # fmt: skip


def _numbered(words: str, values: Iterable[int]) -> dict[str, int]:
    return dict(zip(words.split(), values, strict=True))


_ONES = _numbered("one two three four five six seven eight nine", range(1, 10))
_TEENS = _numbered(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", range(10, 20)
)  # fmt: skip
_TENS = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", range(20, 100, 10))
_EINER = _numbered("ein eins zwei drei vier fünf sechs sieben acht neun", (1, *range(1, 10)))
_ZEHN = _numbered(
    "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn", range(10, 20)
)  # fmt: skip
_ZIGER = _numbered("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig", range(20, 100, 10))
_ORDINALS_EN = _numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", range(1, 13)
)
_ORDINALS_DE = _numbered("erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft", range(1, 13))
_TIMES = {"twice": 2, "thrice": 3, "zweimal": 2, "dreimal": 3, "viermal": 4}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _ordinals() -> dict[str, int]:
    english = _ORDINALS_EN | {
        f"{word}th".replace("tyth", "tieth"): value for word, value in (_TENS | _TEENS).items() if value > 12
    }
    english |= {
        f"{ten}-{one}": high + low for ten, high in _TENS.items() for one, low in _ORDINALS_EN.items() if low < 10
    }
    german = _ORDINALS_DE | {f"{word}t": value for word, value in _ZEHN.items() if value > 12}
    german |= {f"{word}st": value for word, value in _ZIGER.items()}
    return english | {f"{word}{end}": value for word, value in german.items() for end in ("e", "en", "er", "es", "em")}


ORDINALS = _ordinals()
_UNDER_100 = rf"(?:(?:{_any(_TENS)})(?:[\s-]+(?:{_any(_ONES)}))?|{_any(_TEENS)}|{_any(_ONES)})"
_UNDER_1000 = rf"(?:(?:(?:{_any(_ONES)}|a)\s+)hundred(?:\s+(?:and\s+)?{_UNDER_100})?|{_UNDER_100})"
_ENGLISH = rf"(?:(?:{_UNDER_1000}|a)\s+thousand(?:,?\s+(?:and\s+)?{_UNDER_1000})?|{_UNDER_1000}|zero|hundred|thousand)"
_UNTER_100 = rf"(?:(?:{_any(_EINER)})und(?:{_any(_ZIGER)})|{_any(_ZIGER)}|{_any(_ZEHN)}|{_any(_EINER)})"
_UNTER_1000 = rf"(?:(?:{_any(_EINER)})?hundert(?:(?:und)?{_UNTER_100})?|{_UNTER_100})"
_GERMAN = (
    rf"(?:{_UNTER_1000})?tausend(?:(?:und)?{_UNTER_1000})?|(?:{_any(_EINER)})einhalb|anderthalb|{_UNTER_1000}|null"
)
# One number in words; "one" and "ein" alone are mostly a pronoun and an article.
PATTERN = (
    rf"(?!(?:one|a|ein|eins)\b(?![\s-]+(?:hundred|thousand)\b))(?:{_any([*ORDINALS, *_TIMES])}|{_ENGLISH}|{_GERMAN})"
)


def value(written: str) -> Decimal:
    """The number that a match of PATTERN names."""
    word = re.sub(r"[\s-]+", " ", written.lower())
    known = ORDINALS.get(written.lower()) or _TIMES.get(word)
    if known:
        return Decimal(known)
    if word.endswith("einhalb") or word == "anderthalb":
        return Decimal(_EINER.get(word.removesuffix("einhalb"), 1)) + Decimal("0.5")
    return Decimal(_english(word) if re.fullmatch(_ENGLISH, word) else _german(word))


def _english(word: str) -> int:
    """Word by word: hundreds multiply what stands before them, thousands all of it."""
    total = part = 0
    for one in word.replace(",", "").split():
        if one == "hundred":
            part = max(part, 1) * 100
        elif one == "thousand":
            total, part = max(part, 1) * 1000, 0
        else:
            part += (_ONES | _TEENS | _TENS).get(one, one == "a")
    return total + part


def _german(word: str) -> int:
    for unit, size in (("tausend", 1000), ("hundert", 100)):
        before, found, after = word.partition(unit)
        if found:
            return (_german(before) if before else 1) * size + (_german(after.removeprefix("und")) if after else 0)
    plain = _EINER | _ZEHN | _ZIGER | {"null": 0}
    if word in plain:
        return plain[word]
    one, _, ten = word.partition("und")
    return plain.get(one, 0) + plain.get(ten, 0)
