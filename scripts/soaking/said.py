"""What a command says and how it ends, and whether an error of it is one that a person can act upon."""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.cli import app
from assistant.indexing import publish
from soaking.frame import Broken
from soaking.runs import HANGING, Builder, Builders

_TEXT = 24  # characters in a row that a message may not share with a document
_VAGUE = ("something went wrong", "Traceback", "panicked")


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended."""

    code: int  # negative for a signal
    out: str
    err: str

    @property
    def last(self) -> str:
        """Its error in one line."""
        return " / ".join(line.strip() for line in self.err.splitlines()[-2:])


Guard = Callable[[Callable[[], int]], int]  # runs a function in a process of its own; returns with what that ended


def command(work: Path, *arguments: str, guard: Guard | None = None, real: bool = False) -> Said:
    """Run the command in a fork, or where `guard` runs it, with the `real` process that builds generations or a fork.

    Its output goes to files in `work`.
    """
    out, err = work / "out", work / "err"
    code = (guard or forked_code)(lambda: _here(arguments, out, err, real))
    return Said(code, out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace"))


def assert_clear(said: Said, texts: Iterable[str]) -> None:
    """Raise Broken where an error is not two lines, what happened and what to do, free of the documents' text."""
    lines = said.err.splitlines()
    if said.code <= 0:
        raise Broken(f"it ended with {said.code}: {said.last}")
    if len(lines) != 2 or not lines[0].startswith("error: ") or not re.match(r" {7}\S", lines[1]):
        raise Broken(f"not two lines but {len(lines)}, with exit code {said.code}: {said.err[-300:]!r}")
    if any(word in said.err for word in _VAGUE):
        raise Broken(f"an error that says nothing: {said.last}")
    windows = {line[at : at + _TEXT] for line in lines for at in range(len(line) - _TEXT)}
    if any(window in text for text in texts for window in windows):
        raise Broken(f"an error that shows text of a document: {said.last}")


def forked_code(function: Callable[[], int]) -> int:
    """With what a fork that runs the function ends; negative for a signal. Raises Broken where it hangs."""
    child = os.fork()
    if not child:
        code = 70
        try:
            os.setpgid(0, 0)
            code = function()
        finally:
            os._exit(code)
    ended = os.pidfd_open(child)
    hung = not select.select([ended], [], [], HANGING)[0]
    if hung:
        os.killpg(child, signal.SIGKILL)
    os.close(ended)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if hung:
        raise Broken("the command hung")
    return code


def _here(arguments: Sequence[str], out: Path, err: Path, real: bool) -> int:
    """The command in this process, which is a fork; a panic of native code ends it with 70 and its traceback."""
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    publish.subprocess = _Builders(None, real)  # type: ignore[assignment, attr-defined]
    try:
        return app.run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


class _Builders(Builders):
    """Builders whose forks do not write to the command's stderr: real ones are read by the command alone."""

    def Popen(self, arguments: list[str], **options: Any) -> "subprocess.Popen[str] | Builder":  # noqa: N802 - its name
        """As `subprocess.Popen`."""
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            return super().Popen(arguments, **options)
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
