"""What a chat model has to offer; nothing else in the package knows which one writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation that a model is asked to continue."""

    role: str  # "system", "user" or "assistant"
    content: str


class ChatModel(Protocol):
    """Writes an answer piece by piece; raises errors of `assistant.errors` only."""

    @property
    def name(self) -> str:
        """How the server names it, shown under every answer."""
        ...

    @property
    def num_ctx(self) -> int:
        """Tokens of prompt and answer together that the model is run with."""
        ...

    @property
    def digest(self) -> str:
        """Which weights it is made of, as its server says; empty where it does not."""
        ...

    def options(self, answer_tokens: int) -> Mapping[str, Any]:
        """What decides an answer of at most `answer_tokens` besides the messages, as the server is told."""
        ...

    def stream(self, messages: Sequence[Message], answer_tokens: int) -> Iterator[str]:
        """Yield the answer in pieces of about a token, at most `answer_tokens` of them.

        Closing the iterator stops the generation where it runs.
        """
        ...
