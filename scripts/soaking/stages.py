"""What many cases of a part start from: a folder that has changed, the index of what it was, and a fresh one of it.

A stage is made once a part, by the first case that needs it, and no case changes it.
"""

import pickle
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from soaking.faults import watched
from soaking.folders import Documents
from soaking.frame import Broken, Case
from soaking.said import command


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder and two indexes; `writes` are those of the run that leads from one to the other."""

    root: Path
    writes: int

    @property
    def documents(self) -> Path:
        """The folder as it is now."""
        return self.root / "documents"

    @property
    def before(self) -> Path:
        """The index of the folder as it was; nothing is there where the folder was empty."""
        return self.root / "before"

    @property
    def level(self) -> Path:
        """The index of the folder as it was, brought level with it as it is."""
        return self.root / "level"

    @property
    def fresh(self) -> Path:
        """An index made from the folder as it is."""
        return self.root / "fresh"

    def folder(self) -> Documents:
        """The folder, which remembers what has stood in it."""
        documents = pickle.loads((self.root / "folder.pickle").read_bytes())  # noqa: S301 - our own
        assert isinstance(documents, Documents)
        return documents


def stage(case: Case, name: str, before: int, added: int, changes: int) -> Stage:
    """The part's stage of this name, made where it is not there yet, from `before` documents and what came then."""
    root = case.shared / name
    done = root / "writes"
    if not done.exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        writes = _made(case, root, before, added, changes)
        done.write_text(str(writes), encoding="utf-8")
    return Stage(root, int(done.read_text(encoding="utf-8")))


def _made(case: Case, root: Path, before: int, added: int, changes: int) -> int:
    """Make a stage below `root`; returns how many writes its run makes."""
    source = random.Random(f"{case.seed} {root.name}")
    documents = Documents(root / "documents", source)
    documents.root.mkdir()
    if before:
        documents.fill(before)
        _indexed(case, documents.root, root / "before")
        shutil.copytree(root / "before", root / "level")
    for _ in range(added):
        documents.add()
    for _ in range(changes):
        documents.change()
    (root / "folder.pickle").write_bytes(pickle.dumps(documents))
    _indexed(case, documents.root, root / "fresh")
    return _indexed(case, documents.root, root / "level")


def _indexed(case: Case, folder: Path, index: Path) -> int:
    """Run to the end; returns how many writes that took."""
    writes = 0

    def guard(function: Callable[[], int]) -> int:
        nonlocal writes
        seen = watched(function, index)
        writes = len(seen.calls)
        return seen.code

    said = command(case.work, "index", str(folder), "--index", str(index), "--yes", guard=guard)
    if said.code:
        raise Broken(f"the stage cannot be set: {said.last}")
    return writes
