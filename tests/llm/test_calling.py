"""One call: what is sent and what is not, how the form of the answer falls back, what the libraries would do on their own."""

from __future__ import annotations

import logging
import socket
import threading

import pytest

from qaplatform.llm.budget import Usage
from qaplatform.llm.calling import Client, payload
from qaplatform.llm.endpoint import Abilities, Endpoint, EndpointError, preset
from qaplatform.llm.faults import CallError
from qaplatform.llm.request import Message, Request
from qaplatform.testing.fake_llm import FakeLLM, Fault, in_turn

pytestmark = pytest.mark.loopback

ASKED = Request((Message("system", "规则"), Message("user", "你好")), {"type": "object"}, "answers", 100)


def endpoint(server: FakeLLM, **changes) -> Endpoint:
    return Endpoint(
        **{"name": "fake", "base_url": server.base_url, "model": "fake-1", "deadline_seconds": 5.0} | changes
    )


@pytest.mark.parametrize("stream", [False, True])
def test_a_reply_comes_with_all_there_is_to_know(stream: bool) -> None:
    with FakeLLM('{"说": "好的,马上为您处理"}') as server, Client(endpoint(server, stream=stream)) as client:
        reply = client.ask(ASKED)
        assert reply.text == '{"说": "好的,马上为您处理"}'
        assert (reply.model, reply.mode, reply.finish_reason) == ("fake-1", "text", "stop")
        assert reply.usage is not None
        assert reply.usage.completion_tokens == len(reply.text)
        assert b"fake-1" in reply.raw
        assert 0 < reply.seconds < 5
        assert client.models() == ("fake-1",)


def test_only_what_is_needed_is_sent_and_nothing_of_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: 1")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    with FakeLLM() as server:
        with Client(endpoint(server)) as client:
            client.ask(ASKED)
        with Client(
            endpoint(server, api_key="sk-ours", abilities=Abilities(seed=True), extra={"thinking": "no"})
        ) as client:
            client.ask(ASKED)
    bare, with_key = server.received
    always = {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent"}
    assert set(bare.headers) == always
    assert set(with_key.headers) == always | {"authorization"}
    assert with_key.headers["authorization"] == "Bearer sk-ours"
    messages = [{"role": "system", "content": "规则"}, {"role": "user", "content": "你好"}]
    assert bare.asked == {"model": "fake-1", "messages": messages, "max_tokens": 100, "temperature": 0.0}
    assert with_key.asked == bare.asked | {"seed": 7, "thinking": "no"}


def test_the_environments_proxy_is_used_where_that_is_wanted_and_only_there(monkeypatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with FakeLLM("over the proxy") as proxy:
        monkeypatch.setenv("http_proxy", proxy.base_url.removesuffix("/v1"))
        elsewhere = Endpoint(name="x", base_url="http://models.example/v1", model="fake-1", deadline_seconds=2.0)
        with Client(elsewhere, trust_env=True) as client, pytest.raises(CallError, match="http_4xx"):
            client.ask(ASKED)  # The fake model is no proxy: it sees the whole address, and knows no such page.
        monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
        with pytest.raises(EndpointError, match="http://"):
            Client(elsewhere, trust_env=True)


def test_the_form_of_the_answer_falls_back_step_by_step_and_that_is_remembered() -> None:
    with FakeLLM(Fault("400_response_format")) as server:
        abilities = Abilities(json_schema=True, json_object=True)
        with Client(endpoint(server, abilities=abilities)) as client:
            assert client.mode == "json_schema"
            assert client.ask(ASKED).mode == "text"
            assert client.ask(ASKED).mode == client.mode == "text"
    forms = [one.asked.get("response_format", {}).get("type") for one in server.received]
    assert forms == ["json_schema", "json_object", None, None]
    schema = {"name": "answers", "schema": {"type": "object"}, "strict": True}
    assert server.received[0].asked["response_format"]["json_schema"] == schema


def test_a_prompt_may_depend_on_the_form() -> None:
    abilities = Abilities(json_object=True)
    with FakeLLM(Fault("400_response_format")) as server, Client(endpoint(server, abilities=abilities)) as client:
        client.ask(lambda mode: Request((Message("user", f"as {mode}"),), {}, "answers", 10))
    assert [one.asked["messages"][0]["content"] for one in server.received] == ["as json_object", "as text"]


def test_a_refusal_of_something_else_does_not_change_the_form() -> None:
    script, abilities = in_turn(Fault("400_other"), "{}"), Abilities(json_schema=True)
    with FakeLLM(script) as server, Client(endpoint(server, abilities=abilities)) as client:
        with pytest.raises(CallError, match="too long"):
            client.ask(ASKED)
        assert client.ask(ASKED).mode == "json_schema"


def test_names_of_parameters_are_those_the_endpoint_knows() -> None:
    sent = payload(preset("moonshot").endpoint("sk-x"), ASKED, "text")
    assert "temperature" not in sent
    assert "max_tokens" not in sent
    assert sent["max_completion_tokens"] == 100
    assert sent["extra_body"] == {"thinking": {"type": "disabled"}}


def test_connections_are_used_again() -> None:
    with FakeLLM() as server, Client(endpoint(server)) as client:
        used = set()
        for _ in range(3):
            client.ask(ASKED)
            used.update(connection.info() for connection in client._wire._pool.connections)
        assert len(client._wire._pool.connections) == 1
        assert any("Request Count: 3" in one for one in used)


def test_many_threads_may_ask_one_client() -> None:
    def echo(asked: dict) -> str:
        return asked["messages"][0]["content"]

    def ask(number: int) -> None:
        texts[number] = client.ask(Request((Message("user", f"nr {number}"),), {}, "answers", 10)).text

    texts: dict[int, str] = {}
    with FakeLLM(echo) as server, Client(endpoint(server)) as client:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == {number: f"nr {number}" for number in range(12)}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_reads_cannot_hold_a_call_by_its_sending(scheme: str) -> None:
    huge = Request((Message("user", "x" * 8_000_000),), {}, "answers", 10)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"{scheme}://127.0.0.1:{deaf.getsockname()[1]}/v1"
        one = Endpoint(name="deaf", base_url=url, model="m", deadline_seconds=0.3)
        with Client(one) as client, pytest.raises(CallError) as caught:
            client.ask(huge)
    assert caught.value.reason == "deadline"


def test_a_hanging_look_up_of_the_name_ends_at_the_deadline(monkeypatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(30) or [])
    one = Endpoint(name="far", base_url="http://models.example/v1", model="m", deadline_seconds=0.2)
    try:
        with Client(one) as client, pytest.raises(CallError) as caught:
            client.ask(ASKED)
    finally:
        answered.set()
    assert caught.value.reason == "deadline"


def test_a_name_with_several_addresses_is_reached_at_whichever_answers(monkeypatch) -> None:
    real = socket.getaddrinfo

    def two(host, port, *args, **more):
        if host != "models.example":
            return real(host, port, *args, **more)
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)), *real("127.0.0.1", port)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with FakeLLM("found") as server, FakeLLM(Fault("refused")) as closed:
        names = [one.base_url.replace("127.0.0.1", "models.example") for one in (server, closed)]
        with Client(endpoint(server, base_url=names[0])) as client:
            assert client.ask(ASKED).text == "found"
        with Client(endpoint(closed, base_url=names[1])) as client, pytest.raises(CallError, match="refused_conn"):
            client.ask(ASKED)


def test_what_the_endpoint_says_of_the_key_is_not_passed_on() -> None:
    with FakeLLM(Fault("401")) as server, Client(endpoint(server, api_key="wrong")) as client:  # noqa: SIM117
        with pytest.raises(CallError) as caught:
            client.ask(ASKED)
    assert "wrong" not in str(caught.value)
    assert caught.value.status == 401


def test_a_useless_reply_says_what_it_cost_and_keeps_its_bytes() -> None:
    with FakeLLM(Fault("truncated")) as server, Client(endpoint(server)) as client:  # noqa: SIM117
        with pytest.raises(CallError) as caught:
            client.ask(ASKED)
    assert caught.value.usage == Usage(4, 29)
    assert b"fake-1" in caught.value.raw


def test_neither_key_nor_prompt_reaches_the_log(caplog) -> None:
    caplog.set_level(logging.INFO)
    with FakeLLM() as server, Client(endpoint(server, api_key="sk-secret")) as client:
        client.ask(ASKED)
    assert "sk-secret" not in caplog.text
    assert "你好" not in caplog.text
