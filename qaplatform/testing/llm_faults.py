"""What can go wrong with an answer of a model, each under a name: the wire, HTTP, the JSON, the model itself.

A fault plays on an :class:`Exchange`: the request, and a connection to answer on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Protocol, get_args

MEBIBYTE = 1024 * 1024

FaultName = Literal[
    "429", "429_seconds", "429_date", "429_no_credit", "500", "503_huge", "401", "400_other", "400_response_format",
    "redirect", "wrong_content_type", "error_inside",
    "refused", "hang", "hang_after_head", "drip", "drip_head", "endless_stream", "endless_body", "slow_first_byte", "cut",
    "huge", "huge_unannounced", "gzip_bomb",
    "empty", "blanks", "truncated_json", "invalid_utf8", "wrong_types", "no_choices", "duplicate_choices", "null_content",
    "truncated", "refusal", "filtered", "tool_call", "other_model", "out_of_set_verdict", "only_thoughts",
]  # fmt: skip
FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)


class Exchange(Protocol):
    """One request and the connection its answer goes to; see ``fake_llm``."""

    asked: dict[str, Any]
    model: str

    def send(
        self,
        body: bytes | dict[str, Any],
        *,
        status: int = 200,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        """A whole answer."""

    def begin(
        self, *, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        """The head of an answer."""

    def write(self, data: bytes) -> None:
        """Bytes as they are."""

    def wait(self, seconds: float) -> bool:
        """Wait; whether to go on."""

    def cut(self) -> None:
        """Break the connection off."""


def completion(text: str | None, asked: dict[str, Any], **message: Any) -> dict[str, Any]:
    """A whole answer with that text; tokens are a guess by length, ``message`` goes into the message."""
    prompt = sum(len(str(one.get("content", ""))) for one in asked.get("messages", []))
    written = len(text or "")
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": asked.get("model", "fake-1"),
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text} | message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written},
    }


def events(text: str, model: str) -> bytes:
    """The same as a stream, in pieces of a few characters."""
    pieces = [text[begin : begin + 8] for begin in range(0, len(text), 8)]
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    chunks: list[dict[str, Any]] = [
        {"model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"model": model, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 1, "completion_tokens": len(text), "total_tokens": 1 + len(text)}
    chunks.append({"model": model, "choices": [], "usage": usage})
    lines = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def verdict(word: str) -> str:
    """An answer to the first question, by that word."""
    return json.dumps({"answers": [{"id": "q", "reason": "r", "evidence": [], "verdict": word}]})


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Callable[[Exchange], None]:
    def play(exchange: Exchange) -> None:
        exchange.send({"error": {"message": message, "code": status}}, status=status, headers=headers)

    return play


def _body(body: bytes, kind: str = "application/json") -> Callable[[Exchange], None]:
    def play(exchange: Exchange) -> None:
        exchange.send(body, kind=kind)

    return play


def _changed(change: Callable[[dict[str, Any]], object], text: str | None = "{}") -> Callable[[Exchange], None]:
    """A good answer with one thing changed."""

    def play(exchange: Exchange) -> None:
        whole = completion(text, exchange.asked)
        change(whole)
        exchange.send(whole)

    return play


def _message(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole["choices"][0]["message"].update(fields)


def _choice(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole["choices"][0].update(fields)


def _refuse_the_form(exchange: Exchange) -> None:
    if "response_format" in exchange.asked:
        _error(400, "response_format.type is not supported by this model")(exchange)
    else:
        exchange.send(completion("q: yes", exchange.asked))


def _huge_refusal(exchange: Exchange) -> None:
    exchange.begin(status=503, kind="text/html")
    _pour(exchange, 50 * MEBIBYTE)


def _redirect(exchange: Exchange) -> None:
    exchange.send(b"", status=307, headers={"Location": "http://192.0.2.1/v1/chat/completions"})


def _hang(exchange: Exchange) -> None:
    exchange.wait(3600)
    exchange.cut()


def _hang_after_head(exchange: Exchange) -> None:
    exchange.begin(headers={"Content-Length": "100"})
    exchange.write(b"{")
    _hang(exchange)


def _drip(exchange: Exchange) -> None:
    body = json.dumps(completion("{}" * 20_000, exchange.asked)).encode()
    exchange.begin(headers={"Content-Length": str(len(body))})
    for number in range(len(body)):
        exchange.write(body[number : number + 1])
        if not exchange.wait(0.05):
            break
    exchange.cut()


def _drip_head(exchange: Exchange) -> None:
    exchange.write(b"HTTP/1.1 200 OK\r\n")
    while exchange.wait(0.05):
        exchange.write(b"X-Soon: yes\r\n")
    exchange.cut()


def _endless_stream(exchange: Exchange) -> None:
    exchange.begin(kind="text/event-stream")
    piece = {"model": exchange.model, "choices": [{"index": 0, "delta": {"content": "…"}, "finish_reason": None}]}
    while exchange.wait(0.01):
        exchange.write(f"data: {json.dumps(piece)}\n\n".encode())
    exchange.cut()


def _endless_body(exchange: Exchange) -> None:
    exchange.begin()
    while exchange.wait(0.01):
        exchange.write(b" " * 64)
    exchange.cut()


def _slow_first_byte(exchange: Exchange) -> None:
    exchange.wait(0.3)
    exchange.send(completion("{}", exchange.asked))


def _cut(exchange: Exchange) -> None:
    body = json.dumps(completion("{}", exchange.asked)).encode()
    exchange.begin(headers={"Content-Length": str(len(body))})
    exchange.write(body[: len(body) // 2])
    exchange.cut()


def _huge(exchange: Exchange) -> None:
    exchange.begin(headers={"Content-Length": str(50 * MEBIBYTE)})
    _pour(exchange, 50 * MEBIBYTE)


def _huge_unannounced(exchange: Exchange) -> None:
    exchange.begin()
    _pour(exchange, 50 * MEBIBYTE)


def _pour(exchange: Exchange, size: int) -> None:
    for _ in range(size // 65_536):
        exchange.write(b" " * 65_536)
    exchange.cut()


def _gzip_bomb(exchange: Exchange) -> None:
    exchange.send(_bomb(), headers={"Content-Encoding": "gzip"})


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 16 * MEBIBYTE, compresslevel=1)


FAULTS: dict[FaultName, Callable[[Exchange], None]] = {
    "429": _error(429, "slow down"),
    "429_seconds": _error(429, "slow down", {"Retry-After": "7"}),
    "429_date": _error(
        429, "slow down", {"Date": "Fri, 27 Nov 2026 10:00:00 GMT", "Retry-After": "Fri, 27 Nov 2026 10:00:09 GMT"}
    ),
    "429_no_credit": _error(429, "You exceeded your current quota (insufficient_quota)"),
    "500": _error(500, "something broke"),
    "503_huge": _huge_refusal,
    "401": _error(401, "wrong key"),
    "400_other": _error(400, "messages are too long"),
    "400_response_format": _refuse_the_form,
    "redirect": _redirect,
    "wrong_content_type": _body(b"<html><body>Please sign in to this network</body></html>", "text/html"),
    "error_inside": _body(b'{"error": {"code": 502, "message": "the provider is down"}}'),
    "refused": lambda exchange: (
        exchange.cut()
    ),  # As the fault of one answer among others; see FakeLLM for the server's.
    "hang": _hang,
    "hang_after_head": _hang_after_head,
    "drip": _drip,
    "drip_head": _drip_head,
    "endless_stream": _endless_stream,
    "endless_body": _endless_body,
    "slow_first_byte": _slow_first_byte,
    "cut": _cut,
    "huge": _huge,
    "huge_unannounced": _huge_unannounced,
    "gzip_bomb": _gzip_bomb,
    "empty": _body(b""),
    "blanks": _body(b" \r\n\t \n"),
    "truncated_json": _body(b'{"id": "x", "model": "fake-1", "choices": [{"index": 0, "message": {"role": "assi'),
    "invalid_utf8": _body(b'{"choices": [{"message": {"content": "\xff\xfe\xe4\xbd"}}]}'),
    "wrong_types": _changed(_message(content={"verdict": 5})),
    "no_choices": _changed(lambda whole: whole.update(choices=[])),
    "duplicate_choices": _changed(lambda whole: whole.update(choices=whole["choices"] * 2)),
    "null_content": _changed(_message(content=None)),
    "truncated": _changed(_choice(finish_reason="length"), '{"answers": [{"id": "q", "rea'),
    "refusal": _changed(_message(content=None, refusal="I cannot help with that.")),
    "filtered": _changed(_choice(finish_reason="content_filter"), ""),
    "tool_call": _changed(
        _message(
            content=None, tool_calls=[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
        )
    ),
    "other_model": _changed(lambda whole: whole.update(model="someone-else-2")),
    "out_of_set_verdict": _changed(_message(content=verdict("maybe"))),
    "only_thoughts": _changed(_message(content="<think>先看客服有没有")),
}
"""All faults by name."""
