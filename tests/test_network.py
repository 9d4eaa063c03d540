"""Under strace, nothing leaves the machine: the kernel is asked, so native code is seen as well as Python's."""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.ollama_server import CHAT_MODEL

DATA = Path(__file__).parent.parent / "data"
QUESTION = "hotel limit per night"
ELSEWHERE = (
    "198.51.100.1"  # an address that is nobody's (RFC 5737): whoever follows a variable is seen connecting to it
)
HOSTILE = {
    **{
        name: f"http://{ELSEWHERE}:3128"
        for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        for name in (proxy, proxy.lower())
    },
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
    "CHROMA_SERVER_HOST": ELSEWHERE,
    "CHROMA_SERVER_HTTP_PORT": "8000",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": f"http://{ELSEWHERE}:4317",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{ELSEWHERE}:4317",
    "ANONYMIZED_TELEMETRY": "True",
}
RESOLVER_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf")
_DNS_PORT = 53
# The calls that name another party; files are watched because a name look-up shows itself by what it reads, and
# io_uring because it could connect without any of these calls.
_TRACED = "trace=network,openat,?io_uring_setup"
_NAMING = re.compile(r"\d+ +(connect|bind|send\w+)\(")
_ADDRESS = re.compile(r"\{sa_family=(AF_\w+)(?:, ([^{}]*))?\}")
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Address:
    """The other end of a socket, or its own, as a system call named it."""

    family: str
    name: str  # IP address, or path
    port: int = 0

    @property
    def leaves(self) -> bool:
        """Whether it can mean another machine, or somebody who asks one."""
        if self.family in ("AF_UNIX", "AF_NETLINK", "AF_UNSPEC"):
            return "resolve" in self.name or "avahi" in self.name
        if self.family not in ("AF_INET", "AF_INET6"):
            return True
        return self.port == _DNS_PORT or not ipaddress.ip_address(self.name).is_loopback


@dataclass(frozen=True, slots=True)
class Trace:
    """What a process and its children asked of the kernel."""

    addresses: frozenset[Address]
    files: frozenset[str]
    processes: int
    rings: int  # io_uring instances

    @property
    def leaks(self) -> set[Address]:
        """Addresses that lead away from this machine."""
        return {address for address in self.addresses if address.leaves}

    @property
    def inet(self) -> set[Address]:
        """Addresses of IP sockets."""
        return {address for address in self.addresses if address.family.startswith("AF_INET")}


def read_trace(lines: Sequence[str]) -> Trace:
    """The addresses and files in strace's output."""
    calls = [line.split(None, 1) for line in lines]
    return Trace(
        addresses=frozenset(address for line in lines for address in addresses(line)),
        files=frozenset(match[1] for _, call in calls if call.startswith("openat") and (match := _QUOTED.search(call))),
        processes=len({pid for pid, _ in calls}),
        rings=sum(call.startswith("io_uring_setup") for _, call in calls),
    )


def addresses(line: str) -> Iterator[Address]:
    """The addresses that a call names; what getsockname and the like answer is no call to anybody."""
    if not _NAMING.match(line):
        return
    for family, fields in _ADDRESS.findall(line):
        port = _PORT.search(fields)
        quoted = _QUOTED.search(fields)
        yield Address(family, quoted[1] if quoted else fields, int(port[1]) if port else 0)


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of a strace that may trace; without one the test is skipped, and under CI=true it fails."""
    program = shutil.which("strace")
    if program and subprocess.run([program, "-qq", "-o", os.devnull, "true"], check=False).returncode == 0:
        return program
    reason = "strace may not trace here" if program else "no strace on PATH"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}, and CI=true")
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class Traced:
    """A folder with documents, hostile variables and a hostile `.env`, in which commands run under strace."""

    strace: str
    folder: Path

    def assistant(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Trace:
        """The trace of a command, which ends with 0, or with 3 where all that a small model wrote was dropped."""
        return self.python("-m", "assistant", *arguments, environ=environ, ends=(0, 3))

    def python(self, *arguments: str, environ: Mapping[str, str] | None = None, ends: Collection[int] = (0,)) -> Trace:
        """The trace of a Python process, which has to end with one of these exit codes."""
        output = self.folder / "trace.txt"
        command = [self.strace, "-f", "-qq", "-s", "256", "-e", _TRACED, "-o", str(output), sys.executable, *arguments]
        finished = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), **HOSTILE, **(environ or {})},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert finished.returncode in ends, finished.stderr
        return read_trace(output.read_text(errors="replace").splitlines())


@pytest.fixture(scope="module")
def traced(strace: str, tmp_path_factory: pytest.TempPathFactory) -> Traced:
    folder = tmp_path_factory.mktemp("current")
    (folder / "docs").mkdir()
    for name in ("finance/travel.md", "hr/leave-policy-2023.pdf"):
        shutil.copy(DATA / name, folder / "docs")
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in HOSTILE.items()))
    return Traced(strace, folder)


@pytest.fixture(scope="module")
def indexing(traced: Traced) -> Trace:
    return traced.assistant("index", "docs")


def check(trace: Trace, record: pytest.FixtureRequest) -> None:
    """Nothing left the machine; the sockets that did not leave it are noted in the report."""
    local = sorted({f"{address.family} {address.name}" for address in trace.addresses - trace.inet})
    record.node.user_properties.append(("local sockets", ", ".join(local)))
    assert not trace.leaks
    assert not trace.rings
    assert not {file for file in trace.files if file in RESOLVER_FILES[:2]}, "a name was looked up"


def test_indexing_reaches_nobody(indexing: Trace, request: pytest.FixtureRequest) -> None:
    check(indexing, request)
    assert not {address for address in indexing.inet if address.port}, "a socket went somewhere"
    assert indexing.processes > 2, "the reading processes and Chroma's have to be traced too"
    assert any(file.endswith("travel.md") for file in indexing.files)


def test_a_question_without_a_model_opens_no_ip_socket(
    indexing: Trace, traced: Traced, request: pytest.FixtureRequest
) -> None:
    trace = traced.assistant("ask", "--no-model", QUESTION)
    check(trace, request)
    assert not trace.inet
    assert any("/chroma/gen-" in file for file in trace.files), "Chroma was opened, whatever the variables said"


@pytest.mark.ollama
def test_a_question_to_a_model_reaches_the_server_on_loopback_and_nobody_else(
    indexing: Trace, traced: Traced, ollama_host: str, request: pytest.FixtureRequest
) -> None:
    short = {"ASSISTANT_SOURCES": "1", "ASSISTANT_EVIDENCE_TOKENS": "150", "ASSISTANT_ANSWER_TOKENS": "16"}
    # By its address, so that a look-up of "localhost" would show.
    trace = traced.assistant("ask", QUESTION, "--model", CHAT_MODEL, environ={"OLLAMA_HOST": ollama_host, **short})
    check(trace, request)
    assert {address.port for address in trace.inet if address.port} == {urlsplit(ollama_host).port}


CONNECT = f"import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('{ELSEWHERE}', 3128))"
SEND = f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 3128))"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - to see that it would be seen
BIND = f"import socket; socket.socket().bind(('{EVERYWHERE}', 0))"
LOOK_UP = """
import socket
try:
    socket.getaddrinfo('documents.invalid', 80)
except OSError:
    pass
"""


@pytest.mark.parametrize(
    ("program", "name"),
    [(CONNECT, ELSEWHERE), (SEND, ELSEWHERE), (BIND, EVERYWHERE)],
    ids=["connect", "sendto", "bind"],
)
def test_the_trace_would_show_a_socket_that_leaves(traced: Traced, program: str, name: str) -> None:
    trace = traced.python("-c", f"try:\n {program}\nexcept OSError: pass")
    assert {address.name for address in trace.leaks} == {name}


def test_the_trace_would_show_a_look_up(traced: Traced) -> None:
    trace = traced.python("-c", LOOK_UP, environ={"RES_OPTIONS": "timeout:1 attempts:1"})
    assert trace.leaks or trace.files & set(RESOLVER_FILES[:2])


@pytest.mark.parametrize(
    ("line", "leaves"),
    [
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16) = 0', True),
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ('7 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', True),
        (
            '7 bind(6, {sa_family=AF_INET6, sin6_port=htons(0), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1",'
            " &sin6_addr), sin6_scope_id=0}, 28) = 0",
            False,
        ),
        (
            "7 sendmmsg(3, [{msg_hdr={msg_name={sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(0), "
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, msg_namelen=28}}], 1, 0) = 1',
            True,
        ),
        ('7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT', False),
        ('7 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0', True),
        ("7 bind(3, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 0", False),
        ('7 sendto(3, "x", 1, 0, {sa_family=AF_VSOCK, svm_cid=0x2, svm_port=0x1}, 16) = 1', True),
    ],
)
def test_an_address_is_read_as_what_it_is(line: str, leaves: bool) -> None:
    assert bool(read_trace([line]).leaks) is leaves
