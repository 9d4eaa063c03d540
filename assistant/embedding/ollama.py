"""Embedding with a model of an Ollama server, over the connection and the errors of models/ollama.py."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from assistant.config import Config
from assistant.embedding.embedder import PassageVectors, Vector
from assistant.embedding.tokens import count_tokens
from assistant.errors import ModelMissing, ModelUnavailable, PromptTooLong
from assistant.models import server
from assistant.models.deadline import Deadline
from assistant.models.ollama import UNLIKE, client, translated
from assistant.models.server import ServerModel

if TYPE_CHECKING:
    import ollama

_UNKNOWN_WINDOW = 512  # tokens, where the server does not say: the least that embedding models have
_LARGEST_WINDOW = 2048  # more costs the server memory, and chunks are shorter


class OllamaEmbedder:
    """An embedding model of an Ollama server; a text that exceeds its window is embedded in parts, never cut."""

    def __init__(self, model: str, config: Config) -> None:
        self.name = f"ollama:{model}"
        self._asked = model
        self._config = config

    @cached_property
    def _model(self) -> ServerModel:
        """The model as the server describes it; raises ModelUnavailable."""
        found = server.find(self._config, self._asked)
        if found is None:
            raise server.missing(self._config, self._asked, "embedding")
        if found.remote:
            raise server.refused_remote(self._asked)
        if "embedding" not in found.capabilities:
            raise ModelMissing(
                f"“{found.name}” is not an embedding model.", "Use one that is, such as: ollama pull all-minilm"
            )
        return found

    @cached_property
    def fingerprint(self) -> str:
        """Name and digest of the model, as the server lists them."""
        return f"ollama:{self._model.name}:{self._model.digest.removeprefix('sha256:')[:16]}"

    @cached_property
    def dimensions(self) -> int:
        """Length of every vector, found by embedding one word."""
        return len(self.embed_one("length"))

    @property
    def window(self) -> int:
        """Tokens of one text that the model reads, at most 2048."""
        return min(self._model.context_length or _UNKNOWN_WINDOW, _LARGEST_WINDOW)

    def embed_one(self, text: str) -> Vector:
        """Embed one text; raises errors of `assistant.errors` only."""
        return next(self.embed([text]))

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts one after the other, in their order, over one connection."""
        with (
            Deadline(self._config.first_token_timeout) as deadline,
            closing(client(self._config, deadline)) as opened,
        ):
            for text in texts:
                yield self._embedded(opened, text, deadline)

    def embed_passages(self, texts: Sequence[str]) -> Iterator[PassageVectors]:
        """Embed passages as `embed` does, without snippets: a server gives no vectors of tokens."""
        for vector in self.embed(texts):
            yield PassageVectors(vector, np.empty((0, len(vector)), np.int8))

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` as the bundled tokenizer counts them: the server has no call that counts."""
        return count_tokens(text)

    def _embedded(self, opened: "ollama.Client", text: str, deadline: Deadline) -> Vector:
        """The unit vector of a text, of its two halves' mean where the server refuses it as too long."""
        try:
            return _unit(self._asked_for(opened, text, deadline))
        except PromptTooLong:
            if len(text) < 2:
                raise
            middle = text.rfind(" ", 1, len(text) // 2 + 1)
            at = middle if middle > len(text) // 4 else len(text) // 2
            first = self._embedded(opened, text[:at], deadline)
            return _unit(first + self._embedded(opened, text[at:], deadline))

    def _asked_for(self, opened: "ollama.Client", text: str, deadline: Deadline) -> Vector:
        import httpx
        import ollama

        deadline.start()
        try:
            reply = opened.embed(model=self._model.name, input=text, options={"num_ctx": self.window})
            if reply.embeddings:
                return np.array(reply.embeddings[0], dtype=np.float32)
        except (httpx.HTTPError, ollama.ResponseError, httpx.StreamError, ConnectionError, *UNLIKE) as error:
            if deadline.expired:
                raise server.slow(self._config, deadline.seconds) from error
            raise translated(error, self._config, self._model.name, started=False) from error
        finally:
            deadline.pause()
        raise ModelUnavailable(f"{self._model.name} returned no vector.", "Try another embedding model.")


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    unit: Vector = (vector / length).astype(np.float32) if length else vector
    return unit
