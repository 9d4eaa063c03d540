"""A real Ollama server of the test session's own, on a free loopback port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

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


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ollama_server() -> Iterator[str]:
    """Run `ollama serve` and yield its address; it ends with the block."""
    program = require_ollama()
    host = f"http://127.0.0.1:{free_port()}"
    settings = {"OLLAMA_HOST": host, "OLLAMA_NO_CLOUD": "1", "OLLAMA_NOPRUNE": "1", "OLLAMA_KEEP_ALIVE": "5m"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([program, "serve"], env=os.environ | settings, stdout=log, stderr=log)
        try:
            _wait(process, host)
            yield host
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", host: str, seconds: float = 30.0) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"ollama serve ended at once with code {process.returncode}")
        try:
            with opener.open(f"{host}/api/version", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"ollama serve did not answer at {host} within {seconds:g} s")
