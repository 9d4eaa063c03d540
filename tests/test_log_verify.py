"""What `verify` promises: it finds what was done to the log, in words, and with a head also what was cut off."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from log_edits import ALTERATIONS, edited, write

from assistant.errors import LogUnusable, UsageError
from assistant.log import chain
from assistant.log.chain import START
from assistant.log.entry import Kind
from assistant.log.store import Log, note
from assistant.log.verify import verify


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    write(folder, random.Random(2))  # noqa: S311 - not a secret
    return folder


@pytest.fixture
def index(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "index"))


def changed(index: Path, *statements: str) -> tuple[str, ...]:
    with closing(sqlite3.connect(index / "log.sqlite", isolation_level=None)) as db:
        for statement in statements:
            db.executescript(statement)
    return verify(index).findings


def test_every_edit_is_found(tmp_path: Path) -> None:
    missed, made = edited(tmp_path, 120, seed=5)
    assert missed == []
    assert len(made) == 7


def test_a_log_that_nobody_touched_has_no_findings_under_any_of_its_heads(index: Path) -> None:
    for entry in Log(index).entries():
        assert not verify(index, entry.digest.upper()).findings
    assert verify(index, verify(index).head[:32]).findings == ()


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    assert (verify(tmp_path).head, verify(tmp_path).findings) == (START, ())
    assert verify(tmp_path, "ab" * 32).findings


@pytest.mark.parametrize("head", ["", "12", "ab" * 15, "no head at all, though it is long enough"])
def test_what_is_no_head_is_refused(index: Path, head: str) -> None:
    with pytest.raises(UsageError, match="is not a head"):
        verify(index, head)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM entries WHERE number IN (3, 4)", "entry 3 to 4 is missing"),
        ("UPDATE entries SET time = '2020' WHERE number = 5", "entry 5 does not follow from the one before it"),
        ("UPDATE texts SET text = 'Who?' WHERE entry = 1 AND name = 'question'", "“question” of entry 1 was changed"),
        ("DELETE FROM texts WHERE entry = 1 AND name = 'answer'", "“answer” of entry 1 is missing"),
        ("UPDATE texts SET entry = 900 WHERE entry = 1", "belongs to no entry"),
        ("INSERT INTO texts SELECT 1, 'passage 99', salt, text FROM texts LIMIT 1", "“passage 99” belongs to no entry"),
        ("UPDATE entries SET facts = '[]' WHERE number = 2", "entry 2 does not follow"),
        ("UPDATE entries SET facts = CAST(facts AS BLOB) WHERE number = 2", "entry 2 does not follow"),
    ],
)
def test_a_finding_says_what_and_where(index: Path, sql: str, said: str) -> None:
    assert any(said in finding for finding in changed(index, sql))


def test_an_erased_text_that_stands_there_again_is_found(index: Path) -> None:
    (name, *_) = next(entry.erased for entry in Log(index).entries() if entry.erased)
    number = next(entry.number for entry in Log(index).entries() if entry.erased)
    findings = changed(index, f"INSERT INTO texts VALUES ({number}, '{name}', x'00', 'again')")
    assert findings == (f"the text “{name}” of entry {number} was erased and stands there again",)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_other_tables_are_found_and_neither_read_nor_written(index: Path, alteration: str) -> None:
    (finding, *_) = changed(index, ALTERATIONS[alteration])
    if "by the index" in alteration:  # the tables are the same ones
        assert "its index was changed" in finding
        return
    assert finding.startswith("the tables of the log were changed")
    for use in (Log(index).entries, Log(index).last, lambda: note(index, "refused", "connect 192.0.2.1")):
        with pytest.raises(LogUnusable, match="the tables of the log were changed"):
            use()


def test_tables_without_their_version_are_read_all_the_same(index: Path) -> None:
    count = len(Log(index).entries())
    assert changed(index, "PRAGMA user_version=0") == ()
    assert (verify(index).entries, note(index, "refused", "connect")) == (count, count + 1)


def test_a_text_that_stands_there_twice_is_found(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries, texts = Log(index).rows()
    monkeypatch.setattr(Log, "rows", lambda _: (entries, [("x", *texts[0][1:]), *texts, texts[0]]))
    assert any(f"of entry {texts[0][0]} stands there 2 times" in finding for finding in verify(index).findings)


def test_an_erasure_that_somebody_appended_is_counted_behind_a_head(index: Path) -> None:
    kept = verify(index)
    assert (kept.behind, verify(index, kept.head).behind, verify(index, kept.head).erasing) == (None, 0, 0)
    note(index, "refused", "connect 192.0.2.1")
    Log(index).erase(lambda _: {1: ["question", "answer"]}, "forgotten")
    after = verify(index, kept.head)
    assert (after.findings, after.behind, after.erasing) == ((), 2, 1)


def test_an_erasure_of_what_is_no_name_is_not_followed(index: Path) -> None:
    with closing(sqlite3.connect(index / "log.sqlite", isolation_level=None)) as db:
        (last, before) = db.execute("SELECT number, digest FROM entries ORDER BY number DESC").fetchone()
        facts = chain.canonical({"erased": {"1": [["question"]]}, "texts": {}})
        digest = chain.link(before, last + 1, "2026", Kind.ERASURE, facts)
        db.execute("INSERT INTO entries VALUES (?, '2026', ?, ?, ?)", (last + 1, Kind.ERASURE, facts, digest))
    assert verify(index).findings == ()
