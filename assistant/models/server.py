"""What an Ollama server says about itself: whether it answers, its version, its models and what each can do.

Asked over the standard library, because the `ollama` package has no call for the version, drops `remote_host`, which
says that a model runs on somebody else's machine, and costs a quarter of a second to import. Knows nothing of chatting
or embedding.
"""

import http.client
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assistant.airgap.egress import allow
from assistant.config import Config
from assistant.errors import (
    AssistantError,
    ModelMissing,
    ModelOutOfMemory,
    ModelSlow,
    ModelUnavailable,
    PromptTooLong,
    ServerAbsent,
)
from assistant.models.deadline import Deadline

_INFO_SECONDS = 10.0  # for a whole answer about itself; a busy machine takes a second, a hung server forever
_LISTING_SECONDS = 30.0  # for the descriptions of all models
_LARGEST_REPLY = 16 * 1024 * 1024  # bytes; /api/show of a large model is about 1 MB
_NO_MEMORY = re.compile(r"\bmemory\b|\balloc|signal: killed|\boom\b", re.IGNORECASE)
_TOO_LONG = re.compile(r"context (length|window|size)|input length|prompt (is )?too long", re.IGNORECASE)
_EMBEDDING_FAMILIES = {"bert", "nomic-bert", "xlm-roberta"}


@dataclass(frozen=True, slots=True)
class ServerModel:
    """A model of the server and what it can do."""

    name: str
    digest: str
    capabilities: frozenset[str]  # "completion", "embedding", "thinking", ...
    context_length: int | None  # tokens it was trained for; None where the server does not say
    remote: bool  # it runs on another machine, whatever the server's address

    @property
    def chats(self) -> bool:
        """Whether it can answer questions on this server."""
        return "completion" in self.capabilities and not self.remote


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server that answers, with its models, the most recently changed first."""

    address: str  # host and port, as people write them
    version: str
    models: tuple[ServerModel, ...]


def address(config: Config) -> str:
    """Host and port of the server, as people write them."""
    return urlsplit(config.host).netloc


def info(config: Config) -> ServerInfo:
    """Ask the server for its version and all of its models; raises ModelUnavailable."""
    version = _text(ask(config, "/api/version").get("version"))
    return ServerInfo(address(config), version, tuple(_describable(config)))


def listed(config: Config) -> list[dict[str, Any]]:
    """The server's own list of models, as it sends it; raises ModelUnavailable."""
    models = ask(config, "/api/tags").get("models") or []
    if not isinstance(models, list):
        raise unlike(config)
    return [entry for entry in models if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


def find(config: Config, name: str) -> ServerModel | None:
    """Look a model up by the name that a person wrote, `llama3` meaning `llama3:latest`; None where there is none.

    A name that only means another machine (`…-cloud`, `…:cloud`) is described as remote without asking.
    """
    if is_cloud(name):
        return ServerModel(name, "", frozenset({"completion"}), None, remote=True)
    for entry in listed(config):
        if entry["name"].lower() in (name.lower(), f"{name.lower()}:latest"):
            return _described(config, entry)
    return None


def first_chat_model(config: Config) -> ServerModel | None:
    """The first model of the server that can chat on that machine, or None."""
    return next((model for model in _describable(config) if model.chats), None)


def is_cloud(name: str) -> bool:
    """Whether a model's name says that it runs at ollama.com."""
    tag = name.lower().rpartition(":")[2]
    return tag == "cloud" or tag.endswith("-cloud")


def missing(config: Config, name: str, capability: str) -> ModelMissing:
    """The error for a model that the server lacks, with the names of those that would do instead."""
    usable = [model.name for model in info(config).models if capability in model.capabilities and not model.remote]
    option = "--model " if capability == "completion" else "--embedder ollama:"
    has = f"It has: {', '.join(usable)}. Use {option}{usable[0]}, or: " if usable else "Get it with: "
    message = f"Ollama answers at {address(config)} but has no model named “{name}”."
    return ModelMissing(message, f"{has}ollama pull {name}")


def _unknown(config: Config, name: str) -> ModelMissing:
    return ModelMissing(
        f"Ollama at {address(config)} lists “{name}” but cannot describe it.", f"Get it again: ollama pull {name}"
    )


def refused_remote(name: str) -> ModelUnavailable:
    """The error for a model that runs on somebody else's machine."""
    return ModelMissing(
        f"“{name}” runs on another machine, so your documents would leave this one.",
        "Use a model that Ollama runs here; assistant status lists them.",
    )


def absent(config: Config, reason: str) -> ServerAbsent:
    """The error for an address at which no Ollama server answers."""
    return ServerAbsent(
        f"No Ollama server answers at {address(config)} ({reason}).",
        "Start it with: assistant serve-model. Or ask with --no-model for quotes.",
    )


def unlike(config: Config) -> ModelUnavailable:
    """The error for a server whose answers are not those of Ollama."""
    return ModelUnavailable(
        f"Something at {address(config)} answers, but not like an Ollama server.",
        "Check the address (host). Or ask with --no-model for quotes.",
    )


def slow(config: Config, seconds: float) -> ModelSlow:
    """The error for a server that accepted the question and sent nothing of use in time."""
    return ModelSlow(
        f"Ollama at {address(config)} sent nothing of use within {seconds:g} s.",
        "Loading a large model takes long: try again, use a smaller one, or raise first_token_timeout.",
    )


def failure(config: Config, model: str, status: int, text: str) -> AssistantError:
    """The error that a server's own words mean; `status` is HTTP's, 0 or less where the words came in mid-stream."""
    said = _said(text)
    if _NO_MEMORY.search(said):
        return ModelOutOfMemory(
            f"Ollama could not load {model}: {said}", "Use a smaller model, a smaller num_ctx, or close other programs."
        )
    if _TOO_LONG.search(said):
        return PromptTooLong(
            f"The question and its passages do not fit {model}'s window: {said}",
            "Raise num_ctx, or lower evidence_tokens or --sources.",
        )
    if status == 404 and "not found" in said:
        return missing(config, model, "completion")
    if "does not support" in said:
        return ModelMissing(
            f"Ollama cannot use {model} for this: {said}",
            "Name a chat model: models that only embed cannot answer. The server lists: ollama list",
        )
    code = f" ({status})" if status > 0 else ""
    return ModelUnavailable(f"Ollama at {address(config)} refused{code}: {said}", "Its log may say more.")


def ask(config: Config, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """GET, or POST `body`, and return the JSON object that the server answers; raises ModelUnavailable."""
    seconds = min(_INFO_SECONDS, config.first_token_timeout)
    connection = _connection(config)
    try:
        with Deadline(seconds) as deadline:
            status, text = _exchanged(connection, path, body, deadline)
    except TimeoutError as error:
        if connection.sock is None:
            raise absent(config, "no connection in time") from error
        raise slow(config, seconds) from error
    except (OSError, http.client.HTTPException) as error:
        raise slow(config, seconds) if deadline.expired else absent(config, _reason(error)) from error
    finally:
        connection.close()
    if deadline.expired:
        raise slow(config, seconds)
    model = _text((body or {}).get("model"))
    if status == 404:  # not `failure`: naming the models that are there would ask the same again, without an end
        raise _unknown(config, model) if model else unlike(config)
    if status != 200:
        raise failure(config, model, status, text)
    return _object(config, text)


def _exchanged(
    connection: http.client.HTTPConnection, path: str, body: Mapping[str, Any] | None, deadline: Deadline
) -> tuple[int, str]:
    """Status and text of the reply; cut short where the deadline expired."""
    connection.connect()
    connection.sock.settimeout(2 * deadline.seconds)  # the deadline comes first
    deadline.watch(connection.sock)
    deadline.start()
    data = None if body is None else json.dumps(body).encode()
    connection.request("GET" if data is None else "POST", path, data, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, response.read(_LARGEST_REPLY).decode("utf-8", "replace")


def _connection(config: Config) -> http.client.HTTPConnection:
    allow(config.allowed_hosts)
    parts = urlsplit(config.host)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=config.connect_timeout)


def _object(config: Config, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise absent(config, "something else answers there") from error
    if not isinstance(value, dict):
        raise absent(config, "something else answers there")
    return value


def _describable(config: Config) -> Iterator[ServerModel]:
    """The models that the server can describe; one that it cannot hides no other. Raises where it can describe none."""
    until = time.monotonic() + _LISTING_SECONDS
    described, failed = 0, None
    for entry in listed(config):
        try:
            model = _described(config, entry)
        except ModelUnavailable as error:
            failed = error
        else:
            described += 1
            yield model
        if time.monotonic() > until:
            break
    if failed and not described:
        raise failed


def _described(config: Config, entry: Mapping[str, Any]) -> ServerModel:
    name = entry["name"]
    digest = _text(entry.get("digest"))
    if is_cloud(name) or entry.get("remote_host") or entry.get("remote_model"):
        return ServerModel(name, digest, frozenset({"completion"}), None, remote=True)
    shown = ask(config, "/api/show", {"model": name})
    remote = bool(shown.get("remote_host") or shown.get("remote_model"))
    return ServerModel(name, digest, _capabilities(config, shown), _context_length(config, shown), remote)


def _capabilities(config: Config, shown: Mapping[str, Any]) -> frozenset[str]:
    said, details = shown.get("capabilities") or [], shown.get("details") or {}
    if not isinstance(said, list) or not isinstance(details, dict):
        raise unlike(config)
    if said:
        return frozenset(map(_text, said))
    family = _text(details.get("family"))  # servers before 0.6.4 do not say
    return frozenset({"embedding" if family in _EMBEDDING_FAMILIES else "completion"})


def _context_length(config: Config, shown: Mapping[str, Any]) -> int | None:
    model_info = shown.get("model_info") or {}
    if not isinstance(model_info, dict):
        raise unlike(config)
    length = model_info.get(f"{_text(model_info.get('general.architecture'))}.context_length")
    return length if type(length) is int and length > 0 else None  # true is an int, too


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _said(text: str) -> str:
    """The server's own words, from its JSON or plain."""
    try:
        value = json.loads(text)
        text = (isinstance(value, dict) and _text(value.get("error"))) or text
    except (ValueError, RecursionError):
        pass
    return " ".join(text.split())[:300] or "no reason given"


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "it closed the connection"
    if isinstance(error, http.client.HTTPException):
        return "something else answers there"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
