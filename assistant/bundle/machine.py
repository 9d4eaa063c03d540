"""Whether this machine can take a bundle: asked before anything is written, each refusal with what to do.

Runs before anything is installed: the standard library only.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

from assistant.bundle.manifest import INDEXES, MODELS, WHEELS, Manifest
from assistant.bundle.prefix import check_own, has_only_theirs
from assistant.bundle.receipt import VERSIONS, check_modes
from assistant.errors import AssistantError, UsageError

_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BYTECODE = 0.8  # bytes of compiled code and of the file system's own for each byte of the wheels' files


def check_system(manifest: Manifest) -> None:
    """Raise UsageError where the bundle's wheels do not run: another system, processor, Python, or an older system."""
    system = {"Linux": "linux", "Darwin": "macos"}.get(platform.system(), platform.system())
    here = f"{system}-{platform.machine()}-cp3{sys.version_info.minor}"
    if here not in manifest.targets:
        made = ", ".join(manifest.targets)
        raise UsageError(
            f"this machine is {here}, and the bundle is for {made}",
            f"Have one made for it: assistant bundle OUT.tar --platform {here}",
        )
    oldest, found = manifest.targets[here], _system_version()
    if not found or _numbers(found) < _numbers(oldest):
        name = "glibc" if system == "linux" else "macOS"
        raise UsageError(
            f"the bundle needs {name} {oldest} or newer, and this machine has {found or 'another C library'}",
            "Use a newer system.",
        )


def check_python() -> None:
    """Raise UsageError where this Python cannot make an environment of its own."""
    if platform.python_implementation() != "CPython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise UsageError(
            f"{sys.executable} is no ordinary CPython", "Name another: PYTHON=/path/to/python sh install.sh"
        )
    for module in ("venv", "ensurepip"):
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            package = f"python3.{sys.version_info.minor}-venv"
            raise UsageError(
                f"this Python ({sys.executable}) has no {module} module",
                f"Install it (on Debian and Ubuntu it is in the package {package}), or another Python.",
            )


def check_prefix(prefix: Path, bundle: Path) -> None:
    """Raise UsageError where it cannot be installed or something else stands, BundleRefused where others may write."""
    check_name(prefix)
    if prefix.is_relative_to(bundle) or bundle.is_relative_to(prefix):
        raise UsageError(f"{prefix} is, or is in, the bundle's own folder", "Choose another place with --prefix.")
    if prefix.exists() and not prefix.is_dir():
        raise UsageError(f"{prefix} is a file", "Choose another place with --prefix.")
    if prefix.is_dir() and not has_only_theirs(prefix):
        check_own(prefix)
    check_modes(path for path in (prefix.resolve(), prefix / "bin", prefix / VERSIONS) if path.exists())
    check_writable(prefix, "Choose another place with --prefix.")


def check_name(prefix: Path) -> None:
    """Raise UsageError where a folder's name holds what cannot be shown: a line break, an escape."""
    if _UNSHOWN.search(str(prefix)):
        said = f"the name {str(prefix)!r} holds a character that cannot be shown"
        raise UsageError(said, "Choose another place with --prefix.")


def check_writable(folder: Path, hint: str) -> None:
    """Raise UsageError where nothing can be put into a folder that may have to be made first."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK) or _is_read_only(place):
        raise UsageError(f"{place} cannot be written", hint)


def check_room(bundle: Path, manifest: Manifest, prefix: Path, store: Path | None) -> None:
    """Raise AssistantError where a disk has less room than what goes there."""
    unpacked = sum(map(_unpacked, (bundle / entry.path for entry in manifest.below(WHEELS))))
    needed = [(prefix, round(unpacked * (1 + _BYTECODE)) + _size(manifest, INDEXES))]
    if store is not None:
        needed.append((store, _size(manifest, MODELS)))
    by_disk: dict[int, tuple[Path, int]] = {}
    for folder, size in needed:
        place = next(place for place in (folder, *folder.parents) if place.exists())
        disk = place.stat().st_dev
        by_disk[disk] = (place, by_disk.get(disk, (place, 0))[1] + size)
    for place, size in by_disk.values():
        free = shutil.disk_usage(place).free
        if free < size:
            raise AssistantError(
                f"{size / 1e6:,.0f} MB are needed at {place}, and {free / 1e6:,.0f} MB are free",
                "Make room, or choose another place with --prefix.",
            )


def check_idle(prefix: Path) -> None:
    """Raise AssistantError while a program that was installed here runs: its files are about to be replaced."""
    mark = f"{prefix / VERSIONS}/"
    for pid, command in _processes():
        if command.startswith(mark) and pid != os.getpid():
            raise AssistantError(
                f"the installed assistant is running: process {pid}", "Wait for it, or stop it, then run this again."
            )


def _processes() -> Iterator[tuple[int, str]]:
    """Process numbers and command lines; of this person's, where the system shows no others."""
    proc = Path("/proc")
    if (proc / "self/cmdline").exists():
        for folder in proc.iterdir():
            if folder.name.isdigit():
                try:
                    yield int(folder.name), os.fsdecode((folder / "cmdline").read_bytes().replace(b"\0", b" "))
                except OSError:  # it has ended, or is somebody else's
                    continue
        return
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.strip()


def _system_version() -> str:
    if platform.system() == "Darwin":
        return platform.mac_ver()[0]
    name, version = platform.libc_ver()
    return version if name == "glibc" else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _unpacked(wheel: Path) -> int:
    with zipfile.ZipFile(wheel) as archive:
        return sum(member.file_size for member in archive.infolist())


def _size(manifest: Manifest, folder: str) -> int:
    return sum(entry.size for entry in manifest.below(folder))


def _is_read_only(folder: Path) -> bool:
    """Whether the file system takes no writing at all: root is told of no permissions."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
