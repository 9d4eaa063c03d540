"""What could not be read is tried again: by the next run where that may pass, else when the limits are others."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import Config
from assistant.indexing.events import Report
from assistant.indexing.run import Options, index_folder
from assistant.reading import sandbox
from assistant.storage.catalog import Catalog
from assistant.types import Gap
from tests.company import Company
from tests.terminal import command

pytestmark = pytest.mark.usefixtures("forked_builds")

PRINTERS = "it/printers.txt"
FAULT = """
import errno, os
really_open = os.open
def failing(path, *rest, **named):
    if str(path).endswith({name!r}):
        raise OSError({number}, os.strerror({number}))
    return really_open(path, *rest, **named)
os.open = failing
"""
ENOUGH, LITTLE = 1024, 300  # megabytes
YEAR_2300 = 10_413_792_000  # seconds


def failing(patch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Have the operating system fail when a reader opens a file of this name."""
    start, _, main = sandbox._START.partition("from assistant")
    fault = FAULT.format(name=name, number=number)
    patch.setattr(sandbox, "_START", start.rstrip("; ") + fault + f"from assistant{main}")


@pytest.mark.parametrize("number", [5, 12, 24, 116], ids=["EIO", "ENOMEM", "EMFILE", "ESTALE"])
def test_an_error_that_may_pass_takes_nothing_away_and_the_next_run_reads_the_file(
    own_company: Company, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = own_company.passages()
    own_company.write(PRINTERS, "The printer is called Gutenberg. Its toner lies in the drawer.\n")
    own_company.write("it/scanner.txt", "The scanner stands beside it.\n")
    with monkeypatch.context() as patch:
        failing(patch, ".txt", number)
        report = own_company.update()
        assert [path for path, _ in report.unread] == ["it/scanner.txt", PRINTERS]
        assert {gap.reason for _, gap in report.unread} == {Gap.PASSING}
        assert (report.added, report.changed, report.nothing_to_do) == (0, 0, False)
        assert own_company.passages() == before
        seen = command("index", "--strict", "--index", own_company.config.index)
        assert seen.code == 7
        assert f"{PRINTERS} could not be read this time, {os.strerror(number)}; left as it was" in " ".join(
            seen.out.split()
        )
    report = own_company.update()
    assert (report.added, report.changed, report.unread) == (1, 1, ())
    assert own_company.hits("toner", 1)[0].text.endswith("in the drawer.")


def test_a_file_that_may_not_be_read_gives_up_its_text_until_it_may_again(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_company.write(PRINTERS, "The printer is called Gutenberg. Its toner lies in the drawer.\n")
    with monkeypatch.context() as patch:
        failing(patch, PRINTERS, 13)
        report = own_company.update()
    assert (report.unread, report.without_text) == ((), (PRINTERS,))
    # Granted by a server's own lists: the file has no new time of change.
    report = own_company.update()
    assert (report.changed, report.without_text) == (1, ())
    assert own_company.hits("toner", 1)[0].text.endswith("in the drawer.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read_makes_no_run_anew(own_company: Company) -> None:
    (own_company.folder / PRINTERS).chmod(0)
    own_company.update()
    assert own_company.update().nothing_to_do


def test_a_reader_that_is_always_ended_from_outside_takes_nothing_away(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_company.passages()
    own_company.write(PRINTERS, "Another text.\n")
    with monkeypatch.context() as patch:
        kill = "import os; import assistant.reading.worker as it; it._read = lambda *_: os.kill(os.getpid(), 9);"
        patch.setattr(sandbox, "_START", sandbox._START.replace("from assistant", f"{kill} from assistant"))
        assert [path for path, _ in own_company.update().unread] == [PRINTERS]
    assert own_company.passages() == before


@pytest.fixture
def held(tmp_path: Path) -> Config:
    """An index whose one large file needs more memory than a reader had."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/good.txt").write_text("The scanner stands beside the printer.")
    (tmp_path / "documents/large.txt").write_text("The toner lies in the cupboard.")
    config = Config(index=tmp_path / "index", workers=1)
    with pytest.MonkeyPatch.context() as patch:
        hungry = "import assistant.reading.worker as it; it._read = lambda *_: bytearray(2**40);"
        patch.setattr(sandbox, "_START", sandbox._START.replace("from assistant", f"{hungry} from assistant"))
        (tmp_path / "documents/good.txt").rename(tmp_path / "good.txt")
        assert updated(replace(config, read_memory_mb=LITTLE), tmp_path / "documents").without_text == ("large.txt",)
        (tmp_path / "good.txt").rename(tmp_path / "documents/good.txt")
    return config


def updated(config: Config, folder: Path | None = None, verify: bool = False) -> Report:
    report = list(index_folder(folder, config, Options(verify=verify)))[-1]
    assert isinstance(report, Report)
    return report


def test_a_file_beyond_the_limits_is_left_alone_until_they_are_others(held: Config) -> None:
    same = replace(held, read_memory_mb=LITTLE)
    assert updated(same).without_text == ("large.txt",)
    assert updated(same).nothing_to_do
    assert updated(replace(held, read_memory_mb=ENOUGH)).without_text == ()
    with Catalog.open(held.index) as catalog:
        assert {row.limits for row in catalog.files().values()} == {""}


def test_verifying_tries_what_failed_again_with_the_same_limits(held: Config) -> None:
    assert updated(replace(held, read_memory_mb=LITTLE), verify=True).without_text == ()


def test_a_time_that_no_catalog_can_hold_does_not_stop_the_run(own_company: Company) -> None:
    own_company.write("it/odd.txt", "The odd file names Zacharias.\n")
    os.utime(own_company.folder / "it/odd.txt", (YEAR_2300, YEAR_2300))
    if (own_company.folder / "it/odd.txt").stat().st_mtime_ns < 2**63:
        pytest.skip("this file system keeps no such time")
    assert own_company.update().added == 1
    assert own_company.hits("Zacharias", 1)[0].path == "it/odd.txt"
    assert own_company.update().nothing_to_do
