"""The arithmetic of measuring, against cases computed by hand and against trec_eval."""

from math import log2, nan, sqrt

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.measures import (
    Interval,
    answered,
    answered_difference,
    answered_interval,
    auc,
    auc_difference,
    auc_interval,
    mean,
    mean_difference,
    ndcg,
    recall,
)

DOCUMENTS = [f"d{number}" for number in range(30)]
CONFIDENCES = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=12)


# --- rankings ---


@pytest.mark.parametrize(
    ("ranking", "right", "value"),
    [
        ("abc", "a", 1.0),
        ("bac", "a", 1 / log2(3)),
        ("xaxb", "ab", (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))),
        ("0123456789a", "a", 0.0),
        ("", "a", 0.0),
        ("abc", "", 0.0),
    ],
)
def test_ndcg_of_cases_computed_by_hand(ranking: str, right: str, value: float) -> None:
    assert ndcg(list(ranking), set(right)) == pytest.approx(value)


@given(st.permutations(DOCUMENTS), st.integers(0, 30), st.sets(st.sampled_from([*DOCUMENTS, "missed"]), min_size=1))
def test_ndcg_is_what_trec_eval_says(ranking: list[str], found: int, right: set[str]) -> None:
    judged = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(right, 1)}, {"ndcg_cut_10"})
    scores = {"q": {document: float(-rank) for rank, document in enumerate(ranking[:found])}}
    expected = judged.evaluate(scores)["q"]["ndcg_cut_10"] if found else 0.0
    assert ndcg(ranking[:found], right) == pytest.approx(expected)


def test_recall_is_the_share_of_all_right_ones() -> None:
    assert recall("abcdef", {"a", "c", "x"}, 5) == pytest.approx(2 / 3)
    assert recall("abcdef", set("abcdef"), 5) == pytest.approx(5 / 6)
    assert recall("abcdef", {"f"}, 5) == 0.0
    assert recall("abc", set(), 5) == 0.0


# --- answerable or not ---


def test_auc_of_cases_computed_by_hand() -> None:
    assert auc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auc([0.1], [0.9]) == 0.0
    assert auc([0.5, 0.9], [0.5, 0.5]) == 0.75  # a tie counts half
    assert auc([0.7, 0.3, 0.5], [0.6, 0.4]) == pytest.approx((2 + 0 + 1) / 6)


@given(CONFIDENCES, CONFIDENCES)
def test_auc_counts_the_pairs_in_the_right_order(positive: list[float], negative: list[float]) -> None:
    pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one in positive for other in negative]
    assert auc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))
    assert auc(positive, negative) + auc(negative, positive) == pytest.approx(1)


def test_the_share_answered_lets_one_in_twenty_of_the_unanswerable_through() -> None:
    unanswerable = [number / 100 for number in range(20)]  # 0.00 to 0.19; one may pass: the floor is 0.18
    assert answered([0.5, 0.185, 0.18, 0.1], unanswerable) == 0.5
    assert answered([0.5, 0.185, 0.18, 0.1], unanswerable[1:]) == 0.25  # 19: none may pass
    assert answered([0.2, 0.2], [0.2]) == 0.0  # what is no surer than an unanswerable one is not answered
    assert answered([0.5, 0.155, 0.1], unanswerable, false=0.2) == pytest.approx(2 / 3)


# --- how sure a figure is ---


def test_an_interval_is_as_wide_as_the_normal_approximation_says() -> None:
    seen = mean([1.0] * 120 + [0.0] * 280)
    half = 1.96 * sqrt(0.3 * 0.7 / 400)
    assert seen.value == pytest.approx(0.3)
    assert [seen.low, seen.high] == pytest.approx([0.3 - half, 0.3 + half], abs=0.006)


def test_an_interval_of_equal_values_has_no_width() -> None:
    assert mean([0.25] * 7) == Interval(0.25, 0.25, 0.25)


def test_a_figure_comes_out_the_same_each_time() -> None:
    values = [0.1, 0.7, 0.4, 1.0]
    assert mean(values) == mean(list(values))


def test_a_difference_is_taken_question_by_question() -> None:
    before = [number % 2 for number in range(100)]  # of very unlike questions
    after = [value + 0.01 for value in before]
    seen = mean_difference(after, before)
    assert [seen.value, seen.low, seen.high] == pytest.approx([0.01] * 3)
    assert mean(before).high - mean(before).low > 0.15


def test_each_side_of_the_area_is_drawn_with_its_questions() -> None:
    positive = [0.9, 0.8, 0.3, nan, nan]
    negative = [nan, nan, nan, 0.5, 0.1]
    seen = auc_interval(positive, negative)
    assert seen.value == auc([0.9, 0.8, 0.3], [0.5, 0.1])
    assert 0 <= seen.low < seen.value < seen.high <= 1
    assert answered_interval(positive, negative).value == pytest.approx(2 / 3)


def test_the_interval_of_an_area_is_as_wide_as_hanley_and_mcneil_say() -> None:
    positive = [number / 150 + 0.25 for number in range(150)]
    negative = [number / 150 for number in range(150)]
    seen = auc_interval([*positive, *[nan] * 150], [*[nan] * 150, *negative])
    area, n = seen.value, 150
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    error = sqrt((area * (1 - area) + (n - 1) * (q1 - area**2) + (n - 1) * (q2 - area**2)) / n**2)
    assert (seen.high - seen.low) / (2 * 1.96) == pytest.approx(error, rel=0.2)


def test_the_same_confidences_do_not_differ() -> None:
    scores = ([0.9, 0.5, 0.4], [0.2, 0.6, 0.3])
    assert auc_difference(scores, scores) == Interval(0, 0, 0)
    assert answered_difference(scores, scores) == Interval(0, 0, 0)


def test_better_confidences_differ_upward_for_the_same_questions() -> None:
    worse = ([number / 40 for number in range(40)], [number / 40 for number in range(40)])
    better = ([value + 0.5 for value in worse[0]], worse[1])
    seen = auc_difference(better, worse)
    assert seen.value == pytest.approx(auc(*better) - 0.5)
    assert seen.low > 0
    assert answered_difference(better, worse).value > 0
