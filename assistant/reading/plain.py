"""Reads plain text files, and decodes what text files are written in."""

import codecs
import re

from assistant.language.detection import language
from assistant.types import Document, Gap, PageGap, Section, StoredText

_MARKS = (  # UTF-32 first: its mark starts with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NEWLINES = re.compile(r"\r\n|[\r\f\v\x85\u2028\u2029]")
# Control characters, lone surrogates and noncharacters say nothing to a reader and much to a terminal.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def read_plain(data: bytes) -> Document:
    """Read a text file as one text with one section; it has no title of its own."""
    text = decode(data)
    if gap := text_gap(data, text):
        return Document(gaps=(gap,))
    return Document("", (StoredText(text),), (Section(0, 0, len(text)),), language=language(text))


def decode(data: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8, else as Windows-1252, which never fails; newlines become \\n."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return cleaned(data[len(mark) :].decode(encoding, "replace"))
    try:
        return cleaned(data.decode("utf-8"))
    except UnicodeDecodeError:
        return cleaned(data.decode("cp1252", "replace"))


def cleaned(text: str) -> str:
    """Return `text` with \\n for every newline and without control characters; what it gives it leaves unchanged."""
    return _UNPRINTABLE.sub("", _NEWLINES.sub("\n", text))


def text_gap(data: bytes, text: str) -> PageGap | None:
    """Say why a text file gives nothing to read, if it does not."""
    if data.count(0, 0, 4096) > 0 and not data.startswith(tuple(mark for mark, _ in _MARKS)):
        return PageGap(Gap.DAMAGED, detail="not a text file")
    return None if text.strip() else PageGap(Gap.EMPTY)
