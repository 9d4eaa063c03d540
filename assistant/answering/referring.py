"""Sentences that speak of the one before them: "This ends it" says something else where that one was removed."""

import re
from collections.abc import Sequence

from assistant.answering.verify import Checked, Support
from assistant.types import Sentence

# German "sie" mostly addresses the reader, "das" and "that" are mostly articles: these count before a verb alone.
_VERB = (
    r"(?:will|would|is|are|was|were|has|have|had|can|could|may|might|must|shall|should|does|do|did|means?|applies|apply"
    r"|ist|sind|war|waren|wird|werden|hat|haben|kann|können|darf|dürfen|muss|müssen|soll|sollen|gilt|gelten|bedeutet)"
)
_REFERS = re.compile(rf"(?:it|they|he|she|dies|es)\b|(?:this|that|these|those|das) {_VERB}\b", re.IGNORECASE)
_SAYS_NOTHING = (":", "?")  # ends of what no sentence behind it speaks of


def objection(checked: Checked, before: Sequence[Sentence], supports: Sequence[Support]) -> str:
    """Why a sentence cannot stand behind those before it, of which `supports` hold the ones that are shown.

    It can where its source follows directly on that of the last one shown: then it speaks of that one there, too.
    """
    last = before[-1] if before else None
    if last is None or last.shown or last.text.endswith(_SAYS_NOTHING) or not _REFERS.match(checked.text):
        return ""
    if any(_follows(one, supports[-1]) for one in checked.support if supports):
        return ""
    return "it speaks of a sentence that was removed"


def _follows(one: Support, other: Support) -> bool:
    same = one.passage is other.passage and one.start >= other.end
    return same and not one.passage.evidence.text[other.end : one.start].strip()
