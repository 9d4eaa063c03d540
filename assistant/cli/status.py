"""`assistant status`: what the index holds, whether the folder has changed, and what the Ollama server has."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.cli.options import AllowHost, AsJson, Host, IndexPath, Quiet, config_from
from assistant.config import Config

_CHANGES = ("added", "changed", "moved", "gone", "ignored")


@dataclass(frozen=True, slots=True)
class State:
    """What `status` says of an index."""

    index: str
    folder: str
    files: int
    pages: int
    chunks: int
    without_vector: int
    bytes: int  # of the index on disk
    built_at: str | None
    embedder: str | None  # with the digest of the model
    embedder_conflict: str  # that the settings name another, and what to do; empty where they do not
    writer: str  # the process that writes to it now
    damaged: tuple[str, ...]  # what the next run makes anew
    changes: dict[str, int] | None  # files added, changed, moved, gone, ignored since; None where it cannot be read
    uncompared: int  # of the changed: by their times alone
    closed: dict[str, str]  # folders and files that may not be read, with the reason
    lost: str  # why the folder cannot be read, where it cannot
    gaps: dict[str, list[str]]  # what gave no text, by path
    server: dict[str, Any]  # host, version, models or error


def status_command(
    index: IndexPath = None,
    host: Host = None,
    allow_host: AllowHost = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show what the index holds, whether the folder has changed since, and which models the server has.

    Example: assistant status --index indexes/policies
    """
    from assistant.cli.output.records import plain, print_json

    state = _state(config_from(index=index, host=host, allow_host=allow_host))
    if as_json:
        print_json({"schema": 1} | plain(state))
    else:
        for text in state_lines(state, brief=quiet):
            print(text)
    return 0


def state_lines(state: State, brief: bool = False) -> Iterator[str]:
    """The state as lines of text; the brief form is the first four and what is wrong."""
    from assistant.cli.output.terminal import command
    from assistant.dates import clock

    yield _row("Index", f"{state.index}, {state.bytes / 1e6:,.1f} MB, made from {state.folder}")
    advice = "" if state.writer else f"; run: {command('index', state.index)}"
    pending = f", {state.without_vector:,} still without a vector{advice}" if state.without_vector else ""
    yield _row("Holds", f"{state.files:,} files, {state.pages:,} pages, {state.chunks:,} passages{pending}")
    built = clock(state.built_at) if state.built_at else "never finished"
    yield _row("Built", f"{built}, embedder {(state.embedder or 'none yet').rpartition(':')[0] or state.embedder}")
    yield _row("Folder", _changes(state))
    yield from _warnings(state)
    if brief:
        return
    if state.gaps:
        yield _row(
            "Gaps", f"{len(state.gaps):,} file{'' if len(state.gaps) == 1 else 's'} gave no text, or not all of it"
        )
        for path, reasons in state.gaps.items():
            yield _row("", f"{path}: {'; '.join(reasons)}", deeper="  ")
    yield _row("Ollama", _server(state.server))


def _row(label: str, text: str, deeper: str = "") -> str:
    """What is said of one thing behind its label, in lines below one another."""
    from assistant.cli.output.terminal import line, wrapped

    return wrapped(line(text), indent=f"{label:<10}{deeper}", hanging=f"{'':<10}{deeper * 2}")


def _warnings(state: State) -> Iterator[str]:
    """What a person should know before they trust an answer, or start a run."""
    from assistant.cli.output.terminal import command

    if state.writer:
        yield _row("Run", f"a run is at work: {state.writer}")
    for what in state.damaged:
        yield _row("Damaged", f"the {what} is missing or damaged; run: {command('index', state.index)}")
    if state.embedder_conflict:
        yield _row("Embedder", state.embedder_conflict)
    for path, reason in state.closed.items():
        yield _row("Closed", f"{path}: {reason}; a run takes what is in the index from there out of it")


def _bytes(index: Path) -> int:
    """The size of an index on disk; a run may remove files meanwhile."""
    total = 0
    for path in index.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _state(config: Config) -> State:
    from assistant.cli.output.report import gap_text
    from assistant.indexing.fresh import drift
    from assistant.indexing.health import damaged
    from assistant.indexing.own_embedder import conflict
    from assistant.storage.catalog import Catalog
    from assistant.storage.lock import holder

    writer = holder(config.index)
    with Catalog.open(config.index) as catalog:
        counts = catalog.counts()
        drifted = drift(catalog, config)
        return State(
            index=str(config.index),
            folder=catalog.get("folder") or "",
            files=counts.files,
            pages=counts.pages,
            chunks=counts.chunks,
            without_vector=counts.pending,
            bytes=_bytes(config.index),
            built_at=catalog.get("built_at"),
            embedder=catalog.get("embedder"),
            embedder_conflict=f"{error}. {error.hint}" if (error := conflict(catalog, config)) else "",
            writer=writer,
            damaged=() if writer else damaged(catalog, config.index),
            uncompared=drifted.uncompared,
            closed={item.path: item.reason for item in drifted.barred},
            lost=drifted.lost,
            changes=None if drifted.lost else dict(zip(_CHANGES, drifted.counts, strict=True)),
            gaps={path: [gap_text(gap) for gap in row.gaps] for path, row in catalog.files().items() if row.gaps},
            server=_models(config),
        )


def _models(config: Config) -> dict[str, Any]:
    from assistant.cli.output.records import plain
    from assistant.errors import ModelUnavailable
    from assistant.models.server import info

    try:
        return {"host": config.host} | dict(plain(info(config)))
    except ModelUnavailable as error:
        return {"host": config.host, "error": str(error)}


def _changes(state: State) -> str:
    from assistant.cli.output.terminal import command
    from assistant.dates import clock

    if state.changes is None:
        return f"not compared: {state.lost}"
    since = f"since {clock(state.built_at)}" if state.built_at else "since a run that never ended"
    said = ", ".join(f"{number:,} {word}" for word, number in state.changes.items() if number)
    if not said:
        return f"unchanged {since}"
    unsure = f" ({state.uncompared:,} by their times alone)" if state.uncompared else ""
    advice = "" if state.writer else f"; run: {command('index', state.index)}"
    return f"has changed {since}: {said}{unsure}{advice}"


def _server(server: dict[str, Any]) -> str:
    if "error" in server:
        return str(server["error"])
    models = ", ".join(str(model["name"]) for model in server["models"]) or "no models"
    return f"{server['version']} at {server['host']}: {models}"
