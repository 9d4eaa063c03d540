"""Behind the first hits, pages of which nothing has been shown come first; nothing is lost, and scores stay."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.spread import over_pages
from assistant.types import Hit


def hit(number: int, score: float, page: int | None) -> Hit:
    return Hit("a.pdf", page, None, "", "text", 0, 4, score, number, "Title")


def test_a_page_that_was_not_shown_comes_before_a_slightly_better_passage_of_one_that_was() -> None:
    hits = [hit(number, 0.9 - number / 100, 1) for number in range(7)] + [hit(7, 0.8, 2), hit(8, 0.5, 3)]
    assert [one.chunk_id for one in over_pages(hits)] == [0, 1, 2, 3, 4, 7, 5, 6, 8]


def test_a_text_without_pages_keeps_its_order() -> None:
    hits = [hit(number, 0.9 - number / 100, None) for number in range(9)]
    assert over_pages(hits) == hits


@given(st.lists(st.tuples(st.floats(0, 1), st.none() | st.integers(1, 3)), max_size=60))
def test_the_first_stay_and_every_hit_is_there_once(found: list[tuple[float, int | None]]) -> None:
    ranked = sorted(found, key=lambda one: -one[0])
    hits = [hit(number, score, page) for number, (score, page) in enumerate(ranked)]
    spread = over_pages(hits)
    assert spread[:5] == hits[:5]
    assert sorted(one.chunk_id for one in spread) == list(range(len(hits)))
