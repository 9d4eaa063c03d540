"""What Ctrl-C promises: a command ends with 130, says what was done, and shows no traceback, whenever it comes."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from assistant import library
from assistant.cli.stopping import interruptible, was_interrupted
from assistant.indexing import mend
from assistant.storage.catalog import Catalog
from tests.company import Company
from tests.terminal import Seen, command

pytestmark = pytest.mark.usefixtures("own_settings")

# Interrupts itself when a module is imported, as a person would who presses Ctrl-C in that moment.
PROGRAM = """
import os, signal, sys
class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Hand())
from assistant.cli import main
main()
"""


def half(company: Company) -> None:
    """Delete more than half of the documents."""
    for path in sorted(company.folder.rglob("*.*"))[:5]:
        path.unlink()


@pytest.mark.parametrize("module", ["typer", "assistant.cli.watch", "assistant.library", "numpy", "tantivy"])
def test_an_early_interrupt_ends_with_130_and_no_traceback(company: Company, module: str) -> None:
    program = PROGRAM.replace("MODULE", repr(module))
    done = subprocess.run(
        [sys.executable, "-c", program, "search", "toner", "--index", str(company.config.index)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip() == ""


def test_a_program_that_was_told_to_ignore_interrupts_goes_on(company: Company) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not was_interrupted()


def test_an_error_that_an_interrupt_became_is_not_called_one(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(*_: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("partially initialized module") from None

    monkeypatch.setattr("assistant.library.Index.find", cut_short)
    before = signal.getsignal(signal.SIGINT)
    seen = command("search", "leave", "--index", company.config.index)
    assert (seen.code, seen.err) == (130, "")
    assert signal.getsignal(signal.SIGINT) is before


# --- at a question ---


def at_a_terminal(*arguments: object, presses: bytes) -> Seen:
    """Run a command on a terminal of its own and press these keys when it asks."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "assistant", *map(str, arguments)])  # noqa: S606
    said = b""
    while b"[y/N]" not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, presses)
    while True:
        if not select.select([terminal], [], [], 3.0)[0]:  # a signal that came just before it began to wait for a line
            os.write(terminal, presses)
            continue
        try:
            part = os.read(terminal, 1000)
        except OSError:  # the other end is closed
            break
        said += part
        if not part:
            break
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    return Seen(code, said.decode().replace("\r\n", "\n"), "")


@pytest.mark.parametrize("arguments", [("index",), ("forget", "*.md")], ids=["index", "forget"])
@pytest.mark.parametrize(("presses", "code"), [(b"\x03", 130), (b"n\n", 2), (b"\x04", 2)], ids=["^C", "n", "^D"])
def test_ctrl_c_at_a_question_is_a_no(
    own_company: Company, arguments: tuple[str, ...], presses: bytes, code: int
) -> None:
    half(own_company)
    seen = at_a_terminal(*arguments, "--index", own_company.config.index, presses=presses)
    assert seen.code == code, seen.out
    assert "othing was " in seen.out.split("?", 1)[1]
    assert "wrong" not in seen.out and "Traceback" not in seen.out
    assert len(own_company.passages()) > 70


@pytest.mark.parametrize("name", ["ask", "search"])
def test_fresh_never_asks_to_delete(own_company: Company, name: str) -> None:
    half(own_company)
    index = own_company.config.index
    quoted = ["--no-model"] if name == "ask" else []
    question = (name, *quoted, "hotel costs per night", "--fresh", "--index", index)
    seen = command(*question, terminal=True, stdin="y\n")
    assert seen.code == 0
    said = " ".join(seen.err.split())
    assert "Not made fresh: 5 of 8 documents would be deleted" in said
    assert f"Look at it with: assistant index --index {index} --dry-run" in said
    assert "[y/N]" not in said and "140 euros" in seen.out
    assert any("Not made fresh" in notice for notice in command(*question, "--json").record["notices"])
    assert len(own_company.passages()) > 70


# --- in the middle of work ---


def test_a_second_ctrl_c_says_that_what_was_committed_is_kept(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_company.write("it/one.md", "The espresso machine is descaled every Thursday.\n")

    def impatient(*_: Any) -> Iterator[Any]:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        yield from ()

    monkeypatch.setattr("assistant.indexing.ingest.read_all", impatient)
    seen = command("index", "--index", own_company.config.index)
    assert seen.code == 130
    assert seen.err.splitlines()[-1].startswith("Stopped at once. What was committed is kept")


def forgetting(company: Company, monkeypatch: pytest.MonkeyPatch, step: str, presses: int) -> Seen:
    """What a person sees who presses Ctrl-C when forgetting the travel policy comes to a step."""
    doing = getattr(mend, step)

    def pressed(*arguments: Any) -> Any:
        for _ in range(presses):
            signal.raise_signal(signal.SIGINT)
        return doing(*arguments)

    with monkeypatch.context() as context:
        context.setattr(mend, step, pressed)
        return command("forget", "finance/travel.md", "--index", company.config.index)


def test_forgetting_finishes_the_erasing_in_hand(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = forgetting(own_company, monkeypatch, "drop_unusable", 1)
    assert seen.code == 130
    assert seen.out.startswith("Forgotten: 1 document, ")
    assert "Finishing what has begun" in seen.err
    assert command("status", "--json", "--index", own_company.config.index).record["damaged"] == []
    with library.open(own_company.config.index) as index:
        assert index.stored_text("finance/travel.md", None) is None


def test_forgetting_that_is_stopped_in_its_middle_says_what_finishes_it(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = forgetting(own_company, monkeypatch, "renew_words", 2)
    index = own_company.config.index
    assert seen.code == 130
    assert seen.err.splitlines()[-1] == (
        f"Forgotten for every answer; the erasing is finished by: assistant index --index {index}"
    )
    with library.open(index) as opened:
        assert opened.stored_text("finance/travel.md", None) is None


def test_forgetting_that_has_not_begun_is_not_begun(own_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Catalog.counts

    def pressed(catalog: Catalog) -> Any:
        signal.raise_signal(signal.SIGINT)
        return counting(catalog)

    with monkeypatch.context() as context:
        context.setattr(Catalog, "counts", pressed)
        seen = command("forget", "finance/travel.md", "--index", own_company.config.index)
    assert seen.code == 130
    assert seen.err.splitlines()[-1] == "Nothing was forgotten. Run it again."
    with library.open(own_company.config.index) as index:
        assert index.stored_text("finance/travel.md", None) is not None


def test_a_reader_that_has_seen_enough_ends_a_short_output_quietly(company: Company) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "search", "toner", "-n", "1", "--index", str(company.config.index)],
        stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
