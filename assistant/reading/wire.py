"""Puts a Document into bytes and back, between a worker and the process that asked it.

The worker may have been taken over by what it parsed: nothing is believed that is not checked here.
"""

import json
import struct
from datetime import date
from typing import Any

from assistant.types import Document, Gap, PageGap, Section, StoredText

HASH_BYTES = 64  # what comes first: the SHA-256 of the bytes read in hex, spaces where nothing was read
# Then whether the worker ends after this file, the bytes of the packed document, and those of what the guard refused.
HEADER = struct.Struct(">?QQ")


def pack(document: Document) -> bytes:
    """Return `document` as JSON in UTF-8."""
    value = {
        "title": document.title,
        "texts": [[text.text, text.page, text.page_label] for text in document.texts],
        "sections": [[part.text_number, part.start, part.end, list(part.headings)] for part in document.sections],
        "gaps": [[gap.reason.value, list(gap.pages), gap.detail] for gap in document.gaps],
        "date": document.date.isoformat() if document.date else None,
        "standing": document.standing,
        "language": document.language,
        "page_count": document.page_count,
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def unpack(data: bytes) -> Document:
    """Return the Document that `pack` was given; raises ValueError for anything else."""
    try:
        return _document(json.loads(data))
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a document: {error!r}") from error


def _document(value: dict[str, Any]) -> Document:
    document = Document(
        title=_text(value["title"]),
        texts=tuple(
            StoredText(_text(text), _number_or_none(page), None if label is None else _text(label))
            for text, page, label in value["texts"]
        ),
        sections=tuple(
            Section(_number(number), _number(start), _number(end), tuple(_text(heading) for heading in headings))
            for number, start, end, headings in value["sections"]
        ),
        gaps=tuple(
            PageGap(Gap(reason), tuple(_number(page) for page in pages), _text(detail))
            for reason, pages, detail in value["gaps"]
        ),
        date=None if value["date"] is None else date.fromisoformat(value["date"]),
        standing=_text(value["standing"]),
        language=_text(value["language"]),
        page_count=_number_or_none(value["page_count"]),
    )
    for section in document.sections:
        if not section.start <= section.end <= len(document.texts[section.text_number].text):
            raise ValueError("a section stands outside of its text")
    return document


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a number")
    return value


def _number_or_none(value: Any) -> int | None:
    return None if value is None else _number(value)
