"""Answers and reports of each kind, rendered as the terminal shows them; the golden files keep their words."""

import contextlib
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

from assistant.cli.answer import Flow, answer_lines, notice_lines
from assistant.cli.report import report_lines
from assistant.indexing.events import Report
from assistant.types import Answer, Citation, Gap, LeftOut, PageGap, Sentence, Status, Timings

FOLDER = Path("/documents")
LEAVE = Citation(
    1, "hr/leave-policy-2026.pdf", 5, "v", "Annual leave › Entitlement",
    "From the third year of service the entitlement is 28 working days per calendar year.", 90, 174, 0.71,
    date(2026, 2, 1),
)  # fmt: skip
HOTELS = Citation(
    2, "finance/travel\x1b]0;owned\x07.md", None, None, "Hotels",
    "Hotel costs are refunded\nup to 140 euros per night.", 10, 60, 0.6, None,
)  # fmt: skip


def _shown(answer: Answer) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        flow = Flow()
        if answer.status is Status.ANSWERED:
            for sentence in answer.sentences:
                flow.add(sentence)
        flow.close()
    return [*out.getvalue().splitlines(), *answer_lines(answer, FOLDER), *notice_lines(answer)]


def answered() -> list[str]:
    """A model's answer with one sentence removed and a hostile file name."""
    return _shown(
        Answer(
            question="How much leave, and how much for a hotel?",
            status=Status.ANSWERED,
            text="…",
            sentences=(
                Sentence("From the third year of service you are entitled to 28 working days of annual leave.", (1,)),
                Sentence("Hotels are refunded up to 140 euros \x1b[2Jper night.", (2,)),
                Sentence("Managers have 40 days.", (1,), "40 does not occur in the source"),
            ),
            citations=(LEAVE, HOTELS),
            model="llama3.1:8b",
            index="indexes/policies",
            timings=Timings(0.4, 1.2, 6.4),
        )
    )


def quoted() -> list[str]:
    """Quotes because no server answered."""
    return _shown(
        Answer(
            question="leave",
            status=Status.QUOTES,
            text=f"“{LEAVE.quote}” [1]",
            sentences=(Sentence(LEAVE.quote, (1,)),),
            citations=(LEAVE,),
            index="indexes/default",
            notices=("No Ollama server answers at 127.0.0.1:11434 (connection refused). Quotes instead.",),
            timings=Timings(0.4, None, 0.9),
        )
    )


def not_said() -> list[str]:
    """The documents do not say."""
    return _shown(
        Answer("Mars?", Status.NOT_IN_DOCUMENTS, "…", closest=(LEAVE,), timings=Timings(0.4, None, 0.5)),
    )


def report() -> list[str]:
    """The table at the end of a first run."""
    gaps = (
        ("hr/old/payroll.pdf", PageGap(Gap.ENCRYPTED, (), "needs a password")),
        ("legal/nda (draft).pdf", PageGap(Gap.DAMAGED, (), "ends after 4,096 of 80,211 bytes")),
        ("scans/lease-1998.pdf", PageGap(Gap.IMAGES, tuple(range(1, 25)))),
        ("scans/plan.pdf", PageGap(Gap.EMPTY, (3,))),
    )
    left_out = (LeftOut(".git", "hidden"), LeftOut("big.pdf", "too large: 300 MB"))
    made = Report(
        208,
        0,
        0,
        6,
        214,
        3412,
        9806,
        9806,
        None,
        {".docx": 12, ".xlsx": 5},
        left_out,
        gaps,
        tuple(path for path, _ in gaps[:3]),
        260.0,
    )
    return list(report_lines(made, "indexes/policies"))


RENDERED: dict[str, Callable[[], list[str]]] = {
    "answered": answered,
    "quoted": quoted,
    "not-said": not_said,
    "report": report,
}
