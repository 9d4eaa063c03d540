"""Where a passage stands, as it is shown: long headings shortened, and where its date is from."""

from datetime import date

import pytest

from assistant.cli.output.places import heading_text, origin_text
from assistant.cli.show import around
from assistant.dates import origin
from assistant.types import Dated

DAY = date(2026, 2, 1)
CAPITALS = "THIS AGREEMENT SHALL BE GOVERNED BY AND CONSTRUED IN ACCORDANCE WITH THE LAWS OF THE STATE"


def test_a_short_heading_path_is_shown_whole() -> None:
    assert heading_text("Annual leave › Entitlement › Third year") == "Annual leave › Entitlement › Third year"


def test_a_sentence_that_looks_like_a_heading_is_cut_at_a_word() -> None:
    shown = heading_text(f"{CAPITALS} › 12. Notices")
    level, last = shown.split(" › ")
    assert last == "12. Notices"
    assert len(level) <= 62 and level.endswith(" …") and CAPITALS.startswith(level[:-1])


def test_of_a_long_path_the_innermost_levels_are_shown() -> None:
    shown = heading_text(f"{CAPITALS} › {CAPITALS} › Schedule 2 › Insurance")
    assert shown == "… › Schedule 2 › Insurance"


@pytest.mark.parametrize(
    ("dated", "path", "found", "said"),
    [
        (Dated.DOCUMENT, "a.pdf", "PDF metadata", "1 Feb 2026 (from its PDF metadata)"),
        (Dated.DOCUMENT, "a.md", "front matter", "1 Feb 2026 (from its front matter)"),
        (Dated.MONTH, "a-2026-02.pdf", "name, title or folder", "Feb 2026 (from its name, title or folder)"),
        (Dated.YEAR, "2026/a.md", "name, title or folder", "2026 (from its name, title or folder)"),
        (Dated.FILE, "a.txt", "file time", "1 Feb 2026 (from its file time)"),
    ],
)
def test_a_date_says_where_it_is_from(dated: Dated, path: str, found: str, said: str) -> None:
    assert origin(DAY, dated, path) == found
    assert origin_text(DAY, dated, path).replace("\u00a0", " ") == said


def test_what_stands_around_a_source_begins_and_ends_with_a_sentence() -> None:
    text = "".join(f"Sentence number {number} says a little about something. " for number in range(100))
    start = text.index("Sentence number 50")
    first, last = around(text, start, start + 20)
    assert text[first:].startswith("Sentence number ") and text[:last].endswith("something.")
    assert start - 600 <= first < start < last <= start + 620


def test_a_text_without_sentences_is_cut_at_words() -> None:
    text = "word " * 1_000
    first, last = around(text, 2_500, 2_504)
    assert text[first:].startswith("word") and text[:last].endswith("word")
