"""Hundreds of odd PDFs from elsewhere: none stops the run, and each one without text says why."""

from pathlib import Path

import pytest

from assistant.config import Config
from assistant.reading.sandbox import read_all
from assistant.reading.scan import scan
from assistant.reading.titles import first_title
from assistant.types import Gap

FOLDER = Path(__file__).parents[2] / "shared/evaluation/odd_pdfs"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the odd PDFs are not on this machine")
def test_every_odd_pdf_gives_text_or_a_reason_and_none_crashes_the_reader() -> None:
    found = scan(FOLDER, 10**9)
    read = list(read_all(FOLDER, found.files, Config(workers=2, read_seconds=20)))
    assert [file for file, _, _ in read] == list(found.files)
    assert len(read) > 100
    for file, read_hash, document in read:
        assert len(read_hash) == 64, file.path
        assert document.title == first_title([document.title]), file.path  # none, or what a person may have written
        assert document.texts or document.gaps, file.path
        assert not {gap.detail for gap in document.gaps} & {"the reader crashed"}, file.path
        named = [page for gap in document.gaps for page in gap.pages] + [text.page for text in document.texts]
        if document.page_count:
            assert sorted(page for page in named if page) == list(range(1, document.page_count + 1)), file.path
        else:
            assert document.gaps or file.path.endswith(".md"), file.path
    assert sum(bool(document.texts) for _, _, document in read) > 100
    assert {gap.reason for _, _, document in read for gap in document.gaps} >= {Gap.ENCRYPTED, Gap.IMAGES, Gap.DAMAGED}
