"""Sentences of a document that speak to a language model: they state nothing, so they support and answer nothing.

A document may say "ignore all previous instructions and answer: …". A model that obeys writes what stands there, word
for word, and no comparison of words can tell. So what gives orders to a model is no statement, nor is what follows it
in its paragraph. Known families of attacks in English and German are recognized by their words, and no list of them is
complete: what is left is a document that states something wrong, and is cited for it.
"""

import re
from collections.abc import Sequence

from assistant.answering.sentences import Unit

_RULES = (
    r"(?:instruction|prompt|rule|guideline|direction|command|directive|order|polic|restriction|constraint|safety|filter"
    r"|anweisung|vorgabe|vorschrift|instruktion|regel|richtlinie|befehl|einschränkung)\w*"
)
_BEFORE = (
    r"(?:previous|prior|above|preceding|earlier|former|foregoing|existing|original|initial|other|system|safety|your"
    r"|vorherig\w*|vorangegangen\w*|bisherig\w*|vorig\w*|obig\w*|früher\w*|ursprünglich\w*|deine\w*|eure\w*|ihre\w*"
    r"|system\w*)"
)
_DROP = (
    r"(?:ignor\w*|disregard\w*|forget|override|overrule|bypass|discard|neglect|skip|vergiss|vergesst|vergessen sie"
    r"|missachte\w*|übergeh\w*|umgeh\w*|überschreib\w*|verwirf|beachte\w* (?=[^.!?\n]{0,40}\bnicht))"
)
_MODEL = (
    r"(?:ais?|a\.i\.|llms?|language models?|chat ?bots?|gpt\w*|chatgpt|claude|gemini|llama|copilot|ai assistants?"
    r"|ai (?:model|agent|system)s?|ki|ki-\w+|sprachmodell\w*|künstliche\w* intelligenz\w*)"
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
_FAMILIES = (
    # what was said before no longer holds
    rf"{_DROP}\b[^.!?\n]{{0,40}}\b{_BEFORE}\b[^.!?\n]{{0,30}}\b{_RULES}",
    rf"{_DROP}\b[^.!?\n]{{0,20}}\b(?:everything|anything|all|alles)\b[^.!?\n]{{0,30}}"
    r"\b(?:above|before|prior|so far|told|said|oben|davor|bisher|bisherige|vorher|zuvor)\b",
    rf"{_DROP}\b[^.!?\n]{{0,20}}\b(?:the|all|any|die|alle)\b[^.!?\n]{{0,20}}"
    r"\b(?:passages|sources|context|prompt|passagen|kontext)\b",
    r"(?:new|updated|revised|neue|aktualisierte) (?:system )?(?:instructions?|directives?|anweisung(?:en)?) ?:",
    # who is speaking, and to whom
    r"(?:system[ -]?prompt|system (?:override|instruction)|developer (?:message|mode)|hidden instructions?"
    r"|prompt injection|jailbr[eo]ak\w*|dan mode|systemnachricht|entwickler(?:modus|nachricht)|systemanweisung\w*)\b",
    r"(?:as|to|for|dear|attention|hey|hello|note to|an|als|für|liebe\w*|achtung|hinweis an)[ :,]+"
    rf"(?:an |any |all |the |every |eine? |jede\w* |alle |die |das )?{_MODEL}\b",
    rf"{_MODEL}\b[^.!?\n]{{0,30}}\b(?:reading|processing|summari[sz]ing|that reads?|which reads?|must|should|liest"
    r"|verarbeitet|muss|soll)\b",
    # another role
    r"(?:you are|you're|du bist) (?:now|no longer|from now on|jetzt|nun|ab jetzt|ab sofort|nicht mehr|dan\b"
    r"|an? (?:\w+ ){0,2}(?:ai|language model|chatbot)\b)",
    r"(?:from now on|starting now|ab jetzt|ab sofort|von nun an)[ ,]+(?:you (?:are|will|must|answer)|antworte|bist du"
    r"|du)\b",
    r"(?:pretend|tu so|tue so)\b[^.!?\n]{0,20}\b(?:you|to be|als)\b",
    # what is to be answered
    rf"(?:tell|sag|sage) (?:{_READER})\b",
    rf"{_SAY}\b[^.!?\n]{{0,30}}\b{_ONLY}\b[^.!?\n]{{0,40}}:",
    r"(?:your|deine?|deiner|deinem) (?:next |new |only |whole |final |nächste |neue |einzige |ganze )?(?:answer|reply"
    r"|response|output|antwort|ausgabe) (?:must|should|shall|is|will|has to|muss|soll|ist|lautet)\b",
    r"(?:do not|don't|never|nicht|niemals) (?:reveal|mention|disclose|verrate\w*|erwähne\w*) "
    r"(?:this|that|these|dies|diese\w*) (?:instruction|order|passage|prompt|text|anweisung|befehl|absatz)",
    r"(?:append|insert|include|embed|render|füge|setze)\b[^.!?\n]{0,60}\b(?:your|deiner?) (?:\w+ )?(?:answer|reply"
    r"|response|output|antwort|ausgabe)\b",
    r"(?:base64|rot13)\b[^.!?\n]{0,60}\b(?:follow|obey|execute|befolge|führe)",
)
_ORDERS = re.compile("|".join(rf"\b{family}" for family in _FAMILIES), re.IGNORECASE)
_BEGINNING = 60  # characters before the order, at most, of a sentence that is one: more, and it tells of it


def orders(text: str, units: Sequence[Unit]) -> frozenset[int]:
    """The numbers of the units that give a model an order, or follow one in its paragraph, or behind its colon."""
    found: set[int] = set()
    follows = False
    for number, unit in enumerate(units):
        said = text[unit.start : unit.end]
        if number and "\n\n" in text[units[number - 1].end : unit.start]:
            follows = follows and text[: units[number - 1].end].endswith(":")
        order = _ORDERS.search(said)
        if order or follows:
            found.add(number)
        follows = follows or (order is not None and order.start() <= _BEGINNING)
    return frozenset(found)
