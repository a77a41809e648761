"""What the bytes of an answer are taken for: texts, and reasons why there is none."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.llm.budget import Usage
from qaplatform.llm.faults import CallError, retry_after_in
from qaplatform.llm.replies import read_reply

JSON, STREAM = "application/json; charset=utf-8", "text/event-stream"


def whole(message: object, finish: object = "stop", **more: object) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}]} | more).encode()


def stream(*events: object, done: bool = True) -> bytes:
    lines = [f"data: {event if isinstance(event, str) else json.dumps(event)}\r\n\r\n" for event in events]
    return "".join([": keep-alive\n\n", *lines, "data: [DONE]\n\n" if done else ""]).encode()


def piece(content: object, finish: object = None, **more: object) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]} | more


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (whole({"content": "好"}), JSON, "好"),
        (whole({"content": "好"}, None), JSON, "好"),
        (whole({"content": "<think>嗯\n嗯</think>\n\n{}"}), JSON, "{}"),
        (whole({"content": "a <think>b</think>"}), JSON, "a <think>b</think>"),
        (whole({"content": [{"type": "thinking"}, {"type": "text", "text": "好"}]}), JSON, "好"),
        (whole({"content": "好", "tool_calls": [], "refusal": None}), JSON, "好"),
        (stream(piece("客"), piece("服", "stop")), STREAM, "客服"),
        (stream(piece("客"), piece("服", "stop"), done=False), STREAM, "客服"),
        (stream(piece(None), piece("好"), {"choices": []}), STREAM, "好"),
    ],
)
def test_a_text_is_found(body: bytes, kind: str, text: str) -> None:
    assert read_reply(body, kind).text == text


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"[" * 200_000, JSON, "not_json"),
        (b'[{"choices": []}]', JSON, "wrong_types"),
        (b'{"choices": {"0": {}}}', JSON, "wrong_types"),
        (b'{"choices": ["x"]}', JSON, "wrong_types"),
        (b'{"choices": [{"message": "x"}]}', JSON, "wrong_types"),
        (whole({"content": "x"}, 5), JSON, "wrong_types"),
        (whole({"content": [{"type": "text", "text": 5}]}), JSON, "wrong_types"),
        (whole({"content": ["x"]}), JSON, "wrong_types"),
        (whole({}), JSON, "empty"),
        (whole({"content": "<think>x</think> "}), JSON, "empty"),
        (whole({"content": None}, "length"), JSON, "truncated"),
        (whole({"content": "x"}, "SAFETY"), JSON, "refusal"),
        (whole({"content": "x"}, "tool_calls"), JSON, "tool_call"),
        (whole({"content": "x", "function_call": {"name": "f"}}), JSON, "tool_call"),
        (b'{"error": "overloaded"}', JSON, "wrong_types"),
        (b'{"error": {"code": "429"}}', JSON, "http_429"),
        (stream(piece("客"), done=False), STREAM, "truncated"),
        (stream(piece("客", "length")), STREAM, "truncated"),
        (stream(piece("客"), {"error": {"code": 503}}), STREAM, "http_5xx"),
        (stream(piece("客"), "{"), STREAM, "not_json"),
        (stream(piece("客"), [1]), STREAM, "wrong_types"),
        (stream(piece(5)), STREAM, "wrong_types"),
        (stream({"choices": [{"index": "0", "delta": {}}]}), STREAM, "wrong_types"),
        (stream(piece("客"), {"choices": [{"index": 1, "delta": {"content": "x"}}]}), STREAM, "duplicate_choices"),
        (stream({"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}), STREAM, "tool_call"),
        (stream(), STREAM, "empty"),
        (b"data: \xff\n\n", STREAM, "not_json"),
    ],
)
def test_a_reply_of_no_use_has_its_reason(body: bytes, kind: str, reason: str) -> None:
    with pytest.raises(CallError) as caught:
        read_reply(body, kind)
    assert caught.value.reason == reason
    assert caught.value.raw == body


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
        ({"prompt_tokens": 3}, None),
        ({"prompt_tokens": -1, "completion_tokens": 4}, None),
        ({"prompt_tokens": 10**30, "completion_tokens": 4}, None),
        ({"prompt_tokens": True, "completion_tokens": 4}, None),
        ({"prompt_tokens": "3", "completion_tokens": 4}, None),
        ("many", None),
    ],
)
def test_tokens_count_only_where_they_are_numbers(usage: object, expected: Usage | None) -> None:
    assert read_reply(whole({"content": "x"}, usage=usage), JSON).usage == expected
    assert read_reply(stream(piece("x", "stop"), {"choices": [], "usage": usage}), STREAM).usage == expected


KEYS = st.sampled_from(["choices", "message", "delta", "content", "finish_reason", "usage", "error", "index"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", " ", "stop", "好"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_comes_is_a_text_or_a_call_error(value: object) -> None:
    for body, kind in ((json.dumps(value).encode(), JSON), (stream(value), STREAM)):
        with suppress(CallError):
            assert read_reply(body, kind).text.strip()


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("0.5", None, 0.5),
        ("-3", None, 0.0),
        ("nan", None, None),
        ("inf", None, None),
        ("soon", None, None),
        (None, None, None),
        ("Fri, 27 Nov 2026 10:00:09 GMT", "Fri, 27 Nov 2026 10:00:00 GMT", 9.0),
        ("Fri, 27 Nov 2026 09:00:00 GMT", "Fri, 27 Nov 2026 10:00:00 GMT", 0.0),
        ("Fri, 27 Nov 2026 10:00:09 GMT", None, None),
        ("Fri, 27 Nov 2026 10:00:09 GMT", "yesterday", None),
        ("Fri, 27 Nov 2026 10:00:09 GMT", "Fri, 27 Nov 2026 10:00:00 -0000", None),
    ],
)
def test_when_to_come_back_is_read_in_seconds_and_as_a_moment(value, date, seconds) -> None:
    assert retry_after_in(value, date) == seconds
