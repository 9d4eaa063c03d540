"""Fits the score of a sentence's support (assistant/answering/checks/meaning.py) on sentences whose truth is known.

    scripts/fit_support.py SETS... [--each 60] [--documents 12] [--half tuned]

SETS are folders of documents, as in scripts/planted.py, whose cases these are: true sentences copied, reworded and read
off tables; the same with one known error; true ones cited to the wrong place. Each case is one pair of the sentence and
the statement of what it cites that holds most of its words and all of its figures. Cross-validated by document in five
parts; prints how well pairs are told apart, how far the probabilities can be believed, and the coefficients.
"""

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure.logistic import chances, logistic
from planting.cases import FALSE, TRUE, Case, cases
from planting.corpus import sources

from assistant.answering.checks import meaning
from assistant.answering.checks.claim import claim, matches
from assistant.answering.checks.listed import CHECKS
from assistant.answering.passages import read
from assistant.answering.verify import marked, unmarked
from assistant.embedding.bundled import BundledEmbedder
from assistant.evaluation.measures import auc

_PARTS = 5
_FAILED = 2  # the feature that says whether a check objects
_FLOORS = (0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True, slots=True)
class Pair:
    """The features of one case, its truth, and the part of the documents that it is of."""

    features: tuple[float, ...]
    cosine: float
    true: bool
    part: int


def pair(case: Case, embedder: BundledEmbedder) -> Pair | None:
    """Compare a case with its best statement; None where no statement has its figures."""
    told = claim(unmarked(case.sentence))
    cited = [read(passage) for passage in case.passages if passage.number in marked(case.sentence)]
    best = next((match for match in matches(told, cited) if not match.lacking), None)
    if best is None:
        return None
    failed = any(look(told, best) for _, look in CHECKS)
    cosine = meaning.similarity(told, best, embedder)
    part = zlib.crc32(case.document.encode()) // 2 % _PARTS
    return Pair(meaning.features(told, best, failed), cosine, case.true, part)


def fitted(rows: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Coefficients, true and false sentences counting the same."""
    weights = np.where(true, 1 / max(true.sum(), 1), 1 / max((~true).sum(), 1))
    return logistic(rows, true.astype(float), weights * len(true) / 2)


def cross_validated(rows: np.ndarray, true: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The probability of each pair under coefficients fitted without the documents of its part."""
    found = np.zeros(len(rows))
    for part in range(_PARTS):
        rest = parts != part
        found[~rest] = chances(rows[~rest], fitted(rows[rest], true[rest]))
    return found


def report(name: str, rows: np.ndarray, true: np.ndarray, parts: np.ndarray) -> None:
    told = cross_validated(rows, true, parts)
    print(f"{name}: {true.sum()} true, {(~true).sum()} false pairs, AUC {auc(list(told[true]), list(told[~true])):.3f}")
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = (told >= low) & (told < high)
        if inside.any():
            print(f"  said {low:.1f} to {min(high, 1.0):.1f}: {true[inside].mean():.2f} true of {inside.sum()}")
    lowest = ", ".join(f"{np.quantile(told[true], share):.3f}" for share in (0.01, 0.02, 0.05))
    print(f"  probability of true ones at 1, 2 and 5 of 100: {lowest}")
    passed = rows[:, _FAILED] == 0
    lost = [f"{(told[passed & true] < low).mean():.3f} / {(told[passed & ~true] < low).mean():.3f}" for low in _FLOORS]
    print(f"  of those that no check objects to ({(passed & ~true).sum()} false), below {_FLOORS}: true / false", *lost)
    print("  coefficients:", ", ".join(f"{value:.2f}" for value in fitted(rows, true)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=60, help="cases of each kind at most")
    parser.add_argument("--documents", type=int, default=12, help="documents of each set at most")
    parser.add_argument("--half", choices=("kept", "tuned", "all"), default="tuned")
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    found = sources(options.sets, options.documents, options.half, 1)
    embedder = BundledEmbedder()
    made = [case for kind in (*FALSE, *TRUE) for case in cases(found, kind, options.each, options.seed)]
    pairs = [one for case in made if (one := pair(case, embedder))]
    true, parts = (np.array([getattr(one, field) for one in pairs]) for field in ("true", "part"))
    report("without meaning", np.array([one.features for one in pairs]), true, parts)
    report("with meaning", np.array([(*one.features, one.cosine) for one in pairs]), true, parts)


if __name__ == "__main__":
    main()
