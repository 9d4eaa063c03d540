"""A limit on a whole wait: the timeouts of sockets begin again with every byte, so a byte a second would never end."""

import contextlib
import socket
import threading
import time
from types import TracebackType


class Deadline:
    """Ends the connection it watches `seconds` after `start`, whatever arrives; `expired` says that it did."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._until: float | None = None  # time.monotonic(); None while it does not count
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Deadline":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._until = None
        self._ended.set()

    def start(self) -> None:
        """Count from now."""
        self._until = time.monotonic() + self.seconds
        if self._thread is None:
            self._thread = threading.Thread(target=self._wait, daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Count no more until the next start: the time that a reader takes is not the server's."""
        self._until = None

    def watch(self, connected: socket.socket) -> None:
        """End this connection when time is up."""
        self._socket = connected
        if self.expired:
            self._end()

    def _wait(self) -> None:
        # A start after a pause sets an end that lies behind the wait that is running, so no start has to wake it.
        while not self._ended.wait(self._left()):
            until = self._until
            if until is not None and time.monotonic() >= until:
                self.expired = True
                self._end()
                return

    def _left(self) -> float:
        until = self._until
        return self.seconds if until is None else max(until - time.monotonic(), 0.0)

    def _end(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)
