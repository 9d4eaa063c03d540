"""Damages a real bundle in every way that counts and sees to it that each is refused before anything is written.

    scripts/damage_bundle.py BUNDLE.tar [--number 100]

Flips and truncations are done to the archive (`assistant verify`, which also has to name what is wrong) and, file by
file, to what it unpacks to (`sh install.sh` into an empty home, which has to stay empty).
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from assistant.bundle.verify import verify
from assistant.errors import BundleRefused

SEED = 20261130
Damage = Callable[[Path, random.Random], AbstractContextManager[str]]


def main() -> int:
    """Do all of it and print a line for each kind of damage; 1 where one was not refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--number", type=int, default=100)
    options = parser.parse_args()
    chance = random.Random(SEED)
    number, few = options.number, max(1, options.number // 5)
    with tempfile.TemporaryDirectory(dir=options.bundle.absolute().parent) as scratch:
        copy, home = Path(scratch) / "copy.tar", Path(scratch) / "home"
        shutil.copyfile(options.bundle, copy)
        subprocess.run(["tar", "xf", copy, "-C", scratch], check=True)
        folder = next(path for path in Path(scratch).iterdir() if path.is_dir())
        home.mkdir()

        def installed(damage: Damage) -> Callable[[], bool]:
            return lambda: installer_refuses(damage(folder, chance), folder, home)

        passed = [
            told("bits flipped in the archive", number, lambda: flipped_archive_is_refused(copy, chance)),
            told("bits flipped in an unpacked file", number, installed(flipped)),
            told("unpacked files cut short", number, installed(cut)),
            told("files added", few, installed(added)),
            told("files removed", few, installed(removed)),
        ]
        print(f"undamaged again: {verify(folder).manifest == verify(copy).manifest}")
        lengths = iter(sorted(chance.sample(range(copy.stat().st_size), number), reverse=True))
        passed.append(told("archives cut short", number, lambda: cut_archive_is_refused(copy, next(lengths))))
    return 0 if all(passed) else 1


def told(what: str, number: int, one: Callable[[], bool]) -> bool:
    """Do one kind of damage so many times, and print how many were refused."""
    count = sum(one() for _ in range(number))
    print(f"{what}: {count} of {number} refused", flush=True)
    return count == number


def flipped_archive_is_refused(archive: Path, chance: random.Random) -> bool:
    """Whether an archive with one flipped bit is refused."""
    with flip(archive, chance.randrange(archive.stat().st_size * 8)):
        return is_refused(archive)


def cut_archive_is_refused(archive: Path, length: int) -> bool:
    """Whether the beginning of an archive is refused; nothing is left of the rest."""
    os.truncate(archive, length)
    return is_refused(archive)


def is_refused(archive: Path) -> bool:
    """Whether an archive is refused, and for a reason."""
    try:
        verify(archive)
    except BundleRefused as error:
        return bool(str(error))
    return False


@contextmanager
def flip(path: Path, bit: int) -> Iterator[None]:
    """Flip one bit of a file, and flip it back."""
    for last in (False, True):
        with path.open("r+b") as file:
            file.seek(bit // 8)
            byte = file.read(1)[0]
            file.seek(bit // 8)
            file.write(bytes([byte ^ 1 << bit % 8]))
        if not last:
            yield


def files(folder: Path) -> list[Path]:
    """The files of an unpacked bundle, without those that are empty."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]


@contextmanager
def flipped(folder: Path, chance: random.Random) -> Iterator[str]:
    """One file, each as likely as the other, with one flipped bit."""
    path = chance.choice(files(folder))
    bit = chance.randrange(path.stat().st_size * 8)
    with flip(path, bit):
        yield f"{path.name}, bit {bit}"


@contextmanager
def cut(folder: Path, chance: random.Random) -> Iterator[str]:
    """One file without its end."""
    path = chance.choice(files(folder))
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])
    try:
        yield path.name
    finally:
        path.write_bytes(data)


@contextmanager
def added(folder: Path, chance: random.Random) -> Iterator[str]:
    """One file more: a copy of another, or an empty one, in one of the folders."""
    place = chance.choice([folder, *(path for path in folder.rglob("*") if path.is_dir())])
    path = place / f"added-{chance.randrange(10**6)}{chance.choice(['', '.whl', '.txt'])}"
    path.write_bytes(chance.choice([b"", chance.choice(files(folder)).read_bytes()]))
    try:
        yield path.name
    finally:
        path.unlink()


@contextmanager
def removed(folder: Path, chance: random.Random) -> Iterator[str]:
    """One file less."""
    path = chance.choice(files(folder))
    aside = folder.parent / "aside"
    path.rename(aside)
    try:
        yield path.name
    finally:
        aside.rename(path)


def installer_refuses(damage: AbstractContextManager[str], folder: Path, home: Path) -> bool:
    """Whether `sh install.sh` fails with an error on a damaged bundle, and the home stays empty."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHON": sys.executable}
    command = ["sh", str(folder / "install.sh")]
    with damage as what:
        done = subprocess.run(command, env=environ, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    refused = done.returncode != 0 and bool(done.stderr) and not any(home.iterdir())
    if not refused:
        print(f"  not refused: {what}")
    return refused


if __name__ == "__main__":
    sys.exit(main())
