"""The server's patience with those who send or take slowly: they are waited for, but nobody waits behind them.

A thread that has begun to read a request reads it to its end, and writes its answer to the end. Without a limit a
handful of connections that send half a line each, and nothing more, would keep all threads of the server for good,
and nobody would have to sign in for that. So

- a connection has no thread before it has sent something;
- a request may be waited for :data:`PATIENCE_SECONDS` in all, and longer only as it brings bytes;
- an answer must be taken on at the same pace;
- there are more threads than requests worked on at once (:class:`FewAtOnce`), and small bodies are read before a
  request is worked on.
"""

from __future__ import annotations

import errno
import io
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from selectors import EVENT_READ
from threading import Lock
from typing import Any, TypeVar

from gunicorn.workers.gthread import TConn, ThreadWorker

from qaplatform.settings import MEBIBYTE

PATIENCE_SECONDS = 20.0
SLOWEST_BYTES_PER_SECOND = 4 * 1024
_PIECE_BYTES = 64 * 1024
_Value = TypeVar("_Value")


class SlowClientError(ConnectionResetError):
    """The other end is too slow; for the server it is gone."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the other end is too slow")


class PatientSocket(socket.socket):
    """A connection whose other end is waited for only so long; what is done between its bytes does not count."""

    def __init__(self, fileno: int, patience_seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(fileno=fileno)
        self._patience_seconds = patience_seconds
        self.begin()

    def begin(self) -> None:
        """The next request has all patience again."""
        self._waited_seconds = 0.0
        self._bytes = 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As a socket does.

        Raises:
            SlowClientError: it has taken too long in all.
        """
        data = self._timed(partial(super().recv, size, flags))
        self._bytes += len(data)
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """As a socket does, a piece at a time.

        Raises:
            SlowClientError: it has taken too long in all.
        """
        left = memoryview(data).cast("B")
        while left:
            sent = self._timed(partial(super().send, left[:_PIECE_BYTES], flags))
            self._bytes += sent
            left = left[sent:]

    def _timed(self, act: Callable[[], _Value]) -> _Value:
        before = self.gettimeout()
        if before == 0:
            return act()
        left = self._patience_seconds + self._bytes / SLOWEST_BYTES_PER_SECOND - self._waited_seconds
        begun = time.monotonic()
        self.settimeout(max(left, 0.001) if before is None else max(min(before, left), 0.001))
        try:
            return act()
        except TimeoutError as error:
            if before is not None and before < left:
                raise
            raise SlowClientError from error
        finally:
            self._waited_seconds += time.monotonic() - begun
            self.settimeout(before)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads, on patient sockets."""

    def accept(self, listener: Any) -> None:
        """Take a connection in; it comes to a thread when it has sent something."""
        try:
            taken, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        here = PatientSocket(taken.detach())
        here.settimeout(0)
        connection = TConn(self.cfg, here, address, listener.getsockname())
        self.nr_conns += 1
        connection.set_timeout()
        self.pending_conns.append(connection)
        self.poller.register(here, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: Any) -> Any:
        """Answer a request."""
        conn.sock.begin()
        return super().handle(conn)


class InTurn:
    """Room for so many at once; whoever came first is let in first, which a semaphore does not say."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: deque[Lock] = deque()
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class FewAtOnce:
    """An application of which so many requests are worked on at once; while their bodies come they do not count.

    Large bodies are no matter of this: they are streamed, and their request waits for them in a thread of its own.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], most: int) -> None:
        self._application = application
        self._room = InTurn(most)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        said = environ.get("CONTENT_LENGTH") or "0"
        size = int(said) if said.isdecimal() else MEBIBYTE + 1
        if size > MEBIBYTE or "HTTP_TRANSFER_ENCODING" in environ:
            return self._application(environ, start_response)
        if size:
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(size))
        with self._room:
            return self._application(environ, start_response)
