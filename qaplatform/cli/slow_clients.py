"""The server's patience with those who send or take slowly: they are waited for, but nobody waits behind them.

A thread that has begun to read a request reads it to its end, and writes its answer to the end. Without a limit a
handful of connections that send half a line each, and nothing more, would keep all threads of the server for good,
and nobody would have to sign in for that. So

- a connection has no thread before its request is there, head and body, up to :data:`MOST_GATHERED_BYTES`: the main
  loop, which waits for all connections at once, takes in what comes;
- what is longer, or does not say how long it is, is read by a thread, but by three fifths of them at most; the next
  ones wait without a thread until one of those is done;
- a request may be waited for :data:`PATIENCE_SECONDS` in all, and longer only as it brings bytes;
- an answer must be taken on at the same pace, and a connection that is over has no thread either until the other end
  has closed it;
- there are more threads than requests worked on at once (:class:`FewAtOnce`), and small bodies are read before a
  request is worked on.
"""

from __future__ import annotations

import errno
import io
import math
import re
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
MOST_GATHERED_BYTES = 64 * 1024
"""So much of each connection may be in memory before a thread works on it."""
_PIECE_BYTES = 64 * 1024
_LINGER_SECONDS = 2.0
"""So long after the last answer a connection may stay: closed at once, what is still under way would spoil the answer."""
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([^\r]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_NO_LENGTH = re.compile(rb"\r\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)
"""A body in chunks; and who wants to be asked before sending a body."""
_Value = TypeVar("_Value")


class SlowClientError(ConnectionResetError):
    """The other end is too slow; for the server it is gone."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the other end is too slow")


def size_of(come: bytes | bytearray) -> float | None:
    """The bytes of the request that begins so; infinite where it does not say, ``None`` before its head is there."""
    end = come.find(_HEAD_END)
    if end < 0:
        return None
    head = bytes(come[: end + 2])
    lengths = _LENGTH.findall(head)
    if _NO_LENGTH.search(head) or not all(one.isdigit() and len(one) < 19 for one in lengths):
        return math.inf
    return end + len(_HEAD_END) + max(map(int, lengths), default=0)


class PatientSocket(socket.socket):
    """A connection whose other end is waited for only so long; what is done between its bytes does not count."""

    is_whole = False
    """Whether all of the next request is here: then nothing more is waited for."""

    def __init__(self, fileno: int, patience_seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(fileno=fileno)
        self._patience_seconds = patience_seconds
        self._gathered = bytearray()
        self._has_ended = False
        self.begin()

    def begin(self) -> None:
        """The next request has all patience again."""
        self._waited_seconds = 0.0
        self._bytes = 0
        self._since: float | None = None
        self._size: float | None = None

    def gather(self) -> bool:
        """Take in what has come, without waiting; whether a thread should go on with it."""
        self._since = self._since or time.monotonic()
        try:
            data = super().recv(_PIECE_BYTES)
            self._gathered += data
            self._has_ended = not data
        except BlockingIOError:
            pass
        except OSError:
            self._has_ended = True
        self._size = self._size or size_of(self._gathered)
        here = len(self._gathered)
        self.is_whole = self._has_ended or (self._size is not None and here >= self._size)
        return self.is_whole or max(here, self._size or 0) > MOST_GATHERED_BYTES

    @property
    def gathered_by(self) -> float:
        """When patience with what is gathered ends, on the monotonic clock."""
        since = self._since or time.monotonic()
        return since + self._patience_seconds + len(self._gathered) / SLOWEST_BYTES_PER_SECOND

    @property
    def has_more(self) -> bool:
        """Whether something of a next request is here."""
        return bool(self._gathered)

    def unread(self, data: bytes) -> None:
        """Give back what belongs to the next request."""
        self._gathered[:0] = data

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As a socket does; first what was gathered.

        Raises:
            SlowClientError: it has taken too long in all, or is said to be whole and is not.
        """
        if self._gathered:
            data = bytes(self._gathered[:size])
            del self._gathered[:size]
        elif self._has_ended:
            return b""
        elif self.is_whole:
            raise SlowClientError
        else:
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
    """Gunicorn's worker with threads, on patient sockets. Only :meth:`handle` is run by threads."""

    patience_seconds = PATIENCE_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most_read_by_threads = max(1, self.cfg.threads * 3 // 5)
        self._read_by_threads: set[TConn] = set()
        self._in_line: deque[TConn] = deque()

    def accept(self, listener: Any) -> None:
        """Take a connection in; it comes to a thread when its request is there."""
        try:
            taken, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        here = PatientSocket(taken.detach(), self.patience_seconds)
        here.settimeout(0)
        connection = TConn(self.cfg, here, address, listener.getsockname())
        self.nr_conns += 1
        connection.set_timeout()
        self._wait_for(connection, self.on_pending_socket_readable)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Something has come of a request."""
        if client.gather():
            super().on_pending_socket_readable(conn, client)
        else:
            conn.timeout = client.gathered_by

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Something has come of the next request of a connection."""
        if client.gather():
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        conn.timeout = client.gathered_by
        self._wait_for(conn, self.on_pending_socket_readable)

    def enqueue_req(self, conn: Any) -> None:
        """Give a request to a thread, unless it must be waited for and enough threads do that."""
        if not conn.sock.is_whole:
            if len(self._read_by_threads) >= self._most_read_by_threads:
                self._in_line.append(conn)
                return
            self._read_by_threads.add(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Answer a request."""
        conn.sock.begin()
        try:
            return super().handle(conn)
        finally:
            if conn.parser is not None:
                conn.sock.unread(conn.parser.unreader.take_buffered())

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Wait for the next request, or let the connection end; gunicorn would wait for its end in the main loop."""
        self._read_by_threads.discard(conn)
        if self._in_line and len(self._read_by_threads) < self._most_read_by_threads:
            self.enqueue_req(self._in_line.popleft())
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            if conn.sock.has_more and conn in self.keepalived_conns:
                self.on_client_socket_readable(conn, conn.sock)
            return
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + _LINGER_SECONDS
        self._wait_for(conn, self._on_ending_socket_readable)

    def murder_pending(self) -> None:
        """Close connections whose time is over; not all of them have been given equally much."""
        by_time = sorted(self.pending_conns, key=lambda one: one.timeout)
        self.pending_conns.clear()
        self.pending_conns.extend(by_time)
        super().murder_pending()

    def _on_ending_socket_readable(self, conn: Any, client: Any) -> None:
        try:
            if socket.socket.recv(client, _PIECE_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()

    def _wait_for(self, conn: Any, then: Callable[[Any, Any], None]) -> None:
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(then, conn))


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
