"""Fixtures that several test files share, and the guard that keeps every test on this machine."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from assistant.airgap.addresses import is_loopback
from assistant.indexing import publish
from tests.builder import Builder
from tests.company import Company, copied, made
from tests.ollama_server import ollama_server

settings.register_profile("busy", deadline=None)  # a busy machine is no bug
settings.load_profile("busy")
# A shell starts what runs behind it with Ctrl-C ignored, and every child would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

_left: list[str] = []  # what tried to leave this machine since the running test began


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, and note, a connection or look-up beyond loopback; an audit hook cannot be taken out again."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a socket of this machine's own
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name and not is_loopback(name):
        _left.append(f"{event} {name}")
        raise PermissionError(f"a test may not leave this machine: {event} {name}")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[list[str]]:
    """Fail a test that tried to reach another machine, even where the attempt was caught."""
    _left.clear()
    yield _left
    assert not _left, "a test may not leave this machine"


@pytest.fixture(scope="session")
def ollama_host() -> Iterator[str]:
    """The address of a real Ollama server that this session runs; without `ollama` the test is skipped."""
    with ollama_server() as host:
        yield host


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A small company, indexed once; its folder and index are left as they are."""
    built = made(tmp_path_factory.mktemp("company"))
    return replace(built, events=tuple(built.run(built.folder)))


@pytest.fixture
def own_company(company: Company, tmp_path: Path) -> Company:
    """A copy of the company for one test to change."""
    return copied(company, tmp_path)


@pytest.fixture(scope="session")
def builder() -> Iterator[Builder]:
    """The process in whose forks generations are built where a test asks for `forked_builds`."""
    started = Builder()
    yield started
    started.close()


@pytest.fixture
def forked_builds(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generations are built without importing Chroma anew each time; for tests that do not ask how they are built."""
    monkeypatch.setattr(publish, "_in_child", builder.build)


@pytest.fixture
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings of the person who runs the tests; a port where no server answers."""
    for name in list(os.environ):
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    yield
