"""What a worker sends is the document it read, or it is refused."""

import json
from datetime import date

import pytest

from assistant.reading.wire import pack, unpack
from assistant.types import Document, Gap, PageGap, Section, StoredText


def test_a_document_survives_the_wire_and_anything_else_is_refused() -> None:
    document = Document(
        title="T \u2028",
        texts=(StoredText("Page \U0001f600", 1, "i"), StoredText("two", 2)),
        sections=(Section(0, 0, 6, ("A", "B")), Section(1, 0, 3)),
        gaps=(PageGap(Gap.IMAGES, (3, 4), "detail"),),
        date=date(2024, 2, 1),
        language="en",
        page_count=4,
    )
    assert unpack(pack(document)) == document
    value = json.loads(pack(document))
    for key, wrong in (
        ("title", 1),
        ("texts", [["x", "1", None]]),
        ("texts", [["x", True, None]]),
        ("sections", [[0, 0, 999, []]]),
        ("sections", [[9, 0, 1, []]]),
        ("sections", [[-1, 0, 1, []]]),
        ("gaps", [["no reason", [], ""]]),
        ("date", "soon"),
        ("language", None),
        ("page_count", -1),
    ):
        with pytest.raises(ValueError, match=r"."):
            unpack(json.dumps({**value, key: wrong}).encode())
    for data in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError, match=r"."):
            unpack(data)
