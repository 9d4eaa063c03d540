"""Runs a command of the assistant in this process and returns what a person would see."""

import contextlib
import io
import json
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


def command(*arguments: object, stdin: str | None = None) -> Seen:
    """Run `assistant` with these arguments, its outputs no terminals."""
    out, err = io.StringIO(), io.StringIO()
    given = io.StringIO(stdin or "")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.object(sys, "stdin", given):
        code = run([str(argument) for argument in arguments])
    return Seen(code, out.getvalue(), err.getvalue())
