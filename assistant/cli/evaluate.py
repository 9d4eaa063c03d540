"""`assistant evaluate`: measures on questions with known answers how well an index is searched."""

import json
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.index import brought_up_to_date
from assistant.cli.options import AllowHost, AsJson, EmbedderName, Host, IndexPath, Quiet, config_from, counted
from assistant.cli.stopping import Stopped
from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.evaluation.judge import Outcome
    from assistant.evaluation.questions import Question
    from assistant.evaluation.summary import Answers
    from assistant.library import Index

_LOG_SECONDS = 10.0
_MOST_NAMED = 3  # documents that are not in the index


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is measured, the same for every settings."""

    folder: Path | None
    without_evidence: bool
    halves: bool
    failures: bool
    answers: bool
    model: bool  # whether one writes the answers
    silent: bool
    left_out: int  # questions behind those that --limit takes


def evaluate_command(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="A file of questions, one JSON object a line.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DOCS", help="Bring the index up to date with this folder first.")
    ] = None,
    index: IndexPath = None,
    without_evidence: Annotated[
        bool, typer.Option("--without-evidence", help="Ask again with the right documents left out.")
    ] = False,
    halves: Annotated[bool, typer.Option("--halves", help="Show what words and meaning each find alone.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OTHER", help="Other settings (.toml), or what --json printed (.json)."),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List the questions lost, and where.")] = False,
    as_answers: Annotated[
        bool, typer.Option("--answers", help="Ask for answers: their sources, quotes and figures.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="NAME", help="With --answers: a chat model instead of quotes."),
    ] = None,
    limit: Annotated[int | None, counted("--limit", "-n", most=1_000_000, help="Only the first questions.")] = None,
    embedder: EmbedderName = None,
    host: Host = None,
    allow_host: AllowHost = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Measure how well the right documents, pages and texts are found, or what the answers are worth.

    Example: assistant evaluate questions.jsonl --folder ~/Policies --index indexes/policies
    """
    from assistant.evaluation.questions import read_questions

    if model is not None and not as_answers:
        raise UsageError("--model needs --answers: the other measures ask no model", "Add --answers.")
    known = read_questions(questions)
    asked = known[:limit]
    flags = {"index": index, "embedder": embedder, "host": host, "allow_host": allow_host, "model": model}
    config = config_from(**flags)
    silent, left_out = quiet or as_json, len(known) - len(asked)
    wanted = _Wanted(folder, without_evidence, halves, failures, as_answers, model is not None, silent, left_out)
    earlier = _read_earlier(compare) if compare is not None and compare.suffix == ".json" else None
    second = _other_config(compare, flags, config) if compare is not None and earlier is None else None
    outcomes = _measured(asked, config, wanted)
    if second is not None:
        from assistant.evaluation.summary import answers

        earlier = answers(_measured(asked, second, replace(wanted, failures=False)))
    _show(questions, config, outcomes, earlier, wanted, as_json)
    return 0


def _measured(questions: "Iterable[Question]", config: "Config", wanted: _Wanted) -> "list[Outcome]":
    """Ask every question of one index."""
    from assistant import library
    from assistant.evaluation.judge import unknown_documents
    from assistant.indexing.run import Options

    if wanted.folder is not None and brought_up_to_date(wanted.folder, config, Options(), wanted.silent).stopped:
        raise Stopped("Stopped before a question was asked. What is done is kept.")
    asked = list(questions)
    with library.Index(replace(config, log=False)) as opened:  # nobody asked these
        if not wanted.silent:
            for text in [*_unknown(unknown_documents(opened, asked)), *opened.age()]:
                print(text, file=sys.stderr)
        return list(_counted(map(_asker(opened, wanted), asked), len(asked), wanted.silent))


def _asker(opened: "Index", wanted: _Wanted) -> "Callable[[Question], Outcome]":
    """What asks a question: for what is found, or for an answer."""
    from assistant.evaluation.answered import AnswerJudge
    from assistant.evaluation.judge import Judge
    from assistant.evaluation.places import Texts
    from assistant.evaluation.remembering import remembering

    if wanted.answers:
        return AnswerJudge(remembering(opened), Texts(opened.catalog), wanted.model, wanted.without_evidence).outcome
    return Judge(
        opened, without_evidence=wanted.without_evidence, halves=wanted.halves, failures=wanted.failures
    ).outcome


def _show(
    path: Path,
    config: "Config",
    outcomes: "list[Outcome]",
    others: "Mapping[str, Answers] | None",
    wanted: _Wanted,
    as_json: bool,
) -> None:
    from assistant.cli.output.figures import (
        compared_lines,
        failure_lines,
        figure_lines,
        kind_lines,
        missed_lines,
        sentence_lines,
    )
    from assistant.evaluation.summary import answers, by_kind, compared, figures

    asked = answers(outcomes)
    differences = compared(asked, others) if others is not None else ()
    if as_json:
        _print_record(path, config, outcomes, differences, wanted)
        return
    for lines in (
        figure_lines(path, outcomes, figures(list(asked.values())), wanted.left_out),
        sentence_lines(outcomes),
        kind_lines(by_kind(outcomes)),
        compared_lines(differences) if others is not None else (),
        (missed_lines if wanted.answers else failure_lines)(outcomes) if wanted.failures else (),
    ):
        for text in lines:
            print(text)


def _print_record(path: Path, config: "Config", outcomes: "list[Outcome]", compared: Any, wanted: _Wanted) -> None:
    from assistant.cli.output.records import plain, print_json
    from assistant.evaluation.summary import answers, by_kind, figures, stages, verdicts

    asked = answers(outcomes)
    record: dict[str, Any] = {"schema": 1, "questions": str(path), "index": str(config.index)}
    record["left_out"] = wanted.left_out
    record["figures"] = figures(list(asked.values()))
    record["kinds"] = by_kind(outcomes)
    record["sentences"] = verdicts(outcomes)
    record["compared"] = list(compared)
    record["stages"] = list(stages(outcomes)) if wanted.failures else []
    record["outcomes"] = [
        {"id": outcome.question.id, "kind": outcome.question.kind} | plain(asked[outcome.question.id])
        | ({"lost": plain(outcome.lost), "missed": outcome.missed} if wanted.failures else {})
        for outcome in outcomes
    ]  # fmt: skip
    print_json(record)


def _unknown(documents: tuple[str, ...]) -> Iterator[str]:
    """That questions name documents that the index does not hold: what they ask cannot be found."""
    from assistant.cli.output.terminal import line

    if documents:
        named = ", ".join(map(line, documents[:_MOST_NAMED])) + (", …" if len(documents) > _MOST_NAMED else "")
        verb = "is" if len(documents) == 1 else "are"
        yield f"{len(documents):,} of the documents that questions name {verb} not in the index: {named}"


def _counted(outcomes: "Iterable[Outcome]", total: int, silent: bool) -> "Iterator[Outcome]":
    """The outcomes, with how many there are so far on stderr: in place at a terminal, now and then in a log."""
    at_terminal = sys.stderr.isatty()
    last = float("-inf")  # the first is said at once
    for number, outcome in enumerate(outcomes, 1):
        yield outcome
        if silent or not (at_terminal or number == total or time.monotonic() - last >= _LOG_SECONDS):
            continue
        last = time.monotonic()
        text = f"Asked {number:,} of {total:,} questions"
        end = "\r" if at_terminal and number < total else "\n"
        print(text, end=end, file=sys.stderr, flush=True)


def _other_config(path: Path, flags: Mapping[str, Any], config: "Config") -> "Config":
    """The settings of another file in place of the person's own; the same index where it names none."""
    import os

    from assistant.config import load

    try:
        names_index = "index" in tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Name a settings file.") from error
    except ValueError:  # `load` says where
        names_index = False
    given = {key: value for key, value in flags.items() if key not in ("index", "allow_host")}
    given["allowed_hosts"] = flags.get("allow_host") or None
    other = load(given, os.environ, path)
    return other if names_index else replace(other, index=config.index)


def _read_earlier(path: Path) -> "dict[str, Answers]":
    """What `--json` printed for an earlier evaluation; raises UsageError for anything else."""
    from assistant.evaluation.summary import Answers

    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["outcomes"]
        return {
            row["id"]: Answers(
                {name: float(value) for name, value in row["values"].items()},
                bool(row["answerable"]),
                float(row["confidence"]),
                None if row["confidence_without"] is None else float(row["confidence_without"]),
            )
            for row in rows
        }
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Name what --json printed.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is not what evaluate --json prints", "Make it with: evaluate … --json") from error
