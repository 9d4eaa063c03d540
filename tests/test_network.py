"""Under strace, nothing leaves the machine: the kernel is asked, so native code is seen as well as Python's."""

import os
import shutil
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from assistant.airgap.hostile import ELSEWHERE, VARIABLES, furnish
from assistant.airgap.trace import NAME_FILES, Trace, read_trace, tracer
from assistant.airgap.trace import traced as run_traced
from tests.ollama_server import CHAT_MODEL

DATA = Path(__file__).parent.parent / "data"
QUESTION = "hotel limit per night"


@pytest.fixture(scope="session")
def strace() -> tuple[str, ...]:
    """A strace that may trace; without one the test is skipped, and under CI=true it fails."""
    program = tracer()
    if program:
        return program
    reason = "no strace that may trace here"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}, and CI=true")
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class Traced:
    """A folder with documents, hostile variables and a hostile `.env`, in which commands run under strace."""

    strace: tuple[str, ...]
    folder: Path

    def assistant(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Trace:
        """The trace of a command, which ends with 0, or with 3 where all that a small model wrote was dropped."""
        return self.python("-m", "assistant", *arguments, environ=environ, ends=(0, 3))

    def python(self, *arguments: str, environ: Mapping[str, str] | None = None, ends: Collection[int] = (0,)) -> Trace:
        """The trace of a Python process, which has to end with one of these exit codes."""
        environment = {**os.environ, "HOME": str(self.folder), **VARIABLES, **(environ or {})}
        command = [sys.executable, *arguments]
        finished, trace = run_traced(self.strace, command, self.folder, environment, self.folder / "trace.txt")
        assert finished.returncode in ends, finished.stderr
        return trace


@pytest.fixture(scope="module")
def traced(strace: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Traced:
    folder = tmp_path_factory.mktemp("current")
    (folder / "docs").mkdir()
    for name in ("finance/travel.md", "hr/leave-policy-2023.pdf"):
        shutil.copy(DATA / name, folder / "docs")
    furnish(folder)
    return Traced(strace, folder)


@pytest.fixture(scope="module")
def indexing(traced: Traced) -> Trace:
    return traced.assistant("index", "docs")


def check(trace: Trace, record: pytest.FixtureRequest) -> None:
    """Nothing left the machine; the sockets that did not leave it are noted in the report."""
    local = sorted({f"{address.family} {address.name}" for address in trace.addresses - trace.inet})
    record.node.user_properties.append(("local sockets", ", ".join(local)))
    assert not trace.attempts


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
LISTEN = "import socket; socket.socket().listen()"
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


def test_the_trace_would_show_a_socket_that_listens_without_an_address(traced: Traced) -> None:
    assert traced.python("-c", LISTEN).attempts == ("listened at every address",)
    bound = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"
    assert traced.python("-c", bound).attempts == ()


def test_the_trace_would_show_a_look_up(traced: Traced) -> None:
    trace = traced.python("-c", LOOK_UP, environ={"RES_OPTIONS": "timeout:1 attempts:1"})
    assert trace.leaks or trace.files & set(NAME_FILES)


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


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ('7 openat(AT_FDCWD, "a", O_RDONLY|O_CLOEXEC) = 3', set()),
        ('7 openat(AT_FDCWD, "a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', {"a"}),
        ('7 openat(AT_FDCWD, "a", O_RDWR) = -1 EROFS (Read-only file system)', {"a"}),
        ('7 mkdir("a", 0777) = 0', {"a"}),
        ('7 rename("a", "b") = 0', {"a", "b"}),
        ('7 sendto(3, "O_WRONLY", 8, 0, NULL, 0) = 8', set()),
    ],
)
def test_a_file_that_is_written_is_told_from_one_that_is_read(line: str, written: set[str]) -> None:
    assert read_trace([line]).written == written
