"""From the bytes of an answer to the text a model wrote, or the plain reason why there is none.

Whole answers and streamed ones end in the same place. Nothing is guessed: what is not as it should be is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from qaplatform.llm.budget import Usage
from qaplatform.llm.faults import CallError, Reason, reason_of_status
from qaplatform.llm.transcript import cleaned

_THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
_UNFINISHED_THOUGHTS = re.compile(r"\s*<think>(?!.*</think>)", re.DOTALL)
_REFUSED = frozenset({"content_filter", "sensitive", "safety", "prohibited_content"})
_MOST_MODEL_CHARS = 200
_MOST_TOKENS = 10**8
"""Of one call; no service has ever served so many."""
_TOOLS = frozenset({"tool_calls", "function_call"})


class Written(msgspec.Struct, frozen=True):
    """What a model wrote."""

    text: str
    model: str
    """As the endpoint says; empty where it does not."""
    usage: Usage | None
    finish_reason: str


def read_reply(body: bytes, content_type: str) -> Written:
    """The text in an answer's body.

    Raises:
        CallError: there is none that can be used; carries the bytes and what they cost.
    """
    if not body.strip():
        raise CallError("empty", "no body", raw=body)
    streamed = content_type.partition(";")[0].strip().lower() == "text/event-stream"
    try:
        whole = _put_together(body) if streamed else msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CallError("not_json", str(error), raw=body) from error
    except _NotSoError as error:
        raise CallError(error.reason, error.detail, raw=body) from error
    usage: Usage | None = None
    try:
        _no_error_inside(whole)
        usage = _usage(whole.get("usage"))
        return _written(whole, usage)
    except _NotSoError as error:
        raise CallError(error.reason, error.detail, status=error.status, raw=body, usage=usage) from error


class _NotSoError(Exception):
    """Something in the answer is not as it should be."""

    def __init__(self, reason: Reason, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail
        self.status = status


def _no_error_inside(whole: Any) -> None:
    """Some gateways answer 200 and put the error inside."""
    if not isinstance(whole, dict):
        raise _NotSoError("wrong_types", "the answer is no object")
    error = whole.get("error")
    if not error:
        return
    code = str(error.get("code")) if isinstance(error, dict) else ""
    status = int(code) if re.fullmatch("[345][0-9]{2}", code) else None
    reason: Reason = reason_of_status(status) if status else "wrong_types"
    raise _NotSoError(reason, f"an error in the answer: {error}", status)


def _usage(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(prompt) is not int or type(completion) is not int:
        return None
    if not (0 <= prompt <= _MOST_TOKENS and 0 <= completion <= _MOST_TOKENS):
        return None
    return Usage(prompt, completion)


def _written(whole: dict[str, Any], usage: Usage | None) -> Written:
    choices = whole.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise _NotSoError("wrong_types", "choices are no list of objects")
    if not choices:
        raise _NotSoError("empty", "no choices")
    if len(choices) > 1:
        raise _NotSoError("duplicate_choices", f"{len(choices)} choices where one was asked for")
    finish, message = choices[0].get("finish_reason") or "", choices[0].get("message")
    if not isinstance(message, dict) or not isinstance(finish, str):
        raise _NotSoError("wrong_types", "a choice without a message, or a finish reason that is no text")
    if finish in _TOOLS or message.get("tool_calls") or message.get("function_call"):
        raise _NotSoError("tool_call", "the model called a tool; it was given none")
    if finish.lower() in _REFUSED or message.get("refusal"):
        raise _NotSoError("refusal", str(message.get("refusal") or finish))
    text = _text(message.get("content"))
    if finish == "length" or _UNFINISHED_THOUGHTS.match(text):
        raise _NotSoError("truncated", "the answer was cut off at its limit")
    thoughts = _THOUGHTS.match(text)
    text = text[thoughts.end() :] if thoughts else text
    if not text.strip():
        raise _NotSoError("empty", "no text")
    model = whole.get("model")
    # It is kept, and shown: one short line.
    model = " ".join(cleaned(model).split())[:_MOST_MODEL_CHARS] if isinstance(model, str) else ""
    return Written(text, model, usage, finish)


def _text(content: Any) -> str:
    """A message's text; some services give it in parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        texts = [part.get("text", "") for part in content if part.get("type") == "text"]
        if all(isinstance(text, str) for text in texts):
            return "".join(texts)
    raise _NotSoError("wrong_types", "the content is no text")


def _put_together(body: bytes) -> dict[str, Any]:
    """The whole answer that the events of a stream make."""
    texts: dict[int, list[str]] = {}
    whole: dict[str, Any] = {}
    message: dict[str, Any] = {}
    finish, done = "", False
    for event in _events(body):
        if event == "[DONE]":
            done = True
            continue
        piece = msgspec.json.decode(event)
        if not isinstance(piece, dict) or piece.get("error"):
            return piece if isinstance(piece, dict) else {"choices": None}
        whole |= {key: piece[key] for key in ("model", "usage") if piece.get(key)}
        choices = piece.get("choices") or []
        if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise _NotSoError("wrong_types", "choices are no list of objects")
        for choice in choices:
            index, delta = choice.get("index", 0), choice.get("delta") or {}
            if type(index) is not int or not isinstance(delta, dict):
                raise _NotSoError("wrong_types", "a piece of the stream is no piece of a message")
            texts.setdefault(index, []).append(_text(delta.get("content")))
            message |= {key: delta[key] for key in ("tool_calls", "function_call", "refusal") if delta.get(key)}
            finish = choice.get("finish_reason") or finish
    if not done and not finish:
        raise _NotSoError("truncated", "the stream ended in the middle")
    whole["choices"] = [
        {"message": message | {"content": "".join(parts)}, "finish_reason": finish} for parts in texts.values()
    ]
    return whole


def _events(body: bytes) -> Iterator[str]:
    """The data of the events in a stream."""
    data: list[str] = []
    for line in body.decode("utf-8").replace("\r\n", "\n").split("\n"):
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").strip())
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)
