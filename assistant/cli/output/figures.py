"""What `assistant evaluate` measured, in lines of text."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assistant.cli.output.terminal import bold, line, wrapped
from assistant.evaluation.answered import MAIN as ANSWERS
from assistant.evaluation.failures import Lost, Stage
from assistant.evaluation.judge import MAIN, Outcome
from assistant.evaluation.summary import Compared, Figure, stages, verdicts
from assistant.retrieval.search import CANDIDATES

_NAME = 44  # columns of a measure's name
_LONGEST = 160  # characters of a question that was lost


def figure_lines(
    path: Path, outcomes: Sequence[Outcome], figures: Sequence[Figure], left_out: int = 0
) -> Iterator[str]:
    """How many questions were asked, and how many of the file were not, and every measure with its interval."""
    answerable = sum(outcome.question.answerable for outcome in outcomes)
    yield f"{line(str(path))}: {len(outcomes):,} questions, {answerable:,} with an answer in the documents"
    if left_out:
        yield f"Only the first {len(outcomes):,} of {len(outcomes) + left_out:,}: --limit left out {left_out:,}."
    yield from _table(figures)


def sentence_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How many sentences a model wrote, and what was found of them; nothing where none did."""
    counts = verdicts(outcomes)
    if counts:
        said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        yield f"{sum(counts.values()):,} sentences written: {said}"


def missed_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Each question whose answer was wrong, and what was wrong with it."""
    missed = [outcome for outcome in outcomes if outcome.missed]
    yield ""
    yield bold(f"Missed: {len(missed):,} of {len(outcomes):,} questions")
    for outcome in missed:
        yield wrapped(f"{line(outcome.question.id)}: {line(outcome.missed)}")
        yield wrapped(_short(outcome.question.text), indent="   ")


def kind_lines(kinds: Mapping[str, Sequence[Figure]]) -> Iterator[str]:
    """The main measures of each kind of question."""
    for kind, figures in kinds.items():
        yield ""
        yield f"Kind: {line(kind)}"
        yield from _table([figure for figure in figures if figure.measure in (*MAIN, *ANSWERS)])


def compared_lines(rows: Sequence[Compared]) -> Iterator[str]:
    """Each measure with both settings and the difference, question by question."""
    yield ""
    if not rows:
        yield "There is nothing to compare: no question was measured with both."
        return
    yield bold(f"{'Compared':<{_NAME}} first  other  difference   95 % interval   questions")
    for row in rows:
        low, high = row.difference.low, row.difference.high
        sure = "*" if low > 0 or high < 0 else " "
        yield (
            f"{row.measure:<{_NAME}} {row.value:5.3f}  {row.other:5.3f}   {row.difference.value:+6.3f} {sure}"
            f"  {low:+6.3f} to {high:+6.3f}  {row.questions:7,}"
        )
    yield "* the interval does not hold 0: more than chance"


def failure_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How many questions were lost at which stage, and each of them."""
    lost = [(outcome, outcome.lost) for outcome in outcomes if outcome.lost is not None]
    yield ""
    beyond = f"of these beyond {CANDIDATES}: by words  by meaning  cut"
    yield bold(f"{f'Lost: {len(lost):,} of {len(outcomes):,} questions':<{_NAME}} questions  {beyond}")
    for row in stages(outcomes):
        yield (
            f"{row.stage.value:<{_NAME}} {row.questions:9,}  {row.not_by_words:27,}  {row.not_by_meaning:10,}"
            f"  {row.cut:3,}"
        )
    for outcome, loss in sorted(lost, key=lambda pair: list(Stage).index(pair[1].stage)):
        yield ""
        yield f"{line(outcome.question.id)}: {loss.stage.value}; {_ranks(loss)}"
        yield wrapped(_place(loss), indent="   ")
        yield wrapped(_short(outcome.question.text), indent="   ")


def _table(figures: Sequence[Figure]) -> Iterator[str]:
    yield bold(f"{'':<{_NAME}} share   95 % interval   questions")
    for figure in figures:
        interval = figure.interval
        yield (
            f"{figure.measure:<{_NAME}} {interval.value:5.3f}   {interval.low:5.3f} to {interval.high:5.3f}"
            f"  {figure.questions:9,}"
        )


def _ranks(loss: Lost) -> str:
    halves = (("words", loss.words), ("meaning", loss.meaning), ("fused", loss.fused))
    return ", ".join(f"{name} {'beyond' if rank is None else rank}" for name, rank in halves) + (
        ", cut apart" if loss.cut else ""
    )


def _place(loss: Lost) -> str:
    pages = ", ".join(map(str, loss.piece.pages))
    where = f"{line(loss.piece.doc)}{f', page {pages}' if pages else ''}"
    return f"{where}: “{_short(loss.piece.text)}”" if loss.piece.text else where


def _short(text: str) -> str:
    said = line(text)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"
