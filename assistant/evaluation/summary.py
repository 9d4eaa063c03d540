"""Puts the outcomes of many questions together: each measure with its interval, per kind of question, and compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

from assistant.evaluation import measures
from assistant.evaluation.failures import Stage
from assistant.evaluation.judge import Outcome
from assistant.evaluation.measures import Interval, Scores
from assistant.retrieval.search import CANDIDATES
from assistant.types import Verdict

OWN = "unanswerable"
TWINS = "without evidence"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure over the questions that it applies to."""

    measure: str
    interval: Interval
    questions: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure with two settings, over the questions that have it with both."""

    measure: str
    value: float
    other: float
    difference: Interval  # of the other less the first
    questions: int


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many questions were lost at one stage, and how many of these each half did not find early enough."""

    stage: Stage
    questions: int
    not_by_words: int
    not_by_meaning: int
    cut: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What is kept of a question to compare it with: values by measure and confidences."""

    values: Mapping[str, float]
    answerable: bool
    confidence: float
    confidence_without: float | None = None


def answers(outcomes: Sequence[Outcome]) -> dict[str, Answers]:
    """The outcomes by the question's id, as `compared` takes them."""
    return {
        outcome.question.id: Answers(
            outcome.values, outcome.question.answerable, outcome.confidence, outcome.confidence_without
        )
        for outcome in outcomes
    }


def figures(asked: Sequence[Answers]) -> tuple[Figure, ...]:
    """Every measure that some question has, in the order of the road."""
    shares = []
    for name in _measures(asked):
        values = [one.values[name] for one in asked if name in one.values]
        shares.append(Figure(name, measures.mean(values), len(values)))
    for against in (OWN, TWINS):
        scores, questions = _scores(asked, against)
        if questions:
            shares += [
                Figure(f"answerable or {against}, AUC", measures.auc_interval(*scores), questions),
                Figure(f"answered with 5 % of {against}", measures.answered_interval(*scores), questions),
            ]
    return tuple(shares)


def compared(asked: Mapping[str, Answers], others: Mapping[str, Answers]) -> tuple[Compared, ...]:
    """Every measure that some question has in both, the others' less the first's."""
    common = [(asked[id_], others[id_]) for id_ in asked if id_ in others]
    first, second = [pair[0] for pair in common], [pair[1] for pair in common]
    rows = []
    for name in _measures(first):
        pairs = [(a.values[name], b.values[name]) for a, b in common if name in a.values and name in b.values]
        if pairs:
            before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            difference = measures.mean_difference(after, before)
            rows.append(Compared(name, _mean(before), _mean(after), difference, len(pairs)))
    for against in (OWN, TWINS):
        (one, questions), (two, also) = _scores(first, against), _scores(second, against)
        if questions and questions == also:
            rows += _compared_scores(one, two, against, questions)
    return tuple(rows)


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, tuple[Figure, ...]]:
    """The measures of each kind that questions name, where not all are of the same."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.question.kind, []).append(outcome)
    if len(kinds) < 2:
        return {}
    return {kind: figures(list(answers(kinds[kind]).values())) for kind in sorted(filter(None, kinds))}


def stages(outcomes: Sequence[Outcome]) -> tuple[StageCount, ...]:
    """How many questions were lost at each stage of the road."""
    lost = [outcome.lost for outcome in outcomes if outcome.lost is not None]
    counts = Counter(loss.stage for loss in lost)
    return tuple(
        StageCount(
            stage,
            counts[stage],
            sum(loss.stage is stage and (loss.words is None or loss.words > CANDIDATES) for loss in lost),
            sum(loss.stage is stage and (loss.meaning is None or loss.meaning > CANDIDATES) for loss in lost),
            sum(loss.stage is stage and loss.cut for loss in lost),
        )
        for stage in Stage
    )


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many sentences a model wrote, by what the check of them found; nothing where none did."""
    counts = Counter(verdict for outcome in outcomes for verdict in outcome.sentences)
    return {verdict.value: counts[verdict] for verdict in Verdict} if counts else {}


def _compared_scores(one: Scores, two: Scores, against: str, questions: int) -> list[Compared]:
    return [
        Compared(name, value(*one).value, value(*two).value, difference(two, one), questions)
        for name, value, difference in (
            (f"answerable or {against}, AUC", measures.auc_interval, measures.auc_difference),
            (f"answered with 5 % of {against}", measures.answered_interval, measures.answered_difference),
        )
    ]


def _measures(asked: Sequence[Answers]) -> list[str]:
    """The measures that some question has, in the order in which a question has them."""
    names: dict[str, None] = {}
    for one in sorted(asked, key=lambda one: -len(one.values)):
        names.update(dict.fromkeys(one.values))
    return list(names)


def _scores(asked: Sequence[Answers], against: str) -> tuple[Scores, int]:
    """Confidences of answerable and unanswerable questions, and of how many; none where one side is missing."""
    if against == OWN:
        positive = [one.confidence if one.answerable else nan for one in asked]
        negative = [nan if one.answerable else one.confidence for one in asked]
    else:
        twins = [one for one in asked if one.confidence_without is not None]
        positive = [one.confidence for one in twins]
        negative = [one.confidence_without or 0.0 for one in twins]
    known = [sum(value == value for value in side) for side in (positive, negative)]  # noqa: PLR0124 - NaN is not itself
    return (positive, negative), len(positive) if all(known) else 0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
