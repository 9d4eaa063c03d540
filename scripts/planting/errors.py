"""One known error put into a true sentence: each kind a function that gives the false sentence, or nothing."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.language.numbers import Figure, figures
from assistant.language.terms import vocabulary
from planting.corpus import Source, Told
from planting.months import MONATE, MONTHS

# One unit and another of its kind, or of another kind.
_PAIRS = """
    days weeks, day week, weeks months, months years, month year, hours days, minutes hours, years months, year month,
    hour minute, seconds minutes, EUR USD, euros dollars, USD EUR, dollars euros, million billion, billion million,
    thousand million, percent days, km miles, kg tonnes, mm cm, GB TB, MB GB, volts amperes, meters kilometers, mg g,
    mL L, Tage Wochen, Tagen Wochen, Arbeitstage Kalenderwochen, Wochen Monate, Monate Jahre, Monaten Jahren,
    Jahre Monate, Jahren Monaten, Stunden Minuten, Minuten Stunden, Prozent Euro, Euro Dollar
"""
_UNITS = [pair.split() for pair in _PAIRS.split(",")]
_COUNT = r"(?:\d|\b(?:two|three|four|five|six|ten|twelve|thirty|sixty|ninety|zwei|drei|vier|fünf|sechs|zehn|zwölf)\)?)"
_HELPS = "may|shall|must|can|will|should|is|are|was|were|has|have|does|do|could|would"
_AUXILIARY = re.compile(rf"\b({_HELPS})\b(?! (?:not|no|never|only)\b)(?= [a-z])")
_DENIED = re.compile(rf"\b({_HELPS}|need)(?: not|not) (?!only|less|more|later|limited|necessarily|yet)")
_MODAL_DE = re.compile(
    r"\b(?:darf|dürfen|muss|müssen|kann|können|wird|werden|ist|sind)\b[^,;:]*? (\w+(?: werden| sein)?)\.$"
)
_NAME = re.compile(rf"(?<=[a-z,] )(?!(?:{'|'.join(MONTHS)})\b)[A-Z][a-z]{{2,}}(?: [A-Z][a-z]{{2,}}){{0,2}}\b")
_VERB = re.compile(
    rf"\b(?:{_HELPS}|approves?|pays?|provides?|signs?|"
    r"darf|dürfen|muss|müssen|kann|können|wird|werden|ist|sind|hat|haben)\b"
)
_LEADING = vocabulary(
    """
    if when where unless while because although after before since in on at during for upon from under as to by with
    here it this that these those there he she they we you i such nothing no any each all wenn falls im bei nach vor
    für es er sie das dies dieser diese man
    """
)


@dataclass(frozen=True, slots=True)
class Near:
    """Where a sentence stands: what others of its document can lend an error."""

    told: Told
    source: Source

    @property
    def passage(self) -> str:
        """The text of its passage."""
        return self.source.passages[self.told.place].text


Error = Callable[[str, Near, random.Random], str]


def number(text: str, near: Near, draw: random.Random) -> str:
    """Another number: near it, of another size, or one that the passage says of something else."""
    plain = [
        one for one in figures(text) if one.values and not one.dates and not _year(one) and not _reference(text, one)
    ]
    if not plain:
        return ""
    chosen = draw.choice(plain)
    value = min(chosen.values)
    beside = [one for one in figures(near.passage) if one.values and one.written.isdigit() and not _year(one)]
    others = [one.written for one in beside if not one.values & chosen.values]
    options = [value + draw.randint(1, 9), value * 10, value * 2, max(value - 1, value / 2)]
    new = draw.choice([f"{draw.choice(options):f}", *draw.sample(others, min(2, len(others)))])
    if "." in new:
        new = new.rstrip("0").rstrip(".")
    taken = {one for figure in figures(text) for one in figure.values}
    if any(figure.values & taken for figure in figures(new)):
        return ""
    new = f"{int(new):,}" if "," in chosen.written and new.isdigit() else new
    return text[: chosen.start] + _in_place(chosen.written, new) + text[chosen.start + len(chosen.written) :]


def unit(text: str, _: Near, draw: random.Random) -> str:
    """Another unit behind the same figure."""
    found = []
    for one, other in _UNITS:
        pattern = rf"{_COUNT}(?:-| (?:\w+ )?){one}\b"
        for match in re.finditer(pattern, text):
            found.append(text[: match.end() - len(one)] + other + text[match.end() :])
    for one, other in (("$", "€"), ("€", "$")):
        if one in text and len(figures(text)) > 0:
            found.append(text.replace(one, other))
    return draw.choice(found) if found else ""


def date(text: str, near: Near, draw: random.Random) -> str:
    """Another day, month or year."""
    dated = [one for one in figures(text) if one.dates or _year(one)]
    if not dated:
        return ""
    chosen = draw.choice(dated)
    written = chosen.written
    forms = []
    year = re.search(r"\b(?:19|20)\d\d\b", written)
    if year:
        forms.append(written.replace(year[0], str(int(year[0]) + draw.choice((-2, -1, 1, 2, 10)))))
    for names in (MONTHS, MONATE):
        for at, name in enumerate(names):
            if name in written:
                forms.append(written.replace(name, names[(at + draw.randint(1, 10)) % 12]))
    day = re.search(r"\b\d{1,2}\b", written)
    if day and chosen.dates:
        forms.append(written.replace(day[0], str(int(day[0]) % 27 + 1), 1))
    new = draw.choice(forms) if forms else written
    if new == written or new in near.passage:
        return ""
    return text[: chosen.start] + new + text[chosen.start + len(written) :]


def name(text: str, near: Near, draw: random.Random) -> str:
    """Another name of the same document in the place of one."""
    there = list(_NAME.finditer(text))
    if not there:
        return ""
    chosen = draw.choice(there)
    words = set(re.findall(r"\w+", text.lower()))
    others = {
        match[0]
        for one in draw.sample(near.source.told, min(40, len(near.source.told)))
        for match in _NAME.finditer(one.text)
    }
    fits = sorted(
        one
        for one in others
        if not any(a[:5] == b[:5] for a in words for b in one.lower().split())
        and len(one.split()) == len(chosen[0].split())
    )
    return text[: chosen.start()] + draw.choice(fits) + text[chosen.end() :] if fits else ""


def negation(text: str, _: Near, __: random.Random) -> str:
    """A "not" more, or one less."""
    denied = _DENIED.search(text)
    if denied:
        return text[: denied.start()] + denied[1] + " " + text[denied.end() :]
    german = _MODAL_DE.search(text)
    if german and not re.search(r"\b(?:nicht|kein\w*|nie\w*)\b", text):
        return text[: german.start(1)] + "nicht " + text[german.start(1) :]
    helps = _AUXILIARY.search(text)
    if helps and not re.search(r"\b(?:not|no|never|nor|neither|nothing|none)\b", text):
        return text[: helps.end()] + " not" + text[helps.end() :]
    return ""


def subject(text: str, near: Near, draw: random.Random) -> str:
    """Another subject: what a sentence near it is about."""
    mine = _subject(text)
    beside = [one for one in near.source.told if abs(one.place - near.told.place) <= 4]
    words = set(re.findall(r"\w+", text.lower())) - {"the", "a", "an", "of", "der", "die", "das"}
    theirs = sorted(
        {
            other
            for one in beside
            if (other := _subject(one.text)) and not words & set(re.findall(r"\w+", other.lower()))
        }
    )
    if not mine or not theirs:
        return ""
    return draw.choice(theirs) + text[len(mine) :]


def _subject(text: str) -> str:
    """The words before the first verb, where they are a noun with its article and little else."""
    verb = _VERB.search(text)
    words = text[: verb.start()].split() if verb else []
    if (
        not 1 <= len(words) <= 5
        or words[0].lower().strip(",") in _LEADING
        or any(mark in text[: verb.start() if verb else 0] for mark in ",;:()")
    ):
        return ""
    return " ".join(words)


def _year(figure: Figure) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", figure.written))


def _reference(text: str, figure: Figure) -> bool:
    """Whether a number names a place of the document, or is spelled beside itself: "thirty (30)"."""
    before, after = text[max(0, figure.start - 14) : figure.start], text[figure.end : figure.end + 3]
    return bool(re.search(r"(?:[Ss]ections?|Articles?|[Ss]tep|Exhibit|Rule|§|\() ?$", before)) or after.startswith(" (")


def _in_place(written: str, new: str) -> str:
    tail = re.search(r"[\s-]*(?:%|percent|per cent|Prozent|million|billion|thousand|Mio|th|st|nd|rd)\.?\s*$", written)
    return new + (tail[0] if tail else "")


KINDS: dict[str, Error] = {
    "number": number, "unit": unit, "date": date, "name": name, "negation": negation, "subject": subject,
}  # fmt: skip


def tokens(text: str) -> Sequence[str]:
    """The plain words and numbers of a text, in lower case."""
    return re.findall(r"[^\W_]+", text.lower())
