"""Which addresses can mean another machine: one rule for the guard, for traces and for the settings."""

import ipaddress
from dataclasses import dataclass

_LOCAL_FAMILIES = ("AF_UNIX", "AF_NETLINK", "AF_UNSPEC")  # a path, the kernel, nobody
_INET = ("AF_INET", "AF_INET6")
_RESOLVERS = ("resolve", "avahi")  # in the path of a socket: services that ask others for names
_DNS_PORT = 53  # also on loopback: a resolver there asks others


@dataclass(frozen=True, slots=True)
class Address:
    """The other end of a socket, or its own, as a call named it."""

    family: str  # "AF_INET", "AF_UNIX", ...
    name: str  # IP address, host name or path
    port: int = 0

    @property
    def is_inet(self) -> bool:
        """Whether it is one of an IP socket."""
        return self.family in _INET

    @property
    def leaves(self) -> bool:
        """Whether it can mean another machine, or somebody who asks one."""
        if self.family in _LOCAL_FAMILIES:
            return any(resolver in self.name for resolver in _RESOLVERS)
        return not self.is_inet or self.port == _DNS_PORT or not is_loopback(self.name)

    def __str__(self) -> str:
        """As people write it."""
        if not self.is_inet:
            return f"{self.family} {self.name}"
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def is_loopback(name: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    name = canonical(name)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def canonical(name: str) -> str:
    """A host name or address in the one form in which two can be compared: `::ffff:10.0.0.1` is `10.0.0.1`."""
    name = name.lower().strip("[]")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _ascii(name)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _ascii(name: str) -> str:
    """A name as it is looked up."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
