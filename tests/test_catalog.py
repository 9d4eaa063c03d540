"""What the catalog promises: verbatim passages, ids that never come back, all or nothing, and nothing left behind."""

import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings

from assistant.embedding.embedder import Embedder, PassageVectors, Vector
from assistant.errors import IndexUnusable
from assistant.indexing.cut import cut
from assistant.storage.catalog import Catalog
from assistant.storage.rows import Counts, ReadFile
from assistant.storage.schema import DOCUMENT
from assistant.types import Document, Gap, Kind, PageGap, Section, SourceFile, StoredText
from tests.texts import documents

CONTENT = ("Annual leave is 28 days.", "Hotels cost 140 euros.", "Printers need toner.")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog.create(tmp_path / "index") as made:
        known(made)
        yield made


def source(path: str, kind: Kind = Kind.MARKDOWN, size: int = 10) -> SourceFile:
    return SourceFile(path, kind, size, 1_700_000_000_000_000_000, 1_700_000_000_000_000_001, 5, 6)


def document(*texts: str, title: str = "Title") -> Document:
    """A document of pages with these texts, a section each."""
    pages = tuple(StoredText(text, number, f"p{number}") for number, text in enumerate(texts, 1))
    sections = tuple(Section(number, 0, len(text), ("Head",)) for number, text in enumerate(texts))
    return Document(title, pages, sections, page_count=len(texts))


def add(catalog: Catalog, path: str, *texts: str, title: str = "Title") -> list[int]:
    made = document(*texts, title=title)
    with catalog.transaction():
        came, _ = catalog.put_file(ReadFile(source(path), 7, "hash", made, list(cut(made)), "1", "1"))
    assert came[-1] == DOCUMENT + catalog.files()[path].id, "the entry of the document itself is renewed"
    return came[:-1]


def unit(*values: float) -> Vector:
    vector = np.array([*values, *[0.0] * (384 - len(values))], dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class Model:
    """An embedder as the catalog knows one: by its name and fingerprint."""

    name, fingerprint = "model", "model:1"


def known(catalog: Catalog) -> None:
    catalog.know(cast(Embedder, Model))
    catalog.put(embedder=Model.fingerprint)


def pending(catalog: Catalog) -> list[tuple[bytes, int]]:
    return catalog.pending(Model.fingerprint)


def bare(vector: Vector) -> PassageVectors:
    """A vector of a model that gives no snippets."""
    return PassageVectors(vector, np.empty((0, len(vector)), np.int8))


def embed_all(catalog: Catalog) -> None:
    with catalog.transaction():
        vectors = [(key, bare(unit(1, number))) for number, (key, _) in enumerate(pending(catalog))]
        catalog.add_vectors(Model.fingerprint, vectors)


def test_the_catalog_is_readable_by_its_owner_alone(catalog: Catalog) -> None:
    assert stat.S_IMODE(catalog.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(catalog.path.parent.stat().st_mode) == 0o700


def test_what_was_stored_is_given_back(catalog: Catalog) -> None:
    gaps = (PageGap(Gap.IMAGES, (2, 3)), PageGap(Gap.DAMAGED, detail="ends early"))
    file = source("legal/nda (draft).pdf", Kind.PDF)
    made = Document("Überlassung", document("x").texts, (), gaps, date(2026, 2, 1), "", "de", 3)
    with catalog.transaction():
        catalog.put_file(ReadFile(file, 99, "abc", made, [], "1", "2"))
    row = catalog.files()[file.path]
    assert (row.source, row.scanned_ns, row.sha256, row.gaps) == (file, 99, "abc", gaps)
    assert (row.reading, row.cutting) == ("1", "2")
    assert catalog.counts().pages == 3


@settings(max_examples=25)
@given(made=documents())
def test_passages_are_verbatim_whatever_the_text(made: Document, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = Document(made.title.replace("\0", ""), tuple(StoredText(t.text.replace("\0", " ")) for t in made.texts),
                    made.sections)  # fmt: skip
    chunks = list(cut(made))
    with Catalog.create(tmp_path_factory.mktemp("any")) as catalog, catalog.transaction():
        ids, _ = catalog.put_file(ReadFile(source("a.md"), 1, "", made, chunks, "1", "1"))
        rows = catalog.chunks(ids)
        for id_, chunk in zip(rows, chunks, strict=True):
            row = rows[id_]
            assert row.text == made.texts[made.sections[chunk.section].text_number].text[chunk.start : chunk.end]
            assert catalog.text(row.text_id)[row.start : row.end] == row.text
            assert (row.start, row.end, row.headings) == (chunk.start, chunk.end, chunk.headings)


def test_a_stored_text_is_found_by_its_page(catalog: Catalog) -> None:
    add(catalog, "a.pdf", *CONTENT)
    assert catalog.stored_text("a.pdf", 2) == StoredText(CONTENT[1], 2, "p2")
    assert catalog.stored_text("a.pdf", 9) is None
    assert catalog.stored_text("gone.pdf", 1) is None


def test_adding_a_file_again_replaces_it_and_its_ids_never_come_back(catalog: Catalog) -> None:
    old = add(catalog, "a.md", *CONTENT)
    new = add(catalog, "a.md", "All of it is new.")
    assert not set(old) & set(new)
    assert list(catalog.chunk_ids()) == new
    file = catalog.files()["a.md"].id
    with catalog.transaction():
        assert catalog.remove_file("a.md") == [*new, DOCUMENT + file]
        assert catalog.remove_file("a.md") == []
    assert min(add(catalog, "b.md", *CONTENT)) > max(new)


def test_a_changed_file_keeps_its_id_and_the_ids_of_passages_that_read_as_before(catalog: Catalog) -> None:
    old = add(catalog, "a.md", *CONTENT)
    file = catalog.files()["a.md"].id
    (new,) = add(catalog, "a.md", "A page in front.", CONTENT[2], CONTENT[0])
    assert catalog.files()["a.md"].id == file
    rows = catalog.chunks([*old, new])
    assert [(id_, row.page, row.text) for id_, row in rows.items()] == [
        (old[0], 3, CONTENT[0]), (old[2], 2, CONTENT[2]), (new, 1, "A page in front."),
    ]  # fmt: skip


def test_a_passage_under_another_heading_or_title_is_another_one(catalog: Catalog) -> None:
    (old,) = add(catalog, "a.md", CONTENT[0])
    (new,) = add(catalog, "a.md", CONTENT[0], title="Another")
    assert old != new
    made = document(CONTENT[0], title="Another")
    made = replace(made, sections=(replace(made.sections[0], headings=("Other",)),))
    with catalog.transaction():
        came, went = catalog.put_file(ReadFile(source("a.md"), 7, "hash", made, list(cut(made)), "1", "1"))
    assert went == [new] and len(came) == 2, "a passage, and the document's own entry"


def test_a_moved_file_keeps_everything_but_its_path(catalog: Catalog) -> None:
    ids = add(catalog, "a.md", *CONTENT)
    with catalog.transaction():
        catalog.move_file("a.md", source("b/c.md"), 9)
    assert list(catalog.files()) == ["b/c.md"]
    assert [row.path for row in catalog.all_chunks()] == ["b/c.md"] * 3
    assert catalog.moved() == [*ids, DOCUMENT + catalog.files()["b/c.md"].id], "still at the old path"
    catalog.words_follow()
    assert catalog.moved() == []


def test_a_document_can_be_cut_anew_from_what_is_stored(catalog: Catalog) -> None:
    add(catalog, "a.md", *CONTENT)
    made = document(*CONTENT)
    stored = catalog.document("a.md")
    assert (stored.title, stored.texts, stored.sections) == (made.title, made.texts, made.sections)
    with catalog.transaction():
        assert catalog.put_chunks("a.md", stored, list(cut(stored)), "2") == ([], [])
        came, went = catalog.put_chunks("a.md", stored, list(cut(stored))[1:], "3")
    assert (came, len(went), catalog.files()["a.md"].cutting) == ([], 1, "3")


def test_a_removed_file_leaves_nothing_behind_not_even_in_the_free_pages(catalog: Catalog) -> None:
    secret = "The salary of the director is 123,456 euros. " * 40
    add(catalog, "keep.md", CONTENT[0])
    add(catalog, "secret.md", secret, title="Salaries")
    assert b"salary" in catalog.path.read_bytes()
    with catalog.transaction():
        catalog.remove_file("secret.md")
        catalog.drop_unused_vectors(100)
    assert catalog.counts() == Counts(files=1, pages=1, chunks=1, pending=1)
    assert b"salary" not in catalog.path.read_bytes()
    assert b"Salaries" not in catalog.path.read_bytes()


def test_a_failed_transaction_changes_nothing(catalog: Catalog) -> None:
    add(catalog, "a.md", *CONTENT)
    before = (catalog.files(), list(catalog.all_chunks()), catalog.get("folder"))
    with pytest.raises(RuntimeError), catalog.transaction():
        catalog.remove_file("a.md")
        catalog.put(folder="elsewhere")
        raise RuntimeError
    assert (catalog.files(), list(catalog.all_chunks()), catalog.get("folder")) == before


def test_touching_a_file_changes_its_times_only(catalog: Catalog) -> None:
    ids = add(catalog, "a.md", CONTENT[0])
    touched = SourceFile("a.md", Kind.MARKDOWN, 11, 22, 33, 44, 55)
    with catalog.transaction():
        catalog.touch_file(touched, 66)
    row = catalog.files()["a.md"]
    assert (row.source, row.scanned_ns, row.sha256) == (touched, 66, "hash")
    assert list(catalog.chunk_ids()) == ids


def test_the_same_text_in_two_files_waits_for_one_vector_and_gets_it_in_both(catalog: Catalog) -> None:
    first, second = add(catalog, "a.md", *CONTENT), add(catalog, "b.md", CONTENT[0])
    assert [id_ for _, id_ in pending(catalog)] == first
    embed_all(catalog)
    vectors = catalog.vectors_of([*first, *second])
    assert vectors.keys() == {*first, *second}
    assert np.array_equal(vectors[first[0]], vectors[second[0]])


def test_the_same_text_under_another_title_gets_a_vector_of_its_own(catalog: Catalog) -> None:
    add(catalog, "a.md", CONTENT[0], title="One")
    add(catalog, "b.md", CONTENT[0], title="Another")
    assert len(pending(catalog)) == 2


def test_a_vector_comes_back_bit_for_bit_and_outlives_its_file_until_the_cleaning(catalog: Catalog) -> None:
    vector = unit(0.1, 0.2, 0.3)
    (id_,) = add(catalog, "a.md", CONTENT[0])
    with catalog.transaction():
        catalog.add_vectors(Model.fingerprint, [(pending(catalog)[0][0], bare(vector))])
        catalog.remove_file("a.md")
    (id_,) = add(catalog, "renamed.md", CONTENT[0])
    assert pending(catalog) == []
    assert np.array_equal(catalog.vectors_of([id_])[id_], vector)
    with catalog.transaction():
        catalog.remove_file("renamed.md")
        catalog.drop_unused_vectors(100)
    add(catalog, "a.md", CONTENT[0])
    assert len(pending(catalog)) == 1


def with_snippets(catalog: Catalog) -> tuple[int, PassageVectors]:
    """A passage that has a vector and snippets."""
    (id_,) = add(catalog, "a.md", CONTENT[0])
    made = PassageVectors(unit(0.1, 0.2), np.array([[127, -5], [3, -127]], dtype=np.int8))
    with catalog.transaction():
        catalog.add_vectors(Model.fingerprint, [(pending(catalog)[0][0], made)])
    return id_, made


def test_snippets_come_back_as_they_were_and_go_with_their_vector(catalog: Catalog) -> None:
    id_, made = with_snippets(catalog)
    assert np.array_equal(catalog.snippets_of([id_], 2)[id_], made.snippets)
    (bare_,) = add(catalog, "b.md", CONTENT[1])
    embed_all(catalog)
    assert catalog.snippets_of([id_, bare_], 2).keys() == {id_}, "a passage may have none"
    with catalog.transaction():
        catalog.remove_file("a.md")
        assert catalog.drop_unused_vectors(100) == 1
    assert catalog._db.execute("SELECT count(*) FROM snippets").fetchone() == (0,)


def test_damaged_snippets_are_never_compared_and_their_passage_is_embedded_again(catalog: Catalog) -> None:
    id_, _ = with_snippets(catalog)
    with catalog.transaction():
        catalog._db.execute("UPDATE snippets SET vectors = x'00000000'")
    with pytest.raises(IndexUnusable, match="damaged"):
        catalog.snippets_of([id_], 2)
    with catalog.transaction():
        assert catalog.drop_damaged_vectors() == 1
    assert [chunk for _, chunk in pending(catalog)] == [id_]


def test_vectors_are_given_by_ranges_of_ids(catalog: Catalog) -> None:
    ids = add(catalog, "a.md", *CONTENT)
    embed_all(catalog)
    assert [id_ for id_, _, _ in catalog.vectors()] == ids
    assert [id_ for id_, _, _ in catalog.vectors(after=ids[0])] == ids[1:]
    assert [id_ for id_, _, _ in catalog.vectors(up_to=ids[1])] == ids[:2]
    catalog.put(embedder="another:1")
    assert list(catalog.vectors()) == [], "vectors of another embedder are never compared"
    assert catalog.drop_unused_vectors(2) == 2 and catalog.drop_unused_vectors(2) == 1


def test_the_embedded_prefix_ends_before_the_first_chunk_without_a_vector(catalog: Catalog) -> None:
    assert catalog.embedded_prefix() == 0
    ids = add(catalog, "a.md", *CONTENT)
    assert catalog.embedded_prefix() == 0
    waiting = pending(catalog)
    with catalog.transaction():
        catalog.add_vectors(Model.fingerprint, [(waiting[0][0], bare(unit(1))), (waiting[2][0], bare(unit(2)))])
    assert catalog.embedded_prefix() == ids[0]
    assert catalog.counts() == Counts(files=1, pages=3, chunks=3, pending=1)
    embed_all(catalog)
    assert catalog.embedded_prefix() == ids[2]
    assert catalog.count_chunks(up_to=ids[1]) == 2


def test_more_ids_than_one_statement_takes_are_no_trouble(catalog: Catalog) -> None:
    ids = add(catalog, "a.md", *CONTENT)
    embed_all(catalog)
    many = [*range(1_000_000, 1_040_000), *ids]
    assert catalog.chunks(many).keys() == set(ids)
    assert catalog.vectors_of(many).keys() == set(ids)
    assert catalog.chunks([]) == {}
    assert catalog.vectors_of([]) == {}


def test_a_reader_sees_one_state_and_the_writer_waits_for_it(catalog: Catalog) -> None:
    add(catalog, "a.md", CONTENT[0])
    with Catalog.open(catalog.path.parent) as reader:
        writing = threading.Thread(target=replace_a, args=(catalog.path.parent,))
        with reader.snapshot():
            before = list(reader.all_chunks())
            writing.start()
            writing.join(0.2)
            assert writing.is_alive()
            with reader.snapshot():  # one inside another is the same
                assert list(reader.all_chunks()) == before
            assert list(reader.all_chunks()) == before
        writing.join(10)
        assert [row.text for row in reader.all_chunks()] == [CONTENT[1]]


def test_what_a_commit_came_between_is_read_again(catalog: Catalog) -> None:
    add(catalog, "a.md", CONTENT[0])
    with Catalog.open(catalog.path.parent) as reader:
        seen: list[tuple[list[str], list[str]]] = []

        def read() -> tuple[list[str], list[str]]:
            first = [row.text for row in reader.all_chunks()]
            if not seen:
                replace_a(catalog.path.parent)
            seen.append((first, [row.text for row in reader.all_chunks()]))
            return seen[-1]

        assert reader.consistently(read) == ([CONTENT[1]], [CONTENT[1]])
        assert seen[0] == ([CONTENT[0]], [CONTENT[1]]), "a state that never was"


def test_an_error_that_a_commit_may_have_caused_is_none_until_it_comes_again(catalog: Catalog) -> None:
    add(catalog, "a.md", CONTENT[0])
    with Catalog.open(catalog.path.parent) as reader:
        calls: list[int] = []

        def read() -> int:
            calls.append(1)
            if len(calls) == 1:
                replace_a(catalog.path.parent)
                raise KeyError("gone between two looks")
            return len(calls)

        assert reader.consistently(read) == 2
        with pytest.raises(ZeroDivisionError):
            reader.consistently(lambda: 1 // 0)


def test_where_commits_never_end_they_are_held_off_at_last(catalog: Catalog) -> None:
    add(catalog, "a.md", CONTENT[0])
    with Catalog.open(catalog.path.parent) as reader:
        held: list[bool] = []

        def read() -> int:
            held.append(reader._db.in_transaction)
            if not held[-1]:
                add(catalog, "a.md", f"Text {len(held)}.")
            return len(held)

        assert reader.consistently(read) == 3
        assert held == [False, False, True]


def replace_a(folder: Path) -> None:
    with Catalog.create(folder) as writer:
        add(writer, "a.md", CONTENT[1])
