"""The arithmetic of measuring: shares, ranks and areas of plain sequences, and how sure they are.

Intervals come from resampling the questions: what other questions of the same kind would have given. Every resampling
draws the same questions for the same number of them, so two series over the same questions are compared pair by pair.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESAMPLES = 2_000
_SEED = 20_261_121
_TAILS = (2.5, 97.5)  # per cent
_FALSE = 0.05  # of the unanswerable that may be answered


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it lies with a confidence of 95 %."""

    value: float
    low: float
    high: float


def ndcg(ranking: Sequence[str], right: Collection[str], k: int = 10) -> float:
    """Normalized discounted cumulative gain of the first `k`, binary gain (Järvelin and Kekäläinen 2002); 0 to 1."""
    gained = sum(1 / log2(rank + 1) for rank, item in enumerate(ranking[:k], 1) if item in right)
    best = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(right)) + 1))
    return gained / best if best else 0.0


def recall(ranking: Sequence[str], right: Collection[str], k: int) -> float:
    """Share of all right ones that are among the first `k`, 0 to 1; of more than `k` some are always lost."""
    return len(set(ranking[:k]) & set(right)) / len(right) if right else 0.0


def mean(values: Sequence[float]) -> Interval:
    """The mean of one value a question."""
    series = np.asarray(values, dtype=np.float64)
    return _interval(float(series.mean()), _means(series))


def mean_difference(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The mean of `values` less that of `others`, question by question."""
    series = np.asarray(values, dtype=np.float64) - np.asarray(others, dtype=np.float64)
    return _interval(float(series.mean()), _means(series))


def auc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """How often an answerable question has more confidence than an unanswerable one; a tie counts half."""
    return float(_won(np.asarray(answerable), np.asarray(unanswerable)).mean())


def answered(answerable: Sequence[float], unanswerable: Sequence[float], false: float = _FALSE) -> float:
    """Share of the answerable above every unanswerable but the `false` share of them with the most confidence."""
    refused = np.sort(np.asarray(unanswerable, dtype=np.float64))[::-1]
    return float((np.asarray(answerable) > refused[_let_through(len(refused), false)]).mean())


def auc_interval(answerable: Sequence[float], unanswerable: Sequence[float]) -> Interval:
    """`auc` of one value a question each, NaN where it has none: a question is drawn with all that it has."""
    positive, negative = _series(answerable), _series(unanswerable)
    return _interval(auc(_known(positive), _known(negative)), _aucs(positive, negative))


def answered_interval(answerable: Sequence[float], unanswerable: Sequence[float]) -> Interval:
    """`answered` of one value a question each, as in `auc_interval`."""
    positive, negative = _series(answerable), _series(unanswerable)
    return _interval(answered(_known(positive), _known(negative)), _answered(positive, negative))


Scores = tuple[Sequence[float], Sequence[float]]  # of the answerable and the unanswerable, as in `auc_interval`


def auc_difference(scores: Scores, others: Scores) -> Interval:
    """`auc` of the first less that of the others, the same questions drawn for both."""
    one, two = (auc_interval(*pair).value for pair in (scores, others))
    samples = _aucs(*map(_series, scores)) - _aucs(*map(_series, others))
    return _interval(one - two, samples)


def answered_difference(scores: Scores, others: Scores) -> Interval:
    """`answered` of the first less that of the others, the same questions drawn for both."""
    one, two = (answered_interval(*pair).value for pair in (scores, others))
    samples = _answered(*map(_series, scores)) - _answered(*map(_series, others))
    return _interval(one - two, samples)


def _series(values: Sequence[float]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _known(series: Floats) -> list[float]:
    return [float(value) for value in series[~np.isnan(series)]]


def _interval(value: float, samples: Floats) -> Interval:
    low, high = np.nanpercentile(samples, _TAILS)
    return Interval(value, float(low), float(high))


@lru_cache(maxsize=4)
def _drawn(questions: int) -> NDArray[np.intp]:
    """For each resample the questions that were drawn: (resamples, questions)."""
    return np.random.default_rng(_SEED).integers(0, questions, (_RESAMPLES, questions))


@lru_cache(maxsize=4)
def _counts(questions: int) -> Floats:
    """How often each question was drawn: (resamples, questions)."""
    shifted = _drawn(questions) + np.arange(_RESAMPLES)[:, None] * questions
    return np.bincount(shifted.ravel(), minlength=_RESAMPLES * questions).reshape(_RESAMPLES, -1).astype(np.float64)


def _means(series: Floats) -> Floats:
    return np.asarray(_counts(len(series)) @ series / len(series), dtype=np.float64)


def _won(positive: Floats, negative: Floats) -> Floats:
    """1 where the row has more than the column, 0.5 where both have the same."""
    one, other = positive[:, None], negative[None, :]
    return np.asarray((one > other) + 0.5 * (one == other), dtype=np.float64)


def _aucs(positive: Floats, negative: Floats) -> Floats:
    drawn = _counts(len(positive))
    has, lacks = ~np.isnan(positive), ~np.isnan(negative)
    won = np.einsum("bi,bi->b", drawn[:, has] @ _won(positive[has], negative[lacks]), drawn[:, lacks])
    return _ratio(won, drawn[:, has].sum(axis=1) * drawn[:, lacks].sum(axis=1))


def _answered(positive: Floats, negative: Floats) -> Floats:
    drawn = _drawn(len(positive))
    refused = -np.sort(-negative[drawn], axis=1)  # NaN sorts to the end
    through = _let_through((~np.isnan(refused)).sum(axis=1), _FALSE)
    floor = np.take_along_axis(refused, through[:, None], axis=1)
    asked = positive[drawn]
    counted = (~np.isnan(asked)).sum(axis=1) * ~np.isnan(floor[:, 0])
    return _ratio((asked > floor).sum(axis=1).astype(np.float64), counted.astype(np.float64))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """`part` / `whole`; NaN where the resample drew only answerable or only unanswerable questions."""
    ratio = np.full(len(part), np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def _let_through(unanswerable: int | NDArray[np.int_], false: float) -> NDArray[np.int_]:
    """How many of the unanswerable may be answered; 1e-9 because 0.05 * 20 need not be 1."""
    return np.floor(np.asarray(unanswerable) * false + 1e-9).astype(np.int_)
