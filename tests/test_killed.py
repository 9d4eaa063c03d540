"""A run that is killed is continued by the next, and the index ends as one that was made in a single run."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import library
from assistant.indexing.words import writing
from assistant.storage.catalog import Catalog
from tests.company import FILES, QUESTIONS, Company, copied, made, room

FIRST_RUNS = ("before-commit 1", "after-commit 1", "words-commit 2", "before-commit 6", "after-commit 6",
              "embedded 1", "building 0.4", "built")  # fmt: skip
LATER_RUNS = ("after-commit 2", "before-commit 3", "words-commit 3", "embedded 1", "after-commit 4")


def killed(company: Company, *moments: str) -> None:
    """Run once for each moment, and make sure that each run ended as it should have."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.killed", str(company.folder), str(company.config.index), *moments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    expected = [f"{moment}: {0 if moment == 'never' else -9}" for moment in moments]
    assert said.stdout.splitlines() == expected, said.stderr


def found(company: Company) -> list[list[tuple[str, int | None, int, int, float]]]:
    """Where the best passages for each question stand, and how near they are in meaning."""
    with library.open(company.config.index) as index:
        answers = [index.find(question, 2) for question in QUESTIONS]
    assert not any(answer.notices for answer in answers)
    return [[(hit.path, hit.page, hit.start, hit.end, hit.meaning) for hit in answer.hits] for answer in answers]


def test_first_runs_killed_at_eight_moments_end_as_a_single_run(company: Company, tmp_path: Path) -> None:
    victim = made(tmp_path)
    killed(victim, *FIRST_RUNS)
    report = victim.update()
    assert (report.files, report.chunks) == (len(FILES) + 2, len(company.passages()))
    assert victim.passages() == company.passages()
    assert found(victim) == found(company)
    with Catalog.open(victim.config.index) as catalog, writing(victim.config.index) as words:
        assert words.ids() == catalog.entries()
    assert victim.update().nothing_to_do


@pytest.fixture
def changed(company: Company, tmp_path: Path) -> Company:
    """A copy of the company whose folder has changed since: two files changed, two new, one gone, one renamed."""
    own = copied(company, tmp_path)
    own.write("it/printers.txt", "The printer moved to the basement. Its toner lies in the archive.\n")
    handbook = (own.folder / "hr/handbook.md").read_text()
    own.write("hr/handbook.md", handbook.replace(room(17), "") + "\n".join(map(room, range(70, 90))))
    own.write("it/robots.md", "# Robots\n\nThe welding robot is called Hephaistos.\n")
    own.write("more/rooms.md", "\n".join(map(room, range(500, 505))))
    (own.folder / "hr/leave-2023.md").unlink()
    (own.folder / "hr/urlaub.md").rename(own.folder / "hr/ferien.md")
    return own


def test_later_runs_killed_at_five_moments_end_as_a_single_run(changed: Company, tmp_path: Path) -> None:
    killed(changed, *LATER_RUNS)
    assert_every_hit_is_verbatim(changed)
    changed.update()
    fresh = replace(changed, config=replace(changed.config, index=tmp_path / "fresh"))
    fresh.run(fresh.folder)
    assert changed.passages() == fresh.passages()
    assert found(changed) == found(fresh)
    assert changed.update().nothing_to_do


def assert_every_hit_is_verbatim(company: Company) -> None:
    """Between a kill and the next run too: nothing half new, nothing of a file that has gone."""
    with library.open(company.config.index) as index:
        for question in QUESTIONS:
            hits = index.search(question, 20)
            assert len(hits) == 20
            for hit in hits:
                stored = index.stored_text(hit.path, hit.page)
                assert stored is not None
                assert stored.text[hit.start : hit.end] == hit.text
                assert (company.folder / hit.path).exists()
