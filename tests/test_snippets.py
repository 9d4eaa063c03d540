"""What snippets promise: they stand for a few words of a passage, and tell which passage answers a question."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.snippets import nearest_snippets, pooled

LONG = (
    "The canteen opens at eleven and closes at two. Guests are announced at the gate a day before. "
    "Bicycles stand in the yard behind building four, under a roof. Keys of the storage room hang at the desk. "
)
ANSWER = "A laptop that was lost is reported to the service desk within four hours. "


@given(arrays(np.float32, st.tuples(st.integers(1, 230), st.just(8)), elements=st.floats(0.125, 1, width=32)))
def test_every_token_is_in_a_snippet_and_a_snippet_is_the_direction_of_its_mean(states: np.ndarray) -> None:
    snippets = pooled(states)
    assert len(snippets) == max(1, -(-(len(states) - 12) // 16)), "24 tokens, the next from the 16th on"
    first = states[:24].mean(axis=0)
    assert nearest_snippets({1: snippets[:1]}, first / np.linalg.norm(first))[1] > 0.999, "8 bits are enough"
    last = states[(len(snippets) - 1) * 16 :].mean(axis=0)
    assert nearest_snippets({1: snippets[-1:]}, last / np.linalg.norm(last))[1] > 0.999


@given(st.lists(st.integers(1, 4), max_size=5), st.integers(0, 2**32 - 1))
def test_the_nearest_snippet_of_each_passage_counts(lengths: list[int], seed: int) -> None:
    chance = np.random.default_rng(seed)
    passages = {7 * at: chance.integers(1, 127, (length, 8)).astype(np.int8) for at, length in enumerate(lengths)}
    vector = chance.random(8, dtype=np.float32)
    vector /= np.linalg.norm(vector)
    expected = [
        max(float(row @ vector) / np.linalg.norm(row.astype(float)) for row in one) for one in passages.values()
    ]
    found = nearest_snippets(passages, vector)
    assert list(found) == list(passages)
    assert np.allclose(list(found.values()), expected, atol=1e-5)


def test_one_sentence_of_a_long_passage_is_nearer_than_the_passage_is() -> None:
    embedder = BundledEmbedder()
    question = embedder.embed_one("How soon must the loss of a laptop be reported?")
    with_it, without = embedder.embed_passages([f"House rules\n{LONG}{ANSWER}{LONG}", f"House rules\n{LONG}{LONG}"])
    there, elsewhere = nearest_snippets({1: with_it.snippets, 2: without.snippets}, question).values()
    assert there > question @ with_it.vector + 0.05
    assert there - elsewhere > question @ with_it.vector - question @ without.vector, "they tell more"


def test_the_context_line_is_in_the_vector_and_in_no_snippet_of_its_own() -> None:
    embedder = BundledEmbedder()
    bare, below = embedder.embed_passages([ANSWER, f"{LONG}\n{ANSWER}"])
    assert np.array_equal(bare.vector, embedder.embed_one(ANSWER))
    assert np.array_equal(below.vector, embedder.embed_one(f"{LONG}\n{ANSWER}"))
    assert len(below.snippets) == len(bare.snippets) == 1


def test_text_without_a_word_has_a_snippet_all_the_same() -> None:
    (made,) = BundledEmbedder().embed_passages([""])
    assert made.snippets.shape == (1, 384)
