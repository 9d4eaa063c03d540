"""The figures that the sample documents must reach: evidence in the budget, and the page of the first citation."""

from pathlib import Path

import pytest
from evaluate_sample import Outcome, outcomes

from assistant import library
from assistant.config import Config
from assistant.indexing.run import index_folder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    index = tmp_path_factory.mktemp("sample") / "index"
    for _ in index_folder(ROOT / "data", Config(index=index)):
        pass
    with library.Index(Config(index=index, log=False)) as opened:
        return outcomes(opened, ROOT / "tests" / "questions.jsonl")


def test_evidence_of_nine_in_ten_questions_stands_inside_1500_tokens(outcome: Outcome) -> None:
    assert outcome.share(outcome.packed) >= 0.90


def test_the_first_citation_is_on_the_right_page_for_three_in_four(outcome: Outcome) -> None:
    assert outcome.share(outcome.first) >= 0.75


def test_nearly_every_question_that_the_documents_answer_is_answered(outcome: Outcome) -> None:
    assert outcome.share(outcome.answered) >= 0.95
