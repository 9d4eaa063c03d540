"""What the catalog hands out: files, chunks and counts as it knows them."""

from dataclasses import dataclass
from datetime import date

from assistant.types import PageGap, SourceFile


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the catalog knows it."""

    id: int
    source: SourceFile
    scanned_ns: int  # clock when the scan saw it
    sha256: str
    title: str
    date: date | None
    language: str
    pages: int | None
    gaps: tuple[PageGap, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk with its passage and where it stands."""

    id: int
    file: int
    path: str
    title: str
    date: date | None
    language: str
    text_id: int
    page: int | None
    page_label: str | None
    start: int
    end: int
    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalog holds."""

    files: int
    pages: int
    chunks: int
    pending: int  # chunks without a vector
