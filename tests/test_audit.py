"""A bit that flips while a catalog has no seal is found before it gets one; what it hit is made again."""

import sqlite3
from contextlib import closing

import pytest

from assistant.errors import IndexUnusable
from assistant.indexing.events import Cost, Report
from assistant.indexing.forget import forget
from assistant.storage.audit import Audited, audit
from assistant.storage.catalog import Catalog
from assistant.storage.layout import DAMAGED, SEAL
from tests.company import Company

pytestmark = pytest.mark.usefixtures("forked_builds")

PRINTERS = "it/printers.txt"
OF_PRINTERS = "SELECT chunks.hash FROM chunks JOIN files ON files.id = file WHERE path = ?"


def flipped(company: Company, sql: str, *values: str) -> None:
    """Change rows as damage would: without the program, in a catalog whose run was killed."""
    (company.config.index / SEAL).unlink(missing_ok=True)
    with closing(sqlite3.connect(company.config.index / "catalog.sqlite")) as db:
        assert db.execute(sql, values).rowcount > 0
        db.commit()


def flip_vector(company: Company) -> None:
    sql = f"UPDATE vectors SET vector = zeroblob(length(vector)) WHERE hash IN ({OF_PRINTERS})"
    flipped(company, sql, PRINTERS)


def flip_text(company: Company) -> None:
    sql = (
        "UPDATE texts SET text = replace(text, 'Gutenberg', 'Gutenbesg')"
        " WHERE file = (SELECT id FROM files WHERE path = ?)"
    )
    flipped(company, sql, PRINTERS)


def meaning(company: Company) -> float:
    return {hit.path: hit.meaning for hit in company.hits("Where is the toner of the printer?")}[PRINTERS]


def test_a_damaged_vector_is_embedded_again_by_the_next_run(own_company: Company) -> None:
    before = meaning(own_company)
    flip_vector(own_company)
    events = own_company.run()
    assert isinstance(events[-1], Report)
    assert events[-1].embedded == 1
    assert [event for event in events if isinstance(event, Cost)] == [
        Cost("the catalog was damaged and is mended", passages=1)
    ]
    assert meaning(own_company) == before
    assert own_company.update().nothing_to_do


def test_a_damaged_passage_is_read_again_by_the_next_run(own_company: Company) -> None:
    before = own_company.passages()
    flip_text(own_company)
    assert own_company.passages() != before
    report = own_company.update()
    assert (report.changed, report.embedded) == (1, 0)
    assert own_company.passages() == before
    assert own_company.update().nothing_to_do


def test_a_damaged_passage_of_a_file_that_is_gone_goes_too(own_company: Company) -> None:
    flip_text(own_company)
    (own_company.folder / PRINTERS).unlink()
    assert own_company.update().deleted == 1
    assert own_company.update().nothing_to_do


def test_a_reader_that_meets_a_damaged_vector_says_so_and_the_next_run_mends_it(own_company: Company) -> None:
    own_company.write("it/new.txt", "The scanner stands beside the printer.\n")
    own_company.update()
    flipped(own_company, "UPDATE vectors SET vector = zeroblob(length(vector))")
    with pytest.raises(IndexUnusable, match="is damaged") as caught:
        own_company.hits("scanner")
    assert "Mend it with: assistant index" in caught.value.hint
    assert (own_company.config.index / DAMAGED).exists()
    assert own_company.update().embedded > 1
    assert own_company.hits("scanner", 1)[0].path == "it/new.txt"


def test_forgetting_does_not_seal_damage_in(own_company: Company) -> None:
    flip_vector(own_company)
    forget("archive", own_company.config)
    assert own_company.update().embedded == 1


def test_a_sealed_catalog_is_not_looked_through(own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog:
        assert catalog.is_sealed
        assert audit(catalog) == Audited()


def test_rows_that_nothing_can_be_made_from_are_said(own_company: Company) -> None:
    flipped(own_company, "UPDATE sections SET headings = '[' WHERE headings != '[]'")
    with pytest.raises(IndexUnusable, match="is damaged") as caught:
        own_company.update()
    assert "Delete the file" in caught.value.hint
