"""Errors in words: what happened, what to do, and the exit code (the table in the README)."""

import errno
import sqlite3
import sys
import traceback
from contextlib import suppress

import typer.exceptions

from assistant.cli.misuse import misuse
from assistant.errors import AssistantError, EgressRefused


def told(error: Exception, debug: bool = False) -> int:
    """Say an error in two lines on stderr and return its exit code; with `debug` after its traceback.

    Raises what nobody foresaw again where `debug` is set.
    """
    foreseen = isinstance(error, AssistantError | typer.exceptions.TyperException | sqlite3.Error | OSError)
    if debug and not foreseen:
        raise error
    if debug:
        traceback.print_exception(error)
    return _said(*_words(error))


def tell_refused(code: int) -> None:
    """Say on stderr what the guard refused while a command went on: whoever tried had hidden the error."""
    from assistant.airgap.egress import refused
    from assistant.cli.output.terminal import line

    if code != EgressRefused.exit_code:
        for refusal in dict.fromkeys(refused()):
            print(line(f"note: {refusal.module} tried to {refusal.attempt}; it was refused."), file=sys.stderr)


def _words(error: Exception) -> tuple[str, str, int]:
    """What happened, what to do, and the exit code."""
    match error:
        case AssistantError():
            return str(error), error.hint, error.exit_code
        case typer.exceptions.TyperException():
            return *misuse(error), error.exit_code
        case sqlite3.Error():
            return _storage(str(error))
        case OSError():
            return _place(error)
    detail = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"something went wrong: {detail}", "Run it again as: assistant --debug ...", 1


def _place(error: OSError) -> tuple[str, str, int]:
    """A file or folder that cannot be read or written; the message names it."""
    named = error.filename if "/" in str(error.filename) else "a file of the index"
    said = f"{named} cannot be used: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; what was committed before is kept", "Make room, then run it again.", 1
    if error.errno == errno.EIO:
        return f"{said}; what was committed before is kept", "Check the disk, then run it again.", 1
    return said, "Check its permissions, or choose another place with --index PATH.", 2


def _storage(said: str) -> tuple[str, str, int]:
    """The catalog's own failures, without SQLite's text: it may hold words of a document."""
    if "full" in said:
        return "the disk is full; what was committed before is kept", "Make room, then run it again.", 1
    if "locked" in said or "busy" in said:
        return "the index is busy", "Try again in a moment.", 6
    if "readonly" in said or "read-only" in said:
        return "the index is read-only", "Choose another place with --index.", 2
    if "unable to open" in said:
        return "the index cannot be written", "Check its permissions, or choose another place with --index.", 2
    if "disk I/O" in said:
        return "the disk reports an error; what was committed before is kept", "Check it, then run it again.", 1
    return "the index's catalog is damaged", "See what to do with: assistant status", 4


def _said(message: str, hint: str, code: int) -> int:
    from assistant.cli.output.terminal import clean, wrapped

    for before, text in (("error: ", message), ("       ", hint)):
        if text:  # on one line each, but at a terminal: a file's name may have several
            row = before + clean(text.replace("\n", " "))
            with suppress(BrokenPipeError):  # the code says it, too
                print(wrapped(row, hanging=" " * 7) if sys.stderr.isatty() else row, file=sys.stderr)
    return code
