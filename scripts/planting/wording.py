"""Other wordings of a true sentence that leave it true: rules of English and German, each alone harmless."""

import random
import re
from collections.abc import Callable, Sequence

from assistant.language.numbers import figures
from planting.months import MONATE, MONTHS

_SYNONYMS = {
    "approximately": "about", "prior to": "before", "commence": "begin", "commences": "begins", "purchase": "buy",
    "in order to": "to", "obtain": "get", "assist": "help", "additional": "further", "sufficient": "enough",
    "utilize": "use", "require": "need", "requires": "needs", "annually": "each year", "subsequent": "later",
    "receive": "get", "receives": "gets", "immediately": "at once", "entire": "whole", "in the event that": "if",
    "with respect to": "about", "pursuant to": "under", "however": "but", "such as": "for example", "shall": "must",
    "is responsible for": "takes care of", "provided that": "if", "following": "after", "large": "big",
    "including": "among them", "within": "inside of", "primarily": "mainly", "frequently": "often", "begin": "start",
    "innerhalb von": "binnen", "umgehend": "sofort", "sofort": "unverzüglich", "beträgt": "liegt bei", "sowie": "und",
    "mindestens": "wenigstens", "grundsätzlich": "in der Regel", "schriftlich": "in Schriftform", "etwa": "ungefähr",
    "erhält": "bekommt", "erhalten": "bekommen", "zusätzlich": "außerdem", "muss": "hat zu",
}  # fmt: skip
_OPENERS = re.compile(
    r"^(?:However|In addition|Furthermore|Moreover|Therefore|Additionally|Finally|Also|Außerdem|Zudem|Daher), ",
)
_ORDER = re.compile(
    r"^(If|When|Unless|Where|While|Because|Although|After|Before|Since|In|On|At|During|For|Upon|From|Under) "
    r"([^,;:()]{4,90}), (?!and\b|or\b|but\b)([^,;:]{15,160})\.$"
)
_PASSIVE = re.compile(
    r"^((?:The|An?|All|Each|Every) [^,;:]{3,60}) (?:is|are) (approved|paid|signed|provided|required|reviewed|issued|"
    r"delivered|performed|owned|managed|published|checked|appointed|used) by (the [^,;:.]{3,50})\.$"
)
_ADDED = ("reviewed", "delivered", "performed", "owned", "published", "checked", "appointed", "signed")
_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_EINS = ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]

Rule = Callable[[str, random.Random], str]


def reworded(text: str, draw: random.Random, german: bool) -> tuple[str, str]:
    """The sentence in other words, and the rules that were used; as it is where none fits."""
    rules = [_synonym, _spelled_de if german else _spelled, _dated_de if german else _dated, _opened]
    rules += [] if german else [_ordered, _active, _bracketless]
    draw.shuffle(rules)
    used: list[str] = []
    for rule in rules:
        changed = rule(text, draw)
        if changed != text and len(used) < 2:
            used.append(rule.__name__.strip("_"))
            text = changed
    return text, ", ".join(used)


def _synonym(text: str, draw: random.Random) -> str:
    there = [word for word in _SYNONYMS if re.search(rf"(?<![\w-]){word}(?![\w-])", text) and word != "muss"]
    return (
        re.sub(rf"(?<![\w-]){(word := draw.choice(there))}(?![\w-])", _SYNONYMS[word], text, count=1) if there else text
    )


def _spelled(text: str, _: random.Random, words: Sequence[str] = _UNITS) -> str:
    digits = re.search(r"(?<![\w.,:/$€£§#-])(\d{1,2})(?= [a-zäöü]{3})", text)
    if (
        digits
        and 2 <= int(digits[1]) <= 12
        and not re.search(r"(?:[Ss]ection|Article|[Ss]tep|Form|Nr\.|Item) $", text[: digits.start()])
    ):
        return text[: digits.start()] + words[int(digits[1])] + text[digits.end() :]
    spelled = re.search(rf"\b({'|'.join(words[2:])})\b(?! \()", text)
    return text[: spelled.start()] + str(words.index(spelled[1])) + text[spelled.end() :] if spelled else text


def _spelled_de(text: str, draw: random.Random) -> str:
    return _spelled(text, draw, _EINS)


def _dated(text: str, draw: random.Random, months: Sequence[str] = MONTHS) -> str:
    for figure in figures(text):
        for year, month, day in figure.dates:
            if len(figure.dates) == 1 and year and month and day:
                forms = [
                    f"{day} {months[month - 1]} {year}",
                    f"{year}-{month:02}-{day:02}",
                    f"{day:02}.{month:02}.{year}",
                ]
                forms = forms[1:] if months is MONATE else [*forms, f"{months[month - 1]} {day}, {year}"]
                return text[: figure.start] + draw.choice(forms) + text[figure.start + len(figure.written) :]
    return text


def _dated_de(text: str, draw: random.Random) -> str:
    return _dated(text, draw, MONATE)


def _opened(text: str, _: random.Random) -> str:
    rest = _OPENERS.sub("", text)
    return rest[:1].upper() + rest[1:]


def _ordered(text: str, _: random.Random) -> str:
    match = _ORDER.match(text)
    if not match:
        return text
    first, condition, main = match.groups()
    return f"{main[0].upper()}{main[1:]} {first.lower()} {condition}."


def _active(text: str, _: random.Random) -> str:
    match = _PASSIVE.match(text)
    if not match:
        return text
    what, verb, who = match.groups()
    base = f"{verb.removesuffix('ed')}s" if verb in _ADDED else f"{verb[:-1]}s"
    base = "pays" if verb == "paid" else base
    return f"{who[0].upper()}{who[1:]} {base} {what[0].lower()}{what[1:]}."


def _bracketless(text: str, _: random.Random) -> str:
    return re.sub(r" \([^()]{3,60}\)(?=[ .,])", "", text, count=1)
