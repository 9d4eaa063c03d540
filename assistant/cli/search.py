"""`assistant search`: the best passages, with where they stand."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.index import make_fresh
from assistant.cli.options import (
    AllowHost,
    AsJson,
    EmbedderName,
    FileType,
    Fresh,
    Host,
    IndexPath,
    Quiet,
    Since,
    Within,
    config_from,
    counted,
    filter_from,
    question_from,
)
from assistant.types import FileState, Hit

if TYPE_CHECKING:
    from assistant.retrieval.search import Found

_NOTHING_FOUND = 3


def search_command(
    question: Annotated[list[str] | None, typer.Argument(metavar="QUESTION", help="Words, or - for stdin.")] = None,
    limit: Annotated[int, counted("--limit", "-n", most=200, help="Passages to show, at most 200.")] = 10,
    within: Within = None,
    kind: FileType = None,
    since: Since = None,
    fresh: Fresh = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what words and meaning each contributed.")] = False,
    index: IndexPath = None,
    embedder: EmbedderName = None,
    host: Host = None,
    allow_host: AllowHost = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show the passages that match a question best, without asking a model.

    Example: assistant search "notice period" --in hr
    """
    asked = question_from(question)
    wanted = filter_from(within, kind, since)
    config = config_from(index=index, embedder=embedder, host=host, allow_host=allow_host)
    notices = make_fresh(config, silent=quiet or as_json) if fresh else ()
    from assistant import library
    from assistant.cli.output.records import print_json
    from assistant.cli.output.terminal import line, wrapped

    with library.Index(config) as opened:
        found = opened.find(asked, limit, wanted)
        found = replace(found, notices=(*notices, *found.notices))
        states = opened.states(hit.path for hit in found.hits)
        if as_json:
            print_json({"schema": 1, "question": asked, "index": str(config.index)} | _record(found, states))
            return 0 if found.hits else _NOTHING_FOUND
        for text in _explained(found) if explain else ():
            print(text)
        for number, hit in enumerate(found.hits, 1):
            for text in hit_lines(number, hit, asked, opened.folder, explain, states[hit.path]):
                print(text)
        if not quiet:
            for notice in found.notices if found.hits else (*found.notices, "Nothing was found."):
                print(wrapped(line(notice)), file=sys.stderr)
    return 0 if found.hits else _NOTHING_FOUND


def _explained(found: "Found") -> Iterator[str]:
    """How likely the documents answer the question at all, and what else it was searched for."""
    from assistant.cli.output.terminal import line
    from assistant.retrieval.answerable import probability

    yield f"The documents answer this with a probability of {probability(found):.0%}."
    if found.parts:
        yield f"Searched as a whole and for: {line('; '.join(part.question for part in found.parts))}"
    yield ""


def _record(found: "Found", states: Mapping[str, FileState]) -> dict[str, Any]:
    """What was found as `--json` prints it, each hit with the state of its file."""
    from assistant.cli.output.records import plain
    from assistant.dates import origin
    from assistant.retrieval.answerable import probability

    hits = [
        plain(hit) | {"state": states[hit.path], "date_from": origin(hit.date, hit.dated, hit.path)}
        for hit in found.hits
    ]
    told = {"probability": round(probability(found), 3), "parts": [part.question for part in found.parts]}
    return told | {"hits": hits, "notices": list(found.notices)}


def hit_lines(
    number: int,
    hit: Hit,
    question: str,
    folder: Path,
    explain: bool = False,
    state: FileState = FileState.CURRENT,
) -> Iterator[str]:
    """A hit as lines of text: where it stands and its score, then the passage with the question's words marked."""
    from assistant.cli.output.places import place, state_text
    from assistant.cli.output.terminal import bold, marked, unbroken, wrapped
    from assistant.indexing.words import marks
    from assistant.language.detection import language

    said = "   ".join(part for part in (unbroken(f"score {hit.score:.2f}"), state_text(state)) if part)
    yield f"{bold(f'{number}.')} {place(hit, folder, '   ', said)}"
    if explain:
        yield f"   meaning: cosine {hit.meaning:.3f}; words: BM25 {hit.words:.2f}, {hit.coverage:.0%} of the question"
    yield wrapped(marked(hit.text, marks(question, hit.text, language(hit.text))), indent="   ")
    yield ""
