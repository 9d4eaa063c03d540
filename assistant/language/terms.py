"""Words that carry meaning, in a form in which two sentences can be compared: English and German, no dictionary."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache


def vocabulary(text: str) -> frozenset[str]:
    """The words of a list that is written as running text."""
    return frozenset(text.split())


STOP_EN = vocabulary(
    """
    a about above after again all also am an and any are aren't as at be because been before being below between
    both but by can cannot could did do does doing don't down during each either else ever every few for from
    further get gets had has have having he her here hers him his how i if in into is isn't it its itself just may
    me might more most must my no nor not now of off on once only or other our ours out over own per same shall she
    should since so some such than that the their theirs them then there these they this those through to too under
    until up upon us very was we were what when where which while who whom whose why will with within without would
    yes yet you your yours
    """
)
STOP_DE = vocabulary(
    """
    ab aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bist da dabei dafür damit dann
    das dass dein deine dem den denn der des dessen die dies diese diesem diesen dieser dieses doch dort du durch
    ein eine einem einen einer eines er es euch euer für gegen gibt habe haben hat hatte hier ich ihm ihn ihnen ihr
    ihre ihrem ihren ihrer ihres im in ins ist ja je jede jedem jeden jeder jedes kann kein keine keinem keinen
    keiner können man mein meine mit muss müssen nach nicht noch nun nur ob oder ohne pro sein seine seinem seinen
    seiner sich sie sind so soll sollen sondern sowie über um und uns unser unsere unter vom von vor war waren warum
    was wegen welche welchem welchen welcher welches wem wen wenn wer werden wie wird wir wo wurde wurden zu zum zur
    zwischen
    """
)
STOP = STOP_EN | STOP_DE

# Words of answers and questions about answers: they say nothing about the documents' subject.
_FRAME = vocabulary(
    """
    according answer based document documents following given mention mentioned mentions passage passages policy
    question said say says source sources stated states text antwort dokument dokumente dokumenten frage laut
    passage quelle quellen gemäß
    """
)

_CURRENCIES = {
    "€": "eur", "euro": "eur", "euros": "eur", "$": "usd", "dollar": "usd", "dollars": "usd",
    "£": "gbp", "pound": "gbp", "pounds": "gbp", "pfund": "gbp",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[€$£]")
_LINK = re.compile(r"(?<=\])\([^)\s]+\)|\bhttps?://[^\s)>\]]+|\bwww\.[^\s)>\]]+")  # "[label](where/it/leads)"
_ENDINGS_EN = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ingly",
    "edly",
    "ing",
    "ers",
    "ed",
    "es",
    "er",
    "ly",
    "s",
)
_ENDINGS_DE = ("ungen", "ung", "ern", "en", "er", "es", "em", "e", "n")


def words(text: str) -> Iterator[str]:
    """Yield the words of `text` in lower case, in order, without numbers; where a link leads to is none of them."""
    return (match.group().lower() for match in _WORD.finditer(_LINK.sub(" ", text)))


def positions(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each word of `text` begins, and the word as it is written."""
    return ((match.start(), match.group()) for match in _WORD.finditer(text))


def content(text: str) -> list[str]:
    """Stems of the words of `text` that carry meaning, in order, repetitions included."""
    return [
        stem(word)
        for word in words(text)
        if (len(word) > 1 or word in _CURRENCIES) and word not in STOP and word not in _FRAME
    ]


@cache
def stem(word: str) -> str:
    """The part of a lower-case word that its inflected forms share, roughly: for comparison only, never shown."""
    if word in _CURRENCIES:
        return _CURRENCIES[word]
    folded = word.replace("’", "'").removesuffix("'s").replace("ß", "ss")
    folded = "".join(mark for mark in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(mark))
    if folded.endswith(("ies", "ied")) and len(folded) > 5:
        folded = f"{folded[:-3]}y"  # "parties", "carried"
    for _ in range(2):
        for ending in sorted(_ENDINGS_EN + _ENDINGS_DE, key=len, reverse=True):
            if folded.endswith(ending) and len(folded) - len(ending) >= (3 if ending == "s" else 4):
                folded = folded.removesuffix(ending)
                break
    return folded.removesuffix("e") if len(folded) > 4 else folded


def language(text: str) -> str:
    """ISO code of the language that `text` seems to be written in: "de" or "en", empty where unsure."""
    seen = list(words(text))
    german = sum(word in STOP_DE and word not in STOP_EN for word in seen)
    english = sum(word in STOP_EN and word not in STOP_DE for word in seen)
    german += sum(any(mark in word for mark in "äöüß") for word in seen)
    if german == english:
        return ""
    return "de" if german > english else "en"
