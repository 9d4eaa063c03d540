"""Part d of the soak: a file that is half old and half new is noticed, and a read that waits too long."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from soaking.crowd import Folder, check
from soaking.frame import Broken, Case
from soaking.processes import Processes
from soaking.waits import judged

from assistant.types import Hit

HIT = Hit(
    path="a.md", page=None, page_label=None, heading="", text="", start=0, end=9, score=0.5, chunk_id=1, title="A"
)


def told(*parts: str, path: str = "a.md") -> list[Hit]:
    return [replace(HIT, path=path, text=f"This is edition {part}.") for part in parts]


def test_files_of_one_edition_each_are_whole() -> None:
    counts: Counter[str] = Counter()
    check([*told("7, part 2 of 2", "7, part 1 of 2"), *told("3, part 1 of 1", path="b.md")], {"a.md": 6}, counts)
    assert counts["files seen whole"] == 2


@pytest.mark.parametrize(
    "parts",
    [
        ("7, part 1 of 2", "8, part 2 of 2"),
        ("7, part 1 of 2",),
        ("7, part 1 of 2", "7, part 2 of 2", "6, part 3 of 3"),
        ("7, part 1 of 2", "7, part 1 of 2", "7, part 2 of 2"),
    ],
    ids=["mixed", "half", "old part left", "twice"],
)
def test_a_file_that_is_neither_old_nor_new_is_noticed(parts: tuple[str, ...]) -> None:
    with pytest.raises(Broken, match="neither old nor new"):
        check(told(*parts), {}, Counter())


def test_an_edition_that_comes_back_is_noticed() -> None:
    with pytest.raises(Broken, match="edition 5 again, after 6"):
        check(told("5, part 1 of 1"), {"a.md": 6}, Counter())


def test_every_document_tells_its_edition_in_each_part(tmp_path: Path) -> None:
    folder = Folder(tmp_path, random.Random(3))  # noqa: S311
    for _ in range(40):
        folder.change()
    for path in tmp_path.rglob("*.md"):
        sections = path.read_text().split("## ")[1:]
        hits = [replace(HIT, path=path.name, text=section) for section in sections]
        check(hits, {}, Counter())


def test_a_read_may_take_what_the_machine_takes_and_a_tenth_of_a_second() -> None:
    waits = {"reads": [0.001, 0.19], "reads of a copy": [0.001], "commits alone": [0.1]}
    assert judged(waits, 0.1)["of them above 100 ms"] == 1
    with pytest.raises(Broken, match=r"took 210.0 ms, where the machine by itself takes 100.0 ms"):
        judged(waits | {"reads": [0.21]}, 0.1)


def test_what_processes_count_is_added_up_and_what_they_meet_is_raised(tmp_path: Path) -> None:
    def meets() -> Counter[str]:
        raise Broken("a thing")

    case = Case("d", 0, 1, tmp_path, tmp_path, sliced=True)
    with Processes(case) as processes:
        processes.start("one", lambda: Counter(things=2))
        processes.start("two", lambda: Counter(things=3))
    assert case.counts["things"] == 5
    with pytest.raises(Broken, match=r"^three: a thing$"), Processes(case) as processes:
        processes.start("three", meets)
