"""Publishes vectors: decides when a new generation is due, has a child build it, and flips the catalog to it."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from assistant.airgap import egress
from assistant.errors import AssistantError, EgressRefused
from assistant.indexing.vectors import REFUSED, folder_of, unused
from assistant.storage.catalog import Catalog
from assistant.storage.layout import DAMAGED, GENERATIONS
from assistant.storage.seal import intact, marks, remove

# A generation is replaced when more than this share of it has gone, or has come since (DESIGN.md, decision 2).
_STALE_SHARE = 0.05
_CHROMAS_OWN = "chromadb.errors.InternalError"
_REFUSED = "assistant.errors.EgressRefused: "  # how Python ends where nothing catches it
_POLL_SECONDS = 0.1  # between two looks whether to stop


def due(catalog: Catalog) -> bool:
    """Whether there is no generation, or too much has come and gone since it was built."""
    _, watermark, size = state(catalog)
    prefix = catalog.embedded_prefix()
    young = catalog.count_chunks(prefix) - catalog.count_chunks(watermark) if prefix > watermark else 0
    gone = size - catalog.count_hashes(watermark)
    return young + gone > _STALE_SHARE * size if size else young > 0


def is_intact(catalog: Catalog, index: Path) -> bool:
    """Whether every file of the generation in use is there and as long as when it was built."""
    if (index / DAMAGED).exists():
        return False
    return intact(folder_of(index, state(catalog)[0]), catalog.get("generation_files"))


def state(catalog: Catalog) -> tuple[int, int, int]:
    """Number, highest chunk id and size of the generation in use; zeros where there is none.

    The generation holds what was embedded of the chunks up to that id when it was built, each different text once;
    younger chunks are compared exactly.
    """
    values = [catalog.get(key) for key in ("generation", "watermark", "generation_size")]
    number, watermark, size = (int(value or 0) for value in values)
    return number, watermark, size


def publish(catalog: Catalog, index: Path, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Build the next generation in a child process and flip to it; returns False where it was told to stop.

    Raises AssistantError where it cannot be built; the one in use, and what is compared exactly, go on answering.
    """
    watermark = catalog.embedded_prefix()
    for last_try in (False, True):
        number = _next_number(catalog, index)
        with catalog.transaction():  # before its folder is made: the child of a killed run may make that any moment
            catalog.put(last_generation=number)
        code, said, complaint = _in_child([str(index), str(number), str(watermark)], stopping)
        _learn_refused(said)
        if code == 0:
            break
        shutil.rmtree(folder_of(index, number), ignore_errors=True)
        if stopping():
            return False
        # Chroma fails now and then for no reason that comes again (scripts/LOG.md, "Kills").
        if _CHROMAS_OWN in complaint and not last_try:
            continue
        if _REFUSED in complaint:
            raise EgressRefused(complaint.partition(_REFUSED)[2].strip(), "Nothing is lost. Please report it.")
        last = (complaint.strip().splitlines() or [f"exit code {code}"])[-1]
        raise AssistantError(
            f"the vectors could not be published: {last}", "Nothing is lost. Check the disk, then run it again."
        )
    size = int(said.split()[-1])
    with catalog.transaction():
        catalog.put(
            generation=number,
            watermark=watermark,
            generation_size=size,
            generation_files=marks(folder_of(index, number)),
        )
    remove_old(catalog, index)
    return True


def _in_child(arguments: list[str], stopping: Callable[[], bool]) -> tuple[int, str, str]:
    """Exit code, output and errors of the process that builds; it is killed when this run is told to stop."""
    child = subprocess.Popen(  # -P: nothing is imported from the current folder, which may be somebody else's
        [sys.executable, "-P", "-m", "assistant.indexing.vectors", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is this process's to handle
    )
    with child:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    said, complaint = child.communicate(timeout=_POLL_SECONDS)
                    return child.returncode, said, complaint
                if stopping():
                    child.kill()
        except BaseException:
            child.kill()
            raise


def _learn_refused(said: str) -> None:
    """Remember what the guard refused in the child, also where the child went on all the same."""
    for line in said.splitlines():
        if line.startswith(REFUSED):
            egress.learn(line.removeprefix(REFUSED).encode())


def _next_number(catalog: Catalog, index: Path) -> int:
    """A number that no generation ever had, nor the half of one: the child of a killed run may still be writing it."""
    names = [folder.name.removeprefix("gen-") for folder in (index / GENERATIONS).glob("gen-*")]
    return max(int(catalog.get("last_generation") or 0), *(int(name) for name in names if name.isdecimal()), 0) + 1


def withdraw(catalog: Catalog) -> None:
    """Stop using the generation (inside a transaction): its vectors are of another embedder."""
    catalog.put(generation=0, watermark=0, generation_size=0)


def remove_all(index: Path) -> None:
    """Remove every generation, whoever has it open: what a reader cannot find there it compares exactly."""
    remove(index / GENERATIONS)


def remove_old(catalog: Catalog, index: Path) -> None:
    """Remove the generations that are not in use and that no reader has open."""
    current = state(catalog)[0]
    for folder in (index / GENERATIONS).glob("gen-*"):
        if folder.name != f"gen-{current}":
            with unused(folder) as free:
                if free:
                    shutil.rmtree(folder, ignore_errors=True)
