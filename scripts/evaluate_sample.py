"""Asks the questions of tests/questions.jsonl in quote mode and prints what the issue asks for.

    scripts/evaluate_sample.py [INDEX] [QUESTIONS]

Evidence inside the budget; the first citation's page; how questions that the documents do not answer are answered.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from assistant import library
from assistant.types import Evidence, Filter, Status

BUDGET = 1_500


def squeezed(text: str) -> str:
    """Text without white space and line-end hyphens: where a reader breaks a line is no matter here."""
    return re.sub(r"[\s\u00ad|*`-]+", "", text)


def inside(question: dict[str, Any], packed: tuple[Evidence, ...]) -> bool:
    """Whether every piece of the question's evidence stands in the packed passages."""
    return all(
        any(
            piece["doc"] == item.path
            and piece["page"] in (None, item.page)
            and squeezed(piece["text"]) in squeezed(item.text)
            for item in packed
        )
        for piece in question["evidence"]
    )


def report(what: str, outcomes: list[bool]) -> None:
    """Print how many of the outcomes are good."""
    print(f"{what}: {sum(outcomes)} of {len(outcomes)} = {sum(outcomes) / max(len(outcomes), 1):.3f}")


def main() -> None:
    root = Path(__file__).parents[1]
    index = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "indexes" / "default"
    questions = Path(sys.argv[2]) if len(sys.argv) > 2 else root / "tests" / "questions.jsonl"
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    packed_ok, first_ok, said, silent = [], [], [], []
    with library.open(index) as opened:
        for row in rows:
            found = opened.find(row["question"], 40, Filter())
            answer = opened.ask(row["question"], use_model=False)
            answered = answer.status is not Status.NOT_IN_DOCUMENTS
            if not row["answerable"]:
                silent.append(not answered)
                if answered:
                    print("answered though silent:", row["id"], row["question"], "->", answer.citations[0].quote[:90])
                continue
            said.append(answered)
            packed_ok.append(inside(row, opened.packed(found)))
            # `also` names further places that say the same: a citation of one of them is right.
            places = {(piece["doc"], piece["page"]) for piece in row["evidence"] + row.get("also", [])}
            cited = [(item.path, item.page) for item in answer.citations[:1]]
            first_ok.append(bool(cited) and cited[0] in places)
            if not packed_ok[-1]:
                print("not packed:", row["id"], row["question"], sorted(places))
            if not first_ok[-1]:
                print("first citation:", row["id"], row["question"], sorted(places), "->", cited)
    report(f"evidence inside {BUDGET} tokens", packed_ok)
    report("first citation on the right page", first_ok)
    report("answerable and answered", said)
    report("not answerable and not answered", silent)


if __name__ == "__main__":
    main()
