"""The machines that a bundle can be for: system, processor and Python, and which wheels run there."""

import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

from assistant.errors import UsageError

# What a wheel may ask for at most. Chosen from the lock: cryptography has no older wheel than glibc 2.28 (2018) beside
# one of 2.34, and onnxruntime none for a macOS before 14 (2023).
_NEWEST_GLIBC = 28
_NEWEST_MACOS = (14, 0)
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}  # that manylinux knows
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_MACHINES = {"linux": ("x86_64", "aarch64"), "macos": ("arm64",)}  # cryptography has no wheel for macOS on Intel
_OLDEST_PYTHON = 11  # 3.11, as in pyproject.toml
_WRITTEN = re.compile(r"(?P<system>linux|macos)-(?P<machine>\w+?)(-cp3(?P<minor>\d{1,2}))?")
_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_")
_MACOS = re.compile(r"macosx_(\d+)_(\d+)_")


@dataclass(frozen=True)
class Target:
    """One kind of machine, written linux-x86_64-cp311."""

    system: str  # linux or macos
    machine: str
    minor: int  # of Python 3

    def __str__(self) -> str:
        return f"{self.system}-{self.machine}-cp3{self.minor}"

    @cached_property
    def platforms(self) -> list[str]:
        """The platform tags of wheels that run there, best first."""
        if self.system == "macos":
            return list(mac_platforms(_NEWEST_MACOS, self.machine))
        names = []
        for glibc in range(_NEWEST_GLIBC, _OLDEST_GLIBC[self.machine] - 1, -1):
            names.append(f"manylinux_2_{glibc}_{self.machine}")
            if glibc in _LEGACY:
                names.append(f"{_LEGACY[glibc]}_{self.machine}")
        return names

    @cached_property
    def tags(self) -> dict[Tag, int]:
        """The tags of wheels that run there, each with its rank: 0 is best."""
        version = (3, self.minor)
        own = cpython_tags(version, platforms=self.platforms)
        tags = [*own, *compatible_tags(version, f"cp3{self.minor}", self.platforms)]
        return {tag: rank for rank, tag in enumerate(tags)}

    @property
    def markers(self) -> dict[str, str]:
        """What environment markers of requirements are compared with there."""
        linux = self.system == "linux"
        return {
            "implementation_name": "cpython",
            "implementation_version": f"3.{self.minor}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux" if linux else "Darwin",
            "platform_version": "",
            "python_full_version": f"3.{self.minor}.0",
            "python_version": f"3.{self.minor}",
            "sys_platform": "linux" if linux else "darwin",
        }

    def minimum(self, wheels: Iterable[Iterable[Tag]]) -> str:
        """The oldest glibc or macOS on which wheels with these tags run, as 2.28 or 14.0."""
        oldest = [min(asked) for tags in wheels if (asked := [_asked(tag) for tag in tags if tag in self.tags])]
        return ".".join(map(str, max(oldest, default=(0, 0))))


def parse(written: str) -> Target:
    """The target that a person wrote; raises UsageError naming those that there are."""
    match = _WRITTEN.fullmatch(written)
    known = match is not None and match["machine"] in _MACHINES[match["system"]]
    if match is None or not known or (match["minor"] and int(match["minor"]) < _OLDEST_PYTHON):
        names = ", ".join(f"{system}-{machine}" for system, machines in _MACHINES.items() for machine in machines)
        raise UsageError(
            f"--platform {written} is not a machine that a bundle can be for",
            f"Use one of {names}, with -cp311, -cp312, ... behind it for another Python than this one.",
        )
    return Target(match["system"], match["machine"], int(match["minor"] or sys.version_info.minor))


def here() -> Target:
    """The target that this machine is; raises UsageError where no bundle can be for it."""
    system = {"Linux": "linux", "Darwin": "macos"}.get(platform.system(), platform.system().lower())
    machine = platform.machine()
    return parse(f"{system}-{machine}")


def _asked(tag: Tag) -> tuple[int, int]:
    """The version of glibc or macOS that a wheel's tag asks for; 0.0 for a wheel that runs anywhere."""
    for name, glibc in ((f"manylinux_2_{version}_", legacy) for version, legacy in _LEGACY.items()):
        if tag.platform.startswith(f"{glibc}_"):
            return _asked(Tag(tag.interpreter, tag.abi, name))
    match = _GLIBC.match(tag.platform) or _MACOS.match(tag.platform)
    return (int(match[1]), int(match[2])) if match else (0, 0)
