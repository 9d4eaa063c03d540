"""Questions about other worlds are told from questions that the documents may answer."""

from assistant import library
from assistant.retrieval.answerable import likely_answered, probability
from tests.company import Company


def test_a_question_from_another_world_is_refused_and_one_of_the_documents_is_not(company: Company) -> None:
    with library.open(company.config.index) as index:
        assert not likely_answered(index.search("Who won the world cup in 2014?", 20))
        assert likely_answered(index.search("How much is refunded for a hotel?", 20))


def test_no_hits_are_no_answer() -> None:
    assert probability([]) == 0.0
    assert not likely_answered([])
