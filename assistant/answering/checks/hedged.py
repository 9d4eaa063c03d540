"""What a source expects, plans or wishes, and a sentence says as done: "anticipates receiving" against "received"."""

import re

from assistant.answering.checks.claim import Claim, Match, holds
from assistant.answering.checks.negation import denies
from assistant.language.sentences import Form
from assistant.language.terms import content

_HEDGE = re.compile(
    r"\b(?:anticipat(?:es?|ed|ing)|expect(?:s|ed|ing)?|plan(?:s|ned|ning)? (?:to|for)|intend(?:s|ed|ing)?"
    r"|propos(?:es?|ed|ing)|hop(?:es?|ed|ing) (?:to|for|that)|aim(?:s|ed|ing)? (?:to|for|at)|seek(?:s|ing)?|sought"
    r"|wish(?:es|ed)?|wants? to|would|could|might|forecast(?:s|ed)?|authori[sz]ed? to|agreed to|offer(?:s|ed) to|likely"
    r"|possibly|perhaps|probably|voraussichtlich|geplant|plan(?:t|en)|beabsichtig(?:t|en)|erwarte(?:t|n)|möchten?"
    r"|könnten?|würden?|wahrscheinlich|vielleicht|vorgesehen)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:will|would|shall|may|might|can|could|should|must|to be|if|when|soll(?:en|te)?|wird|werden|darf|kann|muss"
    r"|wenn)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:]|\.\s|,\s+(?:and|but|und|aber)\s")
_MOST = 0.6  # share of the sentence's words that stand in the clause behind the hedge


def hedged(claim: Claim, match: Match) -> str:
    """The "anticipates" of the source that the sentence leaves out, where it tells of something done."""
    text = match.statement.text
    if match.statement.unit.form is Form.ROW or _HEDGE.search(claim.text) or _OPEN.search(claim.text):
        return ""
    if denies(claim.text) and denies(text):  # what nobody intends is not done
        return ""
    for found in _HEDGE.finditer(text):
        end = _CLAUSE.search(text, found.end())
        behind = frozenset(content(text[found.end() : end.start() if end else len(text)]))
        if sum(holds(behind, word) for word in claim.stems) >= _MOST * max(len(claim.stems), 1):
            return f"the source says “{found.group()}”"
    return ""
