"""An answer as text: the running sentences, what was removed, the sources, and the line that says who wrote it."""

import sys
from collections.abc import Iterator
from pathlib import Path

from assistant.answering.ask import marked
from assistant.cli.places import place, state_text
from assistant.cli.terminal import clean, command, dim, line, width, wrapped
from assistant.types import Answer, Citation, Sentence, Status


class Flow:
    """Prints sentences as running text, each as soon as it is complete, wrapped at words."""

    def __init__(self) -> None:
        self._column = 0

    def add(self, sentence: Sentence) -> None:
        """Print a sentence of the answer; one that was removed from it comes below, with its reason."""
        if not sentence.shown:
            return
        if self._column and sentence.text.lstrip()[:1] in ("-", "•", "*", "|"):
            self._end_line()
        for word in clean(marked(sentence)).split():
            if self._column and self._column + 1 + len(word) > width():
                self._end_line()
            sys.stdout.write(f" {word}" if self._column else word)
            self._column += len(word) + (1 if self._column else 0)
        sys.stdout.flush()

    def close(self) -> None:
        """End the paragraph."""
        if self._column:
            self._end_line()

    def _end_line(self) -> None:
        sys.stdout.write("\n")
        self._column = 0


def answer_lines(answer: Answer, folder: Path) -> Iterator[str]:
    """What follows the running sentences: quotes or refusal, what was removed, the sources."""
    if answer.status is Status.QUOTES:
        yield "Quoted from the documents; no model wrote this."
        for text in answer.text.splitlines():
            yield wrapped(line(text))
    if answer.status is Status.NOT_IN_DOCUMENTS:
        yield "The documents do not say."
    yield from _removed(answer)
    if answer.citations:
        yield ""
    for citation in answer.citations:
        yield from source_lines(citation, folder, with_quote=answer.status is not Status.QUOTES)
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
    hint = f"      {command('open 1', answer.index)} opens the page" if answer.citations else ""
    yield dim(", ".join(parts) + hint)


def _removed(answer: Answer) -> Iterator[str]:
    removed = [sentence for sentence in answer.sentences if not sentence.shown]
    if not removed:
        return
    yield ""
    yield "Not supported by the documents (removed from the answer):"
    for sentence in removed:
        yield wrapped(f"“{line(sentence.text)}”   {line(sentence.reason)}", indent="  ")
