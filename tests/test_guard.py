"""What the guard promises: what Python code reaches for beyond loopback and the allowed hosts is refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant.airgap.addresses import canonical, is_loopback

DATA = Path(__file__).parent.parent / "data"
NOBODY = "192.0.2.1"  # RFC 5737; a UDP socket that connects sends nothing

LEAVING = {
    "connect": "s().connect((NOBODY, 80))",
    "connect_ex": "s().connect_ex((NOBODY, 80))",
    "connect, UDP": "u().connect((NOBODY, 80))",
    "connect, bytes": "s().connect((NOBODY.encode(), 80))",
    "connect, bytearray": "s().connect((bytearray(NOBODY, 'ascii'), 80))",
    "connect, everywhere": "s().connect(('0.0.0.0', 9))",
    "connect, no host": "s().connect(('', 9))",
    "connect, IPv6": "six().connect(('2001:db8::1', 80))",
    "connect, mapped": "six().connect(('::ffff:192.0.2.1', 80))",
    "connect, link-local": "six().connect(('fe80::1%lo', 80))",
    "connect, below socket": "_socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM).connect((NOBODY, 80))",
    "connect, the class's own": "_socket.socket.connect(u(), (NOBODY, 80))",
    "connect, a resolver here": "u().connect(('127.0.0.53', 53))",
    "connect, a resolver's path": "socket.socket(socket.AF_UNIX).connect('/run/systemd/resolve/io.systemd.Resolve')",
    "send": "u().sendto(b'x', (NOBODY, 80))",
    "send, broadcast": "u().sendto(b'x', ('<broadcast>', 80))",
    "send, multicast": "u().sendto(b'x', ('224.0.0.251', 5353))",
    "send a message": "u().sendmsg([b'x'], [], 0, (NOBODY, 80))",
    "bind, everywhere": "s().bind(('0.0.0.0', 0))",
    "bind, no host": "s().bind(('', 0))",
    "serve, everywhere": "socket.create_server(('', 0))",
    "bind, IPv6": "six().bind(('::', 0))",
    "look up": "socket.getaddrinfo('example.org', 80)",
    "look up, bytes": "socket.getaddrinfo(b'example.org', 80)",
    "look up, like loopback": "socket.getaddrinfo('127.0.0.1.example.org', 80)",
    "look up, localhost elsewhere": "socket.getaddrinfo('localhost.', 80)",
    "look up, by name": "socket.gethostbyname('example.org')",
    "look up, by name, more": "socket.gethostbyname_ex('example.org')",
    "look up, by address": "socket.gethostbyaddr(NOBODY)",
    "look up, back": "socket.getnameinfo((NOBODY, 80), 0)",
    "own name": "socket.getfqdn('example.org')",
    "HTTP": "urllib.request.urlopen('http://example.org/')",
    "asyncio": "asyncio.run(asyncio.open_connection(NOBODY, 80))",
    "a thread": "concurrent.futures.ThreadPoolExecutor(1).submit(u().connect, (NOBODY, 80)).result()",
}
STAYING = {
    "IPv4": "u().connect(('127.0.0.1', 9))",
    "all of 127": "u().connect(('127.9.8.7', 9))",
    "bytes": "u().connect((b'127.0.0.1', 9))",
    "mapped": "six().connect(('::ffff:127.0.0.1', 9))",
    "IPv6": "six().connect(('::1', 9))",
    "bind": "s().bind(('127.0.0.1', 0))",
    "localhost": "socket.getaddrinfo('localhost', 9)",
    "no name": "socket.getaddrinfo(None, 9)",
    "back": "socket.getnameinfo(('127.0.0.1', 9), socket.NI_NUMERICHOST)",
    "a path": "socket.socket(socket.AF_UNIX).connect('/nowhere')",
    "the kernel": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).bind((0, 0))",
    "a pair": "[end.close() for end in socket.socketpair()]",
    "asyncio": "asyncio.run(asyncio.sleep(0))",
}
# Each attempt with the names of what refused it: the error's kind, and the module that the guard blamed.
PROGRAM = """
import assistant
{before}
import _socket, asyncio, concurrent.futures, json, socket, sys, urllib.request
from assistant.airgap.egress import refused
NOBODY = "192.0.2.1"
s = lambda: socket.socket()
u = lambda: socket.socket(type=socket.SOCK_DGRAM)
six = lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
met = {{}}
for attempt in json.loads(sys.argv[1]):
    before = len(refused())
    try:
        exec(attempt, globals() | {{"__name__": {name!r}}})
        kind = ""
    except Exception as error:
        kind = type(error).__name__
    met[attempt] = [kind, [refusal.module for refusal in refused()[before:]]]
print(json.dumps(met))
"""


def met(
    attempts: Mapping[str, str], before: str = "assistant.guard_process()", name: str = "somebody"
) -> dict[str, Any]:
    """What each attempt met in a process of its own: the error's name, and whom the guard refused meanwhile."""
    program = PROGRAM.format(before=before, name=name)
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, json.dumps(list(attempts.values()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    results: dict[str, Any] = json.loads(finished.stdout)
    return {label: results[attempt] for label, attempt in attempts.items()}


def test_everything_that_leaves_is_refused_and_names_who_tried() -> None:
    results = met(LEAVING)
    let_through = {label: kind for label, (kind, who) in results.items() if not who or "EgressRefused" not in kind}
    assert not let_through
    assert {who[0] for label, (_, who) in results.items() if label != "a thread"} == {"somebody"}


def test_what_stays_on_this_machine_is_left_alone() -> None:
    results = met(STAYING)
    assert not {label for label, (kind, who) in results.items() if who or kind == "EgressRefused"}
    assert results["IPv4"][0] == results["bind"][0] == results["the kernel"][0] == ""


def test_an_allowed_host_is_the_only_one() -> None:
    results = met(
        {"it": "u().connect((NOBODY, 9))", "mapped": "six().connect(('::ffff:192.0.2.1', 9))",
         "its neighbor": "u().connect(('192.0.2.2', 9))", "as oneself": "s().bind((NOBODY, 0))"},
        before="assistant.guard_process(['192.0.2.1'])",
    )  # fmt: skip
    assert results["it"] == ["", []]
    assert results["mapped"][1] == []
    assert results["its neighbor"][1] == results["as oneself"][1] == ["somebody"]


def test_an_allowed_name_is_allowed_at_the_addresses_that_it_was_found_to_have() -> None:
    ask = "sys.audit('socket.getaddrinfo', {}, 80, 0, 0, 0)"  # as the call does, without asking anybody
    found = "socket.getaddrinfo = lambda name, port: [(2, 1, 6, '', ({'gpu.example': '192.0.2.7'}[name], 0))]"
    results = met(
        {"too early": "u().connect( ('192.0.2.7', 9))", "prepare": found, "ask": ask.format("b'GPU.example'"),
         "after": "u().connect(('192.0.2.7', 9))", "another": "u().connect(('192.0.2.8', 9))",
         "below it": ask.format("'x.gpu.example'"), "around it": ask.format("'example'")},
        before="assistant.guard_process(['gpu.EXAMPLE'])",
    )  # fmt: skip
    blamed = {label for label, (_, who) in results.items() if who}
    assert blamed == {"too early", "another", "below it", "around it"}


def test_a_program_that_imports_the_package_keeps_its_own_connections() -> None:
    attempts = {label: attempt for label, attempt in LEAVING.items() if "UDP" in label or "class's" in label}
    own = met(attempts, before="", name="program")
    assert not {label for label, (kind, who) in own.items() if kind or who}
    through_us = met(attempts, before="", name="assistant.somewhere")
    assert all(kind == "EgressRefused" for kind, _ in through_us.values())


def test_a_programs_own_log_handlers_may_send_what_the_package_logs() -> None:
    prepare = """
import logging
class Sends(logging.Handler):
    def emit(self, record):
        import socket
        socket.socket(type=socket.SOCK_DGRAM).connect(("192.0.2.1", 80))
logging.getLogger().addHandler(Sends())
"""
    attempt = {"log": "import logging; logging.warning('x')"}
    (result,) = met(attempt, before=prepare, name="assistant.somewhere").values()
    assert result == ["", []]


def test_a_library_user_whose_server_is_not_allowed_is_told_so() -> None:
    attempt = (
        "from assistant.config import Config; from assistant.models import server;"
        "server.info(Config(host='http://192.0.2.1:9'))"
    )
    results = met({"ask": attempt}, before="", name="program")
    assert results == {"ask": ["EgressRefused", ["assistant.models.server"]]}


def test_the_hook_costs_nothing_but_itself_until_a_socket_is_used() -> None:
    program = (
        "import sys, json; import assistant; assistant.guard_process();"
        "print(json.dumps([name for name in ('socket', 'ipaddress', 'dataclasses', 'assistant.airgap.egress')"
        " if name in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []


PHONES = f"import socket\nsocket.create_connection(('{NOBODY}', 80), timeout=1)\n"


@pytest.fixture
def phoning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `assistant index` with a package of this name that phones home when it is imported."""
    (tmp_path / "docs").mkdir()
    shutil.copy(DATA / "finance/travel.md", tmp_path / "docs")

    def run(package: str, code: str = PHONES) -> subprocess.CompletedProcess[str]:
        """Index, and return how it ended."""
        (tmp_path / "first" / package).mkdir(parents=True)
        (tmp_path / "first" / package / "__init__.py").write_text(code)
        return subprocess.run(
            [sys.executable, "-m", "assistant", "index", "docs"],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "first"), "HOME": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(("package", "code"), [("onnxruntime", 8), ("chromadb", 8), ("pypdfium2", 1)])
def test_a_dependency_that_phones_home_is_refused_in_every_process(phoning: Any, package: str, code: int) -> None:
    ended = phoning(package)
    assert ended.returncode == code, ended.stderr
    assert f"{package} tried to look up {NOBODY}" in ended.stderr.replace("\n       ", " ")
    assert "Traceback" not in ended.stderr


def test_an_attempt_that_its_caller_hid_is_told(tmp_path: Path) -> None:
    hides = f"import socket\ntry:\n socket.create_connection(('{NOBODY}', 80))\nexcept Exception:\n pass\n"
    (tmp_path / "platformdirs").mkdir()
    (tmp_path / "platformdirs" / "__init__.py").write_text(
        f"{hides}from pathlib import Path\ndef user_config_path(name): return Path('/nowhere')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "assistant", "show", "1"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"note: platformdirs tried to look up {NOBODY}; it was refused." in ended.stderr


HIDES = f"""
import socket, sys
try:
    socket.create_connection(('{NOBODY}', 80))
except Exception:
    pass
sys.path.remove(__file__.rpartition("/")[0].rpartition("/")[0])
del sys.modules[__name__]
__import__(__name__)  # the real one
"""


@pytest.mark.parametrize("package", ["chromadb", "pypdfium2"])
def test_what_a_process_of_its_own_hid_is_told_and_logged(phoning: Any, tmp_path: Path, package: str) -> None:
    ended = phoning(package, HIDES)
    assert ended.returncode == 0, ended.stderr
    assert f"note: {package} tried to look up {NOBODY}; it was refused." in ended.stderr
    logged = subprocess.run(
        [sys.executable, "-m", "assistant", "log", "export"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert f"{package} tried to look up {NOBODY}" in logged.stdout


def test_what_another_process_tells_is_believed_only_where_it_is_a_report() -> None:
    from assistant.airgap import egress

    before = egress.refused()
    for told in (b"", b"{}", b"[1]", b'[["a"]]', b'[["a", 1]]', b'[["a", "b", "c"]]', b"\xff", b"[]" + b"," * 9):
        with pytest.raises(ValueError, match=r"."):
            egress.learn(told)
    assert egress.refused() == before


@pytest.mark.parametrize(
    ("name", "is_this_machine"),
    [("localhost", True), ("LOCALHOST", True), ("localhost.", False), ("::ffff:127.0.0.1", True),
     ("::ffff:10.0.0.1", False), ("[::1]", True), ("::", False), ("", False), ("127.1", False), ("0x7f.1", False),
     ("ｌocalhost", True), ("١٢٧.0.0.1", False), ("a..b", False)],
)  # fmt: skip
def test_only_what_can_mean_nothing_else_is_this_machine(name: str, is_this_machine: bool) -> None:
    assert is_loopback(name) is is_this_machine


def test_one_host_has_one_name() -> None:
    assert canonical("GPU.Example") == "gpu.example"
    assert canonical("[2001:DB8:0::1]") == canonical("2001:db8::1")
    assert canonical("::ffff:10.0.0.1") == "10.0.0.1"
    assert canonical("bücher.example") == canonical("xn--bcher-kva.example")
