"""How long the server waits for the other end of a connection."""

from __future__ import annotations

import io
import math
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from qaplatform.cli.slow_clients import FewAtOnce, InTurn, PatientSocket, SlowClientError, size_of

PATIENCE_SECONDS = 0.2


@pytest.fixture
def ends() -> Iterator[tuple[PatientSocket, socket.socket]]:
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with PatientSocket(ours.detach(), PATIENCE_SECONDS) as here, theirs:
        yield here, theirs


def test_what_comes_is_read_and_nothing_is_waited_for_in_vain(ends: tuple[PatientSocket, socket.socket]) -> None:
    here, there = ends
    there.sendall(b"half a")
    assert here.recv(100) == b"half a"
    with pytest.raises(SlowClientError):
        here.recv(100)


def test_byte_after_byte_does_not_buy_time_without_end(ends: tuple[PatientSocket, socket.socket]) -> None:
    here, there = ends
    done = threading.Event()

    def drip() -> None:
        while not done.wait(0.03):
            there.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(SlowClientError):
            deque((here.recv(1) for _ in range(1000)), maxlen=0)
    finally:
        done.set()
        thread.join()
    here.begin()
    there.sendall(b"the next request has all patience again")
    assert here.recv(1) in {b"x", b"t"}


def test_an_answer_that_nobody_takes_is_given_up(ends: tuple[PatientSocket, socket.socket]) -> None:
    here, _there = ends
    # What the system takes on the way gives time as well: every 16 kB another second.
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with pytest.raises(SlowClientError):
        here.sendall(bytes(50_000_000))


def test_what_was_gathered_is_read_first_and_nothing_is_waited_for_after_a_whole_request(
    ends: tuple[PatientSocket, socket.socket],
) -> None:
    here, there = ends
    here.settimeout(0)
    there.sendall(b"GET / HTTP/1.1\r\n")
    assert not here.gather()
    there.sendall(b"\r\nGET")
    assert here.gather()
    here.settimeout(None)
    assert here.recv(5) + here.recv(100) == b"GET / HTTP/1.1\r\n\r\nGET"
    with pytest.raises(SlowClientError):
        here.recv(1)
    here.unread(b"GET")
    assert here.has_more
    there.close()
    here.settimeout(0)
    assert here.gather()
    assert (here.recv(100), here.recv(100)) == (b"GET", b"")


@pytest.mark.parametrize(
    ("begins", "size"),
    [
        (b"", None),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\n", None),
        (b"GET / HTTP/1.1\r\n\r\n", 18),
        (b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 18),
        (b"PUT / HTTP/1.1\r\nHost: x\r\ncontent-length:\t7 \r\n\r\nabc", 47 + 7),
        (b"PUT / HTTP/1.1\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\n", 56 + 9),
        (b"PUT / HTTP/1.1\r\nContent-Length: 0x7\r\n\r\n", math.inf),
        (b"PUT / HTTP/1.1\r\nContent-Length:\r\n\r\n", math.inf),
        (b"PUT / HTTP/1.1\r\nContent-Length: " + b"7" * 5000 + b"\r\n\r\n", math.inf),
        (b"PUT / HTTP/1.1\r\ntransfer-Encoding: chunked\r\n\r\n", math.inf),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n", math.inf),
    ],
)
def test_how_long_a_request_is(begins: bytes, size: float | None) -> None:
    assert size_of(begins) == size


def test_a_small_body_is_there_before_a_request_takes_the_place_of_others() -> None:
    here, there = socket.socketpair()
    seen: list[bytes] = []

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"].read())
        return [b""]

    few = FewAtOnce(application, 1)
    with here, there, here.makefile("rb") as slow:
        waiting = threading.Thread(target=few, args=({"CONTENT_LENGTH": "4", "wsgi.input": slow}, None))
        waiting.start()
        few({"CONTENT_LENGTH": "5", "wsgi.input": io.BytesIO(b"quick")}, None)
        there.sendall(b"slow")
        waiting.join()
    assert seen == [b"quick", b"slow"]


def test_whoever_came_first_is_let_in_first() -> None:
    room, came = InTurn(1), []

    def come(number: int) -> None:
        with room:
            came.append(number)

    with room:
        people = [threading.Thread(target=come, args=(number,)) for number in range(8)]
        for one in people:
            one.start()
            time.sleep(0.02)
        assert came == []
    for one in people:
        one.join()
    assert came == sorted(came)
