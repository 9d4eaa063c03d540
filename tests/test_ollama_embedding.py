"""What embedding over Ollama promises, on the real server."""

from dataclasses import replace

import numpy as np
import pytest
from measure.server import free_port

from assistant.config import Config
from assistant.embedding.embedder import Embedder
from assistant.embedding.ollama import OllamaEmbedder
from assistant.errors import ModelMissing, ModelUnavailable, ServerAbsent
from tests.ollama_server import CHAT_MODEL, EMBEDDING_MODEL
from tests.test_ollama import described, replaying, tags


@pytest.fixture
def embedder(ollama_host: str) -> OllamaEmbedder:
    return OllamaEmbedder(EMBEDDING_MODEL, Config(host=ollama_host))


@pytest.mark.ollama
def test_vectors_have_unit_length_and_repeat_exactly(embedder: Embedder) -> None:
    one, two, again = embedder.embed(["annual leave", "hotel costs", "annual leave"])
    assert one.dtype == np.float32
    assert len(one) == embedder.dimensions == 384
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(one, again)
    assert np.array_equal(one, embedder.embed_one("annual leave"))
    assert float(one @ two) < 0.9


@pytest.mark.ollama
def test_the_fingerprint_names_the_model_and_its_digest(embedder: Embedder) -> None:
    name, digest = embedder.fingerprint.rsplit(":", 1)
    assert name == f"ollama:{EMBEDDING_MODEL}:latest"
    assert len(digest) == 16
    assert embedder.name == f"ollama:{EMBEDDING_MODEL}"
    assert embedder.window == 512


@pytest.mark.ollama
def test_a_text_beyond_the_window_is_embedded_in_parts_not_cut(embedder: Embedder) -> None:
    begin, end = "The hotel in Berlin costs money. " * 90, "Snakes are reptiles without legs. " * 90
    joined = embedder.embed_one(begin + end)
    assert np.linalg.norm(joined) == pytest.approx(1, abs=1e-5)
    snakes = embedder.embed_one("Snakes are reptiles without legs.")
    assert float(joined @ snakes) > float(embedder.embed_one(begin) @ snakes) + 0.2


@pytest.mark.ollama
def test_a_text_without_spaces_beyond_the_window_is_embedded(embedder: Embedder) -> None:
    assert len(embedder.embed_one("7-" * 1500)) == 384


@pytest.mark.ollama
def test_a_model_that_is_missing_or_only_chats_is_refused(ollama_host: str) -> None:
    config = Config(host=ollama_host)
    with pytest.raises(ModelMissing, match="no model named “nomic-embed-text”") as caught:
        OllamaEmbedder("nomic-embed-text", config).embed_one("x")
    assert f"{EMBEDDING_MODEL}:latest" in caught.value.hint
    with pytest.raises(ModelMissing, match="not an embedding model"):
        OllamaEmbedder(CHAT_MODEL, config).embed_one("x")


@pytest.mark.ollama
def test_a_text_without_a_vector_is_an_error(embedder: Embedder) -> None:
    with pytest.raises(ModelUnavailable, match="no vector"):
        embedder.embed_one("")


def test_a_model_that_runs_elsewhere_is_refused() -> None:
    with pytest.raises(ModelMissing, match="another machine"):
        OllamaEmbedder("embed:cloud", Config()).embed_one("x")


def test_an_absent_server_is_said_so() -> None:
    with pytest.raises(ServerAbsent):
        _ = OllamaEmbedder(EMBEDDING_MODEL, Config(host=f"http://127.0.0.1:{free_port()}")).fingerprint


def test_a_server_that_fails_while_embedding_is_said_so() -> None:
    replies = {
        "/api/tags": tags("all-minilm:latest"),
        "/api/show": described(capabilities=["embedding"]),
        "/api/embed": (500, [b'{"error":"failed to allocate memory for model"}']),
    }
    with replaying(replies) as (host, asked), pytest.raises(ModelUnavailable, match="could not load"):
        OllamaEmbedder(EMBEDDING_MODEL, replace(Config(), host=host)).embed_one("x")
    assert asked[-1][1]["truncate"] is False


def test_tokens_are_counted_without_a_server() -> None:
    assert OllamaEmbedder(EMBEDDING_MODEL, Config()).count_tokens("annual leave") == 2
