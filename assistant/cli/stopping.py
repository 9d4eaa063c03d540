"""How a command is stopped: at once where nothing is at stake, after the batch in hand where something is."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from typing import Any

STOPPED_CODE = 130
_KEPT = "Stopped at once. What was committed is kept; the same command goes on from here."


class Stopped(Exception):
    """Somebody stopped the command; the message says in one line what has been done and what has not."""


_interrupted = Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt inside; a program that was started to ignore it goes on doing so."""
    _interrupted.clear()
    before = signal.getsignal(signal.SIGINT)
    if before in (signal.SIG_IGN, None) or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed: an import that it cuts short may fail with an error of its own kind."""
    return _interrupted.is_set()


def _interrupt(*_: Any) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


@contextmanager
def stoppable(said: str = "", at_once: str = _KEPT) -> Iterator[Event]:
    """An event that the first Ctrl-C, or a polite request to end, sets, with a line that is then said on stderr.

    A second one ends at once, by Stopped with the line `at_once`, and loses nothing either.
    """
    stop = Event()

    def asked(*_: Any) -> None:
        """Take a signal."""
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if said:
            print(f"\n{said}", file=sys.stderr)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except KeyboardInterrupt:
        raise Stopped(at_once) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
