"""What each part of a bundle weighs, packed and installed, and which of the assistant's dependencies brings it.

A package is brought by that one of our dependencies without which it would not be needed; by "several" where leaving
out no single one would be rid of it.
"""

import io
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.bundle.target import parse
from assistant.bundle.verify import verify

OURS = "assistant"


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel of the bundle."""

    name: str
    packed: int  # bytes
    unpacked: int
    needs: frozenset[str]  # packages, on the bundle's first machine


def main() -> None:
    """Print the table."""
    bundle = Path(sys.argv[1])
    manifest = verify(bundle).manifest
    packages = read(bundle, next(iter(manifest.targets)))
    brought = bringers(packages)
    print(f"{'MB packed':>10} {'share':>6} {'unpacked':>9}  package, brought by")
    total = sum(package.packed for package in packages.values())
    for package in sorted(packages.values(), key=lambda package: -package.packed):
        if package.packed >= 50_000:
            numbers = f"{package.packed / 1e6:10.1f} {package.packed / total:6.1%} {package.unpacked / 1e6:9.1f}"
            print(f"{numbers}  {package.name}, {brought[package.name]}")
    small = [package for package in packages.values() if package.packed < 50_000]
    print(f"{sum(package.packed for package in small) / 1e6:10.1f} {'':6} {'':9}  {len(small)} smaller ones")
    print(f"{total / 1e6:10.1f} {'':6} {sum(package.unpacked for package in packages.values()) / 1e6:9.1f}  all wheels")
    print(f"{bundle.stat().st_size / 1e6:10.1f} {'':6} {'':9}  the archive")


def read(bundle: Path, target: str) -> dict[str, Package]:
    """Every wheel of a bundle, by the name of its package."""
    markers = parse(target).markers
    found = {}
    with tarfile.open(bundle) as archive:
        for member in archive:
            if member.name.endswith(".whl"):
                file = archive.extractfile(member)
                assert file is not None
                package = described(file.read(), markers)
                found[package.name] = package
    return found


def described(data: bytes, markers: Mapping[str, str]) -> Package:
    """What a wheel says of itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(wheel.read(name))
        unpacked = sum(member.file_size for member in wheel.infolist())
    needs = set()
    for line in metadata.get_all("Requires-Dist") or []:
        required = Requirement(line)
        if required.marker is None or any(required.marker.evaluate({**markers, "extra": extra}) for extra in EXTRAS):
            needs.add(canonicalize_name(required.name))
    return Package(canonicalize_name(metadata["Name"]), len(data), unpacked, frozenset(needs))


EXTRAS = ("", "crypto", "asyncio", "standard", "grpc")  # that our lock asks for of anybody


def bringers(packages: Mapping[str, Package]) -> dict[str, str]:
    """For each package the one dependency of ours that alone brings it."""
    ours = packages[OURS].needs & packages.keys()
    without = {name: reached(packages, ours - {name}) for name in ours}
    said = {OURS: "itself"} | {name: "named by us" for name in ours if any(name in seen for seen in without.values())}
    for name in packages.keys() - said.keys():
        alone = [our for our in sorted(ours) if name not in without[our]]
        said[name] = "itself" if alone == [name] else alone[0] if alone else "several"
    return said


def reached(packages: Mapping[str, Package], start: Iterable[str]) -> set[str]:
    """All packages that these need."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in packages and name not in seen:
            seen.add(name)
            waiting += packages[name].needs
    return seen


if __name__ == "__main__":
    main()
