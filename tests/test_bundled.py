"""What the bundled embedder promises: repeatable unit vectors of related meaning, from the file that it names."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from assistant import embedding
from assistant.config import Config
from assistant.embedding import bundled
from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.tokens import MODEL_FOLDER, count_tokens
from assistant.errors import AssistantError, SettingError
from tests.texts import wild

EMBEDDER = BundledEmbedder()


@settings(max_examples=25)
@given(wild)
def test_every_text_has_a_vector_of_unit_length(text: str) -> None:
    vector = EMBEDDER.embed_one(text)
    assert vector.shape == (EMBEDDER.dimensions,)
    assert vector.dtype == np.float32
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


def test_a_vector_does_not_depend_on_what_is_embedded_beside_it() -> None:
    texts = ["annual leave", "a much longer passage about hotels and their costs " * 9, "annual leave"]
    together = list(EMBEDDER.embed(texts))
    alone = [BundledEmbedder().embed_one(text) for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one, other)


def test_what_means_the_same_is_nearer_than_what_does_not() -> None:
    question, related, other = EMBEDDER.embed(
        ["How much holiday do I get?", "The vacation entitlement is 28 days.", "The printer needs new toner."]
    )
    assert question @ related > question @ other + 0.2


def test_what_lies_beyond_the_window_is_not_seen_and_breaks_nothing() -> None:
    text = "leave " * (EMBEDDER.window - 2)
    assert EMBEDDER.count_tokens(text) == count_tokens(text) == EMBEDDER.window - 2
    vector = EMBEDDER.embed_one(text)
    assert np.array_equal(vector, EMBEDDER.embed_one(text + "and a printer"))
    assert not np.array_equal(vector, EMBEDDER.embed_one("printer " + text))


def test_the_fingerprint_is_that_of_the_model_file() -> None:
    digest = hashlib.sha256((MODEL_FOLDER / bundled.MODEL_FILE).read_bytes()).hexdigest()
    assert EMBEDDER.fingerprint == f"all-MiniLM-L6-v2-int8:{digest[:16]}"


def test_a_missing_model_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "MODEL_FOLDER", tmp_path)
    with pytest.raises(AssistantError, match=r"model\.int8\.onnx"):
        BundledEmbedder().embed_one("leave")
    (tmp_path / "SHA256SUMS").write_text("0123  another.onnx\n")
    with pytest.raises(AssistantError, match="checksum"):
        _ = BundledEmbedder().fingerprint


def test_a_setting_names_the_bundled_embedder_or_a_model_of_the_server() -> None:
    assert embedding.load("bundled", Config()).name == "bundled"
    assert embedding.load("ollama:all-minilm", Config()).name == "ollama:all-minilm"


@pytest.mark.parametrize("name", ["", "openai", "ollama", "ollama:", "bundled:x"])
def test_a_name_that_means_no_embedder_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="unknown embedder"):
        embedding.load(name, Config())
