"""Every locked package as a wheel for one kind of machine, kept in a cache so that a stopped download goes on.

pip downloads them, with the person's own settings for mirrors and proxies: `assistant bundle` is the one command that
uses a network, and it sends nothing but the names of packages.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from assistant.airgap import switches
from assistant.bundle.lock import Requirement
from assistant.bundle.target import Target
from assistant.bundle.verify import digest
from assistant.errors import AssistantError, UsageError

_AT_ONCE = 10  # packages a call of pip; what a call has downloaded stays when the next one is stopped
_UNFOUND = re.compile(r"No matching distribution found for ([\w.-]+)==")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel whose SHA-256 is one of the lock's."""

    path: Path
    requirement: Requirement
    tags: frozenset[Tag]
    size: int  # bytes
    sha256: str


def gathered(
    requirements: Sequence[Requirement], target: Target, cache: Path, say: Callable[[str], None]
) -> list[Wheel]:
    """One wheel for every requirement that the target has; downloads those that the cache lacks."""
    needed = [requirement for requirement in requirements if requirement.is_for(target)]
    folder = cache / str(target)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = _cached(needed, target, folder)
    missing = [requirement for requirement in needed if requirement.name not in found]
    for first in range(0, len(missing), _AT_ONCE):
        say(f"Wheels for {target}: {len(needed) - len(missing) + first:,} of {len(needed):,}")
        _download(missing[first : first + _AT_ONCE], target, folder)
    if missing:
        found = _cached(needed, target, folder)
    if absent := [requirement.name for requirement in needed if requirement.name not in found]:
        raise AssistantError(f"{folder} does not hold what pip downloaded: {absent[0]}", "Delete it and run it again.")
    return [found[requirement.name] for requirement in needed]


def _cached(needed: Sequence[Requirement], target: Target, folder: Path) -> dict[str, Wheel]:
    """The best wheel in the cache for each requirement, by name; what is damaged or does not fit is passed over."""
    wanted = {(requirement.name, requirement.version): requirement for requirement in needed}
    best: dict[str, tuple[int, Wheel]] = {}
    for path in sorted(folder.glob("*.whl")):
        try:
            name, version, _, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        requirement = wanted.get((canonicalize_name(name), str(version)))
        ranks = [target.tags[tag] for tag in tags if tag in target.tags]
        if requirement is None or not ranks or (sha256 := digest(path)) not in requirement.hashes:
            continue
        wheel = Wheel(path, requirement, tags, path.stat().st_size, sha256)
        if requirement.name not in best or min(ranks) < best[requirement.name][0]:
            best[requirement.name] = (min(ranks), wheel)
    return {name: wheel for name, (_, wheel) in best.items()}


def _download(batch: Sequence[Requirement], target: Target, folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise UsageError("this Python has no pip, which downloads the wheels", f"Run: {sys.executable} -m ensurepip")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.writelines(f"{line}\n" for line in _pinned(batch))
        listed.flush()
        done = subprocess.run(
            [sys.executable, "-m", "pip", *_arguments(target, folder, listed.name)],
            env={**os.environ, **_proxies()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise _failure(done.stderr, target)


def _proxies() -> dict[str, str]:
    """The person's proxies, which this process gave up when it started."""
    return {name: value for name, value in switches.removed.items() if name.upper() in switches.PROXIES}


def _arguments(target: Target, folder: Path, listed: str) -> Iterator[str]:
    yield from ("download", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2")
    yield from ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder))
    yield from ("--implementation", "cp", "--python-version", f"3.{target.minor}", "--requirement", listed)
    for name in target.platforms:
        yield from ("--platform", name)


def _pinned(batch: Sequence[Requirement]) -> Iterator[str]:
    for requirement in batch:
        hashes = " ".join(f"--hash=sha256:{value}" for value in sorted(requirement.hashes))
        yield f"{requirement.name}=={requirement.version} {hashes}"


def _failure(said: str, target: Target) -> AssistantError:
    if match := _UNFOUND.search(said):
        return UsageError(
            f"{match[1]} has no wheel for {target}, or none can be reached",
            "Check the network and pip's settings; if they are right, the assistant does not run on such a machine.",
        )
    errors = (
        [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines() or ["no reason given"]
    )
    return AssistantError(
        f"pip could not download the wheels: {errors[-1].removeprefix('ERROR: ')[:300]}",
        "Check the network and the disk, then run it again: what was downloaded is kept.",
    )
