"""Asks one question as a reader would and says what the answer was worth: its first source, its quotes, its figures.

As in `judge.py`, what can be said of a question follows from what its evidence and its expected answer tell.
"""

from dataclasses import dataclass

from assistant.errors import UsageError
from assistant.evaluation.judge import Outcome
from assistant.evaluation.places import Texts, shows
from assistant.evaluation.questions import Question
from assistant.language.numbers import figures, missing
from assistant.library import Index
from assistant.types import Answer, Citation, Filter, Status, Verdict

RIGHT_DOCUMENT = "first citation in the right document"
RIGHT_PAGE = "first citation on the right page"
ANSWERED = "answered, of the answerable"
LEFT_OPEN = "answered, though left open"
TWIN = "answered without its evidence"
VERBATIM = "quotes verbatim at their offsets"
FIGURES = "figures of the expected answer shown"
DIFFERENCES = "said that documents differ"
MAIN = (ANSWERED, RIGHT_DOCUMENT, RIGHT_PAGE, LEFT_OPEN, TWIN, FIGURES)


@dataclass(frozen=True, slots=True)
class AnswerJudge:
    """Asks an open index for answers, with the model of its settings or without one."""

    index: Index
    texts: Texts
    use_model: bool
    without_evidence: bool

    def outcome(self, question: Question) -> Outcome:
        """Ask one question, and again without its evidence's documents where that is wanted."""
        answer = self.index.ask(question.text, use_model=self.use_model)
        values = self._values(question, answer)
        twin = self._twin(question) if self.without_evidence and question.evidence else None
        if twin is not None:
            values[TWIN] = float(_is_answered(twin))
        return Outcome(
            question,
            values,
            answer.confidence or 0.0,
            None if twin is None else twin.confidence or 0.0,
            missed=_missed(question, answer, values),
            sentences=_written(answer),
        )

    def _twin(self, question: Question) -> Answer | None:
        try:
            return self.index.ask(question.text, Filter(without=frozenset(question.documents)), self.use_model)
        except UsageError:  # no other document is left
            return None

    def _values(self, question: Question, answer: Answer) -> dict[str, float]:
        """Every measure that the question allows."""
        values = {ANSWERED if question.answerable else LEFT_OPEN: float(_is_answered(answer))}
        if question.evidence:
            values |= self._first(question, answer)
        cited = (*answer.citations, *answer.closest)
        if cited:
            values[VERBATIM] = sum(map(self._is_verbatim, cited)) / len(cited)
        told = figures(question.answer) if question.answerable else []
        if told:
            shown = [figure for sentence in answer.sentences if sentence.shown for figure in figures(sentence.text)]
            values[FIGURES] = 1 - len(missing(told, shown)) / len(told)
        values[DIFFERENCES] = float(bool(answer.differences))
        return values

    def _first(self, question: Question, answer: Answer) -> dict[str, float]:
        """Whether the first citation is right; nothing is where the answer has none."""
        first = next(iter(answer.citations), None)
        right = (*question.evidence, *question.also)
        values = {RIGHT_DOCUMENT: float(first is not None and any(first.path == piece.doc for piece in right))}
        if question.is_placed:
            values[RIGHT_PAGE] = float(first is not None and any(shows(first, piece, self.texts) for piece in right))
        return values

    def _is_verbatim(self, cited: Citation) -> bool:
        """Whether the quote is the text of its page, or its file, at its offsets."""
        stored = self.index.stored_text(cited.path, cited.page)
        return stored is not None and stored.text[cited.start : cited.end] == cited.quote


def _is_answered(answer: Answer) -> bool:
    return answer.status is not Status.NOT_IN_DOCUMENTS


def _written(answer: Answer) -> tuple[Verdict, ...]:
    """What was found of the sentences that a model wrote; a quote is none of them."""
    by_model = answer.status is Status.ANSWERED
    return tuple(sentence.verdict for sentence in answer.sentences if by_model or not sentence.shown)


def _missed(question: Question, answer: Answer, values: dict[str, float]) -> str:
    """What went wrong, in words; empty where nothing did."""
    if not question.answerable:
        return "answered, though the documents leave it open" if values[LEFT_OPEN] else ""
    if not values[ANSWERED]:
        return "not answered"
    if values.get(RIGHT_PAGE, values.get(RIGHT_DOCUMENT, 1.0)):
        return ""
    first = answer.citations[0]
    return f"first citation {first.path}" + (f", page {first.page}" if first.page is not None else "")
