"""Fits what chooses a quote, and how likely the best one answers (assistant/answering/quotes.py).

    scripts/fit_quotes.py INDEX=QUESTIONS.jsonl [INDEX=QUESTIONS.jsonl ...] [--each N]

Asks each answerable question as it is and with its evidence's documents left out, and those that are left open.
Prints the share of first quotes on the right page with the weights that are best for all sets, and for each set with
those that are best for the others; then the coefficients of the logistic function, and what each floor answers.
"""

import argparse
from dataclasses import dataclass
from itertools import product
from math import log
from pathlib import Path

import numpy as np
from fit_answerable import Told, fitted

from assistant import library
from assistant.answering.quotes import Signals, candidates
from assistant.errors import UsageError
from assistant.evaluation.measures import answered, auc
from assistant.evaluation.places import Texts, shows
from assistant.evaluation.questions import Question, read_questions
from assistant.retrieval.answerable import probability
from assistant.types import Filter

_FLOORS = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
_GRID = {  # beside a meaning of 0.6 and a figure of 0.08
    "words": (0.0, 0.1, 0.2, 0.3),
    "rest": (0.0, 0.2),
    "passage": (0.2, 0.4, 0.6, 0.8, 1.0, 1.3),
    "kind": (0.0, 0.06, 0.12),
    "length": (0.0, 0.08, 0.16),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What one search gave for a question."""

    signals: np.ndarray  # a row for each candidate, best first
    right: np.ndarray  # whether a quote of it would be on the right page
    before: float  # how likely the documents answer, as the search says
    named: bool  # whether the question names a document

    @property
    def features(self) -> tuple[float, float, float]:
        """What the logistic function takes, of the best candidate."""
        rest = float(self.signals[0][Signals._fields.index("rest")]) if len(self.signals) else 0.0
        chance = min(max(self.before, 1e-6), 1 - 1e-6)
        return log(chance / (1 - chance)), self.named * rest, float(self.named)


@dataclass(frozen=True, slots=True)
class Cases:
    """The searches of one set."""

    name: str
    answerable: list[Case]
    without: list[Case]
    left_open: list[Case]

    def first(self, weights: np.ndarray) -> float:
        """The share of answerable questions whose first quote is right with these weights."""
        return float(np.mean([_first_is_right(case, weights) for case in self.answerable]))

    def told(self) -> Told:
        """The set as fit_answerable takes it."""
        parts = (self.answerable, self.without, self.left_open)
        return Told(self.name, *(np.array([case.features for case in part]) for part in parts))


def _first_is_right(case: Case, weights: np.ndarray) -> bool:
    return len(case.right) > 0 and bool(case.right[int(np.argmax(case.signals @ weights))])


def cases(index: Path, questions: Path, each: int) -> Cases:
    """Ask the questions of one set."""
    read = read_questions(questions)
    chosen = [read[number] for number in np.random.default_rng(1).permutation(len(read))]
    answerable = [question for question in chosen if question.is_placed][:each]
    left_open = [question for question in chosen if not question.answerable][:each]
    with library.open(index) as opened:
        texts = Texts(opened.catalog)
        asked = [_case(opened, texts, question, Filter()) for question in answerable]
        without = [_without(opened, texts, question) for question in answerable]
        unanswered = [_case(opened, texts, question, Filter()) for question in left_open]
    return Cases(index.name, asked, [case for case in without if case is not None], unanswered)


def _without(opened: library.Index, texts: Texts, question: Question) -> Case | None:
    try:
        return _case(opened, texts, question, Filter(without=frozenset(question.documents)))
    except UsageError:  # no other document is left
        return None


def _case(opened: library.Index, texts: Texts, question: Question, within: Filter) -> Case:
    found = opened.find(question.text, library.PACKED_HITS, within)
    ranked = candidates(question.text, opened.packed(found), opened.embedder, found.named.rest)
    cited = [one.citation(number) for number, one in enumerate(ranked, 1)]
    places = (*question.evidence, *question.also)
    right = [any(shows(one, piece, texts) for piece in places) for one in cited]
    signals = np.array([one.signals for one in ranked])
    return Case(signals, np.array(right, dtype=bool), probability(found), bool(found.named.rest))


def weights() -> list[np.ndarray]:
    """Every combination of the grid."""
    fixed = Signals(meaning=0.6, figure=0.08)
    rows = (dict(zip(_GRID, values, strict=True)) for values in product(*_GRID.values()))
    return [np.array(fixed._replace(**row)) for row in rows]


def main() -> None:
    """Ask, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="INDEX=QUESTIONS")
    parser.add_argument("--each", type=int, default=100, help="questions of each kind and set at most")
    options = parser.parse_args()
    pairs = [pair.partition("=") for pair in options.sets]
    sets = [cases(Path(index), Path(questions), options.each) for index, _, questions in pairs]
    _print_weights(sets)
    _print_likely(sets)


def _print_weights(sets: list[Cases]) -> None:
    rows = [(np.array([one.first(row) for one in sets]), row) for row in weights()]
    shares, best = max(rows, key=lambda row: row[0].mean())
    print(
        "best for all:",
        Signals(*best.round(3).tolist()),
        dict(zip([one.name for one in sets], shares.round(3).tolist(), strict=True)),
    )
    for number, one in enumerate(sets):
        others = [other for other in range(len(sets)) if other != number] or [number]
        shares, best = rows[int(np.argmax([row[0][others].mean() for row in rows]))]
        print(f"{one.name:12s} {shares[number]:.3f} with the best of the others: {Signals(*best.round(3).tolist())}")


def _print_likely(sets: list[Cases]) -> None:
    told = [one.told() for one in sets]
    coefficients = fitted(told)
    print("before {:.2f}, rest {:.2f}, named {:.2f}, bias {:.2f}".format(*coefficients))
    for one in told:
        chances = [1 / (1 + np.exp(-(part @ coefficients[:-1] + coefficients[-1]))) if len(part) else part
                   for part in (one.answered, one.without, one.left_open)]  # fmt: skip
        for name, part in zip(("without evidence", "left open"), chances[1:], strict=True):
            if len(part):
                share = answered(list(chances[0]), list(part))
                print(f"{one.name:12s} {name}: AUC {auc(list(chances[0]), list(part)):.3f}, at 5 % {share:.3f}")
        for floor in _FLOORS:
            kept = ", ".join(f"{np.mean(part >= floor):.3f}" for part in chances if len(part))
            print(f"{'':12s} from {floor:.2f} on answered: {kept}")


if __name__ == "__main__":
    main()
