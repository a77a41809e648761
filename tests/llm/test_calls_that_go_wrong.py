"""Every fault of the fake model, whole and streamed, all at the same time: each call ends in time, says why, leaves nothing."""

from __future__ import annotations

import os
import resource
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import NamedTuple

import pytest

from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Abilities, Endpoint
from qaplatform.llm.faults import CallError
from qaplatform.llm.request import Message, Request
from qaplatform.testing.fake_llm import FakeLLM, Fault
from qaplatform.testing.llm_faults import FAULT_NAMES, FaultName

DEADLINE_SECONDS = 0.8
LONG_SECONDS = 20.0
"""For what ends by itself at once, however busy the machine is."""
ASKED = Request((Message("user", "你好"),), {"type": "object"}, "answers", 100)

EXPECTED: dict[FaultName, tuple[str, bool]] = {
    "429": ("http_429", True),
    "429_seconds": ("http_429 after 7 s", True),
    "429_date": ("http_429 after 9 s", True),
    "429_no_credit": ("http_429", False),
    "500": ("http_5xx", True),
    "503_huge": ("http_5xx", True),
    "401": ("http_4xx", False),
    "400_other": ("http_4xx", False),
    "400_response_format": ("text 'q: yes' of fake-1", True),
    "redirect": ("redirect", False),
    "wrong_content_type": ("wrong_content_type", False),
    "error_inside": ("http_5xx", True),
    "refused": ("refused_connection", True),
    "hang": ("deadline", True),
    "hang_after_head": ("deadline", True),
    "drip": ("deadline", True),
    "drip_head": ("deadline", True),
    "endless_stream": ("deadline", True),
    "endless_body": ("deadline", True),
    "slow_first_byte": ("json_schema '{}' of fake-1", True),
    "cut": ("network", True),
    "huge": ("too_large", False),
    "huge_unannounced": ("too_large", False),
    "gzip_bomb": ("too_large", False),
    "empty": ("empty", False),
    "blanks": ("empty", False),
    "truncated_json": ("not_json", False),
    "invalid_utf8": ("not_json", False),
    "wrong_types": ("wrong_types", False),
    "no_choices": ("empty", False),
    "duplicate_choices": ("duplicate_choices", False),
    "null_content": ("empty", False),
    "truncated": ("truncated", False),
    "refusal": ("refusal", False),
    "filtered": ("refusal", False),
    "tool_call": ("tool_call", False),
    "other_model": ("json_schema '{}' of someone-else-2", True),
    "out_of_set_verdict": ("json_schema '{\"answers\"' of fake-1", True),
    "only_thoughts": ("truncated", False),
}


class Ended(NamedTuple):
    said: str
    good_or_retryable: bool
    seconds: float


def endpoint(server: FakeLLM, **changes) -> Endpoint:
    return Endpoint(
        **{
            "name": "fake",
            "base_url": server.base_url,
            "model": "fake-1",
            "abilities": Abilities(json_schema=True, json_object=True),
        }
        | changes
    )


def deadline_for(name: FaultName) -> float:
    return DEADLINE_SECONDS if EXPECTED[name][0] == "deadline" else LONG_SECONDS


def ended(client: Client) -> Ended:
    started = time.monotonic()
    try:
        reply = client.ask(ASKED)
        said, good = f"{reply.mode} {reply.text[:10]!r} of {reply.model}", True
    except CallError as error:
        after = "" if error.retry_after_seconds is None else f" after {error.retry_after_seconds:g} s"
        said, good = f"{error.reason}{after}", error.retryable
    return Ended(said, good, time.monotonic() - started)


def open_sockets() -> set[int]:
    """The sockets this process holds open, by what the system knows them by."""
    found = set()
    for number in range(min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)):
        with suppress(OSError):  # Nothing is open by this number.
            status = os.fstat(number)
            if stat.S_ISSOCK(status.st_mode):
                found.add(status.st_ino)
    return found


@pytest.mark.loopback
@pytest.mark.parametrize("stream", [False, True])
def test_each_fault_ends_in_time_with_its_reason_and_leaves_neither_thread_nor_socket(stream: bool) -> None:
    sockets, threads = open_sockets(), set(threading.enumerate())
    with ExitStack() as stack:
        servers = {name: stack.enter_context(FakeLLM(Fault(name))) for name in FAULT_NAMES}
        clients = [
            stack.enter_context(Client(endpoint(server, stream=stream, deadline_seconds=deadline_for(name))))
            for name, server in servers.items()
        ]
        with ThreadPoolExecutor(len(clients)) as pool:
            results = dict(zip(servers, pool.map(ended, clients), strict=True))
    assert {name: result[:2] for name, result in results.items()} == EXPECTED
    # The deadline and a tenth; twice that, because the machine does other things too.
    late = {name: one.seconds for name, one in results.items() if one.seconds > deadline_for(name) * 2.2}
    assert not late
    assert set(threading.enumerate()) == threads
    assert open_sockets() == sockets


@pytest.mark.loopback
def test_a_deadline_closes_its_connection_while_the_client_lives_on() -> None:
    before = open_sockets()
    with FakeLLM(Fault("drip")) as server:
        idle = open_sockets()
        with Client(endpoint(server, deadline_seconds=0.2)) as client:
            assert ended(client).said == "deadline"
            deadline = time.monotonic() + 5
            while open_sockets() != idle and time.monotonic() < deadline:
                time.sleep(0.01)  # The server's end goes when it notices.
            assert open_sockets() == idle
    assert open_sockets() == before
