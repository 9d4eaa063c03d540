"""Fits the probability that the documents answer a question (assistant/retrieval/answerable.py).

    scripts/fit_answerable.py INDEX=QUESTIONS.jsonl [INDEX=QUESTIONS.jsonl ...] [--each N]

Asks each answerable question as it is and with its evidence's documents left out, and those that are left open. Prints
how well each set is told apart when the others alone were fitted, how well questions about documents that took no part
in the fit are, and how true the probability is then; then the weights fitted on all.
"""

import argparse
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from measure.logistic import logistic

from assistant import library
from assistant.errors import UsageError
from assistant.evaluation.measures import answered, auc
from assistant.evaluation.questions import read_questions
from assistant.retrieval.answerable import Features, features
from assistant.types import Filter

_FOLDS = 5
_TENTHS = np.linspace(0, 1, 11)


@dataclass(frozen=True, slots=True)
class Told:
    """The features of one set's questions, a row each."""

    name: str
    answered: np.ndarray
    without: np.ndarray  # the same questions, their evidence's documents left out
    left_open: np.ndarray  # questions that the documents leave open, if there are any
    # Of the answered ones and, behind them, of those without evidence: by their first document.
    folds: np.ndarray = field(default_factory=lambda: np.zeros(0))
    open_folds: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def outside(self, fold: int) -> "Told":
        """The questions of all folds but one."""
        own, without = self.folds[: len(self.answered)], self.folds[len(self.answered) :]
        return replace(
            self,
            answered=self.answered[own != fold],
            without=self.without[without != fold],
            left_open=self.left_open[self.open_folds != fold] if len(self.left_open) else self.left_open,
        )

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
    without, asked_without = [], []
    with library.open(index) as opened:
        told_right = [features(opened.find(question.text, library.PACKED_HITS)) for question in answerable]
        for question in answerable:
            try:
                found = opened.find(question.text, library.PACKED_HITS, Filter(without=frozenset(question.documents)))
            except UsageError:  # no other document is left
                continue
            without.append(features(found))
            asked_without.append(question)
        unanswered = [features(opened.find(question.text, library.PACKED_HITS)) for question in left_open]
    folds = [_fold(question.documents[0]) for question in (*answerable, *asked_without)]
    return Told(
        index.name,
        np.array(told_right),
        np.array(without),
        np.array(unanswered),
        np.array(folds),
        np.arange(len(left_open)) % _FOLDS,  # nobody says which document they would be about
    )


def _fold(document: str) -> int:
    return zlib.crc32(document.encode()) % _FOLDS


def fitted(sets: list[Told]) -> np.ndarray:
    """Coefficients and bias fitted on all of the sets."""
    rows, labels, weights = (np.concatenate(column) for column in zip(*(one.weighted() for one in sets), strict=True))
    return logistic(rows, labels, weights)


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
        parts = [chances(rows, others) for rows in (one.answered, one.without, one.left_open)]
        print(f"{one.name:12s} the others fitted:    {_said(*parts)}")
    within = [fitted([one.outside(fold) for one in sets]) for fold in range(_FOLDS)]
    kept = [_kept_out(one, within) for one in sets]
    for one, outside in zip(sets, kept, strict=True):
        print(f"{one.name:12s} other documents:      {_said(*outside)}")
    _print_truth([(outside[0], outside[1]) for outside in kept])
    found = fitted(sets)
    named = ", ".join(f"{name} {value:.2f}" for name, value in zip((*Features._fields, "bias"), found, strict=True))
    print(f"weights: {named}")
    for one in sets:
        own = chances(one.answered, found)
        lowest = ", ".join(f"{np.quantile(own, share):.3f}" for share in (0.01, 0.02, 0.05, 0.5))
        print(f"{one.name:12s} probability of answerable questions at 1, 2, 5 and 50 of 100: {lowest}")


def chances(rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The probability that each row of features is that of an answerable question."""
    return np.array(1 / (1 + np.exp(-(rows @ found[:-1] + found[-1])))) if len(rows) else np.zeros(0)


def _kept_out(one: Told, within: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of a set's three kinds of questions, each by the fit that its document took no part in."""
    own, without = one.folds[: len(one.answered)], one.folds[len(one.answered) :]
    parts = []
    for rows, folds in ((one.answered, own), (one.without, without), (one.left_open, one.open_folds)):
        parts.append(np.array([chances(row[None], within[fold])[0] for row, fold in zip(rows, folds, strict=True)]))
    return parts[0], parts[1], parts[2]


def _said(answered_: np.ndarray, without: np.ndarray, left_open: np.ndarray) -> str:
    said = []
    for name, negative in (("without evidence", without), ("left open", left_open)):
        if len(negative):
            pair = (list(answered_), list(negative))
            said.append(f"{name}: AUC {auc(*pair):.3f}, answered at 5 % {answered(*pair):.3f}")
    return "; ".join(said)


def _print_truth(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """How many of the questions were answerable among those that were given about the same probability."""
    chance = np.concatenate([part for pair in pairs for part in pair])
    right = np.concatenate(
        [np.full(len(part), value) for pair in pairs for part, value in zip(pair, (1, 0), strict=True)]
    )
    tenth = np.digitize(chance, _TENTHS[1:-1])
    for number in range(10):
        if (here := tenth == number).any():
            print(f"said {chance[here].mean():.2f}, true {right[here].mean():.2f} of {here.sum()} questions")


if __name__ == "__main__":
    main()
