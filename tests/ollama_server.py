"""A real Ollama server of the test session's own, on a free loopback port."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from measure.server import running

CHAT_MODEL = "smollm2:135m"
EMBEDDING_MODEL = "all-minilm"


def require_ollama() -> str:
    """The path of `ollama`; without one the test is skipped, and under CI=true it fails."""
    program = shutil.which("ollama")
    if program:
        return program
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail("no ollama on PATH, and CI=true")
    pytest.skip("no ollama on PATH")


@contextmanager
def ollama_server() -> Iterator[str]:
    """Run `ollama serve` and yield its address; it ends with the block."""
    require_ollama()
    with running() as server:
        assert server is not None
        yield server.address
