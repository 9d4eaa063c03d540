"""Runs a command of the assistant in this process and returns what a person would see."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

from assistant.cli.app import run


@dataclass(frozen=True)
class Seen:
    """Exit code and both outputs of a command."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


class _Terminal(io.StringIO):
    """A stream that says that a person sits before it."""

    def isatty(self) -> bool:
        return True


def command(*arguments: object, stdin: str | None = None, terminal: bool = False) -> Seen:
    """Run `assistant` with these arguments, at a terminal or not."""
    stream = _Terminal if terminal else io.StringIO
    out, err = stream(), stream()
    given = stream(stdin or "")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.object(sys, "stdin", given):
        code = run([str(argument) for argument in arguments])
    return Seen(code, out.getvalue(), err.getvalue())


# Root may read and write everything, until it gives that up.
_UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
CAN_BE_ANYBODY = not _UNPRIVILEGED or shutil.which("setpriv") is not None


def as_anybody(*arguments: object) -> Seen:
    """Run `assistant` with these arguments in a process that has no more rights than its user's files give it."""
    done = subprocess.run(
        [*_UNPRIVILEGED, sys.executable, "-m", "assistant", *map(str, arguments)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Seen(done.returncode, done.stdout, done.stderr)
