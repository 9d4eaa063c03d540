"""Whether a supported sentence bears on the question, and of which parts of it no sentence speaks."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from assistant.answering.verify import Checked
from assistant.dates import written
from assistant.language.numbers import figures, missing
from assistant.language.terms import content
from assistant.retrieval.versions import superseded
from assistant.types import Evidence

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder, Vector

# Without a word in common: sentences of the right topic stood above it, "The company is not liable for damage by third
# parties" as an answer about hotels below (the bundled model's cosine of unrelated sentences is 0 to 0.2).
_FAR = 0.25


_ASKS_FOR = re.compile(
    r"\b(?:how|what|when|where|which|who|whom|whose|why|wann|warum|welche[mnrs]?|wem|wen|wer|wessen|wie|wieviel|wo)\b",
    re.IGNORECASE,
)
_HALF = 0.5  # of a part's own words: a sentence that holds so many speaks of it


def left_out(parts: Sequence[str], sentences: Sequence[str], embedder: "Embedder") -> list[str]:
    """The parts of a question of which no sentence speaks: none is nearest to it, and none holds half of its words."""
    if len(parts) < 2:
        return []
    words = [frozenset(content(part)) for part in parts]
    vectors = np.array([embedder.embed_one(part) for part in parts])
    nearest = {int(np.argmax(vectors @ embedder.embed_one(sentence))) for sentence in sentences}
    found = []
    for number, part in enumerate(parts):
        own = words[number] - frozenset[str]().union(*words[:number], *words[number + 1 :])
        held = max((len(own & frozenset(content(sentence))) for sentence in sentences), default=0)
        if number not in nearest and held < max(1.0, _HALF * len(own)):
            found.append(part)
    return found


class Bearing:
    """What one question asks, compared with sentences of its answer."""

    def __init__(self, question: str, evidence: Sequence[Evidence], embedder: "Embedder") -> None:
        self._question = question
        self._asked = frozenset(content(question))
        self._older = superseded(evidence, question, {item.family: item.newest for item in evidence})
        self.embedder = embedder

    def objection(self, checked: Checked) -> str:
        """Why a sentence that its sources hold is no answer, in words; empty where it may be one."""
        sources = [support.passage.evidence for support in checked.support]
        old = [item for item in sources if item.path in self._older]
        if old and len(old) == len(sources):
            day = f" of {day}" if (day := written(old[0].date, old[0].dated)) else ""
            return f"only an older version says this ({old[0].path}{day})"
        if self._repeats(checked.text):
            return "it only repeats the question"
        return "" if self._near(checked) else "it is not about the question"

    def _repeats(self, text: str) -> bool:
        """Whether a sentence adds no word and no figure to a question that asks for one; "yes" and "no" need none."""
        new = frozenset(content(text)) - self._asked
        told = missing(figures(text), figures(self._question))
        return bool(_ASKS_FOR.search(self._question)) and not new and not told

    def _near(self, checked: Checked) -> bool:
        if self._asked & frozenset(content(checked.text)):
            return True
        return float(self._vector @ self.embedder.embed_one(checked.text)) >= _FAR

    @cached_property
    def _vector(self) -> "Vector":
        return self.embedder.embed_one(self._question)
