"""The measurement as a table for people and as one object for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from measure.figures import Bare, Ingested, Peak
from measure.machine import Machine
from measure.server import Server
from measure.start import Seconds, Starting

WHOLE, OURS, STOCK, MIXED = "ours, whole folder", "ours", "stock", "stock, our embedder"
_LABEL, _COLUMN = 36, 21  # characters
PDF_NOTE = (
    "llama-index-readers-file asks for pypdf below 7 and cannot be installed here: the stock stack's PDF reader is a "
    "few lines over pypdf that do what its PDFReader does."
)
CUT_NOTE = (
    "Ollama refuses texts beyond the window since 0.13.5 (ollama/ollama#14186), which stops the stock stack: here they "
    "are cut before they are sent."
)
KERNELS_NOTE = (
    "was built here from its Go sources and lacks the processor-specific kernels of Ollama's own builds, which embed "
    "faster."
)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured; what was left out is empty or None."""

    machine: Machine
    folder: str
    files: int  # in the folder
    sampled: int  # of them, in the columns that are compared
    server: Server | None
    window: int | None  # tokens of one text that the server's embedding model reads
    ingested: dict[str, tuple[Ingested, Peak]]
    bare: Bare | None
    ask: Seconds | None
    ask_peak: Peak | None
    questions: tuple[str, ...]
    starting: Starting | None
    judged: bool  # whether the targets apply: a slice is too small for them
    failures: tuple[str, ...]

    @property
    def own(self) -> tuple[Ingested, Peak] | None:
        """Our largest run."""
        return self.ingested.get(WHOLE) or self.ingested.get(OURS)

    def ratio(self, one: str, other: str) -> float | None:
        """How many times the tokens a second of the other one contender embeds."""
        if one not in self.ingested or other not in self.ingested:
            return None
        return self.ingested[one][0].tokens_a_second / self.ingested[other][0].tokens_a_second

    @property
    def share(self) -> float | None:
        """Our pipeline's tokens a second over the bare model's."""
        return self.own[0].tokens_a_second / self.bare.tokens_a_second if self.own and self.bare else None

    @property
    def inside(self) -> float | None:
        """The share of our embedding's time that was spent inside the model, in the same run."""
        run = self.own[0] if self.own else None
        return run.model_seconds / run.embedding_seconds if run and run.model_seconds else None


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach."""

    name: str
    value: float
    limit: float
    at_least: bool

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(results: Results) -> list[Target]:
    """The targets whose figures were measured; none of a slice."""
    if not results.judged:
        return []
    times = 5.0 if results.machine.vnni else 2.5
    processor = "with VNNI" if results.machine.vnni else "without VNNI"
    start, ask = results.starting, results.ask
    figures = [
        (f"times the stock stack's tokens a second, {processor}", results.ratio(OURS, STOCK), times, True),
        ("share of the bare model's own rate", results.share, 0.9, True),
        ("peak memory of the process tree, MB", results.own[1].megabytes if results.own else None, 600.0, False),
        ("seconds to the first source, median", ask.median if ask else None, 2.0, False),
        ("seconds of --help, median", start.help.median if start else None, 0.25, False),
        ("seconds of import assistant, median", start.package_import.median if start else None, 0.05, False),
        ("seconds that scripts/ask adds", start.script_adds if start else None, 0.2, False),
    ]
    return [Target(name, round(value, 3), limit, least) for name, value, limit, least in figures if value is not None]


def record(results: Results) -> dict[str, Any]:
    """One object for `--json`: `schema` 1."""
    return {
        "schema": 1,
        **asdict(results),
        "ingested": {name: _record(*run) for name, run in results.ingested.items()},
        "bare": results.bare and asdict(results.bare) | {"tokens_a_second": round(results.bare.tokens_a_second, 1)},
        "share_of_bare": results.share,
        "share_inside_model": results.inside,
        "times_stock": results.ratio(OURS, STOCK),
        "times_stock_with_our_embedder": results.ratio(OURS, MIXED),
        "targets": [asdict(target) | {"reached": target.reached} for target in targets(results)],
        "notes": list(notes(results)),
    }


def lines(results: Results) -> Iterator[str]:
    """The table, line by line."""
    yield from _head(results)
    if results.ingested:
        yield ""
        yield from _side_by_side(results)
    yield ""
    yield from _alone(results)
    if results.judged:
        yield ""
    for target in targets(results):
        mark, bound = "reached    " if target.reached else "NOT REACHED", "at least" if target.at_least else "at most"
        yield f"{mark}  {target.name}: {target.value:g} ({bound} {target.limit:g})"
    for note in notes(results):
        yield f"note: {note}"


def notes(results: Results) -> Iterator[str]:
    """What has to be known to read the figures."""
    if not results.judged:
        yield "A slice: loading the models weighs more than anything else, so no target is judged."
    if results.sampled < results.files:
        yield f"The stacks are compared on {results.sampled} of {results.files} files, evenly spread by size."
    if STOCK in results.ingested or MIXED in results.ingested:
        yield PDF_NOTE
        yield "Reading: ours is with cutting and both commits (catalog, words); the stock stack's is its reader alone."
    if STOCK in results.ingested and results.server:
        yield f"Only what a model reads is counted: of one text {results.window} tokens on the server, 256 in ours."
        yield "The server's model is loaded before the clock starts; its memory is part of the stock stack's."
        yield CUT_NOTE
        if not results.server.own_kernels:
            yield f"Ollama {results.server.version} {KERNELS_NOTE}"
    for name, (_, peak) in results.ingested.items():
        parts = ", ".join(f"{part} {size:.0f}" for part, size in peak.parts)
        yield f"Memory of {name} at its peak ({peak.kind}, MB): {parts}."
    if results.starting and results.starting.script_adds is None:
        yield "scripts/ask was not measured: run it once first, so that it has nothing left to set up."
    for failure in results.failures:
        yield f"Failed or left out: {failure}"


def _record(run: Ingested, peak: Peak) -> dict[str, Any]:
    rates = {"pages_a_second": round(run.pages_a_second, 1), "tokens_a_second": round(run.tokens_a_second, 1)}
    figures = {key: value if value is None else round(value, 3) for key, value in asdict(run).items()}
    return figures | rates | {"peak": asdict(peak)}


def _head(results: Results) -> Iterator[str]:
    it = results.machine
    yield f"{it.processor}, {it.cores} cores, {it.memory_gb:g} GB; {it.system}; Python {it.python}; load {it.load:g}"
    yield f"processor flags: {', '.join(it.flags) or 'none of those that matter'}"
    yield ", ".join(f"{name} {version}" for name, version in it.libraries.items())
    yield f"{results.folder}: {results.files} files"


def _side_by_side(results: Results) -> Iterator[str]:
    runs = list(results.ingested.values())
    yield _row("", list(results.ingested))
    yield _row("files", [f"{run.files:,}" for run, _ in runs])
    yield _row("pages", [f"{run.pages:,}" for run, _ in runs])
    yield _row("pages read a second", [f"{run.pages_a_second:,.1f}" for run, _ in runs])
    yield _row("passages", [f"{run.passages:,}" for run, _ in runs])
    yield _row("tokens", [f"{run.tokens:,}" for run, _ in runs])
    yield _row("tokens embedded", [_embedded(run) for run, _ in runs])
    yield _row("tokens embedded a second", [f"{run.tokens_a_second:,.0f}" for run, _ in runs])
    yield _row("seconds reading", [f"{run.reading_seconds:,.1f}" for run, _ in runs])
    yield _row("seconds embedding", [f"{run.embedding_seconds:,.1f}" for run, _ in runs])
    yield _row("seconds in all", [f"{run.total_seconds:,.1f}" for run, _ in runs])
    yield _row("peak memory of the tree, MB", [f"{peak.megabytes:,.0f} ({peak.kind})" for _, peak in runs])


def _embedded(run: Ingested) -> str:
    return f"{run.tokens_embedded:,} ({run.tokens_embedded / run.tokens:.0%})" if run.tokens else "none"


def _alone(results: Results) -> Iterator[str]:
    for other in (STOCK, MIXED):
        ratio = results.ratio(OURS, other)
        if ratio is not None:
            yield _row(f"ours against {other}", [f"{ratio:.2f} times the tokens a second"])
    if results.bare and results.share is not None:
        yield _row("bare model, one text a call a core", [f"{results.bare.tokens_a_second:,.0f} tokens a second"])
        yield _row("  our pipeline's share of it", [f"{results.share:.1%} ({results.bare.texts:,} texts)"])
    if results.inside is not None:
        yield _row(
            "our embedding's time in the model", [f"{results.inside:.1%} (the same run: other load matters less)"]
        )
    if results.ask and results.ask_peak:
        yield _row("cold question, first source", [_seconds(results.ask)])
        yield _row("  peak memory of it", [f"{results.ask_peak.megabytes:,.0f} MB ({results.ask_peak.kind})"])
        yield _row("  questions", [" | ".join(results.questions)])
    if results.starting:
        yield _row("assistant --help", [_seconds(results.starting.help)])
        yield _row("import assistant", [_seconds(results.starting.package_import)])
        if results.starting.script_adds is not None:
            yield _row("scripts/ask adds", [f"{results.starting.script_adds:.3f} s"])


def _seconds(it: Seconds) -> str:
    return f"{it.median:.3f} s (median of {it.runs}; {it.fastest:.3f} to {it.slowest:.3f})"


def _row(label: str, cells: Sequence[str]) -> str:
    if len(cells) == 1:
        return f"{label:<{_LABEL}}{cells[0]}"
    return f"{label:<{_LABEL}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)
