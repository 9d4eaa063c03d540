"""The packages that the assistant needs, at the versions and hashes that it was tested with."""

import re
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from assistant.bundle.target import Target

LOCK = Path(__file__).with_name("requirements.lock")  # in a clone a link to the one at its top
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)( ; (?P<marker>[^\\]+?))? \\")
_HASH = re.compile(r"    --hash=sha256:(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One package at one version, and the SHA-256 of every file that may stand for it."""

    name: str
    version: str
    marker: str  # where it is needed; empty: everywhere
    hashes: frozenset[str]

    def is_for(self, target: Target) -> bool:
        """Whether a machine needs it."""
        return not self.marker or Marker(self.marker).evaluate(target.markers)


def requirements(text: str) -> list[Requirement]:
    """The packages of a lock, in its order."""
    found: list[Requirement] = []
    for line in text.splitlines():
        if match := _REQUIREMENT.fullmatch(line):
            name = canonicalize_name(match["name"])
            found.append(Requirement(name, match["version"], match["marker"] or "", frozenset()))
        elif match := _HASH.match(line):
            last = found.pop()
            found.append(Requirement(last.name, last.version, last.marker, last.hashes | {match["digest"]}))
    return found


def license_of(described: Message) -> str:
    """The license that a package's metadata states, in a line."""
    classifiers = described.get_all("Classifier") or []
    names = [name.rpartition(" :: ")[2] for name in classifiers if name.startswith("License :: ")]
    stated = described.get("License-Expression") or " and ".join(names) or described.get("License") or ""
    lines = [line.strip() for line in stated.splitlines() if line.strip()]
    return lines[0][:100] if lines else "not stated"
