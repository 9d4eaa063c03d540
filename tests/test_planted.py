"""What the planting promises: cases whose truth is known; and what the check owes a slice of them, on the sample."""

from pathlib import Path

import planted
import pytest
from planting.cases import FALSE, TRUE, Case, cases, happens_to_be_true
from planting.corpus import Source, half_of, sources

from assistant.embedding.bundled import BundledEmbedder

DATA = Path(__file__).parents[1] / "data"
EACH = 12


@pytest.fixture(scope="module")
def sample() -> list[Source]:
    return sources([DATA], 40, "all", 1)


def made(sample: list[Source], kinds: tuple[str, ...]) -> list[Case]:
    return [case for kind in kinds for case in cases(sample, kind, EACH, 1)]


def test_a_false_sentence_is_not_the_true_one_and_does_not_happen_to_be_true(sample: list[Source]) -> None:
    for case in made(sample, FALSE):
        assert not case.true
        assert case.kind == "page of another" or case.origin not in case.sentence
        assert not happens_to_be_true(case)


def test_a_copied_sentence_stands_in_the_passage_that_its_mark_names(sample: list[Source]) -> None:
    for case in made(sample, ("copied",)):
        number = int(case.sentence.rpartition("[")[2].rstrip("]"))
        (cited,) = [passage for passage in case.passages if passage.number == number]
        first = case.origin.split()[0]
        assert first in cited.text
        assert 1 <= len(case.passages) <= 6


def test_the_same_seed_makes_the_same_cases_and_another_makes_others(sample: list[Source]) -> None:
    one, again, other = (cases(sample, "number", EACH, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_halves_share_no_document() -> None:
    halves = [{source.name for source in sources([DATA], 40, half, 1)} for half in ("tuned", "kept")]
    assert all(halves)
    assert not halves[0] & halves[1]
    assert half_of("a.md") == half_of("a.md")


def test_planted_errors_of_the_sample_are_caught_and_true_sentences_kept(sample: list[Source]) -> None:
    outcomes = planted.judged(made(sample, (*FALSE, *TRUE)), BundledEmbedder())
    wrong = [planted.shown(one) for one in outcomes if not one.right]
    caught = [one.right for one in outcomes if not one.case.true]
    kept = [one.right for one in outcomes if one.case.true]
    assert sum(caught) >= 0.97 * len(caught), wrong
    assert sum(kept) >= 0.95 * len(kept), wrong
    assert all(one.right for one in outcomes if one.case.kind in ("number", "date")), wrong
