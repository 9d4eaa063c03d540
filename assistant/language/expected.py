"""What kind of thing a question asks for: a duration, an amount, a date, so many of something.

A pure reading of the question's first words in English and German; it knows nothing of the documents.
"""

import re
from functools import cache

_NUMBER = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|sixty|half|"
    r"eine?[mnr]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig)"
)
_TIME = (
    r"(?:seconds?|minutes?|hours?|(?:working |calendar )?days?|nights?|weeks?|months?|quarters?|years?|"
    r"sekunden?|minuten?|stunden?|(?:werk|arbeits|kalender)?tage?[ns]?|wochen?|monate?[ns]?|jahre?[ns]?)"
)
_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?)"
)
_DURATION = rf"\b{_NUMBER}(?:\s+(?:to|bis|or|oder)\s+{_NUMBER})?[\s-]+{_TIME}\b|\b(?:at once|immediately|sofort)\b"
_AMOUNT = rf"[€$£]\s?\d|\b{_NUMBER}\s*(?:%|€|£|\$|percent|per cent|prozent|euros?|dollars?|pounds?|pence|cents?)"
_DATE = rf"\b\d{{1,2}}\.?\s+{_MONTH}\b|\b{_MONTH}\s+\d{{1,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)\b|\b\d{{4}}-\d\d-\d\d\b"
_CLOCK = r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2}\s*(?:a\.?m|p\.?m|o'clock|uhr)\b"

_LENGTH = (
    rf"\b{_NUMBER}\s+(?:characters?|letters?|digits?|words?|lines?|pages?|meters?|metres?|centimeters?|kilometers?|miles?"
    r"|feet|mm|cm|km|m|zeichen|buchstaben|ziffern|wörter|zeilen|seiten|(?:zenti|kilo|milli)?metern?)\b"
)
# Who acts: an office, a body, a name of two words.
_WHO = (
    r"\b(?:managers?|heads?|directors?|officers?|boards?|committees?|teams?|departments?|desk|supervisors?|leads?|leaders?"
    r"|owners?|presidents?|chairs?|employees?|staff|colleagues?|lawyers?|administrators?|secretary|person|persons|party|parties"
    r"|anybody|anyone|everybody|everyone|nobody|people|jede[mrs]?|niemand"
    r"|customers?|suppliers?|tenants?|landlords?|leit(?:er|erin|ung)|abteilung|vorstand|betriebsrat|geschäfts(?:leitung|führung)"
    r"|vorgesetzte[nrs]?|mitarbeiter(?:innen|in|n)?|beschäftigte[nr]?|beauftragte[nr]?|referat|gremium)\b"
    r"|(?-i:\b(?!(?:Im|Am|Zum|Zur|Vom|Beim|Der|Die|Das|Den|Dem|Des|Ein|Eine|In|An|Auf|Aus|Bei|Bis|Für|Mit|Nach|Seit|Unter|Von"
    r"|Vor|Zu|The|This|Each|Every|At|By|For|From|If|Of|On|To|When|With)\b)[A-ZÄÖÜ][a-zäöüß]+ [A-ZÄÖÜ][a-zäöüß]+\b)"
)
_WHEN = r"\bwhen\b|\bwhat (?:date|day)\b|\bby what date\b|\b(?:ab |bis )?wann\b"

# The first pattern that a question matches decides.
_KINDS = (
    (
        r"\bhow (?:long|short|wide|tall|deep) (?:must|should|can|may|shall)\b.*\bbe\W*$|\bwie (?:lang|breit|tief)\b",
        _LENGTH,
    ),
    (r"\bhow long (?:is|are)\b|\bwie lang ist\b", f"{_LENGTH}|{_DURATION}"),
    (r"^\W*(?:who|whom|whose|wer|wem|wen|wessen)\b|\bby whom\b|\b(?:von|durch) wen\b", _WHO),
    (
        r"\bhow (?:long|soon|quickly|fast|early|far ahead|late)\b|\bwithin what|\bafter what time\b"
        r"|\bwie (?:lange|schnell|früh)\b",
        _DURATION,
    ),
    (
        r"^\W*(?:what|which|wie|was|welche[mnrs]?)\b(?:[^,;?]{1,60}\W|\W)(?:period|duration|(?:[a-zäöüß]+)?(?:frist|dauer))\b",
        _DURATION,
    ),
    (r"\bhow (?:cold|hot|warm)\b|\btemperature\b|\bwie (?:kalt|warm|heiß)\b", r"\d\s*°|\bdegrees?\b|\bgrad\b"),
    (r"\bwhat time\b|\bum wie viel uhr\b|\bab wann morgens\b", _CLOCK),
    (_WHEN, f"{_DATE}|{_CLOCK}|{_DURATION}"),
    (r"\bhow often\b|\bwie oft\b", rf"\b(?:every|each|per|jede[nrs]?|pro)\b|\b\w+ly\b|{_DURATION}"),
    (
        r"\bhow much\b|\bwhat (?:percentage|share)\b|\b(?:price|cost|costs|charge|pay range|fee|salary)\b"
        r"|\bwie ?viel (?:kostet|geld|prozent)\b|\bwas kostet\b",
        rf"{_AMOUNT}|\b\d{{1,3}}(?:[.,]\d{{3}})+\b",
    ),
)
_COUNTED = re.compile(
    r"\b(?:how many|wie ?viele?)\s+(?:[a-zäöüß-]+\s+){0,2}?([a-zäöüß]{3,})\b(?=\s+(?:of|do|does|did|is|are|has|have|"
    r"can|may|must|will|a|per|in|at|on|for|there|work|before|should|to|am|werden|wird|darf|hat|habe|gibt|pro)\b|\W*$)",
    re.IGNORECASE,
)


def asks_when(question: str) -> bool:
    """Whether a question asks for a day or a time."""
    return bool(re.search(_WHEN, question, re.IGNORECASE))


@cache
def expected(question: str) -> re.Pattern[str] | None:
    """The pattern of what an answer to `question` holds, None where any statement may answer it."""
    counted = _COUNTED.search(question)
    if counted:
        stem = re.escape(counted[1].lower().removesuffix("s")[:6])
        return re.compile(rf"\b{_NUMBER}\s+(?:[\w-]+\s+){{0,2}}?{stem}", re.IGNORECASE)
    for asks, holds in _KINDS:
        if re.search(asks, question, re.IGNORECASE):
            return re.compile(holds, re.IGNORECASE)
    return None
