"""What `assistant serve-model` promises: this machine alone, no cloud, no proxies, and a clear line where it cannot."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from measure.server import free_port

from assistant.airgap.serving import environment
from assistant.config import Config
from assistant.errors import ServerAbsent
from assistant.models import server
from tests.terminal import command


def test_the_server_gets_no_proxy_and_no_cloud() -> None:
    given = environment(
        "127.0.0.1:1", {"https_proxy": "x", "HTTP_PROXY": "x", "OLLAMA_HOST": "192.0.2.1", "HOME": "/h"}
    )
    assert given == {
        "HOME": "/h", "OLLAMA_HOST": "127.0.0.1:1", "OLLAMA_NO_CLOUD": "1", "OLLAMA_NOPRUNE": "1", "GIN_MODE": "release"
    }  # fmt: skip


def test_a_taken_port_is_told(own_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "ollama"
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        seen = command("serve-model", "--host", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (seen.code, "address already in use" in seen.err) == (2, True)


def test_without_ollama_it_says_where_to_get_it(own_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    seen = command("serve-model")
    assert (seen.code, "there is no ollama on the PATH" in seen.err) == (5, True)


def test_another_machines_address_is_refused(
    own_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ollama").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    seen = command("serve-model", "--host", "192.0.2.1", "--allow-host", "192.0.2.1")
    assert seen.code == 2


@pytest.mark.ollama
def test_it_serves_in_the_foreground_until_ctrl_c() -> None:
    if shutil.which("ollama") is None:
        pytest.skip("no ollama on PATH")
    host = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve-model", "--host", host],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ,
    )  # fmt: skip
    try:
        version = ""
        for _ in range(300):
            try:
                version = str(server.ask(Config(host=f"http://{host}"), "/api/version")["version"])
                break
            except ServerAbsent:
                time.sleep(0.1)
        assert version
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) in (0, 130, -signal.SIGINT)
    finally:
        process.kill()
        process.wait()
