"""Questions about other worlds are told from questions that the documents may answer."""

from dataclasses import replace

from assistant import library
from assistant.retrieval.answerable import likely_answered, probability
from assistant.retrieval.search import Found
from tests.company import Company


def test_a_question_from_another_world_is_refused_and_one_of_the_documents_is_not(company: Company) -> None:
    with library.open(company.config.index) as index:
        assert not likely_answered(index.find("Who won the world cup in 2014?", 20))
        assert likely_answered(index.find("How much is refunded for a hotel?", 20))


def test_no_hits_are_no_answer() -> None:
    assert probability(Found(())) == 0.0
    assert not likely_answered(Found(()))


def test_names_that_are_lacking_make_an_answer_less_likely_one_by_one_and_refuse_nothing(company: Company) -> None:
    with library.open(company.config.index) as index:
        found = index.find("How much is refunded for a hotel?", 20)
    chances = [probability(replace(found, lacking=number)) for number in (0.0, 1.0, 2.0, 3.0, 4.0)]
    assert chances[0] > chances[1] > chances[2] > chances[3] == chances[4]
    assert chances[1] > 0.5 * chances[0] > chances[3]
    assert likely_answered(replace(found, lacking=3.0))


def test_words_that_the_named_document_lacks_make_an_answer_less_likely_and_refuse_nothing(company: Company) -> None:
    with library.open(company.config.index) as index:
        found = index.find("How much is refunded for a hotel?", 20)
    assert probability(replace(found, absent=0.5)) < probability(replace(found, absent=0.0))
    assert likely_answered(replace(found, absent=1.0))


def test_what_stands_out_is_likelier_than_what_is_one_of_many(company: Company) -> None:
    with library.open(company.config.index) as index:
        found = index.find("How much is refunded for a hotel?", 20)
        alike = index.find("Who has the key of the room?", 20)
    assert found.lead > alike.lead
    assert probability(replace(found, lead=0.3)) > probability(replace(found, lead=0.0))
