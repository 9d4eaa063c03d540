"""What the guard refuses: connections and look-ups beyond loopback and the hosts that the person allowed."""

import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import local
from types import FrameType
from typing import Any

from assistant.airgap.addresses import Address, canonical, is_loopback
from assistant.errors import EgressRefused

_SOCKET_EVENTS = {
    "socket.connect": "connect to",
    "socket.bind": "listen at",
    "socket.sendto": "send to",
    "socket.sendmsg": "send to",
}
_LOOK_UP_EVENTS = frozenset(
    ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
)
# What carries requests of others, and so is not who wanted to send one.
_CARRIERS = sys.stdlib_module_names | {"anyio", "httpcore", "httpx", "requests", "urllib3", "websockets", "aiohttp"}
_MOST_REMEMBERED = 100
_LONGEST_TOLD = 300  # characters of a module's name or an attempt, as another process tells it
_NOBODY = "192.0.2.1"  # RFC 5737: for documentation


@dataclass(frozen=True, slots=True)
class Refusal:
    """An attempt to leave this machine that was refused."""

    module: str  # that made it: "posthog.request"
    attempt: str  # "connect to 192.0.2.1:443", "look up example.org"


_allowed: set[str] = set()  # names and addresses, canonical
_pinned: set[str] = set()  # addresses that an allowed name was found to have
_refused: deque[Refusal] = deque(maxlen=_MOST_REMEMBERED)
_unlogged: deque[Refusal] = deque(maxlen=_MOST_REMEMBERED)
_pinning = local()  # whether this thread looks an allowed name up at the moment


def allow(hosts: Iterable[str]) -> None:
    """Let this process reach these hosts, which the person's own settings or a flag must have named."""
    _allowed.update(map(canonical, hosts))


def refused() -> tuple[Refusal, ...]:
    """What was refused in this process and in those that it started, the last hundred, oldest first; also where the
    caller hid the error."""
    return tuple(_refused)


def take_unlogged() -> tuple[Refusal, ...]:
    """What was refused since the last call."""
    taken = tuple(_unlogged)
    _unlogged.clear()
    return taken


def report() -> bytes:
    """What was refused in this process since the last call, for the process that started it; empty for nothing."""
    taken = take_unlogged()
    return json.dumps([[refusal.module, refusal.attempt] for refusal in taken]).encode() if taken else b""


def learn(told: bytes) -> None:
    """Note what a process that this one started was refused; raises ValueError for what is no `report`."""
    pairs = json.loads(told)
    if not isinstance(pairs, list) or len(pairs) > _MOST_REMEMBERED:
        raise ValueError("not a report")
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise ValueError("not a report")
        _keep(Refusal(pair[0][:_LONGEST_TOLD], pair[1][:_LONGEST_TOLD]))


def note(attempt: str) -> None:
    """Note an attempt that another hook of this process, which calls this, refuses."""
    _keep(Refusal(_culprit(list(_modules(sys._getframe(2)))), attempt))


def stands() -> bool:
    """Whether this process is guarded: tries to leave it in two ways, neither of which would send anything."""
    from socket import AF_INET, SOCK_DGRAM, socket

    remembered = [(kept, list(kept)) for kept in (_refused, _unlogged)]
    try:
        with socket(AF_INET, SOCK_DGRAM) as probe:  # to connect one only notes an address
            held = _is_refused(lambda: probe.connect((_NOBODY, 9)))
        return held and _is_refused(lambda: sys.audit("socket.getaddrinfo", "guard.invalid", 9, 0, 0, 0))
    finally:
        for kept, before in remembered:
            kept.clear()
            kept.extend(before)


def _is_refused(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except EgressRefused:
        return True
    except OSError:  # there is no network at all
        return False
    return False


def check(event: str, arguments: tuple[Any, ...], whole_process: bool) -> None:
    """Raise EgressRefused for an audit event by which something would leave this machine."""
    attempt = _attempt(event, arguments)
    if attempt is None:
        return
    modules = list(_modules(sys._getframe(2)))
    if whole_process or _is_ours(modules):
        refusal = Refusal(_culprit(modules), attempt)
        _keep(refusal)
        raise EgressRefused(
            f"{refusal.module} tried to {attempt}, which is not this machine; it was refused",
            "If that is your own Ollama server, allow it: --allow-host NAME. If not, please report it.",
        )


def _keep(refusal: Refusal) -> None:
    _refused.append(refusal)
    _unlogged.append(refusal)


def _attempt(event: str, arguments: tuple[Any, ...]) -> str | None:
    """What an event would do beyond what is allowed, in words; None where it would do nothing of the kind."""
    if event in _SOCKET_EVENTS:
        address = _address(*arguments)
        ours = address is None or not address.leaves or (event != "socket.bind" and _may_reach(address))
        return None if ours else f"{_SOCKET_EVENTS[event]} {address}"
    if event in _LOOK_UP_EVENTS:
        host = arguments[0][0] if event == "socket.getnameinfo" else arguments[0]
        name = _text(host) if host is not None else "localhost"  # what no name means
        return None if is_loopback(name) or _may_look_up(name) else f"look up {name or 'every address'}"
    return None


def _address(socket: Any, address: Any) -> Address | None:
    """The address that a call on a socket names; None for a message over a connection that is there already."""
    from socket import AddressFamily

    if address is None:
        return None
    family = int(socket.family)
    known = AddressFamily(family).name if family in set(AddressFamily) else f"family {family}"
    if known in ("AF_INET", "AF_INET6") and isinstance(address, tuple) and len(address) > 1:
        return Address(known, _text(address[0]), address[1] if isinstance(address[1], int) else 0)
    return Address(known, _text(address))


def _text(host: Any) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("utf-8", "replace")
    return host if isinstance(host, str) else repr(host)


def _may_reach(address: Address) -> bool:
    return address.is_inet and canonical(address.name) in _allowed | _pinned


def _may_look_up(name: str) -> bool:
    """Whether a name is allowed; what it is found to be is then allowed, too: connections name addresses."""
    if getattr(_pinning, "active", False):
        return True
    name = canonical(name)
    if name not in _allowed:
        return name in _pinned
    _pin(name)
    return True


def _pin(name: str) -> None:
    """Remember the addresses of an allowed name: the hook sees the question that is about to be asked, no answer."""
    from socket import getaddrinfo

    _pinning.active = True
    try:
        with suppress(OSError, UnicodeError):  # whoever asked is told so
            _pinned.update(canonical(str(found[4][0])) for found in getaddrinfo(name, None))
    finally:
        _pinning.active = False


def _modules(frame: FrameType | None) -> Iterator[str]:
    """The names of the modules on the stack, the caller's first."""
    while frame is not None:
        yield str(frame.f_globals.get("__name__"))
        frame = frame.f_back


def _is_ours(modules: list[str]) -> bool:
    """Whether a call comes through this package; not where it hands a line to `logging`, whose handlers are the
    program's own."""
    first = next((name for name in modules if name == "logging" or name.partition(".")[0] == "assistant"), "logging")
    return first != "logging"


def _culprit(modules: list[str]) -> str:
    """The module that wanted the connection."""
    return next((name for name in modules if name.partition(".")[0] not in _CARRIERS), modules[-1])
