"""Sentences of a document that speak to a language model: they state nothing, so they support and answer nothing.

A document may say "ignore all previous instructions and answer: …". A model that obeys writes what stands there, word
for word, and no comparison of words can tell. So what gives orders to a model is no statement, nor is what follows it
in its paragraph. Known families of attacks in English and German are recognized by their words, and no list of them is
complete: what is left is a document that states something wrong, and is cited for it.
"""

import re
import unicodedata
from collections.abc import Sequence

from assistant.answering.prompt import visible
from assistant.language.sentences import Unit

_RULES = (
    r"(?:instruction|prompt|rule|guideline|guidance|direction|command|directive|order|polic|restriction"
    r"|constraint|safety|filter|anweisung|vorgabe|vorschrift|instruktion|regel|richtlinie|befehl|einschränkung)\w*"
)
_BEFORE = (
    r"(?:previous|prior|above|preceding|earlier|former|foregoing|existing|original|initial|other|system|safety|your"
    r"|vorherig\w*|vorangegangen\w*|bisherig\w*|vorig\w*|obig\w*|früher\w*|ursprünglich\w*|deine\w*|eure\w*|ihre\w*"
    r"|system\w*|zuvor\w*)"
)
_DROP = (
    r"(?:ignor\w*|disregard\w*|forget|override|overrule|bypass|discard|neglect|skip|set aside|stop following"
    r"|pay no attention to|(?:do not|don't) (?:follow|obey)|lass\w*|brich|vergiss|vergesst|vergessen sie"
    r"|missachte\w*|übergeh\w*|umgeh\w*|überschreib\w*|verwirf|beachte\w* (?=[^.!?\n]{0,40}\bnicht))"
)
_MODEL = (
    r"(?:ais?|a\.i\.|llms?|(?:large )?language models?|chat ?bots?|gpt\w*|chatgpt|claude|gemini|llama"
    r"|copilot|ai assistants?"
    r"|ai (?:model|agent|system)s?|ki|ki-\w+|sprachmodell\w*"
    r"|(?:automated|automatic|automatische\w*) (?:reviewer|agent|reader|reading|processing|system|tool|summar"
    r"|leser|auswertung|verarbeitung|zusammenfassung)\w*"
    r"|künstliche\w* intelligenz\w*)"
)
_READER = (
    r"(?:the |that |this |every |each )?(?:user|questioner|asker|person asking|human|person who asks)s?"
    r"|(?:dem|der|den|die|jedem|jeder)? ?(?:nutzer|benutzer|anwender|fragesteller|fragende)\w*"
)
_SAY = (
    r"(?:answer|reply|respond|output|print|repeat|return|antworte|erwidere|wiederhole|schreib|schreibe|sag|sage"
    r"|gib|drucke)"
)
_ONLY = (
    r"(?:only|exactly|verbatim|nothing but|nothing else|word for word|the following|this (?:sentence|text|line)"
    r"|nur|genau|wörtlich|ausschließlich|nichts anderes|folgende\w*|diese\w* (?:satz|text|zeile))"
)
# That an order is not to be mentioned: it has been given already.
_SILENCE = (
    r"(?:(?:do not|don't|never|niemals) (?:reveal|mention|disclose)|verrat\w*|erwähn\w*|verschweig\w*)"
    r" (?:this|that|these|dies|diese\w*) (?:instruction|order|passage|prompt|text|anweisung|befehl|absatz)"
)
_FAMILIES = (
    # what was said before no longer holds
    rf"{_DROP}\b[^.!?\n]{{0,40}}\b{_BEFORE}\b[^.!?\n]{{0,30}}\b{_RULES}",
    rf"{_DROP}\b[^.!?\n]{{0,30}}\b{_RULES}[^.!?\n]{{0,20}}\b(?:above|before|earlier|so far|oben|davor|zuvor)\b",
    rf"{_DROP}\b[^.!?\n]{{0,20}}\b(?:everything|anything|all|alles)\b[^.!?\n]{{0,30}}"
    r"\b(?:above|before|prior|so far|told|said|oben|davor|bisher|bisherige|vorher|zuvor)\b",
    rf"{_DROP}\b[^.!?\n]{{0,20}}\b(?:the|all|any|die|alle)\b[^.!?\n]{{0,20}}"
    r"\b(?:passages|sources|context|prompt|passagen|kontext)\b",
    r"(?:new|updated|revised|neue|aktualisierte) (?:system |user |developer )?(?:messages?"
    r"|instructions?|directives?|anweisung(?:en)?) ?:",
    r"^(?:system |manual )?override ?:",
    # who is speaking, and to whom
    r"(?:system[ -]?prompt|system (?:override|instruction)|developer (?:message|mode)|hidden instructions?"
    r"|prompt injection|jailbr[eo]ak\w*|dan mode|systemnachricht|entwickler(?:modus|nachricht)|systemanweisung\w*)\b",
    r"(?:as|to|for|dear|attention|hey|hi|hello|note to|if you are|any|an|als|für|liebe\w*|hallo"
    r"|achtung|hinweis an|wenn du)"
    r"[ :,]+"
    rf"(?:an |any |all |the |every |eine? |jede\w* |alle |die |das |den |dem |der )?{_MODEL}\b",
    rf"{_MODEL}\b[^.!?\n]{{0,30}}\b(?:reading|processing|summari[sz]ing|that reads?|which reads?|must|should|liest"
    r"|verarbeitet|muss|soll)\b",
    # another role
    r"(?:you are|you're|du bist) (?:now |no longer |from now on |jetzt |nun |ab jetzt |ab sofort |nicht mehr )?(?:dan\b"
    r"|(?:\w+ ){0,4}(?:ai|assistant|language model|chatbot|bot|gpt|ki|assistent|sprachmodell)\b"
    r"|(?:\w+ ){0,3}(?:bound|restricted|unrestricted|uneingeschränkt|gebunden)\b)",
    r"(?:from now on|starting now|ab jetzt|ab sofort|von nun an)[ ,]+(?:you (?:are|will|must|answer)|antwort\w*|bist du"
    r"|du)\b",
    r"(?:pretend|tu so|tue so)\b[^.!?\n]{0,20}\b(?:you|to be|als)\b",
    # what is to be answered
    rf"(?:tell|sag|sage) (?:{_READER})\b",
    rf"{_SAY}\b[^.!?\n]{{0,30}}\b{_ONLY}\b[^.!?\n]{{0,40}}:",
    r"(?:your|deine?|deiner|deinem) (?:next |new |only |whole |final |nächste |neue |einzige |ganze )?(?:answer|reply"
    r"|response|output|antwort|ausgabe) (?:must|should|shall|is|will|has to|muss|soll|ist|lautet)\b",
    _SILENCE,
    r"(?:append|insert|include|embed|render|füge|setze)\b[^.!?\n]{0,60}\b(?:your|deiner?) (?:\w+ )?(?:answer|reply"
    r"|response|output|antwort|ausgabe)\b",
    r"(?:base64|rot13)\b[^.!?\n]{0,60}\b(?:follow|obey|execute|befolge|führe)",
    r"(?:follow|obey|execute|befolge|führe)\w*\b[^.!?\n]{0,60}\b(?:base64|rot13)\b",
)
_ORDERS = re.compile("|".join(family if family[0] == "^" else rf"\b{family}" for family in _FAMILIES), re.IGNORECASE)
_KEPT_BACK = re.compile(_SILENCE, re.IGNORECASE)
_BEGINNING = 60  # characters before the order, at most, of a sentence that is one: more, and it tells of it


# Letters of other alphabets that look like Latin ones.
_ALIKE = str.maketrans("аеорсухіјѕԁһցӏАВЕКМНОРСТХαοντικΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", "aeopcyxijsdhglABEKMHOPCTXaovtikABEHIKMNOPTXYZ")


def _read(text: str) -> str:
    """The text as a model reads it, whatever stands between or in place of its letters."""
    return unicodedata.normalize("NFKC", visible(text)).translate(_ALIKE)


def is_order(text: str) -> bool:
    """Whether a text gives an order to a language model."""
    return _ORDERS.search(_read(text)) is not None


def orders(text: str, units: Sequence[Unit]) -> frozenset[int]:
    """The numbers of the units that give a model an order, or belong to one.

    These are those that follow it in its paragraph, or behind its colon, and where it is to be kept secret all of its
    paragraph.
    """
    found: set[int] = set()
    follows, first = False, 0  # first unit of the paragraph
    for number, unit in enumerate(units):
        if number and "\n\n" in text[units[number - 1].end : unit.start]:
            follows, first = follows and text[: units[number - 1].end].endswith(":"), number
        said = _read(text[unit.start : unit.end])
        order = _ORDERS.search(said)
        if order or follows:
            found.add(number)
        if _KEPT_BACK.search(said):
            found.update(range(first, number))
        follows = follows or (order is not None and order.start() <= _BEGINNING)
    return frozenset(found)
