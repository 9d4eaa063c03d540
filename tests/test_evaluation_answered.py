"""What `evaluate --answers` says of one answer, asked of a real index."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant import library
from assistant.evaluation.answered import (
    ANSWERED,
    DIFFERENCES,
    FIGURES,
    LEFT_OPEN,
    RIGHT_DOCUMENT,
    RIGHT_PAGE,
    TWIN,
    VERBATIM,
    AnswerJudge,
)  # fmt: skip
from assistant.evaluation.places import Texts
from assistant.evaluation.questions import Piece, Question
from assistant.library import Index
from assistant.types import Citation, Status, Verdict
from tests.company import Company
from tests.test_evaluation_judge import AGREEMENT, CARRY, NOTICE


@pytest.fixture(scope="module")
def index(company: Company) -> Iterator[Index]:
    with library.open(company.config.index) as opened:
        yield opened


@pytest.fixture(scope="module")
def judge(index: Index) -> AnswerJudge:
    return AnswerJudge(index, Texts(index.catalog), use_model=False, without_evidence=True)


def test_a_right_answer_counts_everywhere(judge: AnswerJudge) -> None:
    outcome = judge.outcome(replace(NOTICE, answer="Three months to the end of a quarter."))
    names = (ANSWERED, RIGHT_DOCUMENT, RIGHT_PAGE, VERBATIM, FIGURES)
    assert [outcome.values[name] for name in names] == [1.0] * len(names)
    assert outcome.values[DIFFERENCES] == 0.0
    assert (outcome.missed, outcome.sentences) == ("", ())


def test_a_figure_that_is_not_shown_is_missed(judge: AnswerJudge) -> None:
    assert judge.outcome(replace(NOTICE, answer="Three months, or 17 weeks.")).values[FIGURES] == 0.5
    assert FIGURES not in judge.outcome(NOTICE).values


def test_an_answer_from_the_wrong_page_is_named(judge: AnswerJudge) -> None:
    outcome = judge.outcome(replace(NOTICE, evidence=(Piece(AGREEMENT, (3,)),)))
    assert (outcome.values[RIGHT_DOCUMENT], outcome.values[RIGHT_PAGE]) == (1.0, 0.0)
    assert outcome.missed == f"first citation {AGREEMENT}, page 2"


def test_a_question_that_is_left_open_must_not_be_answered(judge: AnswerJudge) -> None:
    outcome = judge.outcome(Question("cup", "Who won the world cup in 2014?", False))
    assert (outcome.values[LEFT_OPEN], outcome.missed) == (0.0, "")
    answered = judge.outcome(Question("open", CARRY.text, False))
    assert answered.values[LEFT_OPEN] == 1.0
    assert answered.missed == "answered, though the documents leave it open"


def test_without_its_evidence_a_question_is_asked_again(judge: AnswerJudge) -> None:
    outcome = judge.outcome(NOTICE)
    assert outcome.values[TWIN] in (0.0, 1.0)
    assert outcome.confidence_without is not None
    assert outcome.confidence_without < outcome.confidence


def test_a_quote_that_is_not_at_its_offsets_is_counted(
    judge: AnswerJudge, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = index.ask(NOTICE.text, use_model=False)

    def moved(one: Citation) -> Citation:
        """The citation, a character further on."""
        return replace(one, start=one.start + 1, end=one.end + 1)

    wrong = replace(right, citations=tuple(map(moved, right.citations)))
    monkeypatch.setattr(Index, "ask", lambda *_, **__: wrong)
    assert judge.outcome(NOTICE).values[VERBATIM] == 0.0


def test_sentences_of_a_model_are_counted_by_verdict(
    judge: AnswerJudge, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoted = index.ask(NOTICE.text, use_model=False)
    (one, *_) = quoted.sentences
    removed = replace(one, verdict=Verdict.UNSUPPORTED, shown=False)
    written = replace(quoted, status=Status.ANSWERED, sentences=(one, removed))
    monkeypatch.setattr(Index, "ask", lambda *_, **__: written)
    assert judge.outcome(NOTICE).sentences == (Verdict.SUPPORTED, Verdict.UNSUPPORTED)
    monkeypatch.setattr(Index, "ask", lambda *_, **__: replace(quoted, sentences=(one, removed)))
    assert judge.outcome(NOTICE).sentences == (Verdict.UNSUPPORTED,)
