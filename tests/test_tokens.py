"""What counting promises: tokens in order and in place, and nothing that is long goes uncounted."""

from itertools import pairwise

import pytest
from hypothesis import given

from assistant.embedding.tokens import count_tokens, token_spans, tokenizer
from tests.texts import wild

LONGEST = 24


@given(wild)
def test_tokens_stand_in_the_text_in_order_and_are_short(text: str) -> None:
    spans = token_spans(text)
    assert all(0 <= start < end <= len(text) and end - start <= LONGEST for start, end in spans)
    assert all(one <= other for one, other in pairwise(spans))
    assert count_tokens(text) == len(spans)


@given(wild)
def test_no_fewer_tokens_are_counted_than_the_model_reads(text: str) -> None:
    assert count_tokens(text) >= len(tokenizer().encode(text, add_special_tokens=False).ids)


@given(wild)
def test_no_stretch_longer_than_a_token_goes_uncounted(text: str) -> None:
    edges = [(0, 0), *token_spans(text), (len(text), len(text))]
    reached = 0
    for start, end in edges:
        assert len(text[reached:start].strip()) <= 2 * LONGEST
        reached = max(reached, end)


def test_words_have_the_offsets_of_their_pieces() -> None:
    text = "Größe: 28 days"
    assert [text[start:end] for start, end in token_spans(text)] == ["Gr", "ö", "ße", ":", "28", "days"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n\t" * 50, 0),
        ("x" * 240, 10),  # one unknown word for the model
        ("\ue000" * 240, 10),  # nothing at all for the model
        ("leave" + "\ue000" * 48 + "days", 5),  # leave, ##day, ##s, and two for what stands between
        ("leave\n" + " " * 500 + "days", 2),
    ],
)
def test_long_words_and_characters_that_the_model_drops_are_counted(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens
