"""Answers and reports of each kind, rendered as the terminal shows them; the golden files keep their words."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from assistant.cli.output.answer import Flow, answer_lines, notice_lines
from assistant.cli.output.progress import announced
from assistant.cli.output.report import plan_lines, report_lines
from assistant.cli.output.why import why_lines
from assistant.indexing.events import Cost, Mending, Report
from assistant.indexing.plan import Moved, Plan
from assistant.types import (
    Answer,
    Citation,
    Dated,
    Difference,
    FileState,
    Finding,
    Gap,
    Kind,
    LeftOut,
    PageGap,
    Sentence,
    SourceFile,
    Status,
    Timings,
    Verdict,
)

FOLDER = Path("/documents")
LEAVE = Citation(
    1, "hr/leave-policy-2026.pdf", 5, "v", "Annual leave › Entitlement",
    "From the third year of service the entitlement is 28 working days per calendar year.", 90, 174, 0.71,
    date(2026, 2, 1), Dated.DOCUMENT,
)  # fmt: skip
HOTELS = Citation(
    2, "finance/travel\x1b]0;owned\x07.md", None, None, "Hotels",
    "Hotel costs are refunded\nup to 140 euros per night.", 10, 60, 0.6, None,
)  # fmt: skip
OLD_LEAVE = replace(
    LEAVE, number=3, path="hr/leave-policy-2023.pdf", date=date(2023, 3, 1),
    quote="From the third year of service the entitlement is 26 working days per calendar year.",
)  # fmt: skip

LONG_AGO = "2026-02-01T14:02:00+00:00"
REPORT = Report(
    added=208, changed=0, moved=0, deleted=0, unchanged=6, files=214, pages=3412, chunks=9806, embedded=9806,
    pending=0, last_built=None, other_types={".docx": 12, ".xlsx": 5}, left_out=(), gaps=(), without_text=(),
    unsettled=(), kept=(), mended=(), stopped=False, seconds=260.0,
)  # fmt: skip


def _shown(answer: Answer, strict: bool = False) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        flow = Flow()
        if answer.status is Status.ANSWERED:
            for sentence in answer.sentences:
                flow.add(sentence)
        flow.close()
    return [*out.getvalue().splitlines(), *answer_lines(answer, FOLDER, strict=strict), *notice_lines(answer)]


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
                Sentence(
                    "Managers have 40 days.", (1,), Verdict.UNSUPPORTED, "40 does not occur in the source", shown=False
                ),
            ),
            citations=(LEAVE, HOTELS),
            model="llama3.1:8b",
            index="indexes/policies",
            timings=Timings(0.4, 1.2, 6.4),
        )
    )


IN_PART = Answer(
    question="How much leave, and when is the canteen open?",
    status=Status.ANSWERED,
    text="…",
    sentences=(
        Sentence("The entitlement is 28 working days.", (1,), score=0.97, findings=(Finding("figures", True, "28"),)),
        Sentence(
            "Hotels are refunded up to 140 euros, and breakfast is too.", (2,), Verdict.PARTLY,
            "the source does not mention “breakfast”", score=0.6, findings=(Finding("words", False, "breakfast"),),
        ),
        Sentence("Managers have 40 days.", (1,), Verdict.UNSUPPORTED, "the source says 28", shown=False, score=0.1,
                 findings=(Finding("figures", False, "40 does not occur in the source"),)),
    ),
    citations=(LEAVE, HOTELS, OLD_LEAVE),
    left_open=("when is the canteen open?",),
    differences=(Difference(1, 3, "28 working days", "26 working days"),),
    confidence=0.84,
    findings=(Finding("passages", True, "passages near enough to the question (likely an answer: 0.84)"),),
    model="llama3.1:8b",
    index="indexes/policies",
    timings=Timings(0.4, 1.2, 6.4),
)  # fmt: skip


def in_part() -> list[str]:
    """A sentence that is supported in part, a question answered in part, documents that differ."""
    return _shown(IN_PART)


def strict() -> list[str]:
    """The same with `--strict`: what is supported in part is not shown, and nothing is said of it."""
    kept = tuple(replace(one, shown=one.verdict is Verdict.SUPPORTED) for one in IN_PART.sentences)
    return _shown(replace(IN_PART, sentences=kept, citations=IN_PART.citations[:1], differences=()), strict=True)


def why() -> list[str]:
    """What it was decided by."""
    return list(why_lines(IN_PART, FOLDER))


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
            notices=("No Ollama server at 127.0.0.1:11434; start one: assistant serve-model",),
            timings=Timings(0.4, None, 0.9),
        )
    )


def not_said() -> list[str]:
    """The documents do not say."""
    return _shown(
        Answer("Mars?", Status.NOT_IN_DOCUMENTS, "…", closest=(LEAVE,), timings=Timings(0.4, None, 0.5)),
    )


def dated() -> list[str]:
    """Sources whose dates are known more or less exactly, of files that have changed or gone since."""
    kinds = [
        (Dated.NAME, FileState.CURRENT),
        (Dated.MONTH, FileState.CHANGED),
        (Dated.YEAR, FileState.GONE),
        (Dated.FILE, FileState.CHANGED),
    ]
    cited = tuple(
        replace(LEAVE, number=number, path=f"hr/{dated}.pdf", dated=dated, state=state)
        for number, (dated, state) in enumerate(kinds, 1)
    )
    return _shown(
        Answer(
            "leave?",
            Status.QUOTES,
            f"“{LEAVE.quote}” [1][2][3][4]",
            sentences=(Sentence(LEAVE.quote, (1, 2, 3, 4)),),
            citations=cited,
            index="indexes/default",
            notices=("3 files changed since 14:02, run assistant index",),
            timings=Timings(0.4, None, 0.9),
        )
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
    without_text = tuple(path for path, _ in gaps[:3])
    made = replace(REPORT, left_out=left_out, gaps=gaps, without_text=without_text)
    return list(report_lines(made, "indexes/policies"))


def report_of_changes() -> list[str]:
    """A later run: some files moved, some could not be told, one kept changing."""
    made = replace(
        REPORT, added=3, changed=2, moved=40, deleted=1, unchanged=169, embedded=51, other_types={}, pages=0,
        unsettled=("hr/busy\x1b[2J.md", "it/log.txt"), kept=("legal/a.pdf", "legal/b.pdf"), last_built=LONG_AGO,
    )  # fmt: skip
    return list(report_lines(made, "indexes/default"))


def report_of_nothing() -> list[str]:
    """A run that found nothing to do, but could not look everywhere."""
    made = replace(REPORT, added=0, embedded=0, unchanged=214, kept=("legal/a.pdf",), last_built=LONG_AGO, seconds=0.3)
    return list(report_lines(made, "indexes/default"))


def stopped() -> list[str]:
    """A run that was stopped in its second pass."""
    return list(report_lines(replace(REPORT, embedded=128, pending=9678, stopped=True), "indexes/default"))


def plan() -> list[str]:
    """What a run would do."""

    def file(path: str) -> SourceFile:
        return SourceFile(path, Kind.MARKDOWN, 1, 1, 1, 1, 1)

    made = Plan(
        added=(file("hr/new.md"), file("hr/locked.md")),
        changed=(file("it/printers\x1b[2J.md"),),
        moved=(Moved("hr/urlaub.md", file("hr/ferien.md")),),
        deleted=("old.md",),
        unchanged=(file("a.md"), file("b.md")),
        unreadable=("hr/locked.md",),
        kept=("legal/a.pdf",),
        reread=(file("a.md"),),
        recut=(file("b.md"),),
    )
    return [*plan_lines(made), *plan_lines(Plan((), (), (), (), made.unchanged))]


def costs() -> list[str]:
    """What a changed setting costs, and what is mended, said before it starts."""
    return [
        announced(Cost("the embedder is another one", passages=9806, seconds=239.4)),
        announced(Cost("the embedder is another one", passages=12, seconds=0.4)),
        announced(Cost("files are read in a new way", files=214)),
        announced(Mending("words index")),
    ]


RENDERED: dict[str, Callable[[], list[str]]] = {
    "answered": answered,
    "in-part": in_part,
    "strict": strict,
    "why": why,
    "quoted": quoted,
    "not-said": not_said,
    "dated": dated,
    "report": report,
    "report-of-changes": report_of_changes,
    "report-of-nothing": report_of_nothing,
    "stopped": stopped,
    "plan": plan,
    "costs": costs,
}
