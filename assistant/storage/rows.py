"""What the catalog hands out: files, chunks and counts as it knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.indexing.cut import embedded_text, text_key
from assistant.reading.titles import from_name
from assistant.types import Chunk, Dated, Document, PageGap, SourceFile


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the catalog knows it."""

    id: int
    source: SourceFile
    scanned_ns: int  # clock when the scan saw it
    sha256: str  # of the bytes that were read, empty where none could be
    reading: str  # version of the code that read it
    cutting: str  # version of the code that cut it
    gaps: tuple[PageGap, ...] = ()
    limits: str = ""  # those under which reading it failed, empty where it did not


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What reading a file gave, and who read and cut it."""

    source: SourceFile
    scanned_ns: int
    sha256: str
    document: Document
    chunks: Sequence[Chunk]
    reading: str
    cutting: str
    limits: str = ""  # those under which reading it failed, empty where it did not


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk with its passage and where it stands."""

    id: int
    file: int
    path: str
    own_title: str  # empty where the document has none
    subject: str  # what stands for it in the embedded text
    date: date | None
    dated: Dated
    family: str
    edition: str
    language: str
    text_id: int
    page: int | None
    page_label: str | None
    start: int
    end: int
    headings: tuple[str, ...]
    text: str
    hash: bytes  # SHA-256 of the embedded text

    @property
    def title(self) -> str:
        """What the document is called: its own title, else its file's name made readable."""
        return self.own_title or from_name(self.path)

    @property
    def is_as_cut(self) -> bool:
        """Whether the passage is the one that was cut, and under the same headings: a disk may have changed it."""
        return text_key(embedded_text(self.subject, self.headings, self.text)) == self.hash


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What a file says of itself as a whole: its names, and how its text begins."""

    id: int  # the file's
    path: str
    own_title: str
    language: str
    opening: str

    @property
    def title(self) -> str:
        """What the document is called: its own title, else its file's name made readable."""
        return self.own_title or from_name(self.path)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalog holds."""

    files: int
    pages: int
    chunks: int
    pending: int  # chunks without a vector of the embedder in use
