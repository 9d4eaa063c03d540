"""The score of a passage: what raises it, and that the rest of a question orders passages within documents only."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.rank import Rest, Signals, scores

SHARES = st.floats(0, 1)
COSINES = st.floats(-1, 1)
SIGNALS = st.builds(Signals, COSINES, COSINES, *[SHARES] * 6)
RESTS = st.builds(Rest, COSINES, COSINES, *[SHARES] * 3)
PASSAGES = st.lists(st.tuples(SIGNALS, RESTS, st.integers(1, 3)), min_size=1, max_size=8)


def ranked(passages: list[tuple[Signals, Rest, int]], strength: float) -> list[float]:
    signals, rests, files = zip(*passages, strict=True)
    return scores(signals, rests, files, strength)


@given(PASSAGES, SHARES)
def test_a_score_lies_between_0_and_1(passages: list[tuple[Signals, Rest, int]], strength: float) -> None:
    assert all(0 <= score <= 1 for score in ranked(passages, strength))


@given(
    PASSAGES,
    SHARES,
    st.sampled_from(["cosine", "snippet", "words", "coverage", "headings", "phrases", "document"]),
    SHARES,
)
def test_more_of_anything_never_lowers_the_best_passage_of_a_document(
    passages: list[tuple[Signals, Rest, int]], strength: float, name: str, more: float
) -> None:
    (signals, rest, file), *others = passages
    better = (signals._replace(**{name: max(getattr(signals, name), more)}), rest, file)

    def best(found: list[float]) -> float:
        return max(score for score, (_, _, of) in zip(found, passages, strict=True) if of == file)

    assert best(ranked([better, *others], strength)) >= best(ranked(passages, strength)) - 1e-9


@given(PASSAGES, SHARES)
def test_the_rest_of_a_question_does_not_order_documents(
    passages: list[tuple[Signals, Rest, int]], strength: float
) -> None:
    plain = ranked([(signals, Rest(), file) for signals, _, file in passages], strength)
    told = ranked(passages, strength)
    for file in {file for _, _, file in passages}:
        of = [number for number, passage in enumerate(passages) if passage[2] == file]
        assert abs(max(told[number] for number in of) - max(plain[number] for number in of)) < 1e-9


def test_where_a_document_is_named_what_is_asked_beyond_the_name_comes_first() -> None:
    names = (Signals(cosine=0.7, coverage=0.8), Rest(cosine=0.2), 1)
    answer = (Signals(cosine=0.6, coverage=0.6), Rest(cosine=0.7, coverage=1.0), 1)
    first, second = ranked([names, answer], 1.0)
    assert second > first
    unnamed_first, unnamed_second = ranked([(names[0], Rest(), 1), (answer[0], Rest(), 1)], 0.0)
    assert unnamed_first > unnamed_second


def test_a_table_with_the_row_that_is_asked_for_comes_before_a_text_that_is_like_the_question() -> None:
    text = (Signals(cosine=0.6), Rest(cosine=0.6), 1)
    table = (Signals(cosine=0.5), Rest(cosine=0.4, row=0.5, figures=1.0), 1)
    first, second = ranked([text, table], 1.0)
    assert second > first


def test_figures_speak_for_a_passage_only_where_a_row_is_asked_for() -> None:
    figures = (Signals(cosine=0.5), Rest(cosine=0.5, figures=1.0), 1)
    text = (Signals(cosine=0.5), Rest(cosine=0.51), 1)
    first, second = ranked([figures, text], 1.0)
    assert first < second
    first, second, _ = ranked([figures, text, (Signals(), Rest(cosine=0.1, row=0.2), 1)], 1.0)
    assert first > second


def test_nothing_has_no_scores() -> None:
    assert scores([], [], [], 0.5) == []
