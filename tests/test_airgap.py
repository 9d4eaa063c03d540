"""In a network of its own: nothing is missed where there is none, and an allowed host is the only one reached."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.airgap.hostile import VARIABLES, furnish

DATA = Path(__file__).parent.parent / "data"
ASSISTANT = f"{sys.executable} -P -m assistant"


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """What runs a command in namespaces of its own; without the right to make them the test is skipped."""
    command = ["unshare", "-rnm"]
    if shutil.which("ip") and shutil.which("unshare"):
        tried = "ip link set lo up && ip address add 10.9.8.7/32 dev lo && mount --bind /etc/hosts /etc/hosts"
        if subprocess.run([*command, "sh", "-c", tried], check=False, capture_output=True).returncode == 0:
            return command
    pytest.skip("no network namespace can be made here")


def test_without_any_network_not_even_loopback_a_folder_is_indexed_and_quoted(
    namespace: list[str], tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(DATA / "finance/travel.md", tmp_path / "docs")
    furnish(tmp_path)
    here = "--host 127.0.0.1:9"
    script = f"{ASSISTANT} index docs -q {here} && {ASSISTANT} ask --json 'hotel limit per night' {here}"
    ended = subprocess.run(
        [*namespace, "sh", "-c", script],
        cwd=tmp_path, env=os.environ | VARIABLES | {"HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert answer["citations"][0]["path"] == "travel.md"
    assert any("No Ollama server at" in notice for notice in answer["notices"])


# Two listeners on addresses that are not loopback's, in a network of their own; a process that may reach one by name.
LAN = """
import json, socket, sys
import assistant
listeners = [socket.create_server((address, 11434)) for address in ("10.9.8.7", "10.9.8.8")]
assistant.guard_process(json.loads(sys.argv[1]))
met = {}
for host in ("10.9.8.7", "gpu.lan", "10.9.8.7", "10.9.8.8", "other.lan", "127.0.0.1"):
    try:
        socket.create_connection((host, 11434), timeout=5).close()
        kind = "reached"
    except Exception as error:
        kind = type(error).__name__
    met.setdefault(host, []).append(kind)
print(json.dumps(met))
"""


def lan(namespace: list[str], folder: Path, allowed: list[str]) -> Any:
    """What each host met."""
    (folder / "hosts").write_text("127.0.0.1 localhost\n10.9.8.7 gpu.lan\n10.9.8.8 other.lan\n")
    prepare = "ip link set lo up; for last in 7 8; do ip address add 10.9.8.$last/32 dev lo; done"
    script = f'{prepare}; mount --bind hosts /etc/hosts; exec {sys.executable} -W ignore -c "$1" "$2"'
    ended = subprocess.run(
        [*namespace, "sh", "-c", script, "sh", LAN, json.dumps(allowed)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(ended.stdout)


def test_a_host_that_is_allowed_by_name_is_the_only_one_reached(namespace: list[str], tmp_path: Path) -> None:
    met = lan(namespace, tmp_path, ["gpu.lan"])
    assert met["gpu.lan"] == ["reached"]
    assert met["10.9.8.7"] == ["EgressRefused", "reached"], "its address is allowed once the name was found to have it"
    assert met["10.9.8.8"] == met["other.lan"] == ["EgressRefused"]
    assert met["127.0.0.1"] == ["ConnectionRefusedError"], "this machine stays open, though nothing listens there"


def test_a_host_that_is_allowed_by_its_address_is_the_only_one_reached(namespace: list[str], tmp_path: Path) -> None:
    met = lan(namespace, tmp_path, ["10.9.8.7"])
    assert met["10.9.8.7"] == ["reached", "reached"]
    assert met["gpu.lan"] == met["10.9.8.8"] == met["other.lan"] == ["EgressRefused"]
