"""Reads files in worker processes that may crash, hang or swell without harm: the door of this package."""

import json
import os
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import IO

from assistant.airgap import egress
from assistant.airgap.switches import SWITCHES
from assistant.config import Config
from assistant.errors import AssistantError
from assistant.reading.wire import HASH_BYTES, HEADER, unpack
from assistant.types import Document, Gap, PageGap, SourceFile

_AHEAD = 4  # files per worker that may be read before the first of them was taken
_START_SECONDS = 60.0  # to import the readers on a cold disk
_GRACE_SECONDS = 5.0  # beyond the limit, for a worker that is about to give up by itself
_LARGEST_ANSWER = 200_000_000  # bytes
_CRASHED = "the reader crashed"
_ENDED = "its reader was ended from outside"
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
_START = "import sys; sys.path[:] = sys.argv[1:-3]; from assistant.reading.worker import main; main()"


def read_all(folder: Path, files: Iterable[SourceFile], config: Config) -> Iterator[tuple[SourceFile, str, Document]]:
    """Yield each file with the SHA-256 (hex) of the bytes that were read and what they say, in the order given.

    The hash is "" where nothing could be read. Closing the iterator ends the workers.
    """
    pool = _Pool(os.path.realpath(folder), config)
    threads = ThreadPoolExecutor(config.workers)
    pending: deque[tuple[SourceFile, Future[tuple[str, Document]]]] = deque()
    try:
        for file in files:
            pending.append((file, threads.submit(pool.read, file)))
            if len(pending) > _AHEAD * config.workers:
                yield _result(*pending.popleft())
        while pending:
            yield _result(*pending.popleft())
    finally:
        pool.kill()
        threads.shutdown(cancel_futures=True)
        pool.close()


def failed_by_limits(document: Document) -> bool:
    """Whether other limits might have given more of it."""
    return any(gap.reason in (Gap.TOO_LARGE, Gap.TOO_SLOW) or gap.detail == _CRASHED for gap in document.gaps)


def _result(file: SourceFile, future: "Future[tuple[str, Document]]") -> tuple[SourceFile, str, Document]:
    return file, *future.result()


class _Pool:
    """The workers that are running; one that ended is replaced when the next file needs it."""

    def __init__(self, root: str, config: Config) -> None:
        self._root = root
        self._config = config
        self._lock = Lock()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    def read(self, file: SourceFile) -> tuple[str, Document]:
        """Read one file; where its worker ended for a reason that is not the file's, it gets a second try."""
        for last_try in (False, True):
            worker = self._take()
            try:
                read_hash, document = worker.read(self._root, file)
            finally:
                self._give(worker)
            if self._closed or not worker.file_is_innocent:
                break
            if last_try and worker.was_killed:
                document = Document(gaps=(PageGap(Gap.PASSING, detail=_ENDED),))
        return read_hash, document

    def kill(self) -> None:
        """End every worker now, whatever it is doing; the threads that wait for an answer get none."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.kill()

    def close(self) -> None:
        """Give back what is left of the workers, when no thread uses them any more."""
        for worker in self._all:
            worker.end()

    def _take(self) -> "_Worker":
        with self._lock:
            if self._closed:
                raise AssistantError("reading was stopped")
            if self._idle:
                return self._idle.pop()
            worker = _Worker(self._config)
            self._all.add(worker)
            return worker

    def _give(self, worker: "_Worker") -> None:
        with self._lock:
            if worker.is_alive:
                self._idle.append(worker)
            else:
                self._all.discard(worker)


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self, config: Config) -> None:
        self.is_alive = True
        self.file_is_innocent = False  # the process was ended by somebody else, or before it had read the file
        self.was_killed = False  # from outside: for want of memory, or by a person
        self._config = config
        self._started = False
        limits = (config.read_memory_mb, config.read_seconds, config.max_file_mb * 1_000_000)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, *_import_path(), *map(str, limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | SWITCHES,
            start_new_session=True,  # Ctrl-C is this process's to handle
        )

    def read(self, root: str, file: SourceFile) -> tuple[str, Document]:
        """Have one file read; a worker that gives no proper answer is ended, and the file's gap says why."""
        self._await_start()
        request = {"root": root, "path": file.path, "kind": file.kind.value}
        seconds = self._config.read_seconds + _GRACE_SECONDS
        read_hash = ""
        try:
            self._send(json.dumps(request).encode() + b"\n")
            read_hash = self._receive(HASH_BYTES, seconds).decode("ascii").strip()
            ends, size, refused_size = HEADER.unpack(self._receive(HEADER.size, seconds))
            if size + refused_size > _LARGEST_ANSWER:
                return read_hash, self._gap(Gap.TOO_LARGE, "gives more text than can be kept")
            document = unpack(self._receive(size, seconds))
            if refused_size:
                egress.learn(self._receive(refused_size, seconds))
        except TimeoutError:
            return read_hash, self._gap(Gap.TOO_SLOW, self._too_slow())
        except (EOFError, BrokenPipeError):
            return read_hash, self._gap(*self._why_ended(had_read=bool(read_hash)))
        except ValueError:
            return read_hash, self._gap(Gap.DAMAGED, _CRASHED)
        if ends:
            self.end()
        return read_hash, document

    def kill(self) -> None:
        """End the process; whoever waits for its answer sees its end."""
        self._process.kill()

    def end(self) -> None:
        """End the process and give back what it held; for the thread that uses it."""
        self.is_alive = False
        self._reap()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):  # a request that was never read
                    pipe.close()

    def _gap(self, reason: Gap, detail: str) -> Document:
        self.end()
        return Document(gaps=(PageGap(reason, detail=detail),))

    def _await_start(self) -> None:
        if self._started:
            return
        try:
            self._receive(1, _START_SECONDS)
        except (TimeoutError, EOFError) as error:
            self._reap()
            said = _pipe(self._process.stderr).read().decode("utf-8", "replace").strip().splitlines()
            self.end()
            raise AssistantError(
                f"the process that reads files does not start: {said[-1] if said else 'it says nothing'}",
                "Raise the setting read_memory_mb, or install the assistant again.",
            ) from error
        self._started = True

    def _send(self, request: bytes) -> None:
        pipe = _pipe(self._process.stdin)
        pipe.write(request)
        pipe.flush()

    def _receive(self, count: int, seconds: float) -> bytes:
        """Return exactly `count` bytes; raises TimeoutError after `seconds`, EOFError where the process ended."""
        pipe = _pipe(self._process.stdout).fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        deadline = monotonic() + seconds
        received = bytearray()
        while len(received) < count:
            left = deadline - monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise TimeoutError
            part = os.read(pipe, min(count - len(received), 1 << 20))
            if not part:
                raise EOFError
            received += part
        return bytes(received)

    def _why_ended(self, had_read: bool) -> tuple[Gap, str]:
        """Say why the process ended in the middle of a file."""
        code = self._reap()
        if code in (-signal.SIGXCPU, -signal.SIGALRM):
            return Gap.TOO_SLOW, self._too_slow()
        if code == -signal.SIGABRT:  # how native code ends that gets no memory
            return Gap.TOO_LARGE, f"needs more than {self._config.read_memory_mb} MB of memory"
        self.was_killed = code == -signal.SIGKILL
        self.file_is_innocent = self.was_killed or not had_read
        return Gap.DAMAGED, _CRASHED

    def _reap(self) -> int:
        """Make sure that the process has ended, and return its exit code; one that is ending keeps its own."""
        self._process.kill()
        return self._process.wait()

    def _too_slow(self) -> str:
        return f"more than {self._config.read_seconds} seconds"


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - every pipe is asked for
    return pipe


def _import_path() -> list[str]:
    """Where this process imports from, for a worker that looks nowhere else."""
    return [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - "" is the current folder
