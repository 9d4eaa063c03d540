"""What a run promises for the derived indexes: lost, damaged or outdated, the next run makes them anew."""

import json
import os

import pytest

from assistant import library
from assistant.indexing.health import damaged
from assistant.storage.catalog import Catalog
from assistant.storage.seal import marks
from tests.company import Company
from tests.test_run import generation, kinds

pytestmark = pytest.mark.usefixtures("forked_builds")


@pytest.mark.parametrize("damage", ["deleted", "emptied", "cut off", "without its positions", "not JSON"])
def test_a_lost_or_damaged_words_index_is_made_anew(own_company: Company, damage: str) -> None:
    words = own_company.config.index / "words"
    before = own_company.hits("toner of the printer")
    for path in list(words.iterdir()):
        if damage in ("deleted", "emptied") or (damage == "without its positions" and path.suffix == ".pos"):
            path.unlink()
        elif damage == "cut off" and path.suffix == ".term":
            path.write_bytes(path.read_bytes()[:10])
    if damage == "deleted":
        words.rmdir()
    if damage == "not JSON":
        (words / "meta.json").write_bytes(b"{")
    report = own_company.update()
    assert (report.added, report.changed, report.embedded) == (0, 0, 0)
    with library.open(own_company.config.index) as index:
        found = index.find("toner of the printer", 5)
    assert not found.notices
    assert [(hit.path, hit.words) for hit in found.hits] == [(hit.path, hit.words) for hit in before]
    assert kinds(own_company.run()) == ["Planned", "Report"]


def test_words_from_an_older_copy_are_made_anew(own_company: Company, company: Company) -> None:
    own_company.write("it/robots.md", "# Robots\n\nThe welding robot is called Hephaistos.\n")
    own_company.update()
    words = own_company.config.index / "words"
    for path in words.iterdir():
        path.unlink()
    for path in (company.config.index / "words").iterdir():
        (words / path.name).write_bytes(path.read_bytes())
    own_company.update()
    assert own_company.hits("Hephaistos")[0].words > 0


def test_words_with_the_fields_of_an_older_version_are_noticed_before_anybody_asks(own_company: Company) -> None:
    index = own_company.config.index
    meta = index / "words" / "meta.json"
    older = json.loads(meta.read_text(encoding="utf-8"))
    older["schema"] = [field for field in older["schema"] if field["name"] != "codes"]
    meta.write_text(json.dumps(older), encoding="utf-8")
    with Catalog.open(index) as catalog:
        with catalog.transaction():
            catalog.put(words_files=marks(index / "words"))
        assert damaged(catalog, index) == ("words index",)
    assert own_company.update().mended == ("words index",)
    with library.open(index) as opened:
        assert opened.find("toner of the printer", 5).hits[0].words > 0
        assert damaged(opened.catalog, index) == ()


def test_a_damaged_generation_is_built_anew_without_embedding(own_company: Company) -> None:
    number = generation(own_company)[0]
    folder = own_company.config.index / f"chroma/gen-{number}"
    next(folder.rglob("data_level0.bin")).write_bytes(b"x")
    events = own_company.run()
    assert kinds(events) == ["Planned", "Mending", "Publishing", "Report"]
    assert generation(own_company)[0] == number + 1
    with library.open(own_company.config.index) as index:
        assert not index.find("toner", 5).notices


def test_damage_that_keeps_every_size_is_mended_once_a_reader_has_met_it(own_company: Company) -> None:
    for path in (own_company.config.index / "words").iterdir():
        path.write_bytes(bytes(len(path.read_bytes())))
    with library.open(own_company.config.index) as index:
        assert any("words index is missing or damaged" in notice for notice in index.find("toner").notices)
    own_company.update()
    with library.open(own_company.config.index) as index:
        found = index.find("toner of the printer")
    assert not found.notices and found.hits[0].words > 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_index_answers_by_words_and_meaning(own_company: Company) -> None:
    folders = [own_company.config.index, *(p for p in own_company.config.index.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with library.open(own_company.config.index) as index:
            found = index.find("toner of the printer")
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert not found.notices and found.hits[0].words > 0 and found.hits[0].meaning > 0
