"""Asks the questions of tests/questions.jsonl in quote mode and prints what the issue asks for.

    scripts/evaluate_sample.py [INDEX] [QUESTIONS]

Evidence inside the token budget; the page of the first citation; questions that the documents leave open.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import library
from assistant.types import Answer, Evidence, Filter, Status

ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Outcome:
    """For each question whether it went well, and a line for each that did not."""

    packed: list[bool] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)
    answered: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)  # of the questions that the documents leave open
    lines: list[str] = field(default_factory=list)

    @staticmethod
    def share(good: list[bool]) -> float:
        """The share of questions that went well."""
        return sum(good) / max(len(good), 1)


def outcomes(opened: library.Index, questions: Path) -> Outcome:
    """Ask every question of a file without a model."""
    outcome = Outcome()
    for text in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        packed = opened.packed(opened.find(row["question"], library.PACKED_HITS, Filter()))
        answer = opened.ask(row["question"], use_model=False)
        if row["answerable"]:
            _judge(outcome, row, packed, answer)
            continue
        outcome.refused.append(answer.status is Status.NOT_IN_DOCUMENTS)
        if not outcome.refused[-1]:
            outcome.lines.append(f"quoted though left open: {row['id']} -> {answer.citations[0].quote[:80]!r}")
    return outcome


def _judge(outcome: Outcome, row: dict[str, Any], packed: tuple[Evidence, ...], answer: Answer) -> None:
    # `also` names further places that say the same: a citation of one of them is right.
    places = {(piece["doc"], piece["page"]) for piece in row["evidence"] + row.get("also", [])}
    cited = [(item.path, item.page) for item in answer.citations[:1]]
    outcome.answered.append(answer.status is not Status.NOT_IN_DOCUMENTS)
    outcome.packed.append(all(any(_holds(item, piece) for item in packed) for piece in row["evidence"]))
    outcome.first.append(bool(cited) and cited[0] in places)
    if not outcome.packed[-1]:
        outcome.lines.append(f"not packed: {row['id']} {sorted(places)}")
    if not outcome.first[-1]:
        outcome.lines.append(f"first citation: {row['id']} {sorted(places)} -> {cited}")


def _holds(item: Evidence, piece: dict[str, Any]) -> bool:
    same_place = piece["doc"] == item.path and piece["page"] in (None, item.page)
    return same_place and _squeezed(piece["text"]) in _squeezed(item.text)


def _squeezed(text: str) -> str:
    """Text without white space, table rules and line-end hyphens: where a reader breaks a line is no matter here."""
    return re.sub(r"[\s\u00ad|*`-]+", "", text)


def main() -> None:
    index = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "indexes" / "default"
    questions = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "tests" / "questions.jsonl"
    with library.open(index) as opened:
        outcome = outcomes(opened, questions)
    print("\n".join(outcome.lines))
    for what, good in [
        ("evidence inside the token budget", outcome.packed),
        ("first citation on the right page", outcome.first),
        ("answerable and answered", outcome.answered),
        ("left open and refused", outcome.refused),
    ]:
        print(f"{what}: {sum(good)} of {len(good)} = {outcome.share(good):.3f}")


if __name__ == "__main__":
    main()
