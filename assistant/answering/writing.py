"""What a model writes, checked sentence by sentence as it comes; one that repeats itself or never ends is stopped."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.answering import prompt, referring, verify
from assistant.answering.bearing import Bearing
from assistant.answering.draft import Draft
from assistant.answering.passages import Passage, read
from assistant.config import Config
from assistant.errors import PromptTooLong
from assistant.language.numbers import figures
from assistant.language.sentences import Splitter
from assistant.language.terms import content
from assistant.models.chat import ChatModel
from assistant.types import Evidence, Finding, Sentence, Verdict

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_REPEATS = 3  # times that a model may write the same sentence before it is stopped
_LETTERS = 8  # characters of a token, at most, on average: what is longer than its tokens allow is stopped
_SLACK = 1000  # characters that any answer may have
_FINISHED = re.compile(r"[.!?…][\"'”’)\]*_]*$")


def written(
    draft: Draft, evidence: Sequence[Evidence], model: ChatModel, config: Config, bearing: Bearing
) -> Iterator[Sentence]:
    """Yield what the model writes, sentence by sentence, checked and taken into the draft.

    Asks with all of the evidence that fits; where the server counts more tokens than we did, with its better half.
    """
    evidence = _fitting(draft.question, evidence, model, config, bearing.embedder)
    while True:
        try:
            yield from _streamed(draft, evidence, model, config, bearing)
            return
        except PromptTooLong:
            if draft.first_token is not None or len(evidence) == 1:
                raise
            evidence = evidence[: len(evidence) // 2]


def _fitting(
    question: str, evidence: Sequence[Evidence], model: ChatModel, config: Config, embedder: "Embedder"
) -> list[Evidence]:
    used = prompt.fit(question, evidence, model.num_ctx, config.answer_tokens, embedder.count_tokens)
    if not used:
        raise PromptTooLong(
            f"The question does not fit the {model.num_ctx} tokens of {model.name}.",
            "Ask a shorter question, or raise num_ctx.",
        )
    return used


def _streamed(
    draft: Draft, evidence: Sequence[Evidence], model: ChatModel, config: Config, bearing: Bearing
) -> Iterator[Sentence]:
    """Yield the model's sentences, checked; what it repeats is dropped, and it is stopped where it does not end."""
    passages = [read(item) for item in evidence]
    splitter, seen = Splitter(), Counter[str]()
    pieces, stopped, endless = 0, False, False
    limit = config.answer_tokens
    if draft.sent is not None:
        draft.sent(model, evidence)
    stream = model.stream(prompt.build(draft.question, evidence), limit)
    with closing(_Closable(stream)):
        for piece in stream:
            draft.first_token = draft.elapsed() if draft.first_token is None else draft.first_token
            pieces += 1
            room = _LETTERS * limit + _SLACK - len(splitter.text)
            for unit in splitter.feed(piece[:room]):
                yield from _checked(draft, splitter.text[unit.start : unit.end], passages, seen, bearing)
                stopped = draft.refused or max(seen.values(), default=0) >= _REPEATS
                if stopped:
                    break
            endless = not stopped and (pieces >= 2 * limit or len(piece) > room)
            if stopped or endless:
                break
    if stopped or endless:
        _explain_stop(draft, model, endless=endless)
        return
    cut = pieces >= limit - _merged(limit)
    for unit in splitter.close():
        text = splitter.text[unit.start : unit.end]
        if cut and not _FINISHED.search(text):
            draft.notices.append(f"{model.name} was cut off at {limit} tokens (answer_tokens).")
        else:
            yield from _checked(draft, text, passages, seen, bearing)


def _merged(limit: int) -> int:
    """Tokens that a server may have sent together with others: letters of several bytes come in one piece."""
    return limit // 50


def _explain_stop(draft: Draft, model: ChatModel, *, endless: bool) -> None:
    if endless:
        draft.notices.append(f"{model.name} did not end and was stopped.")
    elif not draft.refused:
        draft.notices.append(f"{model.name} repeated itself and was stopped.")


def _checked(
    draft: Draft, text: str, passages: Sequence[Passage], seen: Counter[str], bearing: Bearing
) -> Iterator[Sentence]:
    """Check one sentence of the model and yield it; refusals and repetitions are noted instead."""
    plain = verify.unmarked(text)
    if not re.search(r"\w", plain):
        return
    key = _sense(plain)
    seen[key] += 1
    if prompt.is_refusal(text):
        draft.refused = not draft.sentences or draft.refused
        return
    if seen[key] > 1:
        return
    yield draft.add(_judged(verify.check(text, passages, bearing.embedder), draft, bearing))


def _judged(checked: verify.Checked, draft: Draft, bearing: Bearing) -> verify.Checked:
    """The sentence as it comes into the answer: it must bear on the question and speak of no sentence removed."""
    if checked.verdict is Verdict.UNSUPPORTED:
        return checked
    dangles = referring.objection(checked, draft.sentences, draft.supports)
    objection = dangles or bearing.objection(checked)
    findings = (*checked.findings, Finding("before it" if dangles else "question", not objection, objection))
    if not objection:
        return replace(checked, findings=findings)
    return replace(checked, support=(), verdict=Verdict.UNSUPPORTED, reason=objection, findings=findings)


def _sense(text: str) -> str:
    """What two wordings of the same sentence have in common: its meaningful words and figures, else all of it."""
    said = [*content(text), *(figure.written for figure in figures(text))]
    return " ".join(said) if said else text.lower()


class _Closable:
    """Lets `closing` end any iterator: a model's is a generator, a test's may be a list's."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream

    def close(self) -> None:
        """Close the stream if it can be closed."""
        close = getattr(self._stream, "close", None)
        if close:
            close()
