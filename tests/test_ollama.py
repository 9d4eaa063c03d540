"""What chatting over Ollama promises, on a real server where one can show it and on replayed sockets where not."""

import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import httpx
import pytest
from measure.server import free_port

from assistant.config import Config
from assistant.errors import (
    AssistantError,
    ModelMissing,
    ModelOutOfMemory,
    ModelSlow,
    ModelUnavailable,
    PromptTooLong,
    ServerAbsent,
    StreamBroken,
)
from assistant.models import server
from assistant.models.chat import Message
from assistant.models.ollama import OllamaChat, connect, translated, without_thoughts
from tests.ollama_server import CHAT_MODEL, EMBEDDING_MODEL

HELLO = [Message("user", "Say hello.")]
NO_MEMORY = '{"error":"model requires more system memory (21.4 GiB) than is available (7.6 GiB)"}'


def config(host: str, **settings: object) -> Config:
    return replace(Config(host=host, num_ctx=1024), **settings)  # type: ignore[arg-type]


def chat_models(config: Config) -> list[str]:
    """The models of the server that can chat, as `status` lists them."""
    return [model.name for model in server.info(config).models if model.chats]


def chunk(text: str, **more: object) -> bytes:
    return (
        json.dumps({"model": "m", "message": {"role": "assistant", "content": text}, "done": False} | more).encode()
        + b"\n"
    )


DONE = {"done": True, "done_reason": "stop", "prompt_eval_count": 20, "eval_count": 2}


class Replay(http.server.BaseHTTPRequestHandler):
    """Answers every request with what its server was given for the path, and keeps what it was asked."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer(json.loads(self.rfile.read(length) or b"{}"))

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, body: dict[str, object]) -> None:
        replies: Mapping[str, tuple[int, Iterable[bytes]]] = self.server.replies  # type: ignore[attr-defined]
        self.server.asked.append((self.path, body))  # type: ignore[attr-defined]
        status, parts = replies[self.path]
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        with suppress(ConnectionError):  # the asker left
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def replaying(
    replies: Mapping[str, tuple[int, Iterable[bytes]]],
) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """A loopback HTTP server that replays; yields its address and the list of what it was asked."""
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    running.replies, running.asked = replies, []  # type: ignore[attr-defined]
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}", running.asked  # type: ignore[attr-defined]
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """A socket that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def replayed(host: str, **settings: object) -> OllamaChat:
    described = server.ServerModel("m", "d", frozenset({"completion"}), 4096, remote=False)
    return OllamaChat(described, config(host, **settings))


def described(**more: object) -> tuple[int, list[bytes]]:
    shown = {"capabilities": ["completion"], "model_info": {"general.architecture": "x", "x.context_length": 600}}
    return 200, [json.dumps(shown | more).encode()]


def tags(*names: str, **more: object) -> tuple[int, list[bytes]]:
    return 200, [json.dumps({"models": [{"name": name, "digest": "d"} | more for name in names]}).encode()]


# The real server


@pytest.mark.ollama
def test_an_answer_streams_in_pieces_and_is_the_same_each_time(ollama_host: str) -> None:
    model = connect(config(ollama_host, model=CHAT_MODEL))
    first = list(model.stream(HELLO, 12))
    assert len(first) > 3
    assert "".join(first).strip()
    assert list(model.stream(HELLO, 12)) == first


@pytest.mark.ollama
def test_the_token_limit_is_sent(ollama_host: str) -> None:
    assert len(list(connect(config(ollama_host)).stream([Message("user", "Tell a long story.")], 5))) <= 5


@pytest.mark.ollama
def test_a_prompt_that_does_not_fit_is_refused_not_cut(ollama_host: str) -> None:
    model = connect(config(ollama_host, num_ctx=512))
    with pytest.raises(PromptTooLong, match="do not fit"):
        list(model.stream([Message("user", "word " * 700)], 5))


@pytest.mark.ollama
def test_closing_the_iterator_stops_the_generation_on_the_server(ollama_host: str) -> None:
    model = connect(config(ollama_host))
    long = [Message("user", "Count from one to ten thousand in words, one number a line.")]
    started = time.monotonic()
    whole = sum(1 for _ in model.stream(HELLO, 12))
    usual = time.monotonic() - started
    with closing(model.stream(long, 900)) as stream:  # type: ignore[type-var]
        next(stream)
    started = time.monotonic()
    assert sum(1 for _ in model.stream(HELLO, 12)) == whole  # the server answers one at a time
    assert time.monotonic() - started < usual + 4  # 900 tokens would take over ten seconds


@pytest.mark.ollama
def test_the_first_chat_model_answers_where_none_is_named(ollama_host: str) -> None:
    assert connect(config(ollama_host)).name == CHAT_MODEL
    assert chat_models(config(ollama_host)) == [CHAT_MODEL]
    info = server.info(config(ollama_host))
    assert info.version
    assert {model.name for model in info.models} >= {CHAT_MODEL, f"{EMBEDDING_MODEL}:latest"}


@pytest.mark.ollama
def test_a_missing_model_is_named_with_those_that_are_there(ollama_host: str) -> None:
    with pytest.raises(ModelMissing) as caught:
        connect(config(ollama_host, model="llama3.2"))
    address = ollama_host.removeprefix("http://")
    assert str(caught.value) == f"Ollama answers at {address} but has no model named “llama3.2”."
    assert caught.value.hint == f"It has: {CHAT_MODEL}. Use --model {CHAT_MODEL}, or: ollama pull llama3.2"


@pytest.mark.ollama
def test_an_embedding_model_cannot_be_asked(ollama_host: str) -> None:
    with pytest.raises(ModelMissing, match="does not support chat"):
        connect(config(ollama_host, model=EMBEDDING_MODEL))


@pytest.mark.ollama
def test_a_model_that_vanished_since_is_missing(ollama_host: str) -> None:
    gone = OllamaChat(server.ServerModel("gone:1b", "", frozenset({"completion"}), None, False), config(ollama_host))
    with pytest.raises(ModelMissing, match="“gone:1b”"):
        list(gone.stream(HELLO, 5))


@pytest.mark.ollama
def test_proxies_of_the_environment_change_nothing(ollama_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert list(connect(config(ollama_host)).stream(HELLO, 3))


# Servers that fail


def test_a_closed_port_is_an_absent_server() -> None:
    absent = config(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ServerAbsent, match="connection refused") as caught:
        connect(absent)
    assert "assistant serve-model" in caught.value.hint
    with pytest.raises(ServerAbsent):
        list(replayed(absent.host).stream(HELLO, 5))


def test_a_server_that_accepts_and_says_nothing_is_slow() -> None:
    with silent() as host:
        with pytest.raises(ModelSlow, match=r"within 0\.2 s"):
            connect(config(host, first_token_timeout=0.2))
        with pytest.raises(ModelSlow, match=r"within 0\.2 s"):
            list(replayed(host, first_token_timeout=0.2).stream(HELLO, 5))


def test_a_stream_that_closes_in_its_middle_is_broken() -> None:
    with replaying({"/api/chat": (200, [chunk("From"), chunk(" the")])}) as (host, _):
        stream = replayed(host).stream(HELLO, 5)
        assert [next(stream), next(stream)] == ["From", " the"]
        with pytest.raises(StreamBroken, match="broke off"):
            next(stream)


def test_a_line_that_is_cut_in_its_middle_is_broken() -> None:
    with (
        replaying({"/api/chat": (200, [chunk("From"), b'{"message": {"ro'])}) as (host, _),
        pytest.raises(StreamBroken),
    ):
        list(replayed(host).stream(HELLO, 5))


@pytest.mark.parametrize(
    "said", [NO_MEMORY, '{"error":"llama runner process has terminated: cudaMalloc failed: out of memory"}']
)
def test_a_server_without_memory_says_so(said: str) -> None:
    with replaying({"/api/chat": (500, [said.encode()])}) as (host, _), pytest.raises(ModelOutOfMemory) as caught:
        list(replayed(host).stream(HELLO, 5))
    assert str(caught.value) == f"Ollama could not load m: {json.loads(said)['error']}"


def test_an_error_in_mid_stream_is_told_in_the_servers_words() -> None:
    with replaying({"/api/chat": (200, [chunk("From"), b'{"error":"unexpected\\nEOF"}\n'])}) as (host, _):
        stream = replayed(host).stream(HELLO, 5)
        next(stream)
        with pytest.raises(ModelUnavailable, match="unexpected EOF"):
            next(stream)


def test_a_server_that_cut_the_prompt_all_the_same_is_caught() -> None:
    last = chunk("", **(DONE | {"prompt_eval_count": 1024}))
    with replaying({"/api/chat": (200, [chunk("So"), last])}) as (host, _), pytest.raises(PromptTooLong, match="cut"):
        list(replayed(host).stream(HELLO, 5))
    with replaying({"/api/chat": (200, [chunk("So"), chunk("", **DONE)])}) as (host, _), pytest.raises(PromptTooLong):
        list(replayed(host).stream([Message("user", "word " * 300)], 5))


def test_the_window_is_sent_and_cutting_is_forbidden() -> None:
    with replaying({"/api/chat": (200, [chunk("So", **DONE)])}) as (host, asked):
        assert list(replayed(host, num_ctx=2048).stream(HELLO, 7)) == ["So"]
    ((_, body),) = asked
    assert (body["truncate"], body["shift"], body["stream"]) == (False, False, True)
    assert isinstance(options := body["options"], dict)
    assert (options["num_ctx"], options["num_predict"], options["temperature"]) == (2048, 7, 0)
    assert "think" not in body
    assert "keep_alive" not in body


def test_the_window_is_never_larger_than_the_models_own() -> None:
    replies = {"/api/tags": tags("small:latest"), "/api/show": described()}
    with replaying(replies) as (host, _):
        assert connect(config(host, model="small", num_ctx=4096)).num_ctx == 600


def test_a_thinking_model_is_told_not_to_and_its_thoughts_are_dropped() -> None:
    thought = (
        json.dumps({"message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": False}).encode() + b"\n"
    )
    replies = {
        "/api/tags": tags("deep:8b"),
        "/api/show": described(capabilities=["completion", "thinking"]),
        "/api/chat": (200, [thought, chunk("<thi"), chunk("nk>so"), chunk("</think>28"), chunk(" days", **DONE)]),
    }
    with replaying(replies) as (host, asked):
        assert list(connect(config(host)).stream(HELLO, 5)) == ["28", " days"]
    assert asked[-1][1]["think"] is False


@pytest.mark.parametrize(
    ("name", "more"),
    [("gpt-oss:120b-cloud", {}), ("kimi:cloud", {}), ("plain:8b", {"remote_host": "https://ollama.com"})],
)
def test_a_model_that_runs_elsewhere_is_refused_and_never_chosen(name: str, more: dict[str, object]) -> None:
    replies = {"/api/version": (200, [b"{}"]), "/api/tags": tags(name, **more), "/api/show": described(remote_host="x")}
    with replaying(replies) as (host, asked):
        with pytest.raises(ModelMissing, match="runs on another machine"):
            connect(config(host, model=name))
        with pytest.raises(ModelMissing, match="has no chat model"):
            connect(config(host))
        assert chat_models(config(host)) == []
    assert "/api/chat" not in dict(asked)


def test_a_server_that_does_not_say_what_a_model_can_do_is_judged_by_its_family() -> None:
    shown = described(capabilities=None, details={"family": "bert"})
    with replaying({"/api/version": (200, [b"{}"]), "/api/tags": tags("all-minilm"), "/api/show": shown}) as (host, _):
        assert chat_models(config(host)) == []


def test_a_redirect_is_not_followed() -> None:
    with replaying({"/api/chat": (307, [])}) as (host, _), pytest.raises(ModelUnavailable):
        list(replayed(host).stream(HELLO, 5))


def test_something_else_at_the_address_is_no_server() -> None:
    with replaying({"/api/tags": (200, [b"<html>"])}) as (host, _), pytest.raises(ServerAbsent, match="something else"):
        connect(config(host))
    with replaying({"/api/tags": (200, [b"[1]"])}) as (host, _), pytest.raises(ServerAbsent, match="something else"):
        connect(config(host))


def test_every_error_of_httpx_has_a_meaning_here() -> None:
    kinds = [kind for kind in vars(httpx).values() if isinstance(kind, type) and issubclass(kind, httpx.HTTPError)]
    assert len(kinds) > 10
    for kind in kinds:
        error = kind.__new__(kind)
        Exception.__init__(error, "it failed")
        for started in (False, True):
            meant = translated(error, Config(), "m", started)
            assert isinstance(meant, AssistantError)
            assert str(meant)
            assert meant.hint


@pytest.mark.parametrize("size", [1, 3, 100])
def test_thoughts_written_into_an_answer_are_dropped(size: int) -> None:
    text = "a <b> <think>not [1]</think>is < 5<think>never ends"
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    assert "".join(without_thoughts(pieces)) == "a <b> is < 5"


def test_the_package_is_not_imported_before_a_question_is_sent() -> None:
    imported = "from assistant.answering import ask; from assistant.models import ollama"
    code = f"import sys; {imported}; print({{'ollama', 'httpx'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
