"""What happens during a run, as values; the command line draws them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import LeftOut, PageGap


@dataclass(frozen=True, slots=True)
class Planned:
    """The folder was scanned and compared; numbers of files."""

    added: int
    changed: int
    moved: int
    deleted: int
    unchanged: int
    to_read: int  # the added and changed, and what another version of the reader read


class Notice:
    """What a person should know before it happens."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Bound(Notice):
    """The index belongs to another folder from here on: the old one has moved, or was given up."""

    old: str
    folder: str


@dataclass(frozen=True, slots=True)
class Ignoring(Notice):
    """The settings have other rules of what to ignore than in the run before: they may come from another folder."""

    now: tuple[str, ...]
    no_longer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost(Notice):
    """What a setting that has changed will cost, said before it starts."""

    reason: str  # in words: "the embedder is another one"
    files: int = 0  # to read or cut again
    passages: int = 0  # to embed again
    seconds: float | None = None  # about, None where it is not known


@dataclass(frozen=True, slots=True)
class Mending(Notice):
    """A derived index is missing or damaged and is made anew from the catalog; nothing is embedded for it."""

    what: str  # "words index", "vectors' store"


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
    """What the run did, and what the index holds now."""

    added: int
    changed: int
    moved: int
    deleted: int
    unchanged: int
    files: int
    pages: int
    chunks: int
    embedded: int  # vectors made by this run
    pending: int  # passages that are still found by words only
    last_built: str | None  # ISO time of the run before
    other_types: Mapping[str, int]  # files of types that are not read, by suffix
    left_out: tuple[LeftOut, ...]
    gaps: tuple[tuple[str, PageGap], ...]  # (path, what gave no text), of every file in the index
    without_text: tuple[str, ...]  # files of the index that gave no text at all
    unsettled: tuple[str, ...]  # files that changed while they were read: left as they were
    kept: tuple[str, ...]  # files left as they were because their folder gave an I/O error
    mended: tuple[str, ...]  # derived indexes that were made anew
    stopped: bool  # somebody asked to stop: what is done is kept, the next run goes on
    seconds: float
    first_paths: tuple[str, ...] = ()  # up to three of the files that were added, changed, moved or deleted
    blank: int = 0  # of the added and changed: they gave no text
    unread: tuple[tuple[str, PageGap], ...] = ()  # files that could not be read this time: left as they were

    @property
    def nothing_to_do(self) -> bool:
        """Whether the index already was what the folder is."""
        done = self.added or self.changed or self.moved or self.deleted or self.embedded or self.mended
        return not (done or self.unsettled or self.unread or self.stopped)


Event = Planned | Bound | Ignoring | Cost | Mending | FileRead | ChunksEmbedded | Publishing | Report
