"""One writer an index: a lock that the system releases when its process ends, however it ends."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from assistant.errors import IndexInUse, UsageError
from assistant.indexing.layout import LOCK

_LOOKS, _LOOK_SECONDS = 20, 0.01


@contextmanager
def writer(index: Path) -> Iterator[None]:
    """Be the only writer of the index at this folder, made where there is none.

    Raises IndexInUse naming the process that is, and UsageError where no such folder can be made.
    """
    try:
        index.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(index / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UsageError(
            f"no index can be kept at {index}: {error.strerror}", "Choose another place with --index PATH."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexInUse(
                f"the index at {index} is in use by {_holder(descriptor)}", "Wait for it to end."
            ) from None
        os.ftruncate(descriptor, 0)
        note = {"pid": os.getpid(), "since": datetime.now().strftime("%H:%M:%S")}
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    """Who holds the lock; it is taken a moment before its holder's note is written."""
    for _ in range(_LOOKS):
        with suppress(ValueError, KeyError, TypeError):
            note = json.loads(os.pread(descriptor, 1000, 0))
            return f"process {note['pid']} since {note['since']}"
        time.sleep(_LOOK_SECONDS)
    return "another process"
