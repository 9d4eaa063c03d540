"""The nouns of the road from a folder to an answer, in the order in which they appear on it.

All are frozen values. Offsets count Unicode code points in one stored text, end exclusive: a page's text for PDFs,
the whole file's for markdown and plain text.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a file is read as."""

    PDF = "pdf"
    MARKDOWN = "md"
    TEXT = "txt"


class Dated(StrEnum):
    """How exactly a document's day is known, and who says so."""

    DOCUMENT = "document"  # the text or its metadata
    NAME = "name"  # a full day in its name, its title or a folder's name
    MONTH = "month"
    YEAR = "year"
    FILE = "file"  # the file's modification time alone


class FileState(StrEnum):
    """Whether a cited file still is what the index read."""

    CURRENT = "current"
    CHANGED = "changed"
    GONE = "gone"


class Gap(StrEnum):
    """Why a file or a page gave no text."""

    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    IMAGES = "only images"
    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_SLOW = "took too long to read"
    UNREADABLE = "unreadable"
    PASSING = "could not be read this time"  # a share that hiccups, too many open files: nothing is known of it


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the folder as the scan saw it; `path` is relative to the folder, with `/`."""

    path: str
    kind: Kind
    size: int  # bytes
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path of the folder that the scan did not take, with the reason in words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands below a folder: files to read, the count of other types by suffix, and what was left out."""

    files: tuple[SourceFile, ...]
    other_types: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    unlisted: tuple[str, ...] = ()  # folders ("a/b/") that gave an I/O error: what they hold now is not known


@dataclass(frozen=True, slots=True)
class StoredText:
    """One text that offsets refer to: a PDF page, or a whole markdown or text file (`page` is None)."""

    text: str
    page: int | None = None  # physical, from 1
    page_label: str | None = None  # what is printed on the page, where the document says so


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of one stored text below one heading; sections cover their text without overlap, in order."""

    text_number: int  # index into Document.texts
    start: int
    end: int
    headings: tuple[str, ...] = ()  # from the outermost to the innermost


@dataclass(frozen=True, slots=True)
class PageGap:
    """Pages of a file that gave no text; `pages` is empty where the whole file is meant."""

    reason: Gap
    pages: tuple[int, ...] = ()
    detail: str = ""  # "needs a password", "ends after 4,096 of 80,211 bytes"


@dataclass(frozen=True, slots=True)
class Document:
    """What reading one file gave."""

    title: str = ""  # its own; empty where it has none, and its file's name has to do
    texts: tuple[StoredText, ...] = ()
    sections: tuple[Section, ...] = ()
    gaps: tuple[PageGap, ...] = ()
    date: datetime.date | None = None  # that it states itself
    standing: str = ""  # what it says of its version and of being in force: "superseded version 1.2"
    language: str = ""  # ISO 639-1, empty where unknown
    page_count: int | None = None  # physical pages, None for markdown and text


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is found, embedded and cited as one; it never crosses a page or a section."""

    section: int  # index into Document.sections
    start: int  # in the section's text
    end: int
    headings: tuple[str, ...]
    embedded_text: str  # context line and passage, exactly what the embedder and the words index see


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search is restricted to; the empty filter lets everything through."""

    within: str | None = None  # folder, file or glob, relative to the indexed folder
    kind: Kind | None = None
    since: datetime.date | None = None  # document date, or the file's own where the document has none
    without: frozenset[str] = frozenset()  # paths that are left out


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that the search found, best first; `text` is verbatim: stored_text[start:end]."""

    path: str
    page: int | None
    page_label: str | None
    heading: str  # the heading path, joined by " › ", empty where there is none
    text: str
    start: int
    end: int
    score: float  # 0 to 1, comparable within one question only
    chunk_id: int
    title: str
    date: datetime.date | None = None
    dated: Dated = Dated.FILE  # how exactly the date is known
    family: str = ""  # what all versions of the document have in common, empty where nothing can be told
    edition: str = ""  # which of the versions it is (reading/editions.py)
    newest: str = ""  # the edition that sorts last in the family, and behind it the path of its file
    superseded_by: str = ""  # path of the newest version, where this is an older one
    meaning: float = 0.0  # cosine of question and passage, -1 to 1
    words: float = 0.0  # BM25, 0 or more; 0 where no word matched
    rest: float | None = None  # cosine with what is asked beyond the name of a document; None where none is named
    coverage: float = 0.0  # share of the question's words, weighted by rarity, that stand in the passage, 0 to 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """A numbered stretch of one page or file that goes into the prompt; `text` is verbatim."""

    number: int  # from 1, as the model sees it
    path: str
    page: int | None
    page_label: str | None
    heading: str
    text: str
    start: int
    end: int
    score: float
    title: str
    date: datetime.date | None = None
    dated: Dated = Dated.FILE
    family: str = ""
    edition: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of the answer; `quote` is verbatim: stored_text[start:end]."""

    number: int  # from 1, in order of first use
    path: str
    page: int | None
    page_label: str | None
    heading: str
    quote: str
    start: int
    end: int
    score: float
    date: datetime.date | None = None
    dated: Dated = Dated.FILE
    state: FileState = FileState.CURRENT  # of its file, when the answer was made
    superseded_by: str = ""  # path of the newest version, where this is an older one


class Verdict(StrEnum):
    """What the check of a sentence against its sources found."""

    SUPPORTED = "supported"
    PARTLY = "partly"  # the sources hold a part of it
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that a sentence was put through."""

    check: str  # what was looked at: "figures", "names", "negation"
    passed: bool
    detail: str = ""  # in words


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer with the numbers of its citations, and what the check of it found."""

    text: str  # without marks
    citations: tuple[int, ...] = ()
    verdict: Verdict = Verdict.SUPPORTED
    reason: str = ""  # why it is not supported, in words; empty where it is
    shown: bool = True  # whether it is part of the answer's text
    score: float | None = None  # how well its sources hold it, 0 to 1; None where it was not compared
    findings: tuple[Finding, ...] = ()  # every check, in order


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources that say something else of the same, the newer first."""

    newer: int  # number of its citation
    older: int
    newer_says: str  # the figure in which they differ, as it is written: "three months"
    older_says: str


class Status(StrEnum):
    """How a question was answered."""

    ANSWERED = "answered"  # a model wrote it
    QUOTES = "quotes"  # quoted word for word, no model wrote it
    NOT_IN_DOCUMENTS = "not_in_documents"


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked; None where a stage did not happen."""

    search: float | None = None
    first_token: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, as `--json` prints it."""

    question: str
    status: Status
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    closest: tuple[Citation, ...] = ()  # the nearest passages where the documents do not say
    left_open: tuple[str, ...] = ()  # parts of the question that the documents leave open, where they answer others
    differences: tuple[Difference, ...] = ()  # where the documents disagree, each with two of the citations
    confidence: float | None = None  # that the documents answer the question, 0 to 1
    findings: tuple[Finding, ...] = ()  # what decided whether they do, in order
    model: str | None = None
    index: str = ""
    notices: tuple[str, ...] = ()  # what the reader should know: the model broke off, the folder has changed
    timings: Timings = field(default_factory=Timings)
    entry: int | None = None  # its number in the log, None where it was not logged
    schema: int = 1
