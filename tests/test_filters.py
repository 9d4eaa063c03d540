"""What a filter promises: exactly the files it names, and a word of it where no file lies there."""

import datetime
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import UsageError
from assistant.retrieval.filters import matching_files
from assistant.storage.catalog import Catalog
from assistant.storage.rows import ReadFile
from assistant.types import Document, Filter, Kind, SourceFile

# Path, date of the document, date of the file.
FILES = {
    "hr/leave.pdf": ("2026-02-01", "2026-03-01"),
    "hr/old/leave.pdf": ("2023-05-01", "2026-03-01"),
    "hr.md": (None, "2025-06-30"),
    "hr x/notes [draft].md": (None, "2026-01-31"),
    "legal/Übergabe.txt": ("2026-02-02", "2020-01-01"),
}
KINDS = {".pdf": Kind.PDF, ".md": Kind.MARKDOWN, ".txt": Kind.TEXT}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.create(tmp_path_factory.mktemp("filters")) as made:
        with made.transaction():
            for path, (day, written) in FILES.items():
                mtime = int(datetime.datetime.fromisoformat(f"{written}T12:00+00:00").timestamp()) * 10**9
                source = SourceFile(path, KINDS[os.path.splitext(path)[1]], 1, mtime, 1, 1, 1)  # noqa: PTH122
                date = datetime.date.fromisoformat(day) if day else None
                made.put_file(ReadFile(source, 1, "", Document("Title", date=date), [], "1", "1"))
        yield made


def matching(catalog: Catalog, wanted: Filter) -> set[str]:
    ids = matching_files(catalog, wanted)
    assert ids is not None
    return {path for path, row in catalog.files().items() if row.id in ids}


def test_the_empty_filter_lets_everything_through(catalog: Catalog) -> None:
    assert matching_files(catalog, Filter()) is None


@pytest.mark.parametrize("within", ["hr", "hr/", "./hr", "./hr/", "hr/*"])
def test_a_folder_means_what_lies_below_it_and_nothing_that_only_begins_so(catalog: Catalog, within: str) -> None:
    assert matching(catalog, Filter(within)) == {"hr/leave.pdf", "hr/old/leave.pdf"}


@pytest.mark.parametrize(
    ("within", "files"),
    [
        ("hr/old", {"hr/old/leave.pdf"}),
        ("hr.md", {"hr.md"}),
        ("*.pdf", {"hr/leave.pdf", "hr/old/leave.pdf"}),
        ("*/leave.pdf", {"hr/leave.pdf", "hr/old/leave.pdf"}),
        ("hr x/notes [draft].md", {"hr x/notes [draft].md"}),
        ("legal/?bergabe.*", {"legal/Übergabe.txt"}),
        ("[hl]*.[mt]*", {"hr.md", "hr x/notes [draft].md", "legal/Übergabe.txt"}),
    ],
)
def test_a_file_or_a_glob_means_what_matches_it(catalog: Catalog, within: str, files: set[str]) -> None:
    assert matching(catalog, Filter(within)) == files


@pytest.mark.parametrize("within", ["", ".", "./"])
def test_the_folder_itself_means_everything_in_it(catalog: Catalog, within: str) -> None:
    assert matching(catalog, Filter(within)) == set(FILES)


def test_a_type_means_the_files_of_that_type(catalog: Catalog) -> None:
    assert matching(catalog, Filter(kind=Kind.MARKDOWN)) == {"hr.md", "hr x/notes [draft].md"}
    assert matching(catalog, Filter("legal", Kind.TEXT)) == {"legal/Übergabe.txt"}


def test_a_date_means_the_documents_own_or_else_the_files(catalog: Catalog) -> None:
    since = datetime.date(2026, 1, 31)
    assert matching(catalog, Filter(since=since)) == {"hr/leave.pdf", "hr x/notes [draft].md", "legal/Übergabe.txt"}
    assert matching(catalog, Filter(since=since + datetime.timedelta(days=1))) == {"hr/leave.pdf", "legal/Übergabe.txt"}
    assert matching(catalog, Filter("hr", Kind.PDF, since)) == {"hr/leave.pdf"}


@pytest.mark.parametrize(
    "within", ["nowhere", "h", "hr/leave", "/hr", "HR", "*.docx", "[", "hr/../legal", "\0", "hr\\"]
)
def test_a_place_where_no_file_lies_is_said(catalog: Catalog, within: str) -> None:
    with pytest.raises(UsageError, match="no indexed file") as caught:
        matching_files(catalog, Filter(within))
    assert caught.value.exit_code == 2
    assert caught.value.hint


@given(st.text(st.characters(codec="utf-8"), max_size=12) | st.from_regex(r"[hr*?\[\]!/.-]{0,12}"))
def test_any_text_is_a_place_or_said_to_be_none(catalog: Catalog, within: str) -> None:
    try:
        found = matching(catalog, Filter(within))
    except UsageError:
        return
    assert found
    assert found <= set(FILES)


def test_a_filter_holds_for_an_index_without_files(tmp_path: Path) -> None:
    with Catalog.create(tmp_path) as empty, pytest.raises(UsageError):
        matching_files(empty, Filter("hr"))


def test_paths_that_are_left_out_are_exactly_what_is_missing(catalog: Catalog) -> None:
    left_out = frozenset({"hr.md", "hr/leave.pdf", "no such file.md"})
    assert matching(catalog, Filter(without=left_out)) == set(FILES) - left_out
    assert matching(catalog, Filter("hr", without=left_out)) == {"hr/old/leave.pdf"}


def test_leaving_everything_out_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="no indexed file lies in hr and is outside of what is left out"):
        matching_files(catalog, Filter("hr", without=frozenset(FILES)))
