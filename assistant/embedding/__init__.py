"""Texts become unit vectors: the protocol, the bundled model, and models of an Ollama server."""

from typing import TYPE_CHECKING

from assistant.errors import SettingError

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.embedding.embedder import Embedder


def load(name: str, config: "Config") -> "Embedder":
    """Return the embedder that a setting names; raises SettingError for a name that means none."""
    if name == "bundled":
        from assistant.embedding.bundled import BundledEmbedder

        return BundledEmbedder()
    kind, _, model = name.partition(":")
    if kind == "ollama" and model:
        from assistant.embedding.ollama import OllamaEmbedder

        return OllamaEmbedder(model, config)
    raise SettingError(f"unknown embedder {name!r}", "Use bundled, or ollama:NAME for a model of your server.")
