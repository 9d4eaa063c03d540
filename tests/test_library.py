"""What an open index promises: the embedder it was made with, the settings' budget, and nothing left open."""

import gc
from dataclasses import replace
from pathlib import Path

import pytest

import assistant
from assistant import library
from assistant.config import Config
from assistant.errors import IndexUnusable, SettingError
from assistant.indexing.events import ChunksEmbedded
from assistant.indexing.run import index_folder
from assistant.retrieval.search import Found
from assistant.storage.catalog import Catalog
from assistant.types import Answer, Status
from tests.company import QUESTIONS, Company, made


def test_the_package_offers_open_and_index(company: Company) -> None:
    with assistant.open(company.config.index) as index:
        assert isinstance(index, assistant.Index)
        assert index.folder == company.folder
        assert index.search("toner", limit=1)[0].path == "it/printers.txt"
    with assistant.open(str(company.config.index)) as index:
        assert index.config.index == company.config.index
    with pytest.raises(AttributeError, match="nothing_else"):
        _ = assistant.nothing_else


def test_no_index_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="there is no index") as caught:
        library.open(tmp_path)
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_an_index_without_any_text_is_said_to_be_empty(tmp_path: Path) -> None:
    Catalog.create(tmp_path).close()
    with pytest.raises(IndexUnusable, match="holds no text") as caught:
        library.open(tmp_path)
    assert "assistant index" in caught.value.hint
    (tmp_path / "catalog.sqlite").unlink()  # and nothing holds it open


def test_another_embedder_is_refused_with_the_command_that_rebuilds(own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog.put(embedder="ollama:all-minilm:1b226e2802db", embedder_name="ollama:all-minilm")
    with pytest.raises(IndexUnusable, match="was made with ollama:all-minilm, but bundled is set") as caught:
        library.open(own_company.config.index, replace(own_company.config, embedder="bundled"))
    assert caught.value.exit_code == 4
    assert f"assistant index --index {own_company.config.index} --embedder bundled" in caught.value.hint


def test_a_setting_that_names_no_embedder_is_refused(company: Company) -> None:
    with pytest.raises(SettingError, match="unknown embedder"):
        library.open(company.config.index, Config(embedder="openai"))


def test_closing_twice_is_fine_and_leaves_nothing_open(company: Company) -> None:
    gc.collect()
    before = open_files(company)
    index = library.open(company.config.index)
    index.search("toner")
    assert open_files(company) > before
    index.close()
    index.close()
    gc.collect()
    assert open_files(company) == before


def open_files(company: Company) -> int:
    """How many files of the index this process has open, by its descriptors (Linux)."""
    place = Path("/proc/self/fd")
    if not place.exists():
        pytest.skip("no /proc")
    targets = [link.readlink() for link in place.iterdir() if link.is_symlink()]
    return sum(target.is_relative_to(company.config.index) for target in targets)


def test_evidence_keeps_to_the_settings(company: Company) -> None:
    small = replace(company.config, evidence_tokens=100, sources=2)
    with library.open(company.config.index, small) as index:
        for question in QUESTIONS:
            packed = index.packed(index.find(question, 40))
            assert 1 <= len(packed) <= 2
            assert sum(index.embedder.count_tokens(item.text) for item in packed) <= 100
            assert index.evidence(index.find(question, 40)) in (packed, ())
        assert index.evidence(Found(())) == ()


def test_a_question_that_nothing_is_about_has_no_evidence(company: Company) -> None:
    with library.open(company.config.index) as index:
        assert index.evidence(index.find("xyzzy plugh qwertz", 40)) == ()
        answer = index.ask("xyzzy plugh qwertz", use_model=False)
    assert answer.status is Status.NOT_IN_DOCUMENTS
    assert answer.citations == ()


def test_without_a_model_the_answer_is_quoted_word_for_word(company: Company) -> None:
    with library.open(company.config.index) as index:
        *_, answer = index.stream("What is the hotel limit per night?", use_model=False)
        assert isinstance(answer, Answer)
        assert answer.status is Status.QUOTES
        assert "140 euros" in answer.text
        assert answer.index == str(company.config.index)
        assert answer.timings.search is not None
        for citation in answer.citations:
            stored = index.stored_text(citation.path, citation.page)
            assert stored is not None
            assert stored.text[citation.start : citation.end] == citation.quote
        assert index.ask("What is the hotel limit per night?", use_model=False).sentences == answer.sentences


def test_a_text_that_has_gone_is_none(company: Company) -> None:
    with library.open(company.config.index) as index:
        assert index.stored_text("it/printers.txt", None) is not None
        assert index.stored_text("it/printers.txt", 1) is None
        assert index.stored_text("legal/supplier agreement.pdf", 4) is None


def test_words_answer_before_the_first_vector_and_the_reader_is_told(tmp_path: Path) -> None:
    fresh = made(tmp_path)
    run = index_folder(fresh.folder, fresh.config)
    for event in run:
        if isinstance(event, ChunksEmbedded):  # the first batch of vectors is there, the others are not
            break
    run.close()  # type: ignore[attr-defined]  # as Ctrl-C does
    with Catalog.create(fresh.config.index) as catalog, catalog.transaction():
        own = str(catalog.get("embedder"))
        catalog.put(embedder="another")  # so that no vector is needed
        assert catalog.drop_unused_vectors(10_000)
        catalog.put(embedder=own)
    with library.open(fresh.config.index) as index:
        found = index.find("Where is the toner of the printer?")
    assert found.hits[0].path == "it/printers.txt"
    assert any("found by words only so far" in notice for notice in found.notices)
