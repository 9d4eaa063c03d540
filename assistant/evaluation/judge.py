"""Asks one question of an open index and says how far its evidence came.

What can be said of a question follows from what its evidence tells: documents, pages, texts. Nothing follows from
the name of a set.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.errors import UsageError
from assistant.evaluation.failures import WIDE, Losses, Lost
from assistant.evaluation.measures import ndcg, recall
from assistant.evaluation.places import Passage, Span, Texts, covered, holds, length, prints, shows
from assistant.evaluation.questions import Question
from assistant.library import PACKED_HITS, Index
from assistant.retrieval.answerable import probability
from assistant.retrieval.pack import pack
from assistant.retrieval.search import Found
from assistant.types import Evidence, Filter, Verdict

BUDGETS = (500, 1_000, 1_500, 2_000)  # tokens of packed context
_FIRST = 5  # passages that characters are counted in
_MOST = 100  # passages in a prompt: here the budget alone limits them
MAIN = (  # what a ranking is judged by in few words
    "right document@5",
    "documents' recall@5",
    "nDCG@10",
    "evidence page@5",
    "evidence inside 2,000 tokens",
    "figures inside 2,000 tokens",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went: `values` by the measure's name, with those alone that its evidence allows."""

    question: Question
    values: dict[str, float]
    confidence: float  # that the documents answer it
    confidence_without: float | None = None  # the same, its evidence's documents left out
    lost: Lost | None = None  # where its evidence was lost, if it was and somebody asked
    missed: str = ""  # what was wrong with its answer, in words, where answers are asked for
    sentences: tuple[Verdict, ...] = ()  # that a model wrote


class Judge:
    """Asks questions of one open index."""

    def __init__(
        self, index: Index, *, without_evidence: bool = False, halves: bool = False, failures: bool = False
    ) -> None:
        self._index = index
        self._without_evidence = without_evidence
        self._halves = halves
        self._texts = Texts(index.catalog)
        self._losses = Losses(index, self._texts) if failures else None
        self._count: Callable[[str], int] = lru_cache(maxsize=100_000)(index.embedder.count_tokens)

    def outcome(self, question: Question) -> Outcome:
        """Ask one question."""
        found = self._index.find(question.text, PACKED_HITS)
        without = self._asked_without(question) if self._without_evidence and question.evidence else None
        if not question.evidence:
            return Outcome(question, {}, confidence(found))
        values = self._values(question, found)
        if self._halves:
            values |= self._alone(question)
        lost = self._losses.lost(question, found, self._packed(found, BUDGETS[-1])) if self._losses else None
        return Outcome(question, values, confidence(found), without, lost)

    def _asked_without(self, question: Question) -> float | None:
        try:
            return confidence(
                self._index.find(question.text, PACKED_HITS, Filter(without=frozenset(question.documents)))
            )
        except UsageError:  # no other document is left
            return None

    def _packed(self, found: Found, budget: int) -> tuple[Evidence, ...]:
        return pack(self._index.catalog, found.hits, budget, _MOST, self._count)

    def values(self, question: Question, found: Found, packed: dict[int, tuple[Evidence, ...]]) -> dict[str, float]:
        """Every measure that the question's evidence allows, of a ranking and of what each budget holds of it."""
        return self._documents(question, found) | self._places(question, found, packed)

    def _values(self, question: Question, found: Found) -> dict[str, float]:
        return self.values(question, found, {budget: self._packed(found, budget) for budget in BUDGETS})

    def _alone(self, question: Question) -> dict[str, float]:
        """The main measures of what words and meaning each find alone."""
        wide = self._index.find(question.text, WIDE).hits
        by_words = [replace(hit, score=hit.words) for hit in wide if hit.words]
        by_meaning = [replace(hit, score=hit.meaning) for hit in wide]
        return {
            f"{name}, {half}": values[name]
            for half, hits in (("words alone", by_words), ("meaning alone", by_meaning))
            for best in [sorted(hits, key=lambda hit: -hit.score)[:PACKED_HITS]]
            for values in [self._values(question, Found(tuple(best)))]
            for name in MAIN
            if name in values
        }

    def _documents(self, question: Question, found: Found) -> dict[str, float]:
        """Measures over documents, each counted at its best passage."""
        ranking = list(dict.fromkeys(hit.path for hit in found.hits))
        right = set(question.documents)
        also = right | {piece.doc for piece in question.also}
        values = {f"right document@{k}": float(bool(also & set(ranking[:k]))) for k in (1, 5)}
        first = set(ranking[:10])
        values["all documents@10"] = float(right <= first or (len(right) == 1 and bool(also & first)))
        return values | {"documents' recall@5": recall(ranking, right, 5), "nDCG@10": ndcg(ranking, right)}

    def _places(self, question: Question, found: Found, packed: dict[int, tuple[Evidence, ...]]) -> dict[str, float]:
        """Measures over pages and texts."""
        if not question.is_placed:
            return {}
        right = (*question.evidence, *question.also)
        leads = [any(shows(hit, piece, self._texts) for piece in right) for hit in found.hits[:10]]
        values = {f"evidence page@{k}": float(any(leads[:k])) for k in (1, 5, 10)}
        for budget, passages in packed.items():
            inside = all(any(holds(item, piece, self._texts) for item in passages) for piece in question.evidence)
            values[f"evidence inside {budget:,} tokens"] = float(inside)
        figures = [piece for piece in question.evidence if piece.is_figure]
        for budget, passages in packed.items() if figures else ():
            printed = [any(prints(item, piece) for item in passages) for piece in figures]
            values[f"figures inside {budget:,} tokens"] = sum(printed) / len(printed)
        return values | self._characters(question, found, packed)

    def _characters(
        self, question: Question, found: Found, packed: dict[int, tuple[Evidence, ...]]
    ) -> dict[str, float]:
        """Measures over the characters of texts; one that several pages print stands at no one place."""
        pieces = [piece for piece in question.evidence if piece.text and not piece.repeated]
        if not pieces:
            return {}
        spans = [span for piece in pieces for span in self._texts.spans(piece)]
        total = length(spans) + sum(len(piece.text) for piece in pieces if not self._texts.spans(piece))
        values: dict[str, float] = {}
        for where, passages in [(f"first {_FIRST}", found.hits[:_FIRST])] + [
            (f"{budget:,} tokens", packed[budget]) for budget in BUDGETS
        ]:
            values |= _counted(where, passages, spans, total)
        return values


def unknown_documents(index: Index, questions: Sequence[Question]) -> tuple[str, ...]:
    """Documents that the questions name and the index does not hold."""
    known = index.catalog.files()
    named = dict.fromkeys(doc for question in questions for doc in question.documents)
    return tuple(doc for doc in named if doc not in known)


def confidence(found: Found) -> float:
    """How sure the search is that the documents answer the question."""
    return probability(found)


def _counted(where: str, passages: Sequence[Passage], spans: Sequence[Span], total: int) -> dict[str, float]:
    common, shown = covered(passages, spans)
    return {
        f"characters recalled, {where}": common / total,
        f"characters wasted, {where}": 1 - common / shown if shown else 0.0,
    }
