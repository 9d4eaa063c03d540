"""How a command that takes its time is stopped: the batch in hand is finished, and nothing is lost."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any


@contextmanager
def stoppable(said: str = "") -> Iterator[Event]:
    """An event that the first Ctrl-C, or a polite request to end, sets, with a line that is then said on stderr.

    A second one ends at once, by KeyboardInterrupt, and loses nothing either.
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
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
