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
from assistant.storage.layout import LOCK

_LOOKS, _LOOK_SECONDS = 20, 0.01
_TRIES = 5  # to take the lock


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
        if not _taken(descriptor):
            raise IndexInUse(f"the index at {index} is in use by {_named(descriptor)}", "Wait for it to end.")
        os.ftruncate(descriptor, 0)
        note = {"pid": os.getpid(), "since": datetime.now().strftime("%H:%M:%S")}
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(index: Path) -> str:
    """Who writes to the index now: "process 4711 since 14:02:11"; empty where nobody does, or nobody may look."""
    try:
        descriptor = os.open(index / LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        if not os.fstat(descriptor).st_size:  # who has ended has taken its note away
            return ""
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named(descriptor)
    except OSError:  # a file system without locks
        return ""
    finally:
        os.close(descriptor)
    return ""


def finisher(index: Path, command: str) -> str:
    """Who finishes what is left to do: the run at work, or `command` where there is none."""
    writing = holder(index)
    return f"the run at work ({writing})" if writing else command


def _taken(descriptor: int) -> bool:
    """Whether the lock is this process's now; somebody who only looks (`holder`) has it for a moment."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _named(descriptor: int) -> str:
    """Who holds the lock; it is taken a moment before its holder's note is written."""
    for _ in range(_LOOKS):
        with suppress(ValueError, KeyError, TypeError):
            note = json.loads(os.pread(descriptor, 1000, 0))
            return f"process {note['pid']} since {note['since']}"
        time.sleep(_LOOK_SECONDS)
    return "another process"
