"""Part c of the soak: a mutation does what it says, and a loss or a wrong text that nobody mentions is noticed."""

import hashlib
import pickle
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from soaking.asking import Asked, Probe, asked, assert_honest, probes
from soaking.folders import Documents
from soaking.frame import Broken
from soaking.mutations import MUTATIONS, Mutation
from soaking.stages import Stage

from tests.company import FILES, PAGES, Company


@pytest.fixture(scope="module")
def wanted(company: Company) -> list[Probe]:
    return probes(company.config.index)


@pytest.fixture
def index(company: Company, tmp_path: Path) -> Path:
    return Path(shutil.copytree(company.config.index, tmp_path / "index"))


@pytest.fixture
def documents(company: Company) -> Documents:
    """The company's folder as one of the soak's: what stands in it is known."""
    known = Documents(company.folder, random.Random(1))  # noqa: S311
    for path in company.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            pages = PAGES if path.suffix == ".pdf" else (content.decode(),)
            known.contents[hashlib.sha256(content).hexdigest()] = pages
    known.settle()
    return known


def altered(index: Path, sql: str) -> None:
    """Change the catalog behind everybody's back, as if a run had been killed."""
    (index / "seal").unlink()
    with closing(sqlite3.connect(index / "catalog.sqlite", isolation_level=None)) as db:
        db.execute(sql)


def test_a_whole_index_has_every_passage(wanted: list[Probe], index: Path, documents: Documents) -> None:
    assert len(wanted) >= len(FILES)
    result = asked(index, documents, wanted)
    assert (result, result.told) == (Asked(), False)
    assert_honest(result)


def test_a_silent_loss_is_noticed(wanted: list[Probe], index: Path, documents: Documents) -> None:
    altered(index, "DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks)")
    with pytest.raises(Broken, match="silent loss"):
        assert_honest(asked(index, documents, wanted))


def test_a_wrong_date_is_noticed(wanted: list[Probe], index: Path, documents: Documents) -> None:
    altered(index, "UPDATE files SET date = '2001-02-03' WHERE path = 'finance/travel.md'")
    with pytest.raises(Broken, match="wrong text is shown in silence"):
        assert_honest(asked(index, documents, wanted))


def test_a_loss_that_is_told_is_honest(wanted: list[Probe], index: Path, documents: Documents) -> None:
    shutil.rmtree(index / "words")
    result = asked(index, documents, wanted)
    assert result.told
    assert_honest(result)


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda mutation: mutation.__name__.strip("_"))
def test_a_mutation_changes_files_or_says_that_it_did_not(
    mutation: Mutation, company: Company, index: Path, documents: Documents, tmp_path: Path
) -> None:
    (tmp_path / "folder.pickle").write_bytes(pickle.dumps(documents))
    shutil.copytree(company.config.index, tmp_path / "before")
    (tmp_path / "before/lock").write_text("older")
    before = contents(index)
    for seed, name in enumerate(("catalog.sqlite", "words/meta.json", "lock")):
        if not (index / name).exists():
            continue
        said = mutation(random.Random(seed), index / name, Stage(tmp_path, 1))  # noqa: S311
        after = contents(index)
        assert (after != before) == (said is not None)
        before = after


def contents(index: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
