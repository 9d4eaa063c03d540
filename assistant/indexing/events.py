"""What happens during a run, as values; the command line draws them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import LeftOut, PageGap


@dataclass(frozen=True, slots=True)
class Planned:
    """The folder was scanned and compared."""

    to_read: int
    unchanged: int
    vanished: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file was read and cut; `done` of `total` files are."""

    path: str
    pages: int
    chunks: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ChunksEmbedded:
    """`done` of `total` passages have their vector, all of them committed."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Publishing:
    """A new generation of vectors is being built."""

    vectors: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, and what the index holds now."""

    added: int
    changed: int
    vanished: int
    unchanged: int
    files: int
    pages: int
    chunks: int
    embedded: int  # vectors made by this run
    last_built: str | None  # ISO time of the run before
    other_types: Mapping[str, int]  # files of types that are not read, by suffix
    left_out: tuple[LeftOut, ...]
    gaps: tuple[tuple[str, PageGap], ...]  # (path, what gave no text), of every file in the index
    without_text: tuple[str, ...]  # files of the index that gave no text at all
    seconds: float

    @property
    def nothing_to_do(self) -> bool:
        """Whether the index already was what the folder is."""
        return not (self.added or self.changed or self.vanished or self.embedded)


Event = Planned | FileRead | ChunksEmbedded | Publishing | Report
