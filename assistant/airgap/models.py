"""The Ollama server as the doctor sees it: version, cloud switch, where it listens, and which models fit in memory."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.airgap.addresses import is_loopback
from assistant.airgap.finding import Finding, State, note, ok, wrong
from assistant.airgap.machine import available_memory
from assistant.airgap.software import judged, parsed
from assistant.config import Config
from assistant.errors import AssistantError, EgressRefused, ModelUnavailable
from assistant.models import server

_CACHE_BYTES = 2  # a number of the key-value cache is a float16, Ollama's default
_RUNNER_BYTES = 500_000_000  # of the process that runs a model, buffers included (scripts/LOG.md, "Nothing leaves")
_LISTENING = "0A"  # a TCP state (include/net/tcp_states.h)
_START = "Start it with: assistant serve-model"
_QUOTES = "Questions are answered in quotes."


def models(config: Config) -> Iterator[Finding]:
    """Everything that can be seen of the server and its models; one line where nothing answers."""
    try:
        version = str(server.ask(config, "/api/version").get("version", ""))
    except EgressRefused as error:
        yield wrong("Ollama", str(error), error.hint)
        return
    except ModelUnavailable as error:
        yield _absent(config, error)
        return
    server_itself = judged("Ollama", parsed(version))
    yield server_itself
    if server_itself.state is State.OK:  # an older one is told to be replaced, and has no such answer
        yield _cloud(config, version)
    yield _listening(config)
    yield from _fitting(config)


def _absent(config: Config, error: ModelUnavailable) -> Finding:
    """What to do where nothing answers: start the server, or install it first."""
    here = is_loopback(urlsplit(config.host).hostname or "")
    if here and shutil.which("ollama") is None:
        hint = f"{_QUOTES} For answers in sentences install it: https://ollama.com, or from a bundle."
        return note("Ollama", "is not installed", hint)
    return note("Ollama", str(error).rstrip("."), f"{_QUOTES} {_START if here else 'Start it there.'}")


def _cloud(config: Config, version: str) -> Finding:
    """Whether the server's own connections to its maker are switched off."""
    try:
        cloud = server.ask(config, "/api/status").get("cloud")
    except ModelUnavailable:
        cloud = None
    if not isinstance(cloud, Mapping):
        return note("Cloud", f"Ollama {version} does not say whether its cloud is switched off", f"End it. {_START}")
    if cloud.get("disabled") is True:
        return ok("Cloud", "switched off in the server")
    return wrong("Cloud", "the server may send questions to ollama.com, and calls it for updates", f"End it. {_START}")


def _listening(config: Config) -> Finding:
    """Whether other machines can reach the server; known on Linux, for a server of this machine."""
    parts = urlsplit(config.host)
    if not is_loopback(parts.hostname or ""):
        return note(
            "Listens", f"{parts.hostname}, another machine that you allowed", "Questions and passages go there."
        )
    places = listening(parts.port or 0, _tables())
    if places is None:
        return ok("Listens", f"answers at {parts.netloc}; this system does not say where else")
    if places - {"loopback"}:
        said = f"other machines of your network can reach port {parts.port}, and Ollama asks for no password"
        return note("Listens", said, f"End it. {_START}")
    return ok("Listens", f"{parts.netloc}, for this machine only")


def listening(port: int, tables: list[str]) -> set[str] | None:
    """ "loopback" and "network", each where a socket listens so at a port; None where the system's tables show none."""
    found = set()
    for line in (line for table in tables for line in table.splitlines()[1:]):
        fields = line.split()
        address, _, number = fields[1].partition(":")
        if fields[3] == _LISTENING and int(number, 16) == port:
            found.add("loopback" if _is_loopback(address) else "network")
    return found or None


def _is_loopback(address: str) -> bool:
    """Whether an address as the kernel's table has it, in words of the machine's byte order, is loopback's."""
    words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
    plain = b"".join(words)
    mapped = plain.removeprefix(bytes(10) + b"\xff\xff") if len(plain) == 16 else plain
    return mapped[0] == 127 if len(mapped) == 4 else plain == bytes(15) + b"\x01"


def _tables() -> list[str]:
    paths = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
    return [path.read_text(encoding="ascii") for path in paths if path.exists()]


def _fitting(config: Config) -> Iterator[Finding]:
    """Each model with the memory that it will take."""
    available = available_memory() if is_loopback(urlsplit(config.host).hostname or "") else None
    try:
        entries = server.listed(config)
    except ModelUnavailable as error:
        yield wrong("Models", str(error), error.hint)
        return
    if not entries:
        yield note("Models", "the server has none", "Get one: ollama pull llama3.1:8b, or take one along in a bundle.")
    for entry in entries:
        yield _model(config, entry, available)


def _model(config: Config, entry: Mapping[str, Any], available: int | None) -> Finding:
    name = str(entry["name"])
    if server.is_cloud(name) or entry.get("remote_host"):
        return note("Model", f"{name} runs on another machine and is never used", f"Remove it: ollama rm {name}")
    try:
        shown = server.ask(config, "/api/show", {"model": name})
    except AssistantError as error:
        return note("Model", f"{name}: {error}", error.hint)
    if shown.get("remote_host") or shown.get("remote_model"):
        return note("Model", f"{name} runs on another machine and is never used", f"Remove it: ollama rm {name}")
    needed = memory_of(int(entry.get("size") or 0), shown.get("model_info") or {}, config.num_ctx)
    said = f"{name} takes about {needed / 1e9:,.1f} GB with num_ctx {config.num_ctx}"
    if available is None or needed <= available:
        return ok("Model", said)
    hint = "Use a smaller model or num_ctx. A graphics card with enough memory of its own makes up for it."
    return note("Model", f"{said}, of {available / 1e9:,.1f} GB available", hint)


def memory_of(weights: int, info: Mapping[str, Any], num_ctx: int) -> int:
    """Bytes that a model takes: its weights, keys and values of every token and layer, and the process that runs it.

    Too much for models whose layers see a window only, too little for those with large buffers, and without the cache
    where the model's figures are not known.
    """
    kind = info.get("general.architecture")

    def figure(name: str) -> Any:
        """A figure of this kind of model."""
        return info.get(f"{kind}.{name}") or 0

    layers, heads = figure("block_count"), figure("attention.head_count")
    each = figure("embedding_length") // heads if isinstance(heads, int) and heads else 0
    wide = (figure("attention.key_length") or each) + (figure("attention.value_length") or each)
    groups = figure("attention.head_count_kv") or heads
    total = sum(groups) if isinstance(groups, list) else layers * groups  # a list has one number a layer
    tokens = min(num_ctx, figure("context_length") or num_ctx)
    return weights + tokens * total * wide * _CACHE_BYTES + _RUNNER_BYTES
