"""The wire to an endpoint: what the SDK would let run on for ever ends here, by wall clock and by bytes.

Timeouts of HTTP libraries hold for one read; a server that sends a byte now and then is never late. Here each operation
on a socket gets only what is left of the call's time. There is no watchdog and no thread: whoever calls, waits.

Loading this module loads the HTTP library; ``calling.Client`` does it when the first client is made.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from qaplatform.llm.endpoint import Endpoint, EndpointError
from qaplatform.llm.faults import CallError, reason_of_status, retry_after_in

CONNECT_SECONDS = 10.0
"""Who does not even answer the telephone is not waited for until the deadline."""
ERROR_BYTES = 16 * 1024
"""So much of a refusal is read: what it says helps whoever must mend it."""
_FAULTS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
)
_SENT_HEADERS = frozenset({b"host", b"content-type", b"content-length", b"transfer-encoding"})
_KINDS = ("application/json", "text/event-stream")
_NO_CREDIT = ("insufficient_quota", "exceeded_current_quota", "insufficient balance", "arrearage", "欠费", "余额不足")


class Wire(httpx2.BaseTransport):
    """A transport for one endpoint, shared by threads. Use it inside ``within``.

    Whatever goes wrong is a :class:`CallError`, before the SDK can wrap it. Headers the SDK adds about this machine,
    or takes from the environment, are not sent; neither is a key anywhere but to the endpoint (redirects are refused).
    """

    def __init__(self, endpoint: Endpoint, *, trust_env: bool) -> None:
        self._endpoint = endpoint
        self._clock = _Clock()
        secure = endpoint.base_url.startswith("https:")
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=trust_env) if secure else None,
            proxy=_proxy_for(endpoint.base_url) if trust_env else None,
            max_connections=None,
            max_keepalive_connections=8,
            keepalive_expiry=20.0,
            network_backend=_Backend(self._clock),
        )

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Everything this thread does on the wire inside must end in so many seconds."""
        self._clock.ends_at = time.monotonic() + seconds
        try:
            yield
        finally:
            self._clock.ends_at = 0.0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its answer's body is still to be read.

        Raises:
            CallError: it was not sent, or what comes back is no success or no JSON.
        """
        headers = [(name, value) for name, value in request.headers.raw if name.lower() in _SENT_HEADERS]
        headers += [
            (b"Accept", ", ".join(_KINDS).encode()),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", b"qaplatform"),
        ]
        if self._endpoint.api_key:
            headers.append((b"Authorization", f"Bearer {self._endpoint.api_key}".encode()))
        url = request.url
        asked = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=headers,
            content=request.read(),
        )
        try:
            answer = self._pool.handle_request(asked)
        except _FAULTS as fault:
            raise self._error(fault) from fault
        body = _Body(answer, self)
        response = httpx2.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)
        try:
            self._check(response, body)
        except BaseException:
            body.close()
            raise
        return response

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _check(self, response: httpx2.Response, body: _Body) -> None:
        headers = response.headers
        if not 200 <= response.status_code < 300:
            said = body.beginning().decode("utf-8", "replace")
            if self._endpoint.api_key:
                said = said.replace(self._endpoint.api_key, "…")
            reason = reason_of_status(response.status_code)
            paid = not any(word in said.casefold() for word in _NO_CREDIT)
            raise CallError(
                reason,
                f"{response.status_code} {said}",
                status=response.status_code,
                retryable=None if paid else False,
                retry_after_seconds=retry_after_in(headers.get("retry-after"), headers.get("date")),
            )
        kind = headers.get("content-type", _KINDS[0]).partition(";")[0].strip().lower()
        if kind not in _KINDS and not kind.endswith("+json"):
            raise CallError("wrong_content_type", kind)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._endpoint.most_reply_bytes:
            raise CallError("too_large", f"{length} bytes announced")

    def _error(self, fault: Exception) -> CallError:
        """The call error for what the HTTP library or the socket says."""
        if self._clock.left() <= 0:
            return CallError("deadline", f"not done within {self._endpoint.deadline_seconds:g} s")
        chain: list[BaseException] = []
        error: BaseException | None = fault
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or error.__context__
        if any(isinstance(one, ConnectionRefusedError) for one in chain):
            return CallError("refused_connection", "nothing listens there")
        wrong_certificate = any(isinstance(one, ssl.SSLCertVerificationError) for one in chain)
        return CallError("network", f"{type(fault).__name__}: {fault}", retryable=False if wrong_certificate else None)


class _Clock(threading.local):
    """When this thread's call must be over, by the monotonic clock."""

    ends_at = 0.0

    def left(self) -> float:
        return self.ends_at - time.monotonic()


class _Body(httpx2.SyncByteStream):
    """An answer's body, whose faults are call errors."""

    def __init__(self, answer: httpcore2.Response, wire: Wire) -> None:
        self._answer = answer
        self._wire = wire

    def __iter__(self) -> Iterator[bytes]:
        stream = self._answer.stream
        assert isinstance(stream, Iterable)  # noqa: S101 - the library's own words: it is one in synchronous use.
        try:
            yield from stream
        except _FAULTS as fault:
            raise self._wire._error(fault) from fault  # noqa: SLF001

    def beginning(self) -> bytes:
        """The first bytes of an error's body, as far as they come."""
        said = b""
        with contextlib.suppress(CallError):
            for piece in self:
                said += piece
                if len(said) >= ERROR_BYTES:
                    break
        return said[:ERROR_BYTES]

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore2.NetworkBackend):
    """Opens connections that know the time."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the clock's is the one that holds.
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        ends_at = time.monotonic() + min(self._clock.left(), CONNECT_SECONDS)
        addresses = _addresses(host, port, ends_at - time.monotonic())
        for number, address in enumerate(addresses, start=1):
            left = ends_at - time.monotonic()
            if left <= 0:
                break
            share = left / (len(addresses) - number + 1)
            try:
                stream = self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return _Stream(stream, self._clock)
        raise httpcore2.ConnectTimeout(f"no connection within {CONNECT_SECONDS:g} s")


class _Stream(httpcore2.NetworkStream):
    """A connection on which each operation gets what is left of the time of whoever uses it."""

    def __init__(self, inner: httpcore2.NetworkStream, clock: _Clock) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        # By hand: the library gives each send its timeout anew, and a reader that dawdles makes many of them.
        connection: socket.socket = self._inner.get_extra_info("socket")
        view = memoryview(buffer)
        try:
            while view:
                connection.settimeout(self._left(httpcore2.WriteTimeout))
                view = view[connection.send(view) :]
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left(httpcore2.ConnectTimeout))
        return _Stream(inner, self._clock)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self, late: type[httpcore2.TimeoutException]) -> float:
        left = self._clock.left()
        if left <= 0:
            raise late("the call's time is over")
        return left


def _addresses(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses; asking for names can hang for minutes and cannot be broken off, so it is left to a thread.

    Where the resolver hangs, that thread ends when the resolver gives up; it holds nothing but the name.
    """
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    found: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits, whatever it is.
            failed.append(error)

    thread = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if failed:
        raise failed[0]
    if not found:
        raise httpcore2.ConnectTimeout(f"the name {host} was not found in time")
    return list(dict.fromkeys(found))


def _proxy_for(base_url: str) -> httpcore2.Proxy | None:
    """The proxy that the environment names for an address."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or proxy_bypass(parts.hostname or ""):
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise EndpointError("the proxy that the environment names must be spoken to by http://", field="proxy")
    auth = (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return httpcore2.Proxy(f"http://{proxy.hostname}:{proxy.port or 80}", auth=auth)
