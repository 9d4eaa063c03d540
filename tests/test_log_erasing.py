"""What leaves the log: all that came from a forgotten document, under whichever name it was cited, and what is old."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from assistant import library
from assistant.errors import UsageError
from assistant.indexing.forget import forget
from assistant.log import erasing
from assistant.log.entry import Kind
from assistant.log.feedback import judge
from assistant.log.store import Log
from assistant.log.verify import verify
from assistant.storage.catalog import Catalog
from tests.company import QUESTIONS, Company

pytestmark = pytest.mark.usefixtures("forked_builds")

TONER, LEAVE = QUESTIONS[3], QUESTIONS[0]
PRINTERS = "it/printers.txt"


def asked(company: Company, *questions: str) -> None:
    with library.Index(company.config) as index:
        for question in questions:
            index.ask(question, use_model=False)


def log_bytes(company: Company) -> bytes:
    return (company.config.index / "log.sqlite").read_bytes()


def test_forgetting_takes_passages_answers_and_right_answers_and_leaves_the_rest(own_company: Company) -> None:
    asked(own_company, TONER, LEAVE)
    judge(own_company.config, 1, good=False, right="In the cupboard on the left.")
    judge(own_company.config, 2, good=True, right="28 working days.")
    before = Log(own_company.config.index).entries()
    assert b"cupboard" in log_bytes(own_company)
    forgotten = forget(PRINTERS, own_company.config)
    toner, leave, right, other, erasure = Log(own_company.config.index).entries()
    assert b"cupboard" not in log_bytes(own_company)
    assert PRINTERS.encode() not in log_bytes(own_company)
    assert (toner.text("answer"), toner.text("question"), right.text("right")) == (None, TONER, None)
    assert other == before[3]
    assert set(before[1].texts) - set(leave.texts) <= {"answer", *before[1].passages}
    assert (erasure.kind, erasure.facts["why"]) == (Kind.ERASURE, "forgotten")
    assert forgotten.logged == sum(len(names) for names in erasure.facts["erased"].values())
    assert not verify(own_company.config.index).findings


def test_a_document_that_was_moved_and_changed_is_forgotten_under_its_old_name_too(own_company: Company) -> None:
    asked(own_company, TONER)
    (own_company.folder / PRINTERS).rename(own_company.folder / "it/machines.txt")
    own_company.update()
    own_company.write("it/machines.txt", "The machine on the third floor is called Fust.\n")
    own_company.update()
    with Catalog.open(own_company.config.index) as catalog:
        document = erasing.document(catalog.files()["it/machines.txt"])
    erasing.forget(own_company.config.index, [document])
    assert b"cupboard" not in log_bytes(own_company)


@pytest.mark.parametrize("of", ["path", "sha256"])
def test_what_an_index_with_other_ids_has_logged_is_known_by_path_or_content(own_company: Company, of: str) -> None:
    asked(own_company, TONER)
    index = own_company.config.index
    place = Log(index).entries()[0].passages["passage 1"]
    assert erasing.forget(index, [erasing.Document(10**6, "another.txt", "0" * 64)]) == 0
    assert erasing.forget(index, [replace(erasing.Document(10**6, "another.txt", "0" * 64), **{of: place[of]})])
    assert b"cupboard" not in log_bytes(own_company)


def test_a_document_that_the_folder_lost_stays_in_the_record_until_it_is_forgotten(own_company: Company) -> None:
    asked(own_company, TONER)
    (own_company.folder / PRINTERS).unlink()
    own_company.update()
    assert b"cupboard" in log_bytes(own_company)
    forgotten = forget("it", own_company.config)
    assert (forgotten.paths, forgotten.logged > 0) == ((), True)
    assert b"cupboard" not in log_bytes(own_company)
    with pytest.raises(UsageError, match="no indexed document"):
        forget("it", own_company.config)


def test_a_forgetting_that_was_killed_is_finished_in_the_log_by_the_next_run(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    asked(own_company, TONER, LEAVE)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "forget", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(PRINTERS, own_company.config)
    assert b"cupboard" in log_bytes(own_company)
    (own_company.folder / PRINTERS).unlink()
    own_company.update()
    assert b"cupboard" not in log_bytes(own_company)
    assert b"28 working days" in log_bytes(own_company)


def test_texts_go_after_the_days_that_the_settings_give_them(own_company: Company) -> None:
    asked(own_company, TONER)
    with closing(sqlite3.connect(own_company.config.index / "log.sqlite")) as db:
        db.execute("UPDATE entries SET time = '2020' || substr(time, 5)")
        db.commit()
    own_company.update()
    assert b"cupboard" in log_bytes(own_company), "the default keeps them"
    replace(own_company, config=replace(own_company.config, log_days=30)).update()
    assert b"cupboard" not in log_bytes(own_company)
    entry, erasure = Log(own_company.config.index).entries()
    assert (dict(entry.texts), erasure.facts["why"]) == ({}, "too old")


def test_an_answer_erases_what_is_too_old_by_the_way(own_company: Company) -> None:
    asked(own_company, LEAVE)
    with closing(sqlite3.connect(own_company.config.index / "log.sqlite")) as db:
        db.execute("UPDATE entries SET time = '2020' || substr(time, 5)")
        db.commit()
    asked(replace(own_company, config=replace(own_company.config, log_days=30)), TONER)
    assert [entry.kind for entry in Log(own_company.config.index).entries()] == ["question", "erasure", "question"]
