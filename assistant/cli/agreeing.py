"""Asks a person before more goes than one gives up by accident."""

import sys

from assistant.cli.output.terminal import clean
from assistant.cli.stopping import Stopped
from assistant.errors import Confirm


def agree(question: Confirm, asked: str, otherwise: str, silent: bool = False) -> None:
    """Return where a person at the terminal says yes; else raises the question itself, for scripts answer by option.

    `otherwise` says what has not been done. Ctrl-C is a no.
    """
    if silent or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise question
    try:
        print(f"{clean(str(question))}.", file=sys.stderr)
        print(f"{asked} [y/N]: ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise Stopped(f"{otherwise[0].upper()}{otherwise[1:]}.") from None
    if said.strip().lower() not in ("y", "yes"):
        raise Confirm(otherwise, question.hint) from None
