"""Part e: a hypothesis state machine of all that happens to a folder and its index.

A case is a few lives of two hundred steps each. Every fifty steps, and at the end of a life, a run goes to its end and
the index is compared with a fresh one. A step that had nothing to do is not counted. Nothing is shrunk, and a failure
ends the case: its steps are kept, and the case's number repeats them.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from assistant import reading
from assistant.indexing import cut, ingest, survey
from soaking import cheap
from soaking.folders import Documents
from soaking.frame import Case, Part
from soaking.rights import be_bound_by_permissions, prepare
from soaking.runs import Kill, Runs
from soaking.subject import Subject

_STEPS, _STEPS_OF_SLICE = 200, 25  # of one life
_LIVES = 5  # of one case, and a first one in which hypothesis tries the simplest step only
_COMPARED = 50  # steps from one comparison to the next
_FILES = 15
_VERSIONS = ((reading.READING, cut.CUTTING, cut.CHUNK_TOKENS), ("soak", cut.CUTTING, cut.CHUNK_TOKENS),
             (reading.READING, "soak", 90), ("soak", "soak", 90))  # fmt: skip
_RULES = ("*.txt", "archive/", "/hr/", "*-v*", "contracts/", "!*.md\n*.md", "[a-m]*.pdf")
_RUN = "a run has ended"  # the step after which the index is level
_DRAWN = st.integers(0, 2**20)


class Ended(BaseException):
    """A failure on its way out of hypothesis, which would otherwise repeat the life to shrink it."""


class Machine(RuleBasedStateMachine):
    """One life: each rule is a thing that happens, drawn from one number."""

    def __init__(self, case: Case, name: str) -> None:
        super().__init__()
        self.case = case
        work = case.work / name
        work.mkdir()
        documents = Documents(work / "documents", case.random(name))
        documents.fill(_FILES)
        self.documents = documents
        self.subject = Subject(case, documents, work / "index", Runs(case.work / "log", patch=self._patch))
        self.version = _VERSIONS[0]
        self.steps = 0
        self.is_level = False

    def _patch(self) -> None:
        """In a run's fork: be another version of the program."""
        read, chunked, tokens = self.version
        for module, name, value in (
            (survey, "READING", read), (ingest, "READING", read), (survey, "CUTTING", chunked),
            (ingest, "CUTTING", chunked),
        ):  # fmt: skip
            assert hasattr(module, name)
            setattr(module, name, value)
        cut.spans.__defaults__ = (tokens,)

    def _happens(self, number: int, change: Callable[[], str | None]) -> None:
        """Let something happen, and compare when it is time."""
        try:
            self.documents.random.seed(f"{self.steps} {number}")  # hypothesis likes some numbers better than others
            said = change()
            if said is None:
                return
            self.is_level = said == _RUN
            self.case.step(said)
            self.case.count("steps")
            self.steps += 1
            if self.steps % _COMPARED == 0:
                self._compare()
        except Exception as error:
            self.steps = 0  # nothing more is compared
            raise Ended from error

    def _changes(self, number: int, change: Callable[[], str | None]) -> None:
        """Let something happen to the folder, unless a right that was taken away forbids it."""

        def allowed() -> str | None:
            try:
                return change()
            except PermissionError:  # some of it may have been done
                self.documents.note()
                self.is_level = False
                return None

        self._happens(number, allowed)

    def _compare(self) -> None:
        self.subject.level()
        self.subject.compare()
        self.is_level = True

    def teardown(self) -> None:
        """Compare at the end of a life, if it had any steps since."""
        if self.steps % _COMPARED:
            try:
                self._compare()
            except Exception as error:
                raise Ended from error

    # --- what happens to the folder ---

    @rule(number=_DRAWN)
    def add(self, number: int) -> None:
        """A document more."""
        self._changes(number, self.documents.add)

    @rule(number=_DRAWN)
    def edit(self, number: int) -> None:
        """Another text."""
        self._changes(number, self.documents.edit)

    @rule(number=_DRAWN)
    def edit_unseen(self, number: int) -> None:
        """Another text of the same size, and the old times."""
        self._changes(number, self.documents.edit_unseen)

    @rule(number=_DRAWN)
    def move(self, number: int) -> None:
        """Another path."""
        self._changes(number, self.documents.move)

    @rule(number=_DRAWN)
    def move_folder(self, number: int) -> None:
        """Another path for many."""
        self._changes(number, self.documents.move_folder)

    @rule(number=_DRAWN)
    def swap(self, number: int) -> None:
        """Two documents change places."""
        self._changes(number, self.documents.swap)

    @rule(number=_DRAWN)
    def copy(self, number: int) -> None:
        """The same text twice."""
        self._changes(number, self.documents.copy)

    @rule(number=_DRAWN)
    def delete(self, number: int) -> None:
        """A document less."""
        self._changes(number, self.documents.delete)

    @rule(number=_DRAWN)
    def restore(self, number: int) -> None:
        """A deleted document is back."""
        self._changes(number, self.documents.restore)

    @rule(number=_DRAWN)
    def lock(self, number: int) -> None:
        """A document or a folder that may not be read."""
        self._changes(number, self.documents.lock)

    @rule()
    def unlock(self) -> None:
        """Everything may be read again."""
        self._changes(0, self.documents.unlock)

    @rule(number=_DRAWN)
    def link(self, number: int) -> None:
        """Another name for a document: a link of either kind, also one that leads nowhere or out of the folder."""
        self._changes(number, self.documents.link)

    @rule(number=_DRAWN)
    def rename_root(self, number: int) -> None:
        """The folder itself has another name."""
        self._changes(number, self.documents.rename)

    @rule(number=_DRAWN)
    def ignore(self, number: int) -> None:
        """Another list of what to leave out."""
        self._changes(number, lambda: self.documents.ignore(_RULES))

    @rule()
    def allow_everything(self) -> None:
        """No such list."""
        self._changes(0, lambda: self.documents.ignore(()))

    # --- what happens to the index ---

    @rule(number=_DRAWN)
    def update(self, number: int) -> None:
        """Another version of the program reads or cuts in another way."""
        self._happens(number, lambda: self._update(number))

    def _update(self, number: int) -> str | None:
        if self.version == _VERSIONS[number % len(_VERSIONS)]:
            return None
        self.version = _VERSIONS[number % len(_VERSIONS)]
        return f"reading {self.version[0]}, cutting {self.version[1]}"

    @rule(number=_DRAWN)
    def change_embedder(self, number: int) -> None:
        """Another embedder."""
        self._happens(number, self._change_embedder)

    def _change_embedder(self) -> str:
        name = cheap.FIRST if self.subject.options[-1:] == (cheap.SECOND,) else cheap.SECOND
        self.subject.options = ("--embedder", name)
        return f"embedder {name}"

    @rule()
    def index(self) -> None:
        """A run."""
        self._happens(0, self._index)

    def _index(self) -> str | None:
        if self.is_level:
            return None
        self.subject.level()
        self.case.count("runs")
        return _RUN

    @rule(number=_DRAWN, alone=st.booleans())
    def kill(self, number: int, alone: bool) -> None:
        """A run that is killed at some moment."""
        self._happens(number, lambda: self._kill(number, building=False, alone=alone))

    @rule(number=_DRAWN, alone=st.booleans())
    def kill_building(self, number: int, alone: bool) -> None:
        """A run that is killed while it builds a generation."""
        self._happens(number, lambda: self._kill(number, building=True, alone=alone))

    @rule(number=_DRAWN, building=st.booleans())
    def stop(self, number: int, building: bool) -> None:
        """A run that is asked to stop."""
        self._happens(number, lambda: self._kill(number, building, alone=True, polite=True))

    def _kill(self, number: int, building: bool, alone: bool, polite: bool = False) -> str | None:
        if self.is_level:
            return None
        share = self.case.random(self.steps, number).random()  # even, where hypothesis likes the ends of a range
        killed = self.subject.killed(Kill(self.subject.runs.moment(share, building), building, alone, polite))
        self.case.count("runs stopped" if killed and polite else "kills" if killed else "runs")
        return "a run was killed" if killed else "a run was faster than its kill"


def live(case: Case) -> None:
    """A few lives, drawn by hypothesis from the case's seed."""
    be_bound_by_permissions()
    prepare(case.work)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(case.work)
    cheap.use()
    lives = 0

    def one() -> Machine:
        nonlocal lives
        lives += 1
        return Machine(case, f"life-{lives}")

    drawn: Any = seed(case.random().getrandbits(64))(one)  # any maker of machines will do
    wanted = settings(
        max_examples=1 + (1 if case.sliced else _LIVES),
        stateful_step_count=_STEPS_OF_SLICE if case.sliced else _STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(drawn, settings=wanted)
    except Ended as ended:
        assert ended.__cause__ is not None
        raise ended.__cause__ from None
    case.count("lives", lives)


PART = Part("e", "steps", times=10_000, sliced=10, run=live, note=cheap.NOTE, seconds=3600)
