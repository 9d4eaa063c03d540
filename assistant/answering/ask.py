"""From evidence to an answer: asks the model, checks every sentence as it is complete, and quotes where no model helps.

Knows nothing of how the evidence was found, and nothing of Ollama but that a model can fail.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.airgap.addresses import is_loopback
from assistant.answering import prompt
from assistant.answering.bearing import Bearing, left_out
from assistant.answering.differing import differing
from assistant.answering.draft import Draft, joined, quoted
from assistant.answering.passages import read
from assistant.answering.quotes import Quote, quotes
from assistant.answering.writing import written
from assistant.config import Config
from assistant.errors import ModelUnavailable, ServerAbsent
from assistant.language.expected import expected
from assistant.models.chat import ChatModel
from assistant.retrieval.asked import asked as asked_version
from assistant.retrieval.parts import spoken_of
from assistant.types import Answer, Difference, Evidence, Finding, Hit, Sentence, Status

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

_CLOSEST = 3  # passages named where the documents do not say


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, or one of several that a question is made of, and what the search says of it."""

    text: str
    rest: str = ""  # what it asks beyond the name of a document; empty where it names none
    likely: float = 1.0  # that the documents answer it, judged from what was found
    as_said: str = ""  # its own words where it is half of a question: "who may restore them?"

    @property
    def said(self) -> str:
        """The question as a person asked it."""
        return self.as_said or self.text


@dataclass(frozen=True, slots=True)
class _Sources:
    """What was found for a question, and how it is compared with it."""

    asked: Sequence[Asked]
    evidence: Sequence[Evidence]
    embedder: "Embedder"

    def quotes(self, asked: Asked) -> list[Quote]:
        """The statements that answer a question, or a part of it, best first."""
        return quotes(
            asked.text, self.evidence, self.embedder, rest=asked.rest, likely=asked.likely, as_said=asked.as_said
        )


def apart(asked: Asked) -> tuple[Asked, ...]:
    """A question and the one behind it that speaks of the same and says what it wants; else the one alone.

    Both are answered from what was found for the whole.
    """
    found = spoken_of(asked.rest or asked.text)
    if found is None or (expected(found[1]) is None and not asked_version(found[1]).years):
        return (asked,)
    first, second, as_said = found
    named = bool(asked.rest)
    return (
        replace(asked, text=first, rest=first if named else "", as_said=first),
        replace(asked, text=second, rest=second if named else "", as_said=as_said),
    )


def choose(config: Config) -> tuple[ChatModel | None, tuple[str, ...]]:
    """The model that answers under `config`, or None and a notice for the reader.

    Raises ModelUnavailable where a model was asked for by name.
    """
    from assistant.models.ollama import connect

    try:
        return connect(config), ()
    except ModelUnavailable as error:
        if config.model is not None:
            raise
        if isinstance(error, ServerAbsent) and is_loopback(urlsplit(config.host).hostname or ""):
            return None, (f"No Ollama server at {urlsplit(config.host).netloc}; start one: assistant serve-model",)
        return None, (f"{error} Quotes instead.",)


def answer(  # noqa: PLR0917 - what was asked, what was found, who answers
    question: str,
    evidence: Sequence[Evidence],
    closest: Sequence[Hit],
    model: ChatModel | None,
    config: Config,
    embedder: "Embedder",
    *,
    asked: Sequence[Asked] = (),
    strict: bool = False,
    index: str = "",
    notices: Sequence[str] = (),
    started: float | None = None,
    searched: float | None = None,
    sent: Callable[[ChatModel, Sequence[Evidence]], None] | None = None,
) -> Generator[Sentence | Answer, None, None]:
    """Yield each checked sentence that a model writes as soon as it is complete, and last the whole Answer.

    Sentences that are not shown come too; quotes come with the Answer alone.

    Without evidence the model is not called, and the answer names what is `closest`. `asked` are the
    questions that the question is made of, itself where it is one; with `strict` a sentence that is supported in part
    is not shown. `started` is when the question was asked (time.perf_counter()), `searched` the seconds that the search
    took; `sent` is told what goes to the model in the moment in which it does. Closing the iterator stops the model.
    Raises ModelUnavailable where a model that was asked for by name (`config.model`) wrote nothing at all.
    """
    asked_at = time.perf_counter() if started is None else started
    sources = _Sources(asked or (Asked(question),), evidence or _as_evidence(closest[:_CLOSEST]), embedder)
    likely = max(one.likely for one in sources.asked)
    draft = Draft(question, index, asked_at, searched, list(notices), strict, likely, sent)
    draft.findings.append(_near(likely, bool(evidence)))
    if not evidence:
        yield _not_said(draft, sources)
    elif model is None:
        yield _quoted(draft, sources)
    else:
        yield from _written_answer(draft, sources, model, config)


def _near(likely: float, found: bool) -> Finding:
    what = "passages near enough to the question" if found else "no passage near enough to the question"
    return Finding("passages", found, f"{what} (likely an answer: {likely:.2f})")


def _written_answer(draft: Draft, sources: _Sources, model: ChatModel, config: Config) -> Iterator[Sentence | Answer]:
    """The model's sentences, then the answer that they make, or what stands in for it."""
    bearing = Bearing(draft.question, sources.evidence, sources.embedder)
    failure = ""
    try:
        yield from written(draft, sources.evidence, model, config, bearing)
    except ModelUnavailable as error:
        if draft.first_token is None and config.model is not None:
            raise
        failure = str(error)
    if draft.supported:
        draft.notices += [f"{failure} What was complete is kept."] if failure else []
        yield from _completed(draft, sources)
        _compare(draft, sources)
        yield draft.finish(Status.ANSWERED, joined(draft.sentences), model.name)
    elif draft.refused:
        draft.findings.append(Finding("refusal", False, f"{model.name} wrote that the documents do not say"))
        yield _not_said(draft, sources)
    else:
        nothing = f"{model.name} wrote nothing that the documents support."
        draft.findings.append(Finding("support", False, failure or nothing))
        yield _instead(draft, sources, failure or nothing)


def _completed(draft: Draft, sources: _Sources) -> Iterator[Sentence]:
    """Quotes for the parts of the question that the model's sentences leave out; what they lack is left open."""
    said = [sentence.text for sentence in draft.sentences if sentence.shown]
    silent = left_out([one.text for one in sources.asked], said, sources.embedder)
    for one in (one for one in sources.asked if one.text in silent):
        best = sources.quotes(one)[:1]
        if best and best[0].answers:
            yield draft.quote(best[0], f"“{best[0].text}”")
        else:
            draft.left_open += (one.said,)


def _instead(draft: Draft, sources: _Sources, failure: str) -> Answer:
    """Quotes where the documents answer, with a notice of what they stand in for; else the documents do not say."""
    answer = _quoted(draft, sources)
    notice = f"{failure} Quotes instead." if answer.status is Status.QUOTES else failure
    return replace(answer, notices=(*answer.notices, notice))


def _quoted(draft: Draft, sources: _Sources) -> Answer:
    """The statements that answer the question, or each of its parts; where none does, the documents do not say."""
    found = [sources.quotes(one) for one in sources.asked]
    best = [some[0] for some in found if some]
    draft.confidence = max((one.likely for one in best), default=0.0)
    draft.findings += [Finding("quote", one.answers, one.why) for one in best]
    answering = [some for some in found if some and some[0].answers]
    if not answering:
        return _not_said(draft, sources)
    draft.left_open = tuple(one.said for one, some in zip(sources.asked, found, strict=True) if some not in answering)
    removed = draft.uncite()
    shown = answering[0] if len(found) == 1 else [one for some in answering for one in _first(some)]
    for one in {(one.passage.evidence.number, one.statement.unit.start): one for one in shown}.values():
        draft.quote(one)
    _compare(draft, sources)
    text = "\n".join(map(quoted, draft.sentences))
    draft.sentences += removed
    return draft.finish(Status.QUOTES, text)


def _first(some: Sequence[Quote]) -> list[Quote]:
    """The best quote, with the rows of its table that say as much."""
    return [one for one in some if one is some[0] or one.of_table(some[0])]


def _compare(draft: Draft, sources: _Sources) -> None:
    """Note where another document says something else than the answer."""
    passages = [read(item) for item in sources.evidence]
    found = differing(draft.question, draft.supports, passages, named=any(one.rest for one in sources.asked))
    if found is not None:
        newer, older = (draft.cite([one])[0] for one in (found.newer, found.older))
        draft.differences.append(Difference(newer, older, found.newer_says, found.older_says))


def _not_said(draft: Draft, sources: _Sources) -> Answer:
    nearest = [one.citation(number) for number, one in enumerate(sources.quotes(Asked(draft.question)), 1)]
    draft.sentences = draft.uncite()
    return draft.finish(Status.NOT_IN_DOCUMENTS, prompt.REFUSAL, closest=nearest)


def _as_evidence(hits: Sequence[Hit]) -> list[Evidence]:
    return [
        Evidence(
            number, hit.path, hit.page, hit.page_label, hit.heading, hit.text, hit.start, hit.end, hit.score, hit.title,
            hit.date, hit.dated, hit.family, hit.edition, hit.newest,
        )
        for number, hit in enumerate(hits, 1)
    ]  # fmt: skip
