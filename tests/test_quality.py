"""The figures that the sample documents must reach: evidence in the budget, answers, and where the first source is.

assistant evaluate tests/questions.jsonl            shows the first with its interval,
assistant evaluate tests/questions.jsonl --answers  the others.
"""

from pathlib import Path

import pytest

from assistant import library
from assistant.config import Config
from assistant.evaluation.answered import ANSWERED, RIGHT_DOCUMENT, RIGHT_PAGE, AnswerJudge
from assistant.evaluation.judge import Judge, Outcome
from assistant.evaluation.places import Texts
from assistant.evaluation.questions import read_questions
from assistant.evaluation.remembering import remembering
from assistant.indexing.run import index_folder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Outcome, Outcome]]:
    """Of each question with an answer in the documents what was found for it, and what its answer was worth."""
    index = tmp_path_factory.mktemp("sample") / "index"
    for _ in index_folder(ROOT / "data", Config(index=index)):
        pass
    asked = [one for one in read_questions(ROOT / "tests" / "questions.jsonl") if one.answerable]
    with library.Index(Config(index=index, log=False)) as opened:
        found = Judge(remembering(opened))
        answered = AnswerJudge(opened, Texts(opened.catalog), use_model=False, without_evidence=False)
        return [(found.outcome(one), answered.outcome(one)) for one in asked]


def share(values: list[float]) -> float:
    return sum(values) / len(values)


def test_evidence_of_nine_in_ten_questions_stands_inside_1500_tokens(outcomes: list[tuple[Outcome, Outcome]]) -> None:
    assert share([found.values["evidence inside 1,500 tokens"] for found, _ in outcomes]) >= 0.90


def test_the_first_citation_is_on_the_right_page_for_three_in_four(outcomes: list[tuple[Outcome, Outcome]]) -> None:
    def place(outcome: Outcome) -> str:
        """The page, or in a file without pages the file."""
        return RIGHT_PAGE if any(piece.pages for piece in outcome.question.evidence) else RIGHT_DOCUMENT

    assert share([answered.values[place(answered)] for _, answered in outcomes]) >= 0.75


def test_nearly_every_question_that_the_documents_answer_is_answered(outcomes: list[tuple[Outcome, Outcome]]) -> None:
    assert share([answered.values[ANSWERED] for _, answered in outcomes]) >= 0.95
