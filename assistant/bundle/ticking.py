"""How far a long copy has come, said every few seconds."""

import time
from collections.abc import Callable

_SECONDS = 5.0


def ticking(what: str, total: int, say: Callable[[str], None]) -> Callable[[int], None]:
    """A function to be told of every number of bytes that are done; it says so now and then, and never at once."""
    done, due = 0, time.monotonic() + _SECONDS

    def told(count: int) -> None:
        """Count these bytes as done, and say so where it is time."""
        nonlocal done, due
        done += count
        if time.monotonic() >= due:
            due = time.monotonic() + _SECONDS
            say(f"{what}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    return told
