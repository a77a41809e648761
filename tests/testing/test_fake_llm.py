"""The fake model itself: what it writes down, what its scripts may do, and that it stops."""

from __future__ import annotations

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import pytest

from qaplatform.testing.fake_llm import FakeLLM, Fault, in_turn
from qaplatform.testing.llm_faults import FAULT_NAMES, FAULTS, completion

pytestmark = pytest.mark.loopback


def post(server: FakeLLM, asked: object, path: str = "/v1/chat/completions") -> tuple[int, dict]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=5)
    try:
        connection.request("POST", path, json.dumps(asked), {"X-Test": "1"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_every_fault_has_a_name_and_there_are_many() -> None:
    assert set(FAULTS) == set(FAULT_NAMES)
    assert len(FAULTS) >= 20


def test_answers_are_texts_whole_answers_or_faults_in_turn() -> None:
    script = in_turn("one", completion("two", {"model": "m"}, refusal="no"), Fault("500"), "last")
    with FakeLLM(script) as server:
        results = [post(server, {"model": "m", "messages": []}) for _ in range(5)]
    assert [status for status, _ in results] == [200, 200, 500, 200, 200]
    texts = [body["choices"][0]["message"]["content"] for status, body in results if status == 200]
    assert texts == ["one", "two", "last", "last"]
    assert [one.asked["model"] for one in server.received] == ["m"] * 5
    assert server.received[0].headers["x-test"] == "1"


def test_what_is_no_chat_request_is_turned_away() -> None:
    with FakeLLM() as server:
        assert post(server, {}, "/v1/embeddings")[0] == 404
        assert post(server, [1])[0] == 404
    assert server.received == []


def test_a_mistake_in_a_script_is_the_scripts_and_is_raised_at_the_end() -> None:
    def script(asked: dict) -> str:
        return asked["no such key"]

    with pytest.raises(KeyError, match="no such key"), FakeLLM(script) as server:
        assert post(server, {})[0] == 500


def test_it_stops_while_somebody_still_hangs_on_it() -> None:
    before = set(threading.enumerate())
    with FakeLLM(Fault("hang")) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=5)
        connection.request("POST", "/v1/chat/completions", "{}")
        deadline = time.monotonic() + 5
        while not server.received and time.monotonic() < deadline:
            time.sleep(0.005)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        connection.getresponse()
    connection.close()
    assert set(threading.enumerate()) == before
