"""Chatting with a model of an Ollama server: the only door to the `ollama` package besides embedding/ollama.py.

The package is imported when a question is on its way to a model, never before: it costs a quarter of a second.
Every failure of the package, of httpx below it and of the server becomes an error of `assistant.errors` here.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from assistant.airgap.egress import allow
from assistant.config import Config
from assistant.errors import AssistantError, ModelMissing, PromptTooLong, StreamBroken
from assistant.models import server
from assistant.models.chat import Message
from assistant.models.deadline import Deadline
from assistant.models.server import ServerModel

if TYPE_CHECKING:
    import ollama

# The same prompt gives the same answer; and no penalty on repeating words, which Ollama sets to 1.1: it drives a model
# away from the words and figures of its passages. Loops are stopped by `ask`.
_OPTIONS = {"temperature": 0, "seed": 7, "repeat_penalty": 1.0}
# What a reply that is not Ollama's raises in the package, which takes its shape for granted.
UNLIKE = (ValueError, TypeError, AttributeError, RecursionError)
_THOUGHT_BEGINS, _THOUGHT_ENDS = re.compile("<think>"), re.compile("</think>")
_WRITE_SECONDS = 30.0  # to hand over a request; a prompt is a few kilobytes


class OllamaChat:
    """A chat model of an Ollama server; no prompt is ever cut without an error."""

    def __init__(self, model: ServerModel, config: Config) -> None:
        self.name = model.name
        self.digest = model.digest
        self.num_ctx = min(config.num_ctx, model.context_length or config.num_ctx)
        self._thinks = "thinking" in model.capabilities
        self._config = config

    def options(self, answer_tokens: int) -> Mapping[str, Any]:
        """What decides an answer besides the messages; see ChatModel."""
        return _OPTIONS | {"num_ctx": self.num_ctx, "num_predict": answer_tokens}

    def stream(self, messages: Sequence[Message], answer_tokens: int) -> Iterator[str]:
        """Yield the answer in pieces, without what a thinking model thinks; see ChatModel.

        Raises ServerAbsent, ModelSlow, ModelMissing, ModelOutOfMemory, ModelUnavailable or PromptTooLong before the
        first piece, and StreamBroken, ModelSlow (no visible text for first_token_timeout) or PromptTooLong (a server
        that cut the prompt all the same) after it.
        """
        deadline = Deadline(self._config.first_token_timeout)
        return _in_time(without_thoughts(self._pieces(messages, answer_tokens, deadline)), deadline)

    def _pieces(self, messages: Sequence[Message], answer_tokens: int, deadline: Deadline) -> Iterator[str]:
        import httpx
        import ollama

        started = done = False
        try:
            with (
                closing(client(self._config, deadline)) as opened,
                closing(self._request(opened, messages, answer_tokens)) as parts,
            ):
                for part in parts:
                    started = True
                    if part.message.content:
                        yield part.message.content
                    if part.done:
                        done = True
                        self._check_count(messages, part.prompt_eval_count)
                        break
        except (httpx.HTTPError, httpx.StreamError, ollama.ResponseError, ConnectionError, *UNLIKE) as error:
            if deadline.expired:
                raise server.slow(self._config, deadline.seconds) from error
            raise translated(error, self._config, self.name, started) from error
        if deadline.expired:
            raise server.slow(self._config, deadline.seconds)
        if not done:
            raise StreamBroken(f"{self.name} broke off before it was done.", "Ask again.")

    def _request(
        self, opened: "ollama.Client", messages: Sequence[Message], answer_tokens: int
    ) -> "Generator[ollama.ChatResponse, None, None]":
        # The package says Iterator, but it is a generator, and closing it ends the request.
        chunks: Generator[ollama.ChatResponse, None, None] = opened.chat(  # type: ignore[assignment]
            model=self.name,
            messages=[{"role": message.role, "content": message.content} for message in messages],
            stream=True,
            think=False if self._thinks else None,
            options=self.options(answer_tokens),
        )
        return chunks

    def _check_count(self, messages: Sequence[Message], count: int | None) -> None:
        """Raise PromptTooLong where the server read less than it was sent: servers that ignore `truncate` cut."""
        words = sum(len(message.content.split()) for message in messages)
        if (
            count and count > 0 and (count >= self.num_ctx or count < words / 2)
        ):  # no tokenizer gives less than a token a word
            raise PromptTooLong(
                f"Ollama at {server.address(self._config)} cut the prompt for {self.name} ({count} tokens were read).",
                "Raise num_ctx, or lower evidence_tokens or --sources.",
            )


def connect(config: Config) -> OllamaChat:
    """Return the configured chat model, or the first that the server has.

    Raises ModelUnavailable, or ModelMissing with the names of the models that would do; a model that runs on
    another machine is refused.
    """
    if config.model is None:
        first = server.first_chat_model(config)
        if first is None:
            raise ModelMissing(
                f"Ollama answers at {server.address(config)} but has no chat model.", "Get one: ollama pull llama3.1:8b"
            )
        return OllamaChat(first, config)
    found = server.find(config, config.model)
    if found is None:
        raise server.missing(config, config.model, "completion")
    if found.remote:
        raise server.refused_remote(config.model)
    if not found.chats:
        raise server.failure(config, found.name, 400, f"“{found.name}” does not support chat")
    return OllamaChat(found, config)


def client(config: Config, deadline: Deadline) -> "ollama.Client":
    """A client that ignores proxies, follows no redirect, and asks the server never to cut a prompt.

    `deadline` ends its connection; it counts only while its owner lets it.
    """
    import httpx
    import ollama

    from assistant.models.transport import Transport

    allow(config.allowed_hosts)
    timeout = httpx.Timeout(
        connect=config.connect_timeout, read=config.first_token_timeout, write=_WRITE_SECONDS, pool=None
    )
    return ollama.Client(
        config.host,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={"Accept-Encoding": "identity"},
        transport=Transport(encrypted=config.host.startswith("https:"), deadline=deadline),
    )


def translated(error: Exception, config: Config, model: str, started: bool) -> AssistantError:
    """The error that a failure of httpx, of the ollama package or of the server means here."""
    import httpx
    import ollama

    if isinstance(error, ollama.ResponseError):
        return server.failure(config, model, error.status_code, str(error.error))
    if isinstance(error, ConnectionError):  # the package's own
        return server.absent(config, "no connection")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol):
        return server.absent(config, str(error).lower() or "no connection in time")
    if isinstance(error, httpx.TimeoutException):
        return server.slow(config, config.first_token_timeout)
    return _ended(error, config, model, started)


def _ended(error: Exception, config: Config, model: str, started: bool) -> AssistantError:
    """The error that an answer's end before its end means, or one that is not Ollama's."""
    unlike = isinstance(error, UNLIKE)
    if unlike and not started:
        return server.unlike(config)
    reason = "what came is not like Ollama's" if unlike else _short(error)
    if started:
        return StreamBroken(f"{model} broke off in mid-answer ({reason}).", "Ask again.")
    return StreamBroken(f"Ollama at {server.address(config)} ended without an answer ({reason}).", "Ask again.")


def without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """Drop what stands between <think> and </think>; some models write it into the answer. Closes `pieces`."""
    held, thinking = "", False
    try:
        for piece in pieces:
            held, at = held + piece, 0
            while match := (_THOUGHT_ENDS if thinking else _THOUGHT_BEGINS).search(held, at):
                if not thinking and match.start() > at:
                    yield held[at : match.start()]
                at, thinking = match.end(), not thinking
            held = held[at:]
            keep = _begun(held, "</think>" if thinking else "<think>")
            if not thinking and len(held) > keep:
                yield held[: len(held) - keep]
            held = held[len(held) - keep :]
        if held and not thinking:
            yield held
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()


def _in_time(pieces: Iterator[str], deadline: Deadline) -> Iterator[str]:
    """Yield `pieces` while each visible one comes before the deadline, which begins again with it. Closes `pieces`."""
    with deadline:
        deadline.start()
        try:
            for piece in pieces:
                if piece.strip():
                    deadline.pause()
                    yield piece
                    deadline.start()
                else:
                    yield piece
        finally:
            close = getattr(pieces, "close", None)
            if close:
                close()


def _begun(text: str, mark: str) -> int:
    """How many of the last characters of `text` may be the beginning of `mark`."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if mark.startswith(text[-size:])), 0)


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:120].rstrip(".")
