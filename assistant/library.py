"""One open index: search it, ask it, read what stands around a citation.

The same object serves the command line, Python programs and LlamaIndex. It never prints, exits or reads the
environment.
"""

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding
from assistant.config import Config
from assistant.embedding.embedder import Embedder
from assistant.errors import IndexUnusable, ModelUnavailable
from assistant.indexing.fresh import drift, states
from assistant.indexing.own_embedder import conflict, for_questions, needed, refused
from assistant.log.refusals import log_refused
from assistant.question import other_language, valid
from assistant.retrieval.answerable import likely_answered, probability
from assistant.retrieval.naming import unmentioned
from assistant.retrieval.pack import pack
from assistant.retrieval.search import Found, Searcher
from assistant.storage.catalog import Catalog
from assistant.storage.lock import holder
from assistant.storage.place import index_command
from assistant.types import Answer, Citation, Evidence, FileState, Filter, Hit, Sentence, Status, StoredText

if TYPE_CHECKING:
    from assistant.answering.ask import Asked

PACKED_HITS = 40  # hits that packing may choose from
_LOOK_SECONDS = 10.0  # for so long the folder is not looked at again


def open(index: str | Path = "indexes/default", config: Config | None = None) -> "Index":
    """Open an index for questions; raises IndexUnusable where there is none or it must be rebuilt."""
    return Index(replace(config or Config(), index=Path(index)))


class Index:
    """An open index. Use it as a context manager, or `close` it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.catalog = Catalog.open(config.index)
        try:
            self.embedder = _own_embedder(self.catalog, config)
        except BaseException:
            self.catalog.close()
            raise
        self._searcher = Searcher(config.index, self.catalog, self.embedder)
        self._looked: tuple[float, str] | None = None

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its files; safe to call again."""
        self._searcher.close()
        self.catalog.close()
        if self.config.log:
            log_refused(self.config.index)

    @property
    def folder(self) -> Path:
        """The folder that was indexed."""
        return Path(self.catalog.get("folder") or "")

    def search(self, question: str, limit: int = 10, within: Filter = Filter()) -> tuple[Hit, ...]:  # noqa: B008 - frozen
        """The best passages for a question, best first."""
        return self.find(question, limit, within).hits

    def find(self, question: str, limit: int = 10, within: Filter = Filter()) -> Found:  # noqa: B008 - frozen
        """As `search`, with what the reader should know about the result and the age of the index."""
        with needed(for_questions(self.config.index)):
            found = self._searcher.search(valid(question), limit, within)
        return replace(found, notices=(*found.notices, *self.age()))

    def states(self, paths: Iterable[str]) -> dict[str, FileState]:
        """For each path of the index whether its file still is what was read."""
        return states(self.catalog, paths)

    def age(self) -> tuple[str, ...]:
        """That the folder has changed since the last run, in one line; nothing where it has not."""
        now = time.monotonic()
        if self._looked is None or now - self._looked[0] > _LOOK_SECONDS:
            index = self.config.index
            self._looked = now, drift(self.catalog, self.config).notice(index_command(index), holder(index))
        return (self._looked[1],) if self._looked[1] else ()

    def ask(
        self,
        question: str,
        within: Filter = Filter(),  # noqa: B008 - frozen
        use_model: bool = True,
        strict: bool = False,
    ) -> Answer:
        """The whole answer; see `stream`."""
        for piece in self.stream(question, within, use_model, strict):
            if isinstance(piece, Answer):
                return piece
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        question: str,
        within: Filter = Filter(),  # noqa: B008 - frozen
        use_model: bool = True,
        strict: bool = False,
    ) -> Generator[Sentence | Answer, None, None]:
        """Yield each checked sentence of a model when it is complete, and last the Answer; quotes come with the Answer.

        Raises ModelUnavailable where a model that `config.model` names cannot answer; without such a name, and with
        `use_model` false, the best-matching sentences are quoted. With `config.rewrite` the model is asked first to say
        the question in other words, which are searched for as well. With `strict` a sentence that is supported in part
        is not shown. What was asked and answered is logged, unless `config.log` is false; an answer that cannot be
        logged says so.
        """
        from assistant.answering.ask import answer, choose
        from assistant.log.question import Asking

        started = time.perf_counter()
        question = valid(question)
        reworded, said = self._rewritten(question) if use_model and self.config.rewrite else ("", ())
        found, evidence = self._found(question, within, reworded)
        searched = round(time.perf_counter() - started, 3)
        asking = Asking(self.catalog, self.config, question, within)
        asking.found(evidence, found.hits)
        wanted = use_model and bool(evidence or self.config.model)  # a model that is named must be there
        model, notices = choose(self.config) if wanted else (None, ())
        pieces = answer(
            question,
            evidence,
            found.hits,
            model=model,
            config=self.config,
            embedder=self.embedder,
            asked=self.asked(found),
            strict=strict,
            index=str(self.config.index),
            notices=(*said, *found.notices, *notices),
            started=started,
            searched=searched,
            sent=asking.sent,
        )
        try:
            with closing(pieces):
                for piece in pieces:
                    if isinstance(piece, Answer):
                        yield asking.answered(self._finished(piece, evidence))
                    else:
                        yield piece
        except BaseException as error:
            asking.broken_off(error)
            raise

    def _rewritten(self, question: str) -> tuple[str, tuple[str, ...]]:
        """The question in a model's words, with a notice that shows them; or nothing, with one that says why."""
        from assistant.answering.ask import choose
        from assistant.answering.rewrite import rewritten

        try:
            model, _ = choose(self.config)
            text = rewritten(question, model) if model is not None else ""
        except ModelUnavailable as error:
            return "", (f"The question was not rewritten: {error}",)
        return text, ((f"Searched for as well: “{text}”",) if text else ())

    def _found(self, question: str, within: Filter, reworded: str) -> tuple[Found, tuple[Evidence, ...]]:
        """Hits and evidence of one state of the index: a run may go on meanwhile."""
        with needed(for_questions(self.config.index)):
            self._searcher.prepare(question, reworded)  # what takes its time does so before the index is held

        def once() -> tuple[Found, tuple[Evidence, ...]]:
            """Hits and evidence as they stand now."""
            found = self._searcher.search(question, PACKED_HITS, within, reworded)
            return found, self.evidence(found)

        found, evidence = self.catalog.consistently(once)
        return replace(found, notices=(*found.notices, *self.age())), evidence

    def _finished(self, answer: Answer, evidence: Sequence[Evidence]) -> Answer:
        """The answer with the state of each cited file, and with what its sources do not mention."""
        cited = (*answer.citations, *answer.closest)
        state = self.states(item.path for item in cited)

        def marked(items: Sequence[Citation]) -> tuple[Citation, ...]:
            """Citations with the state of their files."""
            return tuple(replace(item, state=state[item.path]) for item in items)

        places = {(item.path, item.page) for item in answer.citations}
        passages = [passage for passage in evidence if (passage.path, passage.page) in places]
        notices = answer.notices
        if names := unmentioned(answer.question, passages, self.catalog) if passages else ():
            named = " or ".join(f"“{name}”" for name in names)
            notices = (f"The cited passages do not mention {named}.", *notices)
        elif told := _elsewhere(answer, evidence):
            notices = (told, *notices)
        if answer.status is Status.NOT_IN_DOCUMENTS:
            notices = (*other_language(answer.question, self.catalog.languages()), *notices)
        return replace(answer, citations=marked(answer.citations), closest=marked(answer.closest), notices=notices)

    def asked(self, found: Found) -> "tuple[Asked, ...]":
        """The question, or those that it is made of, each with how likely the documents answer it."""
        from assistant.answering.ask import Asked, apart

        parts = tuple(Asked(one.question, one.named.rest, probability(one)) for one in found.parts or (found,))
        return parts if found.parts else apart(parts[0])

    def evidence(self, found: Found) -> tuple[Evidence, ...]:
        """The passages that a prompt may hold; none where the documents most likely do not say."""
        return self.packed(found) if likely_answered(found) else ()

    def packed(self, found: Found) -> tuple[Evidence, ...]:
        """The best passages inside the token budget of the settings."""
        limits = (self.config.evidence_tokens, self.config.sources)
        return pack(self.catalog, found.hits, *limits, self.embedder.count_tokens)

    def stored_text(self, path: str, page: int | None) -> StoredText | None:
        """The text that a citation's offsets refer to, None where it is no longer in the index."""
        return self.catalog.stored_text(path, page)


def _elsewhere(answer: Answer, evidence: Sequence[Evidence]) -> str:
    """A line where a passage that was not cited has a word of the question for its heading and those cited lack it."""
    from assistant.answering.elsewhere import elsewhere

    cited = [one for one in evidence if any(_inside(item, one) for item in answer.citations)]
    told = elsewhere(answer.question, cited, evidence) if cited else None
    if told is None:
        return ""
    word, passage = told
    page = f", page {passage.page}" if passage.page else ""
    return f"The cited passages do not mention “{word}”; {passage.path}{page} ({passage.heading}) does."


def _inside(citation: Citation, passage: Evidence) -> bool:
    same = (citation.path, citation.page) == (passage.path, passage.page)
    return same and passage.start <= citation.start < passage.end


def _own_embedder(catalog: Catalog, config: Config) -> Embedder:
    """The embedder that made the index's vectors; raises IndexUnusable where the settings name another."""
    if not catalog.count_chunks():
        filling = index_command(config.index, catalog.get("folder") or "FOLDER")
        raise IndexUnusable(f"the index at {config.index} holds no text", f"Fill it with: {filling}")
    if error := conflict(catalog, config):
        raise error
    own = catalog.get("embedder_name")
    used = embedding.load(config.embedder or own or "bundled", config)
    if own is None:  # a first run that was stopped before its second pass: words answer already
        return used
    with needed(for_questions(config.index)):
        fingerprint = used.fingerprint
    if fingerprint != catalog.get("embedder"):
        raise refused(config, str(catalog.get("embedder")), fingerprint, used.name)
    return used
