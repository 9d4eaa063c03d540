"""What a server that means harm cannot do: it cannot hang, exhaust or crash the assistant, only be reported."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from assistant.embedding.ollama import OllamaEmbedder
from assistant.errors import ModelMissing, ModelSlow, ModelUnavailable, StreamBroken
from assistant.models import transport
from assistant.models.ollama import connect
from tests.test_ollama import DONE, HELLO, chat_models, chunk, config, described, replayed, replaying, tags

VERSION = (200, [b'{"version":"0"}'])
NESTED = b"[" * 100_000
SECONDS = 0.4  # of patience in these tests


def dripping(part: bytes) -> Iterator[bytes]:
    while True:
        yield part
        time.sleep(0.05)


@contextmanager
def dripping_headers() -> Iterator[str]:
    """A server whose headers never end, a byte at a time."""

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                opened, _ = listening.accept()
                with opened, suppress(OSError):
                    opened.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
                    for part in dripping(b"x"):
                        opened.sendall(part)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def soon(ask: Callable[[], object]) -> None:
    """`ask` is given up as slow, and not long after its time."""
    started = time.monotonic()
    with pytest.raises(ModelSlow):
        ask()
    assert time.monotonic() - started < SECONDS + 5


def test_a_model_that_is_listed_but_not_described_is_missing() -> None:
    replies = {"/api/version": VERSION, "/api/tags": tags("m"), "/api/show": (404, [b'{"error":"model not found"}'])}
    with replaying(replies) as (host, asked):
        with pytest.raises(ModelMissing, match="lists “m” but cannot describe it"):
            connect(config(host, model="m"))
        with pytest.raises(ModelMissing, match="cannot describe"):
            connect(config(host))
        assert len(asked) == 4
    with (
        replaying({"/api/tags": (404, [b"not found"])}) as (host, _),
        pytest.raises(ModelUnavailable, match="not like"),
    ):
        connect(config(host))


def test_a_model_that_cannot_be_described_hides_no_other() -> None:
    class InTurn:
        """A bad description first, then a good one."""

        def __init__(self) -> None:
            self.turns = iter((b'{"capabilities":5}', described()[1][0]) * 2)

        def __iter__(self) -> Iterator[bytes]:
            yield next(self.turns)

    with replaying({"/api/version": VERSION, "/api/tags": tags("bad", "good"), "/api/show": (200, InTurn())}) as (
        host,
        _,
    ):
        assert chat_models(config(host)) == ["good"]
        assert connect(config(host)).name == "good"


@pytest.mark.parametrize("said", [{"models": 5}, {"models": "abc"}, {"models": {"name": "m"}}])
def test_a_list_of_another_shape_is_not_ollamas(said: object) -> None:
    replies = {"/api/tags": (200, [json.dumps(said).encode()])}
    with replaying(replies) as (host, _), pytest.raises(ModelUnavailable, match="not like an Ollama server"):
        connect(config(host))


@pytest.mark.parametrize("more", [{"capabilities": 5}, {"capabilities": None, "details": "abc"}, {"model_info": [1]}])
def test_a_description_of_another_shape_is_not_ollamas(more: dict[str, object]) -> None:
    replies = {"/api/tags": tags("m"), "/api/show": described(**more)}
    with replaying(replies) as (host, _), pytest.raises(ModelUnavailable, match="not like an Ollama server"):
        connect(config(host, model="m"))


@pytest.mark.parametrize(
    "more",
    [
        {"capabilities": None, "details": {"family": ["bert"]}},
        {"model_info": {"general.architecture": "x", "x.context_length": True}},
        {"model_info": {"general.architecture": {"x": 1}, "x.context_length": 600}},
    ],
)
def test_an_odd_field_of_a_description_counts_as_not_said(more: dict[str, object]) -> None:
    with replaying({"/api/tags": tags("m"), "/api/show": described(**more)}) as (host, _):
        assert connect(config(host)).num_ctx == (600 if "details" in more else 1024)


def test_endless_nesting_is_no_server() -> None:
    with replaying({"/api/tags": (200, [NESTED])}) as (host, _), pytest.raises(ModelUnavailable):
        connect(config(host))
    with replaying({"/api/tags": (500, [NESTED])}) as (host, _), pytest.raises(ModelUnavailable):
        connect(config(host))


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("line", [b"[1,2]", b"5", b"null", b'"x"', b'{"error":{"x":1}}', b'{"message":5}', NESTED])
def test_an_answer_of_another_shape_is_told_in_plain_words(line: bytes, status: int) -> None:
    with replaying({"/api/chat": (status, [line + b"\n"])}) as (host, _):
        with pytest.raises(ModelUnavailable) as caught:
            list(replayed(host).stream(HELLO, 5))
        assert "pydantic" not in str(caught.value)
        assert len(str(caught.value)) < 400
    with replaying({"/api/chat": (200, [chunk("So"), line + b"\n"])}) as (host, _):
        with pytest.raises(ModelUnavailable) as caught:
            list(replayed(host).stream(HELLO, 5))
        assert "pydantic" not in str(caught.value)


def test_a_negative_count_is_ignored_and_nothing_after_the_end_is_taken() -> None:
    last = chunk("So", **(DONE | {"prompt_eval_count": -1}))
    with replaying({"/api/chat": (200, [last, chunk(" more", **DONE), b"5\n"])}) as (host, _):
        assert list(replayed(host).stream(HELLO, 5)) == ["So"]


def test_a_server_that_drips_about_itself_is_slow() -> None:
    with replaying({"/api/tags": (200, dripping(b" "))}) as (host, _):
        soon(lambda: connect(config(host, first_token_timeout=SECONDS)))
    with dripping_headers() as host:
        soon(lambda: connect(config(host, first_token_timeout=SECONDS)))
    with dripping_headers() as host:
        soon(lambda: list(replayed(host, first_token_timeout=SECONDS).stream(HELLO, 5)))


@pytest.mark.parametrize("part", [b" ", chunk(""), chunk(" "), chunk("<think>hm</think>"), chunk("<think>hm")])
def test_a_chat_without_visible_text_is_slow(part: bytes) -> None:
    with replaying({"/api/chat": (200, dripping(part))}) as (host, _):
        soon(lambda: list(replayed(host, first_token_timeout=SECONDS).stream(HELLO, 5)))


def test_a_chat_that_stalls_between_visible_pieces_is_slow_and_a_slow_reader_is_not() -> None:
    def parts() -> Iterator[bytes]:
        yield from (chunk("From"), chunk(" the"))
        yield from dripping(chunk(""))

    with replaying({"/api/chat": (200, parts())}) as (host, _):
        stream = replayed(host, first_token_timeout=SECONDS).stream(HELLO, 5)
        assert next(stream) == "From"
        time.sleep(2 * SECONDS)
        assert next(stream) == " the"
        soon(lambda: next(stream))


def test_a_dripping_chat_can_be_closed() -> None:
    with (
        replaying({"/api/chat": (200, dripping(chunk("So")))}) as (host, _),
        closing(replayed(host).stream(HELLO, 5)) as stream,  # type: ignore[type-var]
    ):
        assert next(stream) == "So"


def test_an_endless_line_or_answer_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def endless(part: bytes) -> Iterator[bytes]:
        while True:
            taken.append(len(part))
            yield part

    with replaying({"/api/chat": (200, endless(b"x" * 65536))}) as (host, _), pytest.raises(StreamBroken):
        list(replayed(host).stream(HELLO, 5))
    assert sum(taken) < 32 * transport.LONGEST_LINE
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 100_000)
    replies = {"/api/chat": (200, endless(chunk("So")))}
    with replaying(replies) as (host, _), pytest.raises(StreamBroken, match="too large"):
        list(replayed(host).stream(HELLO, 5))


@pytest.mark.parametrize("said", [b"5", b"[]", b'{"embeddings":"x"}', b'{"embeddings":[]}', NESTED])
def test_an_embedding_of_another_shape_is_told_in_plain_words(said: bytes) -> None:
    replies = {"/api/tags": tags("e"), "/api/show": described(capabilities=["embedding"]), "/api/embed": (200, [said])}
    with replaying(replies) as (host, _), pytest.raises(ModelUnavailable) as caught:
        OllamaEmbedder("e", config(host)).embed_one("word")
    assert "pydantic" not in str(caught.value)


def test_a_dripping_embedding_is_slow() -> None:
    replies = {
        "/api/tags": tags("e"),
        "/api/show": described(capabilities=["embedding"]),
        "/api/embed": (200, dripping(b" ")),
    }
    with replaying(replies) as (host, _):
        soon(lambda: OllamaEmbedder("e", config(host, first_token_timeout=SECONDS)).embed_one("word"))
