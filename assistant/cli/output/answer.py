"""An answer as text: the running sentences, what was removed, the sources, and the line that says who wrote it."""

import sys
from collections.abc import Iterator
from pathlib import Path

from assistant.answering.draft import marked, said_below
from assistant.cli.output.places import place, state_text
from assistant.cli.output.terminal import clean, command, dim, line, unbroken, width, wrapped
from assistant.types import Answer, Citation, Sentence, Status, Verdict

_UNSURE = 0.3  # of quotes below it, half of those of the sample are not on the right page (scripts/LOG.md, "Unsure")


class Flow:
    """Prints sentences as running text, each as soon as it is complete, wrapped at words."""

    def __init__(self) -> None:
        self._column = 0

    def add(self, sentence: Sentence) -> None:
        """Print a sentence of the answer, dimmed and with its reason where the documents support a part of it.

        One that was removed from the answer comes below, with its reason.
        """
        if not sentence.shown:
            return
        if self._column and sentence.text.lstrip()[:1] in ("-", "•", "*", "|"):
            self._end_line()
        partly = sentence.verdict is Verdict.PARTLY
        text = f"{marked(sentence)} (in part: {sentence.reason})" if partly else marked(sentence)
        for word in clean(text).split():
            if self._column and self._column + 1 + len(word) > width():
                self._end_line()
            shown = dim(word) if partly else word
            sys.stdout.write(f" {shown}" if self._column else shown)
            self._column += len(word) + (1 if self._column else 0)
        sys.stdout.flush()

    def close(self) -> None:
        """End the paragraph."""
        if self._column:
            self._end_line()

    def _end_line(self) -> None:
        sys.stdout.write("\n")
        self._column = 0


def answer_lines(answer: Answer, folder: Path, *, strict: bool = False) -> Iterator[str]:
    """What follows the running sentences: quotes or refusal, what is open, what was removed, the sources.

    With `strict` nothing is said of what was removed.
    """
    if answer.status is Status.QUOTES:
        unsure = answer.confidence is not None and answer.confidence < _UNSURE
        yield wrapped(f"Quoted from the documents; no model wrote this.{' It may not be an answer.' if unsure else ''}")
        yield from (wrapped(line(text)) for text in answer.text.splitlines())
    elif answer.status is Status.NOT_IN_DOCUMENTS:
        yield "The documents do not say."
    else:
        yield from (wrapped(line(text)) for text in said_below(answer))
    if not strict:
        yield from _removed(answer)
    if answer.citations:
        yield ""
    quoted = {number for sentence in answer.sentences if sentence.shown for number in sentence.citations}
    for citation in answer.citations:
        above = answer.status is Status.QUOTES and citation.number in quoted
        yield from source_lines(citation, folder, with_quote=not above)
    if answer.status is Status.NOT_IN_DOCUMENTS:
        for citation in answer.closest:
            yield f"Closest: {place(citation, folder, '    ', state_text(citation.state))}"
            yield wrapped(f"“{line(citation.quote)}”", indent="    ")


def source_lines(citation: Citation, folder: Path, with_quote: bool = True) -> Iterator[str]:
    """A numbered source: where it stands, and the sentence that supports the answer."""
    yield f"[{citation.number}] {place(citation, folder, '    ', state_text(citation.state))}"
    if with_quote:
        yield wrapped(f"“{line(citation.quote)}”", indent="    ")


def notice_lines(answer: Answer) -> Iterator[str]:
    """What the reader should know, and who wrote the answer in what time."""
    if answer.notices or answer.citations:
        yield ""
    for notice in answer.notices:
        yield wrapped(line(notice))
    kept = sum(sentence.shown for sentence in answer.sentences)
    parts = []
    if answer.status is Status.ANSWERED:
        parts.append(f"{line(answer.model or '')}, {kept} sentence{'' if kept == 1 else 's'} checked")
    if answer.timings.total is not None:
        parts.append(f"{answer.timings.total:.1f} s")
    if answer.entry is not None:
        parts.append(f"logged as {answer.entry}")
    opening = unbroken(f"{command('open 1', answer.index)} opens the page")
    hint = f"      {opening}" if answer.citations else ""
    yield dim(wrapped(", ".join(parts) + hint))


def _removed(answer: Answer) -> Iterator[str]:
    removed = [sentence for sentence in answer.sentences if not sentence.shown]
    if not removed:
        return
    yield ""
    yield "Not supported by the documents (removed from the answer):"
    for sentence in removed:
        marks = "".join(f" [{number}]" for number in sentence.citations)
        yield wrapped(f"“{line(sentence.text)}”   {line(sentence.reason)}{marks}", indent="  ")
