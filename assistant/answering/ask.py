"""From evidence to an answer: asks the model, checks every sentence as it is complete, and quotes where no model helps.

Knows nothing of how the evidence was found, and nothing of Ollama but that a model can fail.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.answering import prompt, verify
from assistant.answering.bearing import Bearing
from assistant.answering.model import ChatModel
from assistant.answering.numbers import figures
from assistant.answering.passages import Passage, citation, read
from assistant.answering.quotes import held, quotes
from assistant.answering.sentences import Splitter
from assistant.answering.terms import content
from assistant.config import Config
from assistant.errors import ModelUnavailable, PromptTooLong
from assistant.types import Answer, Citation, Evidence, Hit, Sentence, Status, Timings, Verdict

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_REPEATS = 3  # times that a model may write the same sentence before it is stopped
_CLOSEST = 3  # passages named where the documents do not say
_HELPFUL = 0.3  # share of the question's words that a quote needs to stand in for a model's failed answer
_LETTERS = 8  # characters of a token, at most, on average: what is longer than its tokens allow is stopped
_SLACK = 1000  # characters that any answer may have
_FINISHED = re.compile(r"[.!?…][\"'”’)\]*_]*$")


@dataclass(slots=True)
class _Draft:
    """An answer in the making."""

    question: str
    index: str
    started: float  # time.perf_counter()
    searched: float | None
    notices: list[str]
    bearing: Bearing
    sent: Callable[[ChatModel, Sequence[Evidence]], None] | None
    sentences: list[Sentence] = field(default_factory=list)
    citations: dict[tuple[str, int | None, int, int], Citation] = field(default_factory=dict)
    first_token: float | None = None
    refused: bool = False

    def cite(self, passages: Sequence[verify.Support]) -> tuple[int, ...]:
        """The numbers of the citations for what supports a sentence, in order of first use."""
        numbers = []
        for item in passages:
            source = item.passage.evidence
            key = (source.path, source.page, source.start + item.start, source.start + item.end)
            if key not in self.citations:
                number = len(self.citations) + 1
                self.citations[key] = citation(source, item.start, item.end, number, item.score)
            numbers.append(self.citations[key].number)
        return tuple(dict.fromkeys(numbers))

    @property
    def supported(self) -> bool:
        """Whether any sentence so far may be shown as the documents' own."""
        return any(sentence.shown for sentence in self.sentences)

    def finish(self, status: Status, text: str, model: str | None = None, closest: Sequence[Citation] = ()) -> Answer:
        """The answer as it is now."""
        return Answer(
            question=self.question,
            status=status,
            text=text,
            sentences=tuple(self.sentences),
            citations=tuple(self.citations.values()),
            closest=tuple(closest),
            model=model,
            index=self.index,
            notices=tuple(self.notices),
            timings=Timings(self.searched, self.first_token, self.elapsed()),
        )

    def elapsed(self) -> float:
        """Seconds since the question was asked."""
        return round(time.perf_counter() - self.started, 3)


def choose(config: Config) -> tuple[ChatModel | None, tuple[str, ...]]:
    """The model that answers under `config`, or None and a notice for the reader.

    Raises ModelUnavailable where a model was asked for by name.
    """
    from assistant.answering.ollama import connect

    try:
        return connect(config), ()
    except ModelUnavailable as error:
        if config.model is not None:
            raise
        return None, (f"{error} Quotes instead.",)


def answer(  # noqa: PLR0917 - what was asked, what was found, who answers
    question: str,
    evidence: Sequence[Evidence],
    closest: Sequence[Hit],
    model: ChatModel | None,
    config: Config,
    embedder: "Embedder",
    *,
    index: str = "",
    notices: Sequence[str] = (),
    started: float | None = None,
    searched: float | None = None,
    sent: Callable[[ChatModel, Sequence[Evidence]], None] | None = None,
) -> Generator[Sentence | Answer, None, None]:
    """Yield each checked sentence that a model writes as soon as it is complete, and last the whole Answer.

    Sentences that are not shown come too; quotes come with the Answer alone.

    Without evidence the model is not called, and the answer names what is `closest`. `started` is when the question was
    asked (time.perf_counter()), `searched` the seconds that the search took; `sent` is told what goes to the model in
    the moment in which it does. Closing the iterator stops the model.
    Raises ModelUnavailable where a model that was asked for by name (`config.model`) wrote nothing at all.
    """
    asked_at = time.perf_counter() if started is None else started
    draft = _Draft(question, index, asked_at, searched, list(notices), Bearing(question, evidence, embedder), sent)
    if not evidence:
        yield _not_said(draft, _as_evidence(closest[:_CLOSEST]), embedder)
        return
    if model is None:
        yield _quoted(draft, evidence, embedder)
        return
    try:
        yield from _fitted(draft, _fitting(question, evidence, model, config, embedder), model, config)
    except ModelUnavailable as error:
        if draft.first_token is None and config.model is not None:
            raise
        draft.notices.append(_broken(error, draft))
    if draft.supported:
        yield draft.finish(Status.ANSWERED, joined(draft.sentences), model.name)
    elif draft.refused:
        yield _not_said(draft, evidence, embedder)
    else:
        yield _instead(draft, evidence, model, embedder)


def joined(sentences: Sequence[Sentence]) -> str:
    """The text of an answer: the sentences shown, with their marks; list items and table rows on their own lines."""
    text = ""
    for sentence in sentences:
        if sentence.shown:
            line = bool(re.match(r"[-*•|]\s|\d+[.)]\s|\|", sentence.text))
            text += ("\n" if line else " ") + marked(sentence)
    return text.strip()


def marked(sentence: Sentence) -> str:
    """A sentence with the marks of its citations, before its full stop: "28 working days [1]."."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    if not marks:
        return sentence.text
    stop = re.search(r"(?<=\w)[.!]$", sentence.text)
    at = stop.start() if stop else len(sentence.text)
    return f"{sentence.text[:at]} {marks}{sentence.text[at:]}"


def quoted(sentence: Sentence) -> str:
    """A sentence of the documents in quotation marks, with its mark."""
    return f"“{sentence.text}” {''.join(f'[{number}]' for number in sentence.citations)}"


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


def _fitted(draft: _Draft, evidence: list[Evidence], model: ChatModel, config: Config) -> Iterator[Sentence]:
    """Ask with all of the evidence; where the server counts more tokens than we did, with the better half of it."""
    while True:
        try:
            yield from _written(draft, evidence, model, config)
            return
        except PromptTooLong:
            if draft.first_token is not None or len(evidence) == 1:
                raise
            evidence = evidence[: len(evidence) // 2]


def _written(draft: _Draft, evidence: Sequence[Evidence], model: ChatModel, config: Config) -> Iterator[Sentence]:
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
                yield from _checked(draft, splitter.text[unit.start : unit.end], passages, seen)
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
            yield from _checked(draft, text, passages, seen)


def _merged(limit: int) -> int:
    """Tokens that a server may have sent together with others: letters of several bytes come in one piece."""
    return limit // 50


def _explain_stop(draft: _Draft, model: ChatModel, *, endless: bool) -> None:
    if endless:
        draft.notices.append(f"{model.name} did not end and was stopped.")
    elif not draft.refused:
        draft.notices.append(f"{model.name} repeated itself and was stopped.")


def _checked(draft: _Draft, text: str, passages: Sequence[Passage], seen: Counter[str]) -> Iterator[Sentence]:
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
    sentence = _judged(draft, verify.check(text, passages))
    draft.sentences.append(sentence)
    yield sentence


def _judged(draft: _Draft, checked: verify.Checked) -> Sentence:
    """The sentence as it comes into the answer: one that its sources hold must bear on the question as well."""
    objection = draft.bearing.objection(checked) if checked.verdict is Verdict.SUPPORTED else ""
    if objection:
        checked = replace(checked, support=(), verdict=Verdict.UNSUPPORTED, reason=objection)
    return Sentence(
        checked.text,
        draft.cite(checked.support),
        checked.verdict,
        checked.reason,
        checked.verdict is Verdict.SUPPORTED,
        checked.score,
        checked.findings,
    )


def _sense(text: str) -> str:
    """What two wordings of the same sentence have in common: its meaningful words and figures, else all of it."""
    said = [*content(text), *(figure.written for figure in figures(text))]
    return " ".join(said) if said else text.lower()


def _broken(error: ModelUnavailable, draft: _Draft) -> str:
    if draft.supported:
        return f"{error} What was complete is kept."
    return f"{error} Quotes instead."


def _instead(draft: _Draft, evidence: Sequence[Evidence], model: ChatModel, embedder: "Embedder") -> Answer:
    """Quotes where they help; else the documents do not say."""
    failed = draft.notices and draft.notices[-1].endswith("Quotes instead.")
    found = quotes(draft.question, evidence, embedder)
    if failed or (found and held(draft.question, found[0]) >= _HELPFUL):
        if not failed:
            draft.notices.append(f"{model.name} wrote nothing that the documents support. Quotes instead.")
        return _quoted(draft, evidence, embedder)
    draft.notices.append(f"{model.name} wrote nothing that the documents support.")
    return _not_said(draft, evidence, embedder)


def _quoted(draft: _Draft, evidence: Sequence[Evidence], embedder: "Embedder") -> Answer:
    found = quotes(draft.question, evidence, embedder)
    if not found:
        return _not_said(draft, evidence, embedder)
    draft.citations = {(cited.path, cited.page, cited.start, cited.end): cited for _, cited in found}
    removed = [replace(sentence, citations=()) for sentence in draft.sentences]
    draft.sentences = [sentence for sentence, _ in found]
    text = "\n".join(map(quoted, draft.sentences))
    draft.sentences += removed
    return draft.finish(Status.QUOTES, text)


def _not_said(draft: _Draft, evidence: Sequence[Evidence], embedder: "Embedder") -> Answer:
    nearest = [cited for _, cited in quotes(draft.question, evidence, embedder)]
    draft.citations = {}
    draft.sentences = [replace(sentence, citations=()) for sentence in draft.sentences]
    return draft.finish(Status.NOT_IN_DOCUMENTS, prompt.REFUSAL, closest=nearest)


def _as_evidence(hits: Sequence[Hit]) -> list[Evidence]:
    return [
        Evidence(
            number, hit.path, hit.page, hit.page_label, hit.heading, hit.text, hit.start, hit.end, hit.score, hit.title,
            hit.date, hit.dated, hit.family, hit.edition, hit.newest,
        )
        for number, hit in enumerate(hits, 1)
    ]  # fmt: skip


class _Closable:
    """Lets `closing` end any iterator: a model's is a generator, a test's may be a list's."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream

    def close(self) -> None:
        """Close the stream if it can be closed."""
        close = getattr(self._stream, "close", None)
        if close:
            close()
