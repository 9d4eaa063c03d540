"""Fits the probability that the documents answer a question (assistant/retrieval/answerable.py).

    scripts/fit_answerable.py INDEX=QUESTIONS.jsonl [INDEX=QUESTIONS.jsonl ...] [--each N]

Asks each answerable question as it is and with its evidence's documents left out, and those that are left open. Prints
how well each set is told apart when the others alone were fitted, and the coefficients fitted on all.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import library
from assistant.errors import UsageError
from assistant.evaluation.measures import auc
from assistant.evaluation.questions import read_questions
from assistant.retrieval.answerable import features
from assistant.types import Filter

_RIDGE = 0.01
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Told:
    """The features of one set's questions, a row each."""

    name: str
    answered: np.ndarray
    without: np.ndarray  # the same questions, their evidence's documents left out
    left_open: np.ndarray  # questions that the documents leave open, if there are any

    def weighted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features, labels and weights: every set counts the same, and in it both sides."""
        negative = [part for part in (self.without, self.left_open) if len(part)]
        weights = [np.full(len(part), 1 / len(negative) / len(part)) for part in negative]
        positive = np.full(len(self.answered), 1 / len(self.answered))
        labels = np.concatenate([np.ones(len(self.answered)), *[np.zeros(len(part)) for part in negative]])
        return np.concatenate([self.answered, *negative]), labels, np.concatenate([positive, *weights])


def told(index: Path, questions: Path, each: int) -> Told:
    """Ask the questions of one set."""
    read = read_questions(questions)
    chosen = [read[number] for number in np.random.default_rng(1).permutation(len(read))]
    answerable = [question for question in chosen if question.evidence][:each]
    left_open = [question for question in chosen if not question.evidence][:each]
    without = []
    with library.open(index) as opened:
        answered = [features(opened.find(question.text, library.PACKED_HITS)) for question in answerable]
        for question in answerable:
            try:
                found = opened.find(question.text, library.PACKED_HITS, Filter(without=frozenset(question.documents)))
            except UsageError:  # no other document is left
                continue
            without.append(features(found))
        unanswered = [features(opened.find(question.text, library.PACKED_HITS)) for question in left_open]
    return Told(index.name, np.array(answered), np.array(without), np.array(unanswered))


def fitted(sets: list[Told]) -> np.ndarray:
    """Coefficients and bias of a logistic regression by Newton's method, with a small ridge."""
    parts = [one.weighted() for one in sets]
    rows, labels, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    rows = np.column_stack([rows, np.ones(len(rows))])
    ridge = _RIDGE * np.diag([1.0] * (rows.shape[1] - 1) + [0.0])
    found = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (weights * (labels - chance)) - ridge @ found
        curve = rows.T @ (rows * (weights * chance * (1 - chance))[:, None]) + ridge
        found = found + np.linalg.solve(curve, slope)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="INDEX=QUESTIONS")
    parser.add_argument("--each", type=int, default=200, help="questions of each kind and set at most")
    options = parser.parse_args()
    sets = []
    for pair in options.sets:
        index, _, questions = pair.partition("=")
        sets.append(told(Path(index), Path(questions), options.each))
    for one in sets:
        others = fitted([other for other in sets if other is not one]) if len(sets) > 1 else fitted(sets)
        scores = [part @ others[:-1] if len(part) else part for part in (one.answered, one.without, one.left_open)]
        line = f"{one.name:12s} without evidence: AUC {auc(list(scores[0]), list(scores[1])):.3f}"
        print(line + (f", left open: AUC {auc(list(scores[0]), list(scores[2])):.3f}" if len(scores[2]) else ""))
    coefficients = fitted(sets)
    print("score {:.2f}, distance {:.2f}, lacking {:.2f}, bias {:.2f}".format(*coefficients))
    for one in sets:
        chances = 1 / (1 + np.exp(-(one.answered @ coefficients[:-1] + coefficients[-1])))
        lowest = ", ".join(f"{np.quantile(chances, share):.3f}" for share in (0.01, 0.02, 0.05, 0.5))
        print(f"{one.name:12s} probability of answerable questions at 1, 2, 5 and 50 of 100: {lowest}")


if __name__ == "__main__":
    main()
