"""A server that plays a language model: OpenAI's chat completions over real HTTP on this machine, scripted, with faults.

    with FakeLLM(lambda asked: '{"answers": []}') as server:
        client = Client(Endpoint(name="fake", base_url=server.base_url, model="fake-1"))

A script gets the JSON of a request and says what comes back: a text, a whole answer, or a :class:`Fault` by its name.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import msgspec

from qaplatform.testing.llm_faults import FAULTS, Exchange, FaultName, completion, events

MODEL = "fake-1"


class Fault(msgspec.Struct, frozen=True):
    """An answer that goes wrong in the named way."""

    name: FaultName


class Received(msgspec.Struct, frozen=True):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    """Names in small letters."""
    asked: dict[str, Any]


Answer = str | dict[str, Any] | Fault
Script = Callable[[dict[str, Any]], Answer]


def in_turn(*answers: Answer) -> Script:
    """A script that gives these answers one after the other, and the last one for ever."""
    left = list(answers)
    lock = threading.Lock()

    def script(asked: dict[str, Any]) -> Answer:  # noqa: ARG001
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return script


class FakeLLM:
    """The server; listens from the first moment, and stops with its threads and connections when it is closed.

    Args:
        script: what it answers; a bare answer is given every time. The fault ``refused`` is for the whole server.
        models: what it lists under ``/v1/models``.
    """

    def __init__(self, script: Script | Answer = "{}", *, models: Sequence[str] = (MODEL,)) -> None:
        self._script: Script = script if callable(script) else in_turn(script)
        self.models = tuple(models)
        self.received: list[Received] = []
        """All chat requests, in the order they came."""
        self.mistakes: list[Exception] = []
        """What the script raised; closing raises the first."""
        self.stopping = threading.Event()
        if script == Fault("refused"):
            # Bound and never listening: nobody else gets the port, and who calls is refused.
            self._server = None
            self._port = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._port.bind(("127.0.0.1", 0))
            number = self._port.getsockname()[1]
        else:
            self._server = _Server(self)
            number = self._server.server_address[1]
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake model")
            self._thread.start()
        self.base_url = f"http://127.0.0.1:{number}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None and self.mistakes:
            raise self.mistakes[0]

    def close(self) -> None:
        """Break off what is under way and wait for the threads."""
        self.stopping.set()
        if self._server is None:
            self._port.close()
            return
        self._server.shutdown()
        self._thread.join()
        self._server.break_off()
        self._server.server_close()

    def answer(self, exchange: Exchange) -> None:
        """Answer one chat request as the script says."""
        try:
            answer = self._script(exchange.asked)
        except Exception as mistake:  # noqa: BLE001 - it belongs to whoever wrote the script, and is raised there.
            self.mistakes.append(mistake)
            exchange.send({"error": {"message": f"the script failed: {mistake}"}}, status=500)
            return
        if isinstance(answer, Fault):
            FAULTS[answer.name](exchange)
        elif isinstance(answer, dict):
            exchange.send(answer)
        elif exchange.asked.get("stream"):
            exchange.send(events(answer, exchange.model), kind="text/event-stream")
        else:
            exchange.send(completion(answer, exchange.asked))


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # So that closing waits for them.

    def __init__(self, fake: FakeLLM) -> None:
        self.fake = fake
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def break_off(self) -> None:
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is what many of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)
        if self.server.fake.stopping.is_set():
            self.server.break_off()

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        fake = self.server.fake
        if self.path.partition("?")[0] != "/v1/models":
            _Connection(self, {}).send({"error": {"message": "there is nothing here"}}, status=404)
            return
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "nobody"} for name in fake.models]
        _Connection(self, {}).send({"object": "list", "data": data})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        if self.path.partition("?")[0] != "/v1/chat/completions" or not isinstance(asked, dict):
            _Connection(self, {}).send({"error": {"message": "no chat request"}}, status=404)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.fake.received.append(Received(self.path, headers, asked))
        try:
            self.server.fake.answer(_Connection(self, asked))
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library calls it that.
        """Say nothing."""


class _Connection:
    """One request and the connection its answer goes to; what faults play on."""

    def __init__(self, handler: _Handler, asked: dict[str, Any]) -> None:
        self._handler = handler
        self.asked = asked
        self.model = str(asked.get("model", MODEL))

    def send(
        self,
        body: bytes | dict[str, Any],
        *,
        status: int = 200,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        """A whole answer."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.begin(status=status, kind=kind, headers={"Content-Length": str(len(data))} | (headers or {}))
        self.write(data)

    def begin(
        self, *, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        """The head of an answer; without ``Content-Length`` the body ends with the connection."""
        handler = self._handler
        handler.send_response_only(status)
        said = {"Date": handler.date_time_string(), "Content-Type": kind} | (headers or {})
        for name, value in said.items():
            handler.send_header(name, value)
        if "Content-Length" not in said:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        handler.end_headers()

    def write(self, data: bytes) -> None:
        """Bytes as they are; raises ``ConnectionError`` where the other side is gone."""
        self._handler.wfile.write(data)

    def wait(self, seconds: float) -> bool:
        """Wait; whether to go on (not where the other side is gone or the server stops)."""
        until = time.monotonic() + seconds
        connection = self._handler.connection
        while (left := until - time.monotonic()) > 0:
            if self._handler.server.fake.stopping.is_set():
                return False
            readable, _, _ = select.select([connection], [], [], min(left, 0.05))
            if readable and not self._peek(connection):
                return False
        return True

    def cut(self) -> None:
        """Break the connection off."""
        self._handler.close_connection = True
        with suppress(OSError):
            self._handler.connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _peek(connection: socket.socket) -> bool:
        try:
            return bool(connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False
