"""What an answer was decided by: per sentence its evidence, its checks and their scores, and what was removed."""

from collections.abc import Iterator
from pathlib import Path

from assistant.cli.output.places import origin_text, where
from assistant.cli.output.terminal import bold, line, wrapped
from assistant.types import Answer, Citation, Finding, Sentence, Status, Verdict


def why_lines(answer: Answer, folder: Path) -> Iterator[str]:
    """Why the documents answer the question or do not, and each sentence with all that was looked at."""
    yield ""
    yield bold("Why")
    yield from _findings(answer.findings, "  ")
    for sentence in answer.sentences:
        yield ""
        yield wrapped(f"{_verdict(sentence, answer)}: “{line(sentence.text)}”", indent="  ", hanging="    ")
        for cited in answer.citations:
            if cited.number in sentence.citations:
                place = where(cited.path, cited.page, cited.page_label, folder)
                said = f"[{cited.number}] {place}, characters {cited.start} to {cited.end}{_dated(cited)}"
                yield wrapped(said, indent="    ", hanging="        ")
        yield from _findings(sentence.findings, "    ")
    for cited in answer.closest:
        yield ""
        place = where(cited.path, cited.page, cited.page_label, folder)
        yield wrapped(f"nearest, {cited.score:.2f}: {place}{_dated(cited)}", indent="  ", hanging="    ")


def _dated(cited: Citation) -> str:
    """Where its date is from: "; 1 Feb 2026 (from its PDF metadata)"."""
    said = origin_text(cited.date, cited.dated, cited.path)
    return f"; {said}" if said else ""


def _verdict(sentence: Sentence, answer: Answer) -> str:
    """What became of a sentence, in words."""
    if answer.status is Status.QUOTES and sentence.shown:
        return "quoted"
    score = "" if sentence.score is None else f" {sentence.score:.2f}"
    said = {Verdict.SUPPORTED: "supported", Verdict.PARTLY: "supported in part", Verdict.UNSUPPORTED: "not supported"}
    reason = f" ({line(sentence.reason)})" if sentence.reason else ""
    return f"{said[sentence.verdict]}{score}{'' if sentence.shown else ', removed'}{reason}"


def _findings(findings: tuple[Finding, ...], indent: str) -> Iterator[str]:
    for finding in findings:
        detail = f": {line(finding.detail)}" if finding.detail else ""
        yield wrapped(
            f"{'yes' if finding.passed else 'no '}  {finding.check}{detail}", indent=indent, hanging=f"{indent}     "
        )
