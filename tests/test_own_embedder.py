"""What a wrong or absent embedder means: names decide before a server is asked, and nothing is changed without it."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant import library
from assistant.errors import IndexUnusable, ModelMissing, ServerAbsent
from assistant.indexing.own_embedder import is_same, needed
from assistant.storage.catalog import Catalog
from tests.company import Company
from tests.terminal import command

pytestmark = pytest.mark.usefixtures("own_settings")
SERVED = "ollama:all-minilm"


def served(company: Company) -> None:
    """Make the index one whose vectors a server's model made; no server runs in these tests."""
    with Catalog.create(company.config.index) as catalog, catalog.transaction():
        catalog.put(embedder=f"{SERVED}:latest:1b226e2802db", embedder_name=SERVED)


def state(company: Company) -> dict[Path, bytes]:
    """Every file of the index but the lock, with its bytes."""
    files = [path for path in company.config.index.rglob("*") if path.is_file() and path.name != "lock"]
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("bundled", "bundled", True),
        (SERVED, f"{SERVED}:latest", True),
        (f"{SERVED}:latest", SERVED, True),
        (SERVED, f"{SERVED}:33m", False),
        (SERVED, "ollama:nomic-embed-text", False),
        (SERVED, "bundled", False),
    ],
)
def test_names_tell_embedders_apart(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


@pytest.mark.parametrize("name", ["ask", "search"])
def test_another_embedder_is_code_4_without_a_server(own_company: Company, name: str) -> None:
    index = own_company.config.index
    seen = command(name, "hotel", "--embedder", SERVED, "--index", index)
    assert seen.code == 4
    assert f"was made with bundled, but {SERVED} is set" in seen.err
    assert f"assistant index --index {index} --embedder {SERVED}" in seen.err
    served(own_company)
    seen = command(name, "hotel", "--embedder", "bundled", "--index", index)
    assert seen.code == 4
    assert f"assistant index --index {index} --embedder bundled" in seen.err


def test_an_index_whose_server_is_away_says_what_helps(own_company: Company) -> None:
    served(own_company)
    index = own_company.config.index
    for name in ("ask", "search"):
        seen = command(name, "hotel", "--index", index)
        assert seen.code == 5
        assert "--no-model" not in seen.err
        assert "assistant serve-model" in seen.err and f"assistant index --index {index} --embedder bundled" in seen.err
    assert command("status", "--index", index).code == 0


def test_a_server_that_goes_between_two_questions_says_what_helps(own_company: Company) -> None:
    with library.open(own_company.config.index) as index:

        def away(_: str) -> None:
            raise ServerAbsent("No server.", "Or ask with --no-model for quotes.")

        index.embedder.embed_one = away  # type: ignore[method-assign, assignment]
        for asking in (index.search, index.ask):
            with pytest.raises(ServerAbsent, match="No server") as caught:
                asking("hotel")
            assert "--embedder bundled" in caught.value.hint and "--no-model" not in caught.value.hint


def test_other_advice_about_a_model_stays() -> None:
    with pytest.raises(ModelMissing) as caught, needed("something else"):
        raise ModelMissing("no model", "ollama pull it")
    assert caught.value.hint == "ollama pull it"


def test_a_new_embedder_whose_server_is_away_changes_nothing(own_company: Company, tmp_path: Path) -> None:
    index = own_company.config.index
    own_company.write("it/new.md", "# New\n\nA new printer came.\n")
    before = state(own_company)
    seen = command("index", "--embedder", SERVED, "--index", index)
    assert seen.code == 5
    assert "Nothing has been changed" in seen.err and "--no-model" not in seen.err
    assert state(own_company) == before
    assert command("index", own_company.folder, "--embedder", SERVED, "--index", tmp_path / "new").code == 5
    assert not (tmp_path / "new").exists()
    assert command("index", "--embedder", "openai", "--index", index).code == 2
    assert state(own_company) == before


def test_a_run_whose_server_goes_keeps_the_words_and_says_so(own_company: Company) -> None:
    served(own_company)
    own_company.write("it/coffee.md", "The espresso machine is descaled every Thursday.\n")
    seen = command("index", "--index", own_company.config.index)
    assert seen.code == 5
    assert "Until then words alone answer" in seen.err


def test_status_names_the_conflict(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    index = own_company.config.index
    assert "Embedder " not in command("status", "--index", index).out
    monkeypatch.setenv("ASSISTANT_EMBEDDER", SERVED)
    seen = command("status", "--index", index)
    assert seen.code == 0
    said = " ".join(seen.out.split())
    assert f"Embedder the index at {index} was made with bundled, but {SERVED} is set. Rebuild" in said
    assert "bundled" in command("status", "--json", "--index", index).record["embedder_conflict"]


def test_status_names_the_model_and_json_its_digest_too(company: Company) -> None:
    index = company.config.index
    fingerprint = command("status", "--json", "--index", index).record["embedder"]
    name, _, digest = fingerprint.rpartition(":")
    said = command("status", "--index", index).out
    assert f"embedder {name}\n" in said
    assert digest and digest not in said


def test_the_same_name_with_other_contents_is_refused(own_company: Company) -> None:
    with Catalog.create(own_company.config.index) as catalog, catalog.transaction():
        catalog.put(embedder="all-MiniLM-L6-v2-int8:0000")
    with pytest.raises(IndexUnusable, match="was made with all-MiniLM-L6-v2-int8:0000, but all-MiniLM") as caught:
        library.open(own_company.config.index, replace(own_company.config, embedder="bundled"))
    assert "--embedder bundled" in caught.value.hint
