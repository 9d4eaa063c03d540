"""What a run of `assistant index` did, in lines of text."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from assistant.cli.output.terminal import command, line, wrapped
from assistant.dates import clock
from assistant.indexing.events import Report
from assistant.indexing.plan import Plan
from assistant.types import Gap, LeftOut, PageGap

_NONE = "There are no PDFs, markdown or text files in this folder: nothing can be asked."
_MOST_ROWS = 50  # files named one by one


def report_lines(report: Report, index: str, with_gaps: bool = False) -> Iterator[str]:
    """The table that a run ends with, or one line where there was nothing to do (and the gaps, if they matter)."""
    if report.stopped:
        yield from _stopped(report)
        return
    if not report.files:
        yield wrapped(_NONE)
        yield from _other_types(report)
        return
    if report.nothing_to_do:
        since = f" since {clock(report.last_built)}" if report.last_built else ""
        yield wrapped(f"Nothing to do: {_files(report.files)} unchanged{since}. ({report.seconds:.1f} s)")
        yield from _unsure(report)
        if with_gaps:
            yield from _gap_rows(report, index)
        return
    yield ""
    yield wrapped(f"{_files(report.files)}: {_counts(report)}. {report.pages:,} pages, {report.chunks:,} passages.")
    yield from _other_types(report)
    yield from _unsure(report)
    yield from _gap_rows(report, index)
    yield wrapped(f'Ask with: {command("ask", index)} "…"')


def plan_lines(plan: Plan, asks: bool = True) -> Iterator[str]:
    """What a run would do, a line for each file that it would touch; `asks`: unless `--yes` was given."""
    rows = plan_record(plan)
    del rows["unchanged"]
    for item in rows.pop("closed"):
        yield f"  {'closed':<10}  {line(item['path'])}: {line(item['reason'])}"
    for what in rows.pop("mended"):
        yield f"  {'made anew':<10}  the {what}, which is missing or damaged"
    if waiting := rows.pop("unembedded"):
        yield f"  {'embedded':<10}  {waiting:,} passage{'' if waiting == 1 else 's'} that the index has already"
    for what, items in rows.items():
        for item in items[:_MOST_ROWS]:
            yield f"  {what:<10}  {line(' → '.join(item.values()) if isinstance(item, dict) else item)}"
        if len(items) > _MOST_ROWS:
            yield f"  {what:<10}  and {len(items) - _MOST_ROWS:,} more; see them all with --json"
    counts = [(len(items), what) for what, items in rows.items() if items]
    said = ", ".join(f"{number:,} {what}" for number, what in [*counts, (len(plan.unchanged), "unchanged")])
    work = (
        plan.mended
        or plan.unembedded
        or any(items for what, items in rows.items() if what not in ("kept", "unreadable"))
    )
    known = len(plan.unchanged) + len(plan.changed) + len(plan.moved) + len(plan.deleted) + len(plan.kept)
    if work:
        yield wrapped(f"Would do: {said}. Nothing has been changed.")
    elif known:
        yield f"Nothing to do: {said}."
    else:
        yield wrapped(_NONE)
    if asks and len(plan.deleted) * 2 > known:
        yield wrapped(f"The run will ask first, or need --yes: {len(plan.deleted):,} of {known:,} documents would go.")


def plan_record(plan: Plan) -> dict[str, Any]:
    """A plan as lists of paths, named as `--json` prints them; a moved file as its old and new path."""
    ignored = set(plan.ignored)
    return {
        "new": [file.path for file in plan.added],
        "changed": [file.path for file in plan.changed],
        "moved": [{"from": move.old, "to": move.file.path} for move in plan.moved],
        "deleted": [path for path in plan.deleted if path not in ignored],
        "ignored": list(plan.ignored),
        "unreadable": list(plan.unreadable),
        "kept": list(plan.kept),
        "reread": [file.path for file in plan.reread],
        "recut": [file.path for file in plan.recut],
        "unchanged": [file.path for file in plan.unchanged],
        "closed": [{"path": item.path, "reason": item.reason} for item in plan.barred],
        "mended": list(plan.mended),
        "unembedded": plan.unembedded,
    }


def gap_text(gap: PageGap) -> str:
    """A gap in words: "24 pages are images only", "encrypted, needs a password"."""
    if not gap.pages:
        return f"{gap.reason}, {gap.detail}" if gap.detail and gap.reason != Gap.DAMAGED else _whole(gap)
    number = len(gap.pages)
    what = {Gap.IMAGES: "only an image", Gap.EMPTY: "empty"}.get(gap.reason, str(gap.reason))
    if number == 1:
        return f"page {gap.pages[0]} is {what}"
    many = "images only" if gap.reason == Gap.IMAGES else what
    return f"{number:,} pages are {many} ({_ranges(gap.pages)})"


def failed(item: LeftOut) -> bool:
    """Whether something was left out that a person would have wanted: too large, or not to be opened."""
    return "too large" in item.reason or "cannot be read" in item.reason


def _stopped(report: Report) -> Iterator[str]:
    yield wrapped(f"Stopped. The index holds {_files(report.files)}, {report.chunks:,} passages.")
    if report.pending:
        yield f"{report.pending:,} of them are found by words only so far."
    yield wrapped("What is done is kept; the same command goes on from here.")


def _unsure(report: Report) -> Iterator[str]:
    """Files that were left as they were, because nobody could tell what they are now."""
    for path in report.unsettled[:_MOST_ROWS]:
        yield wrapped(f"{line(path)}  changed while it was read; the next run reads it again", "  ", hanging="    ")
    for path, gap in report.unread[:_MOST_ROWS]:
        said = f"{line(path)}  {line(gap_text(gap))}; left as it was, the next run tries again"
        yield wrapped(said, "  ", hanging="    ")
    if report.kept:
        yield wrapped(f"{_files(len(report.kept))} kept as they were: a folder could not be listed, or is not mounted.")


def _whole(gap: PageGap) -> str:
    return f"{gap.reason}: {gap.detail}" if gap.detail else str(gap.reason)


def _counts(report: Report) -> str:
    named = [
        (report.added, "new"),
        (report.changed, "changed"),
        (report.unchanged, "unchanged"),
        (report.moved, "moved"),
        (report.deleted, "deleted"),
        (len(report.without_text), "without text"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in named if number) or "none"


def _other_types(report: Report) -> Iterator[str]:
    if report.other_types:
        ordered = sorted(report.other_types.items(), key=lambda item: (-item[1], item[0]))
        listed = ", ".join(f"{line(suffix) or 'no suffix'} {number:,}" for suffix, number in ordered)
        total = sum(report.other_types.values())
        yield wrapped(f"{_files(total)} of other types {'was' if total == 1 else 'were'} left alone ({listed}).")
    reasons = Counter(item.reason for item in report.left_out if not failed(item))
    if reasons:
        said = (f"{line(reason)} ({number:,})" for reason, number in reasons.most_common())
        yield wrapped(f"Left out: {', '.join(said)}.")


def _gap_rows(report: Report, index: str) -> Iterator[str]:
    rows = [(line(path), gap_text(gap)) for path, gap in report.gaps]
    rows += [(line(item.path), item.reason) for item in report.left_out if failed(item)]
    widest = min(max((len(path) for path, _ in rows), default=0), 40)
    for path, text in rows[:_MOST_ROWS]:
        yield wrapped(f"{path:<{widest}}  {line(text)}", "  ", hanging=" " * min(widest + 4, 24))
    if len(rows) > _MOST_ROWS:
        yield f"  and {len(rows) - _MOST_ROWS:,} more; see them all with: {command('status --json', index)}"


def _ranges(pages: tuple[int, ...]) -> str:
    """Page numbers with runs joined: 1-3, 7."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    said = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return ", ".join(said[:8]) + (", …" if len(said) > 8 else "")


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"
