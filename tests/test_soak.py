"""The soak: a slice of each part holds, the comparison notices what is wrong, the frame loses no case or failure."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from soaking.compare import differences
from soaking.folders import Documents
from soaking.frame import Broken, Case, Died, Part, Soak, forked, line, reproduce, soak

from assistant.indexing.words import writing
from assistant.storage.layout import CATALOG
from assistant.types import Hit
from tests.company import QUESTIONS, Company

SCRIPT = Path(__file__).parent.parent / "scripts/soak.py"
PARTS = {"a": "kills", "b": "faults", "c": "mutations", "d": "runs", "e": "steps"}


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What a slice of every part came to, and what it printed."""
    work = tmp_path_factory.mktemp("soak")
    said = subprocess.run(
        [sys.executable, SCRIPT, "--slice", "--work", work / "work", "--json", work / "figures.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    figures = json.loads((work / "figures.json").read_text())
    assert said.returncode == int(any(part["failures"] for part in figures.values())), said.stderr
    return figures, said.stdout


@pytest.mark.parametrize(("part", "unit"), PARTS.items())
def test_a_slice_of_each_part_holds(sliced: tuple[dict[str, Any], str], part: str, unit: str) -> None:
    figures, said = sliced
    assert figures[part]["failures"] == []
    assert figures[part]["counts"][unit] > 0
    assert f"{part}  {figures[part]['counts'][unit]} {unit}, all held" in said
    assert "cheap embedder" in figures[part]["line"]


# --- the comparison ---


def executed(sql: str) -> Callable[[Path], None]:
    """Change the catalog behind the index's back."""

    def change(index: Path) -> None:
        (index / "seal").unlink()  # which would notice any of it by itself
        with closing(sqlite3.connect(index / CATALOG, isolation_level=None)) as db:
            assert db.execute(sql).rowcount

    return change


def without_a_word(index: Path) -> None:
    with writing(index) as words:
        words.remove([min(words.ids())])
        words.commit()


def without_generation(index: Path) -> None:
    shutil.rmtree(next((index / "chroma").glob("gen-*")))


def with_an_old_generation(index: Path) -> None:
    shutil.copytree(next((index / "chroma").glob("gen-*")), index / "chroma/gen-99")


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (executed("DELETE FROM vectors WHERE hash = (SELECT min(hash) FROM vectors)"), "have no vector"),
        (executed("UPDATE vectors SET (vector, crc) = (SELECT vector, crc FROM vectors)"), "date or vector there"),
        (executed("UPDATE chunks SET end = end - 1 WHERE id = (SELECT max(id) FROM chunks)"), "is only in the"),
        (executed("UPDATE files SET mtime_ns = mtime_ns + 1 WHERE path = 'hr/urlaub.md'"), "the file hr/urlaub.md"),
        (executed("DELETE FROM files WHERE path = 'hr/urlaub.md'"), "only in the fresh index"),
        (executed("UPDATE texts SET text = replace(text, 'toner', 'tonic')"), "is only in the"),
        (without_a_word, "the words index lacks 1 passages"),
        (without_generation, "is not what was built"),
        (with_an_old_generation, "generations that nobody uses"),
    ],
)
def test_the_comparison_notices(company: Company, tmp_path: Path, change: Callable[[Path], None], noticed: str) -> None:
    index = shutil.copytree(company.config.index, tmp_path / "index")
    change(index)
    assert any(noticed in difference for difference in differences(index, company.config.index, QUESTIONS))


def test_the_comparison_notices_a_phantom(company: Company, tmp_path: Path) -> None:
    index = shutil.copytree(company.config.index, tmp_path / "index")
    executed("DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks)")(index)
    assert "1 phantoms" in "\n".join(differences(index, company.config.index, QUESTIONS))


def test_the_comparison_finds_a_copy_the_same(company: Company, tmp_path: Path) -> None:
    index = shutil.copytree(company.config.index, tmp_path / "index")
    assert list(differences(index, company.config.index, QUESTIONS)) == []


# --- the folder ---


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - repeatable, not secret


def test_a_folder_is_made_and_changed_from_its_seed(tmp_path: Path) -> None:
    folders = [Documents(tmp_path / name, seeded(7)) for name in ("one", "other")]
    for documents in folders:
        documents.fill(8)
    said = [[documents.change() for _ in range(40)] for documents in folders]
    assert said[0] == said[1]
    assert {text.split()[0] for text in said[0]} > {"add", "edit", "move", "delete"}
    contents = [{path: (each.root / path).read_bytes() for path in each.paths()} for each in folders]
    assert contents[0] == contents[1] != {}


def test_a_passage_is_held_where_it_stood_since_the_index_was_level(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents", seeded(1))
    documents.fill(1)
    [path] = documents.paths()
    [old] = documents.seen[path]
    hit = Hit(path, None, None, "", old[0][10:50], 10, 50, 1.0, 1, "")
    (documents.root / path).unlink()
    documents.add()
    assert documents.held(hit)
    assert documents.steady == set()
    documents.settle()
    assert not documents.held(hit)


# --- the frame ---


def part_of(run: Callable[[Case], None], times: int = 5) -> Part:
    def counted(case: Case) -> None:
        case.count("things")
        run(case)

    return Part("x", "things", times=times, sliced=2, run=counted, note="cheap embedder", seconds=20.0)


def test_an_interrupted_soak_goes_on_where_it_stopped(tmp_path: Path) -> None:
    asked = Soak(3, tmp_path)
    first = soak(part_of(lambda case: case.count("first", case.number), times=2), asked)
    assert (first.cases, first.counts) == (2, {"things": 2, "first": 1})
    both = soak(part_of(lambda case: case.count("then", case.number)), asked)
    assert both.counts == {"things": 5, "first": 1, "then": 2 + 3 + 4}
    assert soak(part_of(lambda case: case.count("never")), asked).counts == both.counts


def test_a_soak_of_another_seed_does_not_go_on(tmp_path: Path) -> None:
    part = part_of(lambda case: case.step("once"))
    soak(part, Soak(3, tmp_path))
    with pytest.raises(Broken, match="seed 3"):
        soak(part, Soak(4, tmp_path))


def fails(case: Case) -> None:
    case.step("a step before")
    (case.work / "left").write_text("to look at")
    if case.number == 1:
        case.step("the step that fails")
        raise Broken("a passage is lost")
    if case.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if case.number == 3:
        raise KeyError("no such thing")


def test_failures_are_kept_with_their_step_and_the_command_that_repeats_them(tmp_path: Path) -> None:
    part = part_of(fails, times=4)
    standing = soak(part, Soak(3, tmp_path))
    assert [(each.case, each.step, each.what) for each in standing.failures] == [
        (1, "the step that fails", "a passage is lost"),
        (2, "somewhere", "the process ended with -9"),
        (3, "a step before", "KeyError: 'no such thing'"),
    ]
    assert "soak.py --part x --seed 3 --only 1" in reproduce(part, 3, standing.failures[0])
    assert "3 failed" in line(part, standing)
    assert not (tmp_path / "x/0").exists()
    assert (tmp_path / "x/1/left").exists()
    [again] = soak(part, Soak(3, tmp_path, only=1)).failures
    assert again == standing.failures[0]


def test_a_case_draws_the_same_whenever_it_is_run(tmp_path: Path) -> None:
    cases = [Case("x", number, 3, tmp_path, tmp_path, False) for number in (1, 1, 2)]
    drawn = [case.random("kill").random() for case in cases]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_fork_gives_its_result_or_its_error_or_its_death(tmp_path: Path) -> None:
    assert forked(os.getpid) != os.getpid()
    with pytest.raises(Broken, match="ZeroDivisionError"):
        forked(lambda: 1 // 0)
    with pytest.raises(Died, match="hung"):
        forked(signal.pause, seconds=0.2)
