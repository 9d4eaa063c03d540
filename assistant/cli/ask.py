"""`assistant ask`: the answer, sentence by sentence, and its sources."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

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
    NoLog,
    Quiet,
    Since,
    Within,
    config_from,
    counted,
    filter_from,
    question_from,
)
from assistant.types import Answer, Sentence, Status

if TYPE_CHECKING:
    from assistant.library import Index

_NOT_SAID = 3


@dataclass(frozen=True, slots=True)
class _Shown:
    """How much of an answer is printed."""

    quiet: bool
    strict: bool
    why: bool


def ask_command(
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="The question, or - for stdin.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="A chat model of the server [its first].")
    ] = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Quote the documents instead of asking a model.")
    ] = False,
    rewrite: Annotated[
        bool,
        typer.Option("--rewrite", help="Have the model say the question in other words, and search for these, too."),
    ] = False,
    sources: Annotated[
        int | None, counted("--sources", most=50, help="Passages for the model, at most 50 [10].")
    ] = None,
    within: Within = None,
    kind: FileType = None,
    since: Since = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Show only sentences that the documents support in full.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Show what each sentence was checked by, and what was removed.")
    ] = False,
    fresh: Fresh = False,
    index: IndexPath = None,
    embedder: EmbedderName = None,
    host: Host = None,
    allow_host: AllowHost = None,
    no_log: NoLog = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Answer a question from the documents; every sentence names its file and page.

    Example: assistant ask "How many days of annual leave do I get?"
    """
    asked = question_from(question)
    wanted = filter_from(within, kind, since)
    config = config_from(
        index=index, embedder=embedder, host=host, allow_host=allow_host, model=model, sources=sources,
        rewrite=rewrite or None, log=False if no_log else None,
    )  # fmt: skip
    notices = make_fresh(config, silent=quiet or as_json) if fresh else ()
    from assistant import library

    with (
        library.Index(config) as opened,
        contextlib.closing(opened.stream(asked, wanted, not no_model, strict)) as found,
    ):
        pieces = _noted(found, notices)
        answer = _finished(pieces) if as_json else _printed(pieces, opened, _Shown(quiet, strict, why))
    from assistant.cli.last import remember

    remember(config.index, answer)
    if as_json:
        _print_record(answer)
    return _NOT_SAID if answer.status is Status.NOT_IN_DOCUMENTS else 0


def _print_record(answer: Answer) -> None:
    from assistant.answering.record import as_json
    from assistant.cli.output.records import print_json

    print_json(as_json(answer))


def _noted(pieces: Iterable[Sentence | Answer], notices: tuple[str, ...]) -> Iterator[Sentence | Answer]:
    """The pieces, the answer with these notices before its own."""
    for piece in pieces:
        yield replace(piece, notices=(*notices, *piece.notices)) if isinstance(piece, Answer) else piece


def _finished(pieces: Iterable[Sentence | Answer]) -> Answer:
    for piece in pieces:
        if isinstance(piece, Answer):
            return piece
    raise AssertionError("a stream ends with its answer")


def _with_patience(pieces: Iterable[Sentence | Answer], quiet: bool) -> Iterator[Sentence | Answer]:
    """The pieces; until the first one comes, a terminal shows that something is going on."""
    waiting = not quiet and sys.stderr.isatty()
    if waiting:
        print("Searching and asking …", end="", file=sys.stderr, flush=True)
    try:
        for piece in pieces:
            if waiting:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)
                waiting = False
            yield piece
    finally:
        if waiting:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _printed(pieces: Iterable[Sentence | Answer], opened: "Index", shown: _Shown) -> Answer:
    """Print each supported sentence as it comes, then what belongs below the answer."""
    from assistant.cli.output.answer import Flow, answer_lines, notice_lines
    from assistant.cli.output.why import why_lines

    flow = Flow()
    for piece in _with_patience(pieces, shown.quiet):
        if isinstance(piece, Sentence):
            flow.add(piece)
            continue
        flow.close()
        for text in answer_lines(piece, opened.folder, strict=shown.strict):
            print(text)
        for text in why_lines(piece, opened.folder) if shown.why else ():
            print(text)
        if not shown.quiet:
            for text in notice_lines(piece):
                print(text, file=sys.stderr)
        return piece
    raise AssertionError("a stream ends with its answer")
