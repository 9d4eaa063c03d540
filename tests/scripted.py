"""A chat model that says what it was told to, behind the same protocol as a real one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.models.chat import Message


class ScriptedModel:
    """Plays queued answers, piece by piece; an exception among the pieces is raised at its place."""

    def __init__(self, name: str = "scripted:1b", num_ctx: int = 4096) -> None:
        self.name = name
        self.num_ctx = num_ctx
        self.digest = "5c21b7ed"
        self.history: list[list[Message]] = []  # what was asked
        self.limits: list[int] = []  # tokens that were allowed
        self.given: list[str] = []  # pieces that were taken
        self.closed = 0  # streams that were ended, by their end or from outside
        self._queue: list[Sequence[str | Exception]] = []

    def enqueue(self, pieces: Sequence[str | Exception]) -> "ScriptedModel":
        """Queue the next answer; a text alone is given word by word."""
        if isinstance(pieces, str):
            words = pieces.split(" ")
            pieces = [words[0], *(f" {word}" for word in words[1:])]
        self._queue.append(pieces)
        return self

    def options(self, answer_tokens: int) -> Mapping[str, Any]:
        """What a real model's server would be told."""
        return {"num_ctx": self.num_ctx, "num_predict": answer_tokens}

    def stream(self, messages: Sequence[Message], answer_tokens: int) -> Iterator[str]:
        """Play the next queued answer."""
        self.history.append(list(messages))
        self.limits.append(answer_tokens)
        pieces = self._queue.pop(0)
        try:
            for piece in pieces:
                if isinstance(piece, Exception):
                    raise piece
                self.given.append(piece)
                yield piece
        finally:
            self.closed += 1
