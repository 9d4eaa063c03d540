"""Tells the language of a text by its commonest words."""

import re
from collections import Counter

_COMMON = {
    "en": "the of and to in is that for it as with be by on this are or from an at which not have has was will any "
    "shall you your we our may must can their its if all such",
    "de": "der die das und ist von mit den zu für auf nicht ein eine dem des im sich werden wird oder bei auch sind "
    "an als nach durch dass kann aus einer einem einen sie wir müssen muss über zum zur",
}
_LANGUAGE_OF = {word: language for language, words in _COMMON.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")

_SAMPLE = 20_000  # code points; more changes nothing
_LEAST = 0.12  # share of common words in running text is 0.35 to 0.5; tables and names have far fewer


def language(text: str) -> str:
    """Return "en" or "de", or "" where neither is plain; pure, and reads only the first 20,000 code points."""
    words = _WORD.findall(text[:_SAMPLE].lower())
    counts = Counter(_LANGUAGE_OF[word] for word in words if word in _LANGUAGE_OF)
    if not counts:
        return ""
    (best, most), *rest = counts.most_common()
    second = rest[0][1] if rest else 0
    return best if most >= 3 and most >= _LEAST * len(words) and most >= 2 * second else ""
