"""Whether a supported sentence bears on the question: about something else, or true of an older version only."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.answering.terms import content
from assistant.answering.verify import Checked
from assistant.dates import said
from assistant.retrieval.versions import superseded
from assistant.types import Evidence

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder, Vector

# Without a word in common: sentences of the right topic stood above it, "The company is not liable for damage by third
# parties" as an answer about hotels below (the bundled model's cosine of unrelated sentences is 0 to 0.2).
_FAR = 0.25


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
            day = f" of {day}" if (day := said(old[0].date, old[0].dated)) else ""
            return f"only an older version says this ({old[0].path}{day})"
        return "" if self._near(checked) else "it is not about the question"

    def _near(self, checked: Checked) -> bool:
        if self._asked & frozenset(content(checked.text)):
            return True
        return float(self._vector @ self.embedder.embed_one(checked.text)) >= _FAR

    @cached_property
    def _vector(self) -> "Vector":
        return self.embedder.embed_one(self._question)
