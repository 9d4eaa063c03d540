"""An Ollama server of one's own, on a free loopback port: for measurements, and for the tests."""

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.airgap.serving import environment

_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    address: str
    pid: int
    version: str
    own_kernels: bool  # whether the kernels for this processor, which Ollama's own builds bring, lie beside it


@contextmanager
def running() -> Iterator[Server | None]:
    """Run `ollama serve` inside the block; None where there is no `ollama` on the PATH."""
    program = shutil.which("ollama")
    if program is None:
        yield None
        return
    address = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [program, "serve"], env=environment(address), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        version = answered(address)
        yield Server(address, process.pid, version, _has_kernels(Path(program).resolve()))
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _has_kernels(program: Path) -> bool:
    places = (program.parent, program.parent / "lib" / "ollama", program.parent.parent / "lib" / "ollama")
    return any(next(place.glob("libggml-cpu-*"), None) for place in places)


def answered(address: str) -> str:
    """Wait for a server, and return the version that it says; raises TimeoutError where it says nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            with opener.open(f"{address}/api/version", timeout=1) as reply:
                return str(reply.read(200), "utf-8").split('"')[3]
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"ollama serve did not answer at {address}")


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
