"""What the words index promises: found by stem in its language, whole commits, and no text that breaks a search."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import AssistantError
from assistant.indexing.words import Rarity, Words, WordsWriter, marks, writing
from assistant.retrieval.matching import Matcher
from assistant.storage.layout import WORDS
from assistant.storage.rows import ChunkRow, DocumentRow
from assistant.storage.schema import DOCUMENT
from assistant.types import Dated
from tests.texts import wild

ENGLISH = {
    1: "Hotel costs are refunded up to 140 euros per night.",
    2: "Employees may carry over five days of leave.",
    3: "The printer needs toner. The printer is grey.",
}
GERMAN = {4: "Überstunden werden mit Zuschlägen bezahlt.", 5: "Der Urlaub beträgt 28 Arbeitstage."}
WITHOUT_WORDS = ["", "   ", "?!…", "\0", "😀"]
SYNTAX = ["AND", "leave AND (", 'title:"leave', "le*ve~2^3", "[a TO z]", "-leave +hotel", "{!x}", "\\", "leave\0days",
          "NEAR(leave)", "'; DROP TABLE chunks; --", "😀 leave 👩\u200d👩\u200d👧", "leave " * 2000, "x" * 10_000,
          "\u202eleave\u202c", "%s {0} $1"]  # fmt: skip


def row(id_: int, text: str, language: str = "en", file: int = 1, path: str = "a.md") -> ChunkRow:
    return ChunkRow(id_, file, path, "Title", "Title", None, Dated.FILE, "", "", language, 1, None, None, 0, len(text),
                    (), text, b"")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("words")
    with writing(made) as words:
        words.add(row(id_, text, file=id_) for id_, text in ENGLISH.items())
        words.add(row(id_, text, "de", file=id_) for id_, text in GERMAN.items())
        headings = ("Garage", "Motorcycles")
        words.add([replace(row(6, "Nothing else.", file=6), own_title="Parking", headings=headings)])
        words.add([row(7, "Nothing else.", file=7, path="legal/supplier_agreement-2024.pdf")])
        words.add([row(8, "Sürekli güncellenir. Die ﬁktive Stiftung.", "", file=8)])
        words.commit()
    return made


def coverage(rarity: Rarity, passage: str, language: str) -> float:
    return Matcher("", rarity).match(replace(row(1, passage, language), own_title="?!")).coverage


def found(folder: Path, question: str, files: set[int] | None = None, limit: int = 5) -> list[int]:
    return [id_ for id_, _ in Words(folder).search(question, limit, files)]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What does a hotel cost?", 1),
        ("HOTELS", 1),
        ("carrying leaves over", 2),
        ("printers", 3),
        ("Zuschlag für eine Überstunde", 4),
        ("Wie viele Arbeitstage hat der Urlaub?", 5),
        ("urlaube", 5),
        ("parking", 6),
        ("motorcycle", 6),
        ("supplier agreements", 7),
        ("guncellenir", 8),
        ("fiktive", 8),
    ],
)
def test_a_passage_is_found_by_the_stems_of_its_text_title_headings_and_path(
    folder: Path, question: str, best: int
) -> None:
    assert found(folder, question)[0] == best


def test_hits_come_best_first_and_no_more_than_wanted(folder: Path) -> None:
    hits = Words(folder).search("printer leave days hotel Urlaub", 3)
    scores = [score for _, score in hits]
    assert len(hits) == 3
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert Words(folder).search("printer", 0) == []


def test_a_filter_is_kept_however_many_files_it_lets_through(folder: Path) -> None:
    assert found(folder, "nothing else") == [6, 7]
    assert found(folder, "nothing else", {7}) == [7]
    assert found(folder, "nothing else", {7, *range(100, 5000)}) == [7]
    assert found(folder, "nothing else", set()) == []


def test_a_question_of_only_stop_words_is_searched_with_them(folder: Path) -> None:
    assert found(folder, "up to per are") == [1]
    assert found(folder, "mit werden") == [4]


@pytest.mark.parametrize("question", WITHOUT_WORDS)
def test_a_question_without_words_finds_nothing(folder: Path, question: str) -> None:
    assert found(folder, question) == []
    assert coverage(Words(folder).rarity(question), ENGLISH[1], "en") == 0


@pytest.mark.parametrize("question", SYNTAX, ids=range(len(SYNTAX)))
def test_query_syntax_means_nothing(folder: Path, question: str) -> None:
    assert (2 in found(folder, question)) == ("leave" in question)


@settings(max_examples=60)
@given(question=wild, passage=wild, language=st.sampled_from(["en", "de", "fr", ""]))
def test_no_text_breaks_a_search(folder: Path, question: str, passage: str, language: str) -> None:
    words = Words(folder)
    assert all(score > 0 for _, score in words.search(question, 5))
    assert 0 <= coverage(words.rarity(question), passage, language) <= 1 + 1e-9
    for start, end in marks(question, passage, language):
        assert 0 <= start < end <= len(passage)


def test_coverage_is_the_share_of_the_words_by_their_rarity(folder: Path) -> None:
    rarity = Words(folder).rarity("hotel and toner")
    assert coverage(rarity, "Hotels with toner", "en") == pytest.approx(1)
    assert coverage(rarity, "a hotel", "en") == pytest.approx(0.5)
    assert coverage(rarity, "nothing", "en") == 0
    assert coverage(rarity, "", "en") == 0
    assert coverage({}, "a hotel", "en") == 0
    common_and_rare = Words(folder).rarity("printer nothing")
    assert coverage(common_and_rare, "printer", "en") > coverage(common_and_rare, "nothing", "en")


def test_coverage_stays_a_share_after_most_of_what_was_indexed_has_gone(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.add(row(id_, "leave hotel" if id_ > 1 else "leave") for id_ in range(1, 40))
        words.commit()
        words.remove(range(3, 40))
        words.commit()
    rarity = Words(tmp_path).rarity("leave hotel")
    assert all(value > 0 for value in rarity["en"].values())
    assert 0 < coverage(rarity, "leave", "en") < 1


def test_marks_are_the_words_of_the_question_where_they_stand() -> None:
    passage = "Für Überstunden 😀 gibt es Zuschläge; Zuschlag ist Geld."
    places = marks("Zuschläge der Überstunde", passage, "de")
    assert [passage[start:end] for start, end in places] == ["Überstunden", "Zuschläge", "Zuschlag"]


def test_nothing_is_seen_before_its_commit(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.commit()
        words.add([row(1, "leave")])
        assert found(tmp_path, "leave") == []
        assert words.ids() == set()
        words.commit()
        assert found(tmp_path, "leave") == [1]
        words.remove([1])
        assert found(tmp_path, "leave") == [1]
        words.commit()
    assert found(tmp_path, "leave") == []


def test_what_was_not_committed_is_gone_after_closing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path) as words:
        words.add([row(1, "leave")])
        words.commit()
        words.add([row(2, "leave")])
        raise RuntimeError
    assert found(tmp_path, "leave") == [1]
    with writing(tmp_path) as words:
        assert words.ids() == {1}


def test_a_passage_replaces_the_one_with_its_id(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.add([row(2**40, "leave"), row(3, "leave")])
        words.commit()
        words.add([row(2**40, "hotel")])
        words.remove([99])
        words.remove([])
        words.commit()
        assert words.ids() == {3, 2**40}
    assert found(tmp_path, "leave") == [3]
    assert found(tmp_path, "hotel") == [2**40]


@pytest.mark.parametrize("damage", ["meta.json", ".managed.json", "another schema"])
def test_a_writer_begins_anew_where_the_index_is_damaged(tmp_path: Path, damage: str) -> None:
    with writing(tmp_path) as words:
        words.add([row(1, "leave")])
        words.commit()
    if damage == "another schema":
        meta = tmp_path / WORDS / "meta.json"
        meta.write_text(meta.read_text().replace("body_de", "body_fr"))
    else:
        (tmp_path / WORDS / damage).write_bytes(b"no JSON")
    with writing(tmp_path) as words:
        assert words.ids() == set()
        words.add([row(2, "leave")])
        words.commit()
    assert found(tmp_path, "leave") == [2]


def test_a_disk_that_fails_under_a_writer_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="cannot be written"), writing(tmp_path) as words:
        (tmp_path / WORDS / "meta.json").write_bytes(b"no JSON")
        words.count()


def test_what_a_writer_left_that_was_killed_before_its_commit_does_not_stand_in_the_way(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.add(row(id_, text) for id_, text in ENGLISH.items())
        words.commit()
    committed = (tmp_path / WORDS / "meta.json").read_bytes()
    with writing(tmp_path) as words:
        words.remove([1])
        words.commit()
    (tmp_path / WORDS / "meta.json").write_bytes(committed)  # killed before the commit's last write
    assert found(tmp_path, "hotel") == [1]
    with writing(tmp_path) as words:
        words.remove([2])
        words.commit()
    assert found(tmp_path, "hotel leave printer") == [3, 1]


def test_a_missing_or_damaged_index_is_a_value_error_for_readers(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="DoesNotExist"):
        Words(tmp_path)
    shutil.copytree(folder / WORDS, tmp_path / WORDS)
    assert found(tmp_path, "hotel") == [1]
    for store in (tmp_path / WORDS).glob("*.term"):
        store.unlink()
    with pytest.raises(ValueError, match="term"):
        Words(tmp_path)


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(AssistantError, match="cannot be written"):
        WordsWriter(tmp_path)


@pytest.mark.parametrize("question", ["hotel toner", "printer leave parking", "Urlaub", "zebra"])
def test_the_score_of_a_chunk_does_not_depend_on_how_it_was_found(folder: Path, question: str) -> None:
    words = Words(folder)
    best = dict(words.search(question, 100))
    assert words.scores(question, range(1, 9)) == best
    assert words.scores(question, [1, 99]) == {id_: score for id_, score in best.items() if id_ == 1}


def test_what_is_replaced_leaves_nothing_of_what_was_there(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.add([row(1, "An unmistakable heptadecagon."), row(2, "Two.")])
        words.commit()
        words.replace([row(3, "Three.")])
        assert words.ids() == {3}
    assert not any(b"heptadecagon" in path.read_bytes() for path in (tmp_path / WORDS).iterdir())
    with writing(tmp_path) as words:
        assert words.count() == 1


DOCUMENTS = (
    DocumentRow(1, "legal/alba.pdf", "", "en", "Supply agreement between Alba Metals and Bora Foundry."),
    DocumentRow(2, "legal/cerro.pdf", "Lease of Cerro", "en", "Lease agreement between Cerro Estates and Dune Bakery."),
    DocumentRow(3, "hr/Urlaub.md", "Urlaub", "de", "Der Urlaub beträgt 28 Arbeitstage."),
)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Words:
    made = tmp_path_factory.mktemp("named")
    with writing(made) as words:
        words.add([row(1, "Alba Metals delivers."), row(2, "Cerro lets the house.", file=2)])
        words.add_documents(DOCUMENTS)
        words.commit()
    return Words(made)


def test_a_document_is_named_by_its_title_its_path_and_its_start(named: Words) -> None:
    assert [file for file, _ in named.documents("What does Bora Foundry pay?", 5)] == [1]
    assert named.documents("the lease of Cerro", 5)[0][0] == 2
    assert named.documents("Wie viel Urlaub gibt es?", 5)[0][0] == 3
    [(file, share)] = named.documents("the agreement", 5, [2])
    assert (file, round(share, 3)) == (2, 0.6)
    assert named.documents("nothing of the kind", 5) == named.documents("", 5) == named.documents("lease", 0) == []


def test_a_name_counts_more_than_a_word_at_the_start_and_all_of_them_most(named: Words) -> None:
    shares = dict(named.documents("Cerro Dune lease", 5))
    assert shares[2] < 1
    assert dict(named.documents("Cerro lease", 5))[2] == pytest.approx(1)


def test_entries_of_documents_are_no_passages(named: Words) -> None:
    assert [id_ for id_, _ in named.search("Bora Foundry Alba", 5)] == [1]
    assert named.count_documents() == 3


def test_a_documents_entry_is_replaced_and_removed_by_its_id(tmp_path: Path) -> None:
    with writing(tmp_path) as words:
        words.add_documents(DOCUMENTS)
        words.commit()
        words.add_documents([replace(DOCUMENTS[0], path="legal/Zephyr.pdf")])
        words.remove([DOCUMENT + 2])
        words.commit()
        assert words.ids() == {DOCUMENT + 1, DOCUMENT + 3}
    assert Words(tmp_path).documents("Zephyr", 5)[0][0] == 1
    assert Words(tmp_path).documents("Cerro", 5) == []


def test_neighboring_words_of_a_question_count_where_they_are_neighbors() -> None:
    matcher = Matcher("notice period", {"en": {"notic": 1.0, "period": 1.0}})
    assert matcher.match(row(1, "The notice period is long.")).phrases == 1
    assert matcher.match(row(1, "The period of notice is long.")).phrases == 0


def test_what_stands_in_the_names_of_a_document_is_no_part_of_the_rest() -> None:
    matcher = Matcher("alba freight", {"en": {"alba": 3.0, "freight": 1.0}}, frozenset({"alba"}))
    assert matcher.match(row(1, "Freight is paid.")).rest == 1
    assert matcher.match(row(1, "Alba signs.")).rest == 0


def test_a_row_of_a_table_is_named_by_its_label_and_less_with_its_headings_help() -> None:
    matcher = Matcher("inventory levels", {"en": {"inventori": 2.0, "level": 2.0}})
    assert matcher.match(row(1, "Inventories 4,454 2,605")).row == 0.5
    assert matcher.match(row(1, "Inventories, net 4,454 2,605")).row == 0.25
    assert matcher.match(replace(row(1, "Total 4,454 2,605"), headings=("Inventories",))).row == pytest.approx(0.2)
    assert matcher.match(row(1, "The inventories are large.")).row == 0
