"""Reads what a PDF says about itself with pypdf: labels, outline, title, date, encryption.

Each part may be damaged without the others: what cannot be read is left out. Runs in a worker alone.
"""

import datetime
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pypdf

from assistant.reading.plain import cleaned
from assistant.reading.titles import plausible_date

_DEEPEST = 6  # levels of an outline; deeper ones are paragraphs
_MOST_LABELS = 100_000  # an encrypted file's count of pages is what it claims
_LONGEST = 300  # code points of an outline's title or a page's label

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark that leads to a page."""

    page: int  # physical, from 1
    level: int  # from 1
    title: str


class PypdfFile:
    """A PDF opened by pypdf with the empty password; every part that is damaged reads as absent."""

    def __init__(self, data: bytes) -> None:
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        # No external program is run for a document, whoever put one on the path.
        pypdf.overwrite_configuration(jbig2dec_binary=None, outline_maximum_entries=20_000)
        reader = _or_none(lambda: pypdf.PdfReader(io.BytesIO(data)))
        self.locked = reader is not None and bool(_or_none(lambda: reader.is_encrypted and not reader.decrypt("")))
        self._reader = None if self.locked else reader

    @property
    def page_count(self) -> int:
        """Pages that pypdf sees."""
        return self._part(lambda reader: len(reader.pages)) or 0

    @property
    def title(self) -> str:
        """What the document calls itself, empty where it does not."""
        return self._part(_title) or ""

    @property
    def date(self) -> datetime.date | None:
        """The day it was made, else last changed, by its own account."""
        return self._part(_date)

    @property
    def labels(self) -> tuple[str, ...]:
        """The printed label of each page; empty where the document has none."""
        return self._part(_labels) or ()

    @property
    def outline(self) -> tuple[OutlineEntry, ...]:
        """The bookmarks that lead to a page, in their order."""
        return self._part(lambda reader: tuple(_outline(reader, reader.outline, 1))) or ()

    def page_text(self, index: int) -> str:
        """A page's text as pypdf reads it, empty where it cannot."""
        return self._part(lambda reader: reader.pages[index].extract_text()) or ""

    def _part(self, read: Callable[[pypdf.PdfReader], _Value]) -> _Value | None:
        return None if self._reader is None else _or_none(partial(read, self._reader))


def _or_none(read: Callable[[], _Value]) -> _Value | None:
    """Return what `read` gives; None where it fails: on damaged files pypdf raises nearly every kind of error."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception:
        return None


def _title(reader: pypdf.PdfReader) -> str:
    stated = (reader.metadata.title if reader.metadata else "") or ""
    if not stated.strip() and reader.xmp_metadata is not None:
        stated = next(iter((reader.xmp_metadata.dc_title or {}).values()), "")
    return " ".join(cleaned(stated).split())


def _date(reader: pypdf.PdfReader) -> datetime.date | None:
    metadata = reader.metadata
    if metadata is None:
        return None
    made = _or_none(lambda: plausible_date(metadata.creation_date))
    return made or plausible_date(metadata.modification_date)


def _labels(reader: pypdf.PdfReader) -> tuple[str, ...]:
    if "/PageLabels" not in reader.root_object or len(reader.pages) > _MOST_LABELS:
        return ()
    return tuple(" ".join(cleaned(label[:_LONGEST]).split()) for label in reader.page_labels)


def _outline(reader: pypdf.PdfReader, entries: list[Any], level: int) -> Iterator[OutlineEntry]:
    for entry in entries:
        if isinstance(entry, list):
            if level < _DEEPEST:
                yield from _outline(reader, entry, level + 1)
            continue
        index = _or_none(partial(reader.get_destination_page_number, entry))
        title = " ".join(cleaned(str(entry.title or "")[:_LONGEST]).split())
        if index is not None and index >= 0 and title:
            yield OutlineEntry(index + 1, level, title)
