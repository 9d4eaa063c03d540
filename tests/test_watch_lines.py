"""What `assistant watch` says: a line for what happened, and none for what did not."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cli.watch import _lines
from assistant.indexing.events import Bound, ChunksEmbedded, Event, FileRead, Mending, Planned, Publishing, Report
from assistant.indexing.watch import Held, Watching
from assistant.types import Gap, LeftOut, PageGap
from tests.company import made

REPORT = Report(
    added=0, changed=0, moved=0, deleted=0, unchanged=9, files=9, pages=0, chunks=9, embedded=0, pending=0,
    last_built=None, other_types={}, left_out=(), gaps=(), without_text=(), unsettled=(), kept=(), mended=(),
    stopped=False, seconds=0.84,
)  # fmt: skip


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (REPORT, []),
        (Watching(Path("/x"), ""), ["Watching /x. Ctrl-C ends it."]),
        (Watching(Path("/x"), "nfs"), ["Watching /x, looking every few seconds (nfs). Ctrl-C ends it."]),
        (Held("the index is in use", "Wait."), ["Still watching, but the index is in use. Wait."]),
        (replace(REPORT, added=1, changed=2), ["3 files: 1 new, 2 changed. Searchable after 0.8 s"]),
        (
            replace(REPORT, added=2, moved=2, first_paths=("a.md", "b.md", "c.md")),
            ["4 files: 2 new, 2 moved (a.md, b.md, c.md, …). Searchable after 0.8 s"],
        ),
        (
            replace(REPORT, added=1, blank=1, first_paths=("broken.pdf",)),
            ["1 file: 1 new, 1 without text (broken.pdf). Done after 0.8 s"],
        ),
        (
            Bound("/old", "/new"),
            ["This index was made from /old; from here on it belongs to /new."],
        ),
        (replace(REPORT, deleted=1), ["1 file: 1 deleted. Done after 0.8 s"]),
        (replace(REPORT, embedded=120), ["120 passages embedded. Searchable after 0.8 s"]),
        (replace(REPORT, unsettled=("a.md",)), ["1 kept changing and will be read again. Done after 0.8 s"]),
        (
            replace(REPORT, moved=1200, stopped=True),
            ["1,200 files: 1,200 moved. Stopped: what is done is kept, the next run goes on from here"],
        ),
        (
            Mending("words index"),
            ["The words index was missing or damaged and is made anew; nothing is embedded for it."],
        ),
        (FileRead("a.md", 1, 1, 120, 214), ["Reading 120 of 214 files"]),
        (ChunksEmbedded(64, 9806), ["Embedding 64 of 9,806 passages"]),
        (Publishing(9806), ["Publishing 9,806 vectors"]),
    ],
)
def test_each_thing_is_said_in_one_line(
    event: Watching | Held | Event, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.cli.watch._LONG_SECONDS", 0.0)
    assert list(_lines([event])) == line


def test_how_far_a_run_is_is_said_only_when_it_takes_long() -> None:
    planned = Planned(added=9, changed=0, moved=0, deleted=0, unchanged=0, to_read=9)
    assert list(_lines([planned, FileRead("a.md", 1, 1, 1, 9), FileRead("b.md", 1, 1, 2, 9)])) == []


def test_only_what_could_not_be_read_since_watching_began_is_named() -> None:
    old = replace(REPORT, gaps=(("old.pdf", PageGap(Gap.ENCRYPTED, (), "needs a password")),))
    new = replace(
        old,
        added=2,
        gaps=(*old.gaps, ("scan.pdf", PageGap(Gap.IMAGES, (3,)))),
        left_out=(LeftOut("big.pdf", "too large: 300.0 MB of at most 200.0 MB"), LeftOut(".x", "hidden")),
    )
    assert list(_lines([old, new, new]))[1:-1] == [
        "big.pdf: too large: 300.0 MB of at most 200.0 MB",
        "scan.pdf: page 3 is only an image",
    ]


def test_the_end_of_a_trouble_is_said_once() -> None:
    held = Held("the index is in use", "Wait.")
    well = "All is well again: the index is level with the folder."
    assert list(_lines([held, REPORT, REPORT])) == ["Still watching, but the index is in use. Wait.", well]
    said = list(_lines([held, held, replace(REPORT, stopped=True)]))
    assert well not in said


def test_a_watched_event_names_its_files(tmp_path: Path) -> None:
    """By a real run: new, changed, moved and deleted, in that order, and a file that cannot be read among them."""
    company = made(tmp_path)
    company.run(company.folder)
    company.write("it/new.md", "A new printer came.\n")
    company.write("it/broken.pdf", "%PDF-1.7\nnothing of it is left")
    (company.folder / "hr/urlaub.md").rename(company.folder / "hr/ferien.md")
    (company.folder / "finance/travel.md").unlink()
    report = company.update()
    assert report.first_paths == ("it/broken.pdf", "it/new.md", "hr/ferien.md")
    assert report.blank == 1
    line = next(_lines([report]))
    assert line.startswith(
        "4 files: 2 new, 1 moved, 1 deleted, 1 without text (it/broken.pdf, it/new.md, hr/ferien.md, …)."
    )
