"""What forgetting promises: at once nothing of the document stands in any file of the index, and the rest answers."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from assistant import library
from assistant.config import Config
from assistant.errors import IndexInUse, IndexUnusable, UsageError
from assistant.indexing import forget as forgetting
from assistant.indexing import mend, publish
from assistant.indexing.forget import forget
from assistant.indexing.run import Options
from assistant.storage import lock
from assistant.storage.catalog import Catalog
from tests.company import PASSAGES, QUESTIONS, Company
from tests.terminal import command

HANDBOOK, AGREEMENT, TRAVEL, COPY = (
    "hr/handbook.md", "legal/supplier agreement.pdf", "finance/travel.md", "archive/travel copy.md"
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("forked_builds")
RUN = 32  # consecutive bytes that are a trace
_SAMPLE, _HAIR = 6, 1e-6


def texts(company: Company) -> dict[str, list[bytes]]:
    """The stored texts of each document."""
    with Catalog.open(company.config.index) as catalog:
        return {
            path: [text.text.encode("utf-8", "surrogatepass") for text in catalog.document(path).texts]
            for path in catalog.files()
        }


def vectors(company: Company) -> dict[str, list[bytes]]:
    """The vectors of each document, as bytes."""
    found: dict[str, list[bytes]] = {}
    with Catalog.open(company.config.index) as catalog:
        by_id = {id_: vector.tobytes() for id_, _, vector in catalog.vectors()}
        for row in catalog.all_chunks():
            found.setdefault(row.path, []).append(by_id[row.id])
    return found


def runs(of: list[bytes]) -> set[bytes]:
    return {text[at : at + RUN] for text in of for at in range(len(text) - RUN + 1)}


def holds(data: bytes, sought: list[bytes]) -> bool:
    """Whether eight numbers in a row of one of these vectors stand somewhere: Chroma writes them a hair different."""
    places = [np.frombuffer(data[shift : len(data) - (len(data) - shift) % 4], "<f4") for shift in range(4)]
    places = [np.nan_to_num(numbers, posinf=0.0, neginf=0.0) for numbers in places]
    for vector, numbers, first in product(sought, places, (0, 200, 376)):
        probe = np.frombuffer(vector, "<f4")[first : first + 8]
        at = np.flatnonzero(np.abs(numbers[:-8] - probe[0]) < _HAIR)
        for step in range(1, 8):
            at = at[np.abs(numbers[at + step] - probe[step]) < _HAIR]
        if at.size:
            return True
    return False


class Trace:
    """What must not be found any more of some documents: their text and vectors, less what others have too."""

    def __init__(self, company: Company, *paths: str) -> None:
        self.index = company.config.index
        had, own = texts(company), vectors(company)
        kept = [text for path, parts in had.items() if path not in paths for text in parts]
        others = {vector for path, parts in own.items() if path not in paths for vector in parts}
        self.runs = runs([text for path in paths for text in had[path]]) - runs(kept)
        self.vectors = {vector for path in paths for vector in own[path]} - others
        self.beginnings = np.unique(np.frombuffer(b"".join(run[:8] for run in self.runs), "<u8"))

    def found(self) -> set[str]:
        """The files below the index in which there is a trace, each with what kind it is."""
        return set(self._found())

    def _like(self, data: bytes) -> Iterator[int]:
        """Every place where eight bytes are those that one of the runs begins with: numpy finds them at once."""
        for shift in range(8):
            numbers = np.frombuffer(data[shift : len(data) - (len(data) - shift) % 8], "<u8")
            yield from (np.flatnonzero(np.isin(numbers, self.beginnings)) * 8 + shift).tolist()

    def _found(self) -> Iterator[str]:
        for path in (path for path in self.index.rglob("*") if path.is_file()):
            data = path.read_bytes()
            if any(data[at : at + RUN] in self.runs for at in self._like(data)):
                yield f"text in {path.name}"
            if any(vector[:RUN] in data for vector in self.vectors) or holds(data, sorted(self.vectors)[:_SAMPLE]):
                yield f"vector in {path.name}"


def answers(company: Company) -> dict[str, str]:
    """The best document for each question that both halves find one for."""
    with library.open(company.config.index) as index:
        found = {question: index.find(question, 1) for question in QUESTIONS}
    assert not any("damaged" in notice for answer in found.values() for notice in answer.notices)
    best = {question: answer.hits[0] for question, answer in found.items()}
    return {question: hit.path for question, hit in best.items() if hit.words > 0 and hit.meaning > 0}


@pytest.mark.parametrize("path", [HANDBOOK, AGREEMENT, "it/printers.txt"])
def test_no_text_and_no_vector_of_a_forgotten_document_is_in_any_file_of_the_index(
    own_company: Company, path: str
) -> None:
    trace = Trace(own_company, path)
    own = len([passage for passage in own_company.passages() if passage[0] == path])
    assert trace.found() >= {"text in catalog.sqlite", "vector in catalog.sqlite", "vector in data_level0.bin"}
    forgotten = forget(path, own_company.config)
    assert trace.found() == set()
    assert (forgotten.paths, forgotten.passages, forgotten.vectors) == ((path,), own, own)
    assert 0 < forgotten.seconds < 60
    assert not any(hit.path == path for question in QUESTIONS for hit in own_company.hits(question, PASSAGES))


def test_a_scattered_text_leaves_no_trace_either(own_company: Company) -> None:
    own_company.write("it/long.md", "\n\n".join(f"Clause {n} of the merger with Falkenried." for n in range(900)))
    own_company.update()
    own_company.write("it/long.md", "\n\n".join(f"Clause {n} of the merger with Falkenried, again." for n in range(99)))
    own_company.update()
    trace = Trace(own_company, "it/long.md")
    forget("it/long.md", own_company.config)
    assert trace.found() == set()
    assert not any(b"Falkenried" in path.read_bytes() for path in own_company.config.index.rglob("*") if path.is_file())
    assert not any(b"falkenri" in path.read_bytes() for path in own_company.config.index.rglob("*") if path.is_file())


def test_the_rest_answers_by_words_and_meaning_as_before(own_company: Company) -> None:
    before = answers(own_company)
    assert len(before) == len(QUESTIONS)
    forget("it/printers.txt", own_company.config)
    after = answers(own_company)
    assert {question: after[question] for question, path in before.items() if path != "it/printers.txt"} == {
        question: path for question, path in before.items() if path != "it/printers.txt"
    }
    with Catalog.open(own_company.config.index) as catalog:
        number, watermark, size = publish.state(catalog)
        assert size == len({row.hash for row in catalog.all_chunks()}) < PASSAGES, "each text stands in it once"
        assert publish.is_intact(catalog, own_company.config.index)
    (only,) = (own_company.config.index / "chroma").iterdir()
    assert only.name == f"gen-{number}"
    assert watermark > 0


def test_nothing_is_embedded_for_it_and_the_next_run_has_nothing_to_do(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_company.folder / HANDBOOK).unlink()
    with monkeypatch.context() as context:
        context.setattr("assistant.embedding.load", lambda *_: pytest.fail("an embedder was loaded"))
        forget(HANDBOOK, own_company.config)
    report = own_company.update()
    assert report.nothing_to_do and report.embedded == 0


def test_what_another_document_also_says_stays(own_company: Company) -> None:
    trace = Trace(own_company, TRAVEL)
    assert trace.runs == trace.vectors == set(), "the copy has it all"
    forgotten = forget(TRAVEL, own_company.config)
    assert (forgotten.passages, forgotten.vectors) == (3, 0)
    hits = own_company.hits("hotel costs per night", PASSAGES)
    assert hits[0].path == COPY
    assert TRAVEL not in {hit.path for hit in hits}
    both = Trace(own_company, COPY)
    assert both.runs and both.vectors
    forget(COPY, own_company.config)
    assert both.found() == set()


@pytest.mark.parametrize(
    ("written", "paths"),
    [
        ("hr", {HANDBOOK, "hr/leave-2023.md", "hr/leave-2026.md", "hr/urlaub.md"}),
        ("hr/", {HANDBOOK, "hr/leave-2023.md", "hr/leave-2026.md", "hr/urlaub.md"}),
        ("./hr/urlaub.md", {"hr/urlaub.md"}),
        ("hr/leave-*.md", {"hr/leave-2023.md", "hr/leave-2026.md"}),
        ("*travel*", {TRAVEL, COPY}),
        ("*.pdf", {AGREEMENT}),
        ("{folder}/it/printers.txt", {"it/printers.txt"}),
        ("{folder}/hr/leave-*.md", {"hr/leave-2023.md", "hr/leave-2026.md"}),
    ],
)
def test_a_file_a_folder_or_a_glob_may_be_named_also_from_the_machines_root(
    own_company: Company, written: str, paths: set[str]
) -> None:
    trace = Trace(own_company, *paths)
    everything = set(texts(own_company))
    forgotten = forget(written.format(folder=own_company.folder), own_company.config)
    assert set(forgotten.paths) == paths == set(forgotten.still_there)
    assert set(texts(own_company)) == everything - paths
    assert trace.found() == set()


@pytest.mark.parametrize("written", ["", ".", "./", "{folder}", "{folder}/"])
def test_every_document_at_once_is_refused(own_company: Company, written: str) -> None:
    with pytest.raises(UsageError, match="every document") as caught:
        forget(written.format(folder=own_company.folder), own_company.config)
    assert str(own_company.config.index) in caught.value.hint
    assert len(own_company.passages()) == PASSAGES


@pytest.mark.parametrize("written", ["hr/none.md", "h", "*.docx", "/etc/hosts", "..", "hr/../it/printers.txt", "HR"])
def test_what_is_not_in_the_index_is_refused_and_changes_nothing(own_company: Company, written: str) -> None:
    before = {path: path.read_bytes() for path in own_company.config.index.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="no indexed document") as caught:
        forget(written, own_company.config)
    assert caught.value.exit_code == 2
    assert {path for path, data in before.items() if path.name != "lock" and path.read_bytes() != data} == set()


def test_without_an_index_there_is_nothing_to_forget_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="there is no index"):
        forget("a.md", Config(index=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_forgetting_waits_for_no_other_writer(own_company: Company) -> None:
    with lock.writer(own_company.config.index), pytest.raises(IndexInUse):
        forget(HANDBOOK, own_company.config)
    assert len(own_company.passages()) == PASSAGES


def test_the_last_document_of_an_index_can_be_forgotten(own_company: Company) -> None:
    for path in [path for path in texts(own_company) if path != HANDBOOK]:
        (own_company.folder / path).unlink()
    own_company.update(Options(yes=True))
    trace = Trace(own_company, HANDBOOK)
    forget("*", own_company.config, yes=True)
    assert trace.found() == set()
    with pytest.raises(IndexUnusable, match="holds no text"):
        own_company.hits("toner")


# --- killed half-way ---


def broken(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Have forgetting end as if it were killed when it comes to a step."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for module in (forgetting, mend, publish):
        if hasattr(module, step):
            monkeypatch.setattr(module, step, killed)


@pytest.mark.parametrize("left", ["others", "nothing"])
@pytest.mark.parametrize(
    "step", ["drop_unusable", "remove_all", "drop_unused", "renew_words", "note_level", "_in_child"]
)
def test_killed_at_any_step_no_answer_holds_it_and_the_next_run_finishes(
    own_company: Company, monkeypatch: pytest.MonkeyPatch, step: str, left: str
) -> None:
    command("ask", "--no-model", "toner of the printer", "--index", own_company.config.index)
    assert (own_company.config.index / "last.json").exists()
    gone = [HANDBOOK] if left == "others" else list(texts(own_company))
    trace = Trace(own_company, *gone)
    for path in gone:
        (own_company.folder / path).unlink()
    with monkeypatch.context() as context:
        broken(context, step)
        if (step, left) == ("_in_child", "nothing"):
            forget("*", own_company.config, yes=True)  # there is nothing to publish
        else:
            with pytest.raises(KeyboardInterrupt):
                forget(HANDBOOK if left == "others" else "*", own_company.config, yes=True)
    with Catalog.open(own_company.config.index) as catalog:
        assert not set(catalog.files()) & set(gone)
    if left == "others":
        with library.open(own_company.config.index) as index:
            assert not any(hit.path == HANDBOOK for hit in index.search("key of room 17", PASSAGES))
    report = own_company.update()
    assert report.embedded == 0
    assert trace.found() == set()
    assert not (own_company.config.index / "last.json").exists()
    if left == "others":
        assert "it/printers.txt" in answers(own_company).values()
    assert own_company.update().nothing_to_do


# --- readers ---


def test_a_reader_that_has_the_index_open_goes_on_without_the_document(own_company: Company) -> None:
    trace = Trace(own_company, "it/printers.txt")
    with library.open(own_company.config.index) as index:
        before = [hit.path for question in QUESTIONS for hit in index.search(question, 1)]
        assert "it/printers.txt" in before
        forget("it/printers.txt", own_company.config)
        assert trace.found() == set(), "although somebody has the old generation open"
        for question, path in zip(QUESTIONS, before, strict=True):
            found = index.find(question, PASSAGES)
            assert "it/printers.txt" not in {hit.path for hit in found.hits}
            assert len(found.hits) == PASSAGES - 1
            assert path in (found.hits[0].path, "it/printers.txt")
            assert not any("damaged" in notice for notice in found.notices)
        assert index.stored_text("it/printers.txt", None) is None
    assert not (own_company.config.index / "damaged").exists()


# --- names ---


def test_a_document_of_that_very_name_is_the_only_one_that_is_forgotten(own_company: Company) -> None:
    for path in ("it/a*.md", "it/ab.md", "it/[x].md", "it/x.md"):
        own_company.write(path, f"About {path}.\n")
    own_company.update()
    assert forget("it/a*.md", own_company.config).paths == ("it/a*.md",)
    assert forget("it/[x].md", own_company.config).paths == ("it/[x].md",)
    assert forget("it/a*.md", own_company.config).paths == ("it/ab.md",), "no document has that name any more"


def test_of_two_names_that_differ_in_their_accents_the_one_that_is_written_is_forgotten(own_company: Company) -> None:
    composed, apart = "it/caf\u00e9.md", "it/cafe\u0301.md"
    for path in (composed, apart):
        own_company.write(path, f"About {path.encode()!r}.\n")
    if own_company.update().added < 2:
        pytest.skip("this file system takes the names for one")
    assert forget(apart, own_company.config).paths == (apart,)
    assert forget(apart, own_company.config).paths == (composed,), "it is the only one left"


# --- what a run had deleted ---


def test_what_is_left_of_a_document_that_a_run_has_deleted_can_be_forgotten(own_company: Company) -> None:
    trace = Trace(own_company, "it/printers.txt")
    (own_company.folder / "it/printers.txt").unlink()
    own_company.update()
    assert trace.found() >= {"vector in data_level0.bin"}
    seen = command("forget", "it/printers.txt", "--index", own_company.config.index)
    assert (seen.code, len(seen.out.splitlines())) == (0, 2)
    assert seen.out.splitlines()[0] == "No indexed document is, or lies in, it/printers.txt."
    assert seen.out.splitlines()[1].startswith("What was left of documents deleted before has been removed. (")
    assert trace.found() == set()
    assert command("forget", "it/printers.txt", "--index", own_company.config.index).code == 2, "nothing is left"
    assert own_company.update().nothing_to_do


def test_with_a_new_generation_nothing_is_left_of_what_a_run_has_deleted(own_company: Company) -> None:
    trace = Trace(own_company, HANDBOOK)
    (own_company.folder / HANDBOOK).unlink()
    own_company.update()
    assert trace.found() == set()
    assert command("forget", HANDBOOK, "--index", own_company.config.index).code == 2


# --- questions meanwhile ---


@pytest.mark.parametrize("step", ["remove_all", "renew_words", "note_level"])
def test_a_question_during_or_after_a_forgetting_that_was_cut_short_declares_no_damage(
    own_company: Company, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as context:
        broken(context, step)
        with pytest.raises(KeyboardInterrupt):
            forget("it/printers.txt", own_company.config)
    with library.open(own_company.config.index) as index:
        found = index.find("key of room 17")
    assert found.hits
    assert not any("damaged" in notice for notice in found.notices)
    assert not (own_company.config.index / "damaged").exists()


def test_a_question_while_the_words_index_is_made_anew_declares_no_damage(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(catalog: Catalog, at: Path) -> None:
        with library.open(at) as index:
            notices.extend(index.find("key of room 17").notices)
        renew(catalog, at)

    notices: list[str] = []
    renew = mend.renew_words
    monkeypatch.setattr(mend, "renew_words", asked)
    forget("it/printers.txt", own_company.config)
    assert any("Words are not searched until" in notice for notice in notices)
    assert not (own_company.config.index / "damaged").exists()
