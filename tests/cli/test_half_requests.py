"""Those who send half a request, or do not close, to a server with few threads."""

from __future__ import annotations

import socket
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from qaplatform.cli.slow_clients import MOST_GATHERED_BYTES
from tests.cli.small_server import READ_BY_THREADS, THREADS
from tests.forked_commands import Forked, forked

pytestmark = pytest.mark.loopback

LONG = MOST_GATHERED_BYTES + 1
HALVES = {
    # Before those that keep the threads for long bodies.
    "bad chunks": b"POST /half HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    "nothing": b"",
    "half a line": b"GET /hea",
    "half a head": b"GET /half HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nlogin=",
    "half a body, oddly written": b"POST /half HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:\t5000 \r\n\r\nlogin=",
    "half a long body": b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nlogin=" % LONG,
    "half a long head": b"GET /half HTTP/1.1\r\n" + b"X-Long: 0123456789\r\n" * (LONG // 20),
    "half a body in chunks": b"POST /half HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlogin\r\n",
    "wants to be asked": b"POST /half HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "half of a second one": b"GET /half HTTP/1.1\r\nHost: x\r\n\r\nGET /half HTTP/1.1\r\nHo",
    "no request": b"\r\n\r\n",
    "closes never": b"GET /half HTTP/1.0\r\n\r\n",
}
SECOND = 1.0


class Clients:
    """Connections to a server."""

    def __init__(self, place: tuple[str, int], stack: ExitStack) -> None:
        self._place, self._stack = place, stack

    def one(self, *pieces: bytes, pause_seconds: float = 0.05) -> socket.socket:
        """A connection on which something was sent, with pauses between the pieces."""
        client = self._stack.enter_context(socket.create_connection(self._place, timeout=10))
        for number, piece in enumerate(pieces):
            time.sleep(pause_seconds if number else 0)
            client.sendall(piece)
        return client

    def answer_seconds(self) -> float:
        """How long somebody waits for an answer who asks as one should."""
        begun = time.monotonic()
        assert read_all(self.one(b"GET /honest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).endswith(
            "/honest 0\n"
        )
        return time.monotonic() - begun


@contextmanager
def served(folder: Path, patience_seconds: float) -> Iterator[tuple[Clients, Forked]]:
    """Clients of a server, and the server."""
    with forked(patience_seconds, cwd=folder, program="tests.cli.small_server") as server, ExitStack() as stack:
        place = urllib.parse.urlsplit(server.stdout.readline().strip())
        assert place.hostname
        assert place.port
        yield Clients((place.hostname, place.port), stack), server


def read_all(client: socket.socket) -> str:
    """What comes until the other end closes."""
    return b"".join(iter(lambda: client.recv(65536), b"")).decode()


def read_lines(client: socket.socket, wanted: int) -> list[str]:
    """The lines of so many answers of this server."""
    come = ""
    while come.count("/in-pieces ") < wanted or not come.endswith("\n"):
        piece = client.recv(65536).decode()
        assert piece, come
        come += piece
    return [line for line in come.splitlines() if line.startswith("/")]


def test_halves_hold_up_nobody_however_many(tmp_path: Path) -> None:
    with served(tmp_path, 20) as (clients, _server):
        for name, half in HALVES.items():
            for _ in range(2 * THREADS):
                clients.one(half)
            time.sleep(0.05)  # They have been seen before the one who asks comes.
            assert clients.answer_seconds() < SECOND, name


def test_the_other_half_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with served(tmp_path, 0.3) as (clients, server):
        # Nothing at all is no request, and 64 kB have bought another 16 seconds.
        others = HALVES.keys() - {"nothing", "half a long head"}
        waiting = {name: clients.one(HALVES[name]) for name in others}
        for name, client in waiting.items():
            client.settimeout(5)
            said = read_all(client)
            assert ("/half" in said) == (name in ("half of a second one", "closes never")), name
        assert clients.answer_seconds() < SECOND
        assert server.end()[0] == 0


@pytest.mark.parametrize(
    ("pieces", "answers"),
    [
        pytest.param((b"GET /in-pie", b"ces HTTP/1.1\r\nHost: x\r", b"\n\r\n"), [0], id="head"),
        pytest.param((b"POST /in-pieces HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc", b"def"), [6], id="body"),
        pytest.param(
            (b"POST /in-pieces HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LONG, b"a" * 1000, b"a" * (LONG - 1000)),
            [LONG],
            id="long body",
        ),
        pytest.param(
            (b"POST /in-pieces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"0\r\n\r\n"),
            [3],
            id="chunks",
        ),
        pytest.param((b"GET /in-pieces HTTP/1.1\r\n\r\n" * 3,), [0, 0, 0], id="three at once"),
        pytest.param(
            (
                b"POST /in-pieces HTTP/1.1\r\nContent-Length: 9000\r\n\r\n" + b"a" * 9000 + b"GET /in-pieces HT",
                b"TP/1.1\r\n\r\n",
            ),
            [9000, 0],
            id="a second one that begins with the first",
        ),
    ],
)
def test_what_comes_in_pieces_is_answered_as_if_it_came_at_once(
    small_server: Clients, pieces: tuple[bytes, ...], answers: list[int]
) -> None:
    client = small_server.one(*pieces)
    assert read_lines(client, len(answers)) == [f"/in-pieces {size}" for size in answers]
    time.sleep(0.02)
    client.sendall(b"GET /in-pie")
    time.sleep(0.02)
    client.sendall(b"ces HTTP/1.1\r\n\r\n")
    assert read_lines(client, 1) == ["/in-pieces 0"]


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    with served(tmp_path_factory.mktemp("server"), 20) as (clients, _server):
        yield clients


def test_short_halves_hold_up_no_upload_either(tmp_path: Path) -> None:
    with served(tmp_path, 20) as (clients, _server):
        for name in ("half a line", "half a head", "half a body", "half a body, oddly written", "half of a second one"):
            for _ in range(THREADS):
                clients.one(HALVES[name])
        time.sleep(0.05)
        begun = time.monotonic()
        upload = b"POST /in-pieces HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LONG
        assert read_lines(clients.one(upload, b"a" * LONG), 1) == [f"/in-pieces {LONG}"]
        assert time.monotonic() - begun < SECOND


def test_long_bodies_wait_their_turn(tmp_path: Path) -> None:
    with served(tmp_path, 20) as (clients, _server):
        slow = [clients.one(HALVES["half a long body"]) for _ in range(READ_BY_THREADS)]
        time.sleep(0.1)
        whole = b"POST /in-pieces HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LONG + b"a" * LONG
        in_line = clients.one(whole)
        assert clients.answer_seconds() < SECOND
        in_line.settimeout(0.1)
        with pytest.raises(TimeoutError):
            in_line.recv(1)
        slow[0].sendall(b"a" * (LONG - len(b"login=")))
        in_line.settimeout(10)
        assert read_lines(in_line, 1) == [f"/in-pieces {LONG}"]


def test_an_answer_is_whole_though_the_request_was_not_wanted_to_its_end(small_server: Clients) -> None:
    client = small_server.one(b"\r\n\r\n" + b"a" * 200_000)
    assert read_all(client).startswith("HTTP/1.1 400 ")
