"""What a question names that the cited passages do not, and another passage has for its heading.

Asked for the notice period in probation, an answer from the general rule is true and beside the point: "Probation" is a
heading elsewhere.
"""

import re
from collections.abc import Sequence

from assistant.answering.checks.claim import holds
from assistant.language.terms import content, stem, vocabulary, words
from assistant.types import Evidence

_LEAST = 4  # letters of a word that tells
# Words that ask for a measure, or of what any document speaks.
_IDLE = frozenset(
    content(
        "many much often long soon fast early late high large time take need want make give work company people charge "
        "cost price lange viel viele hoch groß Zeit Firma Unternehmen Kosten Preis first last next"
    )
) | vocabulary("long late")


def elsewhere(question: str, cited: Sequence[Evidence], found: Sequence[Evidence]) -> tuple[str, Evidence] | None:
    """A word of the question that no cited passage has, with the first other one below a heading that has it."""
    asked = frozenset(content(question)) - _IDLE
    here = frozenset().union(*(content(f"{one.title}\n{one.heading}\n{one.path}\n{one.text}") for one in cited))
    others = [one for one in found if one not in cited]
    for word in dict.fromkeys(words(question)):
        key = stem(word)
        if key not in asked or len(word) < _LEAST or holds(here, key) or any(_compound(key, other) for other in here):
            continue
        headed = next((one for one in others if key in content(_innermost(one.heading))), None)
        if headed is not None:
            return word, headed
    return None


def _innermost(heading: str) -> str:
    return re.split(r" › ", heading)[-1]


def _compound(word: str, other: str) -> bool:
    """Whether one word is part of the other: "Urlaub" of "Urlaubstage"."""
    return min(len(word), len(other)) >= 5 and (word in other or other in word)
