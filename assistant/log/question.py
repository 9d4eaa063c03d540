"""What a question leaves in the log: what was searched, which passages went to which model, and the answer.

Nothing that a document or a person wrote stands among the facts, which stay: neither a name nor a plain hash of it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from assistant.answering.record import as_json
from assistant.config import Config
from assistant.errors import LogUnusable
from assistant.log.chain import canonical
from assistant.log.entry import ANSWER, PASSAGE, QUESTION, SEARCHED, Kind
from assistant.log.erasing import retain
from assistant.log.store import Log, New
from assistant.models.chat import ChatModel
from assistant.storage.catalog import Catalog
from assistant.storage.rows import FileRow
from assistant.types import Answer, Evidence, Filter, Hit


class Asking:
    """One question on its way to an answer, and then to the log."""

    def __init__(self, catalog: Catalog, config: Config, question: str, within: Filter) -> None:
        self._catalog = catalog
        self._config = config
        self._question = question
        self._searched = {
            "folder": catalog.get("folder"),
            "embedder": catalog.get("embedder"),
            "in": within.within,
            "type": within.kind,
            "since": within.since.isoformat() if within.since else None,
        }
        self._files: dict[str, FileRow] = {}
        self._passages: Sequence[Evidence] = ()
        self._model: dict[str, Any] | None = None
        self._is_done = not config.log

    def found(self, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> None:
        """Note what was found, and of which documents it is: they may be moved or forgotten before the answer is."""
        if not self._is_done:
            self._files = self._catalog.files(sorted({item.path for item in evidence} | {hit.path for hit in hits}))
        self._passages = evidence

    def sent(self, model: ChatModel, passages: Sequence[Evidence]) -> None:
        """Note what goes to a model, in the moment in which it does."""
        options = dict(model.options(self._config.answer_tokens))
        self._model = {"name": model.name, "digest": model.digest, "options": options}
        self._passages = passages

    def answered(self, answer: Answer) -> Answer:
        """Log the answer and return it with its number; where that fails, with a notice that says why."""
        if self._is_done:
            return answer
        self._is_done = True
        try:
            number = self._log(answer, answer.status.value)
        except LogUnusable as error:
            return replace(answer, notices=(*answer.notices, f"Nothing was logged: {error}."))
        return replace(answer, entry=number)

    def broken_off(self, error: BaseException) -> None:
        """Log a question that no answer came to, where passages have gone to a model."""
        if not self._is_done and self._model is not None:
            self._is_done = True
            with suppress(LogUnusable):  # what ended the question is about to be said
                self._log(None, "stopped" if isinstance(error, GeneratorExit | KeyboardInterrupt) else "failed")

    def _log(self, answer: Answer | None, status: str) -> int:
        retain(self._config.index, self._config.log_days)
        return Log(self._config.index).append(lambda: self._new(answer, status))

    def _new(self, answer: Answer | None, status: str) -> New:
        """The entry; without the texts of what has been forgotten since it was found."""
        paths = self._had_part(answer)
        files = {path: self._files[path].id for path in paths if path in self._files}
        known = self._catalog.known_files(files.values())
        facts = {"status": status, "model": self._model, "documents": sorted(set(files.values()))}
        texts = {SEARCHED: canonical(self._searched)}
        for number, item in enumerate(self._passages, 1):
            if files.get(item.path) in known:
                texts[f"{PASSAGE}{number}"] = canonical(self._place(item))
        if self._config.log_text:
            texts[QUESTION] = self._question
            if answer is not None and all(files.get(path) in known for path in paths):
                texts[ANSWER] = canonical(as_json(answer))
        return New(Kind.QUESTION, facts, texts)

    def _had_part(self, answer: Answer | None) -> set[str]:
        """The paths of the documents that had a part in the answer."""
        cited = {item.path for item in (*answer.citations, *answer.closest)} if answer is not None else set()
        return cited.union(item.path for item in self._passages)

    def _place(self, item: Evidence) -> dict[str, Any]:
        row = self._files[item.path]
        place = {
            "document": row.id, "sha256": row.sha256, "path": item.path, "page": item.page,
            "start": item.start, "end": item.end,
        }  # fmt: skip
        if self._config.log_text:
            place |= {"page_label": item.page_label, "heading": item.heading, "text": item.text}
        return place
