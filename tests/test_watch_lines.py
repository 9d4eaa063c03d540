"""What `assistant watch` says: a line for what happened, and none for what did not."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cli.watch import _lines
from assistant.indexing.events import ChunksEmbedded, Event, FileRead, Mending, Planned, Publishing, Report
from assistant.indexing.watch import Held, Watching
from assistant.types import Gap, LeftOut, PageGap

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
