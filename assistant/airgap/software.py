"""Versions of Python, SQLite and the dependencies, and what is known to be wrong with some of them."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from assistant.airgap.finding import Finding, State, note, ok, wrong

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """A known fault of released versions, and whether this program can come upon it."""

    package: str
    fixed: tuple[Version, ...]  # the first sound version of each series, the newest series last; () where there is none
    what: str
    unreached: str  # why it does no harm here; "" where it may
    source: str  # with the day on which it was looked up

    def has(self, found: Version) -> bool:
        """Whether a version has the fault: one of a series with a fix has it below that, any other below the newest."""
        if not self.fixed:
            return True
        own = next((sound for sound in self.fixed if sound[:2] == found[:2]), self.fixed[-1])
        return found < own


HOLES = (
    Hole(
        "Python",
        ((3, 11, 13), (3, 12, 11), (3, 13, 4)),
        "an archive can be unpacked outside of its folder (CVE-2025-4517)",
        "bundles are unpacked by names that were checked before",
        "cve.org record of 3 Jun 2025, read 30 Nov 2026",
    ),
    Hole(
        "SQLite",
        ((3, 44, 6), (3, 50, 7), (3, 51, 3)),
        "databases in WAL mode can be damaged",
        "the catalog uses the rollback journal",
        "sqlite.org/wal.html#walresetbug, read 30 Nov 2026",
    ),
    Hole(
        "chromadb",
        (),
        "its Python server runs code of strangers (CVE-2026-45829)",
        "that server is never started",
        "cve.org record of 18 May 2026, read 30 Nov 2026: 1.0.0 and all later versions",
    ),
    Hole(
        "nltk",
        ((3, 10, 3),),
        "a crafted data file can run code (CVE-2026-79657)",
        "it only comes with LlamaIndex, and reads no data file here",
        "cve.org record of 25 Aug 2026, read 30 Nov 2026",
    ),
    Hole(
        "Ollama",
        ((0, 17, 1),),
        "it can show others what is in its memory (CVE-2026-7482)",
        "",
        "cve.org record of 4 May 2026, read 30 Nov 2026",
    ),
    Hole(
        "Ollama",
        ((0, 16, 2),),
        "it has no switch for its cloud",
        "",
        "ollama's release notes, read 30 Nov 2026",
    ),
)
OLDEST_PYTHON = (3, 11)
_PROGRAMS = ("Python", "SQLite", "Ollama")  # no packages of Python's; one of this name is the client


def software() -> Iterator[Finding]:
    """Python, SQLite and every package that this one needs."""
    python = sys.version_info[:3]
    if python < OLDEST_PYTHON:
        yield wrong("Python", f"{said(python)} is too old", "Install Python 3.11 or newer, then the assistant again.")
    else:
        yield judged("Python", python)
    yield judged("SQLite", sqlite3.sqlite_version_info)
    packages = list(_judged_packages())
    yield _packages(" ".join(f"{package.name} {package.said}. {package.detail}" for package in packages))
    yield from (package for package in packages if package.state is not State.OK)


def judged(package: str, found: Version) -> Finding:
    """A version with what is known to be wrong with it."""
    holes = [hole for hole in HOLES if hole.package == package and hole.has(found)]
    reached = [hole for hole in holes if not hole.unreached]
    if reached:
        sound = [hole.fixed[-1] for hole in reached if hole.fixed]
        newer = f"{said(max(sound))} or newer" if len(sound) == len(reached) else "another version"
        what = ", and ".join(hole.what for hole in reached)
        return note(package, f"{said(found)}: {what}", f"Install {package} {newer}.")
    return ok(package, said(found), " ".join(f"Harmless here: {hole.what}; {hole.unreached}." for hole in holes))


def parsed(text: str) -> Version:
    """The numbers at the beginning of a version."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def said(found: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, found))


def _judged_packages() -> Iterator[Finding]:
    """The installed packages that have a known fault."""
    for name in dict.fromkeys(hole.package for hole in HOLES if hole.package not in _PROGRAMS):
        if (found := _installed(name)) and any(hole.package == name and hole.has(parsed(found)) for hole in HOLES):
            yield judged(name, parsed(found))


def _packages(known: str) -> Finding:
    """Whether every package is there that this one names; `known` is what is wrong with some of them."""
    needed = (requires("assistant") or ()) if _installed("assistant") else ()
    names = ["assistant", *(match[0] for text in needed if (match := re.match(r"[\w.-]+", text)))]
    missing = [name for name in names if _installed(name) is None]
    if missing:
        return wrong("Packages", f"missing: {', '.join(missing)}", "Install the assistant again.")
    return ok("Packages", f"all {len(names) - 1} dependencies are installed", known)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
