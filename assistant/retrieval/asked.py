"""Which versions of a document a question asks for: the one that holds now, an older one, a number, a year.

A pure reading of the question in English and German; it knows nothing of the documents. Old things are no old versions:
"How old must I be", "the previous month's invoice" and "formerly known as" ask for what holds now.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_UNTIL = re.compile(
    r"\b(?:(?P<before>before|prior to|vor)|until|till|up to|bis)(?: (?:the |dem |zum |ende |end of |\d{1,2}\.? )?"
    r"(?:[^\W\d_]+ )?)?(?P<year>(?:19|20)\d\d)\b"
)
_NUMBERS = (
    ("first", "one", "1st", "erste", "ersten", "erster", "1."),
    ("second", "two", "2nd", "zweite", "zweiten", "zweiter", "2."),
    ("third", "three", "3rd", "dritte", "dritten", "dritter", "3."),
)  # fmt: skip
_NUMBER = {word: number for number, words in enumerate(_NUMBERS, 1) for word in words}
_WORDS = "|".join(map(re.escape, _NUMBER))
_VERSION = re.compile(
    r"\b(?:v|ver\.?|version|fassung|rev\.?|revision|edition|auflage) ?(?P<digits>\d{1,3}(?:\.\d{1,3}){0,3})\b"
    rf"|\b(?P<before>{_WORDS}) (?:version|fassung|edition|auflage|revision)\b"
    r"|\bversion (?P<after>one|two|three)\b"
)

_VERSIONS = r"versions?|editions?|wording|fassung(?:en)?|version(?:en)?|stand|auflagen?"
_TEXTS = (
    rf"{_VERSIONS}|rules?|polic(?:y|ies)|text|agreements?|contracts?|handbooks?|guidelines?|regulations?|terms|prices?"
    r"|rates?|price lists?|reports?|templates?|procedures?|limits?|allowances?|tariffs?|fees?"
    r"|\w*regel(?:n|ung|ungen)?|\w*richtlinien?|\w*ordnung(?:en)?|\w*vertrag(?:es|s)?|\w*vereinbarung|\w*prei(?:s|se|ses|sen)"
    r"|\w*preisliste|\w*handbuch(?:s|es)?|\w*leitfaden|\w*satz(?:es)?|\w*tarif(?:e|s)?|\w*vorgaben?|\w*grenze"
)
_OLD = (
    r"(?<!\bhow )(?<!\bwie )(?<!\byears )(?<!\byear )(?:old|older|former|previous|earlier|outdated|archived|obsolete"
    r"|superseded|withdrawn|replaced|(?:alt|älter|früher|vorherig|vorig|bisherig|ehemalig|damalig|veraltet|aufgehoben"
    r"|abgelöst|überholt|archiviert|ersetzt)(?:e[nrsm]?))"
)
# What stands between "old" and "policy" in "the old remote work policy", and not in "my old car under the policy".
_BETWEEN = (
    r"(?:(?!(?:age|days?|weeks?|months?|quarters?|night|employers?|job|name|address|owner|tenant|of|for|to|in|on|at|by"
    r"|under|with|from|after|than|and|or|is|are|be|must|may|can|do|does|the|an?|my|our|this|that|tag\w*|woche\w*|monat\w*"
    r"|quartal\w*|arbeitgeber\w*|namen?s?|und|oder|nach|von|vom|für|zu|zum|zur|bei|mit|aus|auf|unter|ist|sind|der|die|das"
    r"|des|dem|den)\b)[\w-]+(?:'s)? ){0,4}?"
)
_THE = r"(?:the|that|our|their|its|under|der|die|das|den|dem|des|unsere[nrsm]?|nach|laut|gemäß)"
_RELATIVE = re.compile(
    r"\b(?:that|which|who|whose) (?:was|were|did|had)\b|^(?:wer|wenn|if|when) [^,]*,"
    r"|, (?:die|das|der|den|dem|deren|wenn|who)\b.*"
)
_WAS = (
    r"\b(?:was|were|did|had|used to|applied|galt(?:en|st)?|waren|war|wurden?|gab|hatten?|durften?|mussten?|konnten?"
    r"|sollten?|betrug(?:en)?|kosteten?|bekam(?:en)?|erhielt(?:en)?|stand|lag(?:en)?)\b"
)
_GERMAN = re.compile(
    r"[äöüß]|\b(?:der|das|den|dem|des|ich|wir|man|eine?[nmrs]?|ist|sind|hat|haben|gilt|galt|war|im|bei|nach|mit|steht|es"
    r"|kostete?t?|muss|darf|kann|wird|wurde)\b"
)
_ONCE = re.compile(
    r"\b(?:previously|formerly)\b(?! (?:known|called|named|titled|employed|used|owned))|\b(?:in the past|back then)\b"
    r"|\bbefore(?:\W*$| (?:that|then|the change|it (?:was )?changed)\b)"
    r"|\b(?:früher|vorher|zuvor|bisher|ehemals|vormals)\b"
)
_PAST = re.compile(
    rf"\b{_OLD} {_BETWEEN}(?:{_VERSIONS})\b|\b{_THE} {_OLD} {_BETWEEN}(?:{_TEXTS})\b"
    r"|\b(?:superseded|no longer (?:valid|in force)|damals|außer kraft|nicht mehr gültig)\b"
    r"|(?<!is )(?<!are )(?<!be )(?<!was )(?<!were )\b(?:(?:what|how|who|where|we|it|they|there|(?!is\b|was\b)\w+s) used"
    r"|did .{0,60}\bused?) to (?:be|have|apply|say|cost|allow|pay|get|require|last|keep)\b"
)
_PAST_IF_WAS = re.compile(rf"\b{_OLD} {_BETWEEN}(?:{_TEXTS})\b")
_COMPARES = re.compile(
    r"\bwhat (?:has |have |is |was )?changed\b|\b(?:changed|changes|differs?) (?:since|from|compared)\b"
    r"|\b(?:changed|differences?|unterschiede?)\b.{0,60}\b(?:versions|editions|versionen|fassungen)\b"
    r"|\bwas (?:hat|wurde|ist)\b.{0,120}\bgeändert\b"
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most (?:recent|current)|aktuell(?:e[nrms]?|st\w*)|neueste[nrms]?|jüngste[nrms]?)\b"
)
_EARLIER = re.compile(
    r"\b(?:previous|prior|past|earlier|preceding|vorherig\w*|vorig\w*|früher\w*|bisherig\w*|vorjahr\w*)\b"
)
_PERIODS = r"(?:quarters|years|months|periods|reports|filings|quartalen?|jahren?|monaten?|berichten?)"
_SEVERAL = (
    r"(?:all|the|these|those|several|different|its|their|reported|reporting|historical|past|last|previous|prior|quarterly"
    r"|annual|alle|allen|die|den|diese|diesen|letzten|mehreren?)"
)
_THROUGHOUT = re.compile(
    r"\bover time\b|\btrend(?:s|ed)?\b|\bim laufe der zeit\b"
    rf"|\b(?:across|over|during|throughout|über) (?:{_SEVERAL} )*{_PERIODS}\b"
    rf"|\b(?:in|for|from|to|aus) (?:{_SEVERAL} )+{_PERIODS}\b"
    r"|\b(?:over|throughout) the (?:whole )?(?:reporting|reported) (?:period|timeframe)\b"
    r"|\b(?:each|every) (?:reported |reporting )?(?:quarter|year|month|period|report)\b"
    r"|\bjede[nrms]? (?:quartals?|jahr(?:es)?|monats?)\b"
    r"|\b(?:quarter|year|month)(?: to |-to-| over |-over-)(?:quarter|year|month)\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says of time and version; nothing where it asks for what holds now."""

    past: bool = False  # for what does not hold any more: "the old policy", "previously"
    compares: bool = False  # for old and new alike: "what changed"
    years: frozenset[int] = frozenset()
    versions: tuple[tuple[int, ...], ...] = ()  # without noughts at the end: "2.0" is 2
    was: bool = False  # its main clause is in the past tense
    until: int | None = None  # the last year that it asks for: 2024 for "before 2025"
    latest: bool = False  # for the newest of several: "the latest report"; not where it is compared with earlier ones
    throughout: bool = False  # for all of several: "over time", "in each quarter"


@lru_cache(maxsize=64)  # a question is read for its hits, its passages and its sentences
def asked(question: str) -> Asked:
    """Read a question; a year after "before" counts only where the question is about the past."""
    text = " ".join(question.lower().split())
    main = _RELATIVE.sub(" ", text)
    was = _is_past_tense(main)
    ends = list(_UNTIL.finditer(text))
    until = max((int(end["year"]) - bool(end["before"]) for end in ends), default=None) if was else None
    return Asked(
        past=bool(_PAST.search(text) or (was and (_PAST_IF_WAS.search(text) or _ONCE.search(main)))),
        compares=bool(_COMPARES.search(text)),
        years=frozenset(map(int, _YEAR.findall(_UNTIL.sub(" ", text)))),
        versions=tuple(map(_version, _VERSION.finditer(text))),
        was=was,
        until=until,
        latest=bool(_LATEST.search(text)) and not _EARLIER.search(text),
        throughout=bool(_THROUGHOUT.search(text) or (_LATEST.search(text) and _EARLIER.search(text))),
    )


def _is_past_tense(text: str) -> bool:
    """Whether a question's main clause is in the past; "was" is German for "what"."""
    return bool(re.search(_WAS, re.sub(r"\bwas\b", "", text) if _GERMAN.search(text) else text))


def _version(match: re.Match[str]) -> tuple[int, ...]:
    if match["digits"] is None:
        return (_NUMBER[match["before"] or match["after"]],)
    numbers = [int(part) for part in match["digits"].split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
