"""What a source does not say itself: what somebody is to say ("reply that …"), or only claims."""

import re

from assistant.answering.checks.claim import Claim, Match, holds
from assistant.language.terms import content

# Verbs of speaking, as they stand behind "to", a modal or at the beginning of a clause.
_SPEAK = (
    r"(?:say|state|reply|respond|answer|write|report|tell|confirm|affirm|mention|repeat|declare|claim|assert|print|output"
    r"|quote|include|announce|insist|know|read|antworte[nt]?|antwortest|sag(?:en|e|t|st)?|schreib(?:en|e|t|st)?|bestätig(?:en|e|t|st)"
    r"|erwähn(?:en|e|t|st)|behaupte[nt]?|erklär(?:en|e|t|st)|wiederhol(?:en|e|t|st)|nenn(?:en|e|t|st)|melde[nt]?"
    r"|(?:an|aus|wieder)(?:zu)?geben|gib|übernehmen|mit(?:zu)?teilen)"
)
_ASKED = (
    r"(?:^|[;,:]\s|\b(?:and|then|only|just|please|to|must|should|shall|will|may|you|und|dann|nur|bitte|zu|soll(?:en)?|muss"
    r"|müssen|hat|haben|ist|sind|stets|immer|ausschließlich|wörtlich|du)\s)"
)
_OPENS = r"(?:\bthat\s|\bdass\s|:\s|\s[–—-]\s|[“„\"«])"
_TO_SAY = re.compile(
    rf"{_ASKED}(?:[^.:;“„\"]{{0,40}}\s)?(?P<speaks>{_SPEAK})\b[^.:;“„\"]{{0,80}}?{_OPENS}", re.IGNORECASE
)
_SPOKEN_OF = re.compile(
    r"\b(?P<speaks>answer|reply|response|summary|text|sentence|line|antwort|auskunft|zusammenfassung|satz|zeile|aussage)\b"
    r"[^.;:“„\"]{0,30}\b(?:is|are|must|should|shall|has|begins?|ends?|contains?|mentions?"
    r"|says?|states?|ist|lautet|lauten|muss|müssen|soll|stehen)\b"
    rf"[^.;:“„\"]{{0,40}}?{_OPENS}",
    re.IGNORECASE,
)
_CLAIMED = re.compile(
    r"\b(?P<speaks>claim(?:s|ed)?|alleg(?:es?|ed)|believ(?:es?|ed)|argu(?:es?|ed)|hypothesi[sz](?:es?|ed)|rumou?red|pretend(?:s|ed)?"
    r"|said|told|behaupte[nt]|behauptete|sagte[n]?|meint|glaubt|vermutet|(?:geben|gibt|gab(?:en)?)(?= an\b))\b"
    r"[^.:;]{0,40}?(?:\bthat\s|\bdass\s)",
    re.IGNORECASE,
)
# What is asked, or only supposed.
_OPEN = re.compile(
    r"\b(?:(?P<speaks>whether|ob)\s"
    r"|(?:assum(?:e|ing)|suppos(?:e|ing)|imagine|pretend|angenommen|nimm|stell dir vor)\b"
    r"[^.:;]{0,40}?\b(?:that|dass)\s)",
    re.IGNORECASE,
)
_TAKEN = re.compile(  # "treat this as settled: ..."
    r"\b(?P<speaks>as|als)\s+(?:an?\s+)?(?:settled|facts?|true|truth|given|correct|authoritative|binding|tatsachen?|wahr|richtig"
    r"|gegeben|verbindlich)\b[^.:;]{0,20}:\s",
    re.IGNORECASE,
)
_MOST = 0.8  # share of the sentence's words that stand behind the opening


def reported(claim: Claim, match: Match) -> str:
    """Why the source only has somebody say this, where the sentence says it itself."""
    text = match.statement.text
    for pattern in (_TO_SAY, _SPOKEN_OF, _CLAIMED, _TAKEN, _OPEN):
        opened = next((found for found in pattern.finditer(text) if _behind(claim, text, found)), None)
        if opened and not _repeats(claim, opened):
            return f"the source only has it said: “{' '.join(opened.group().split()[-6:])}”"
    return ""


def _behind(claim: Claim, text: str, opened: re.Match[str]) -> bool:
    inside = frozenset(content(text[opened.end() :]))
    return sum(holds(inside, word) for word in claim.stems) >= _MOST * max(len(claim.stems), 1)


def _repeats(claim: Claim, opened: re.Match[str]) -> bool:
    """Whether the sentence says that it is said: it has a word of that."""
    return any(holds(claim.stems, word) for word in content(opened["speaks"] or ""))
