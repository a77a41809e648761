"""One call to a model: the form of its answer, our deadline and byte cap, and a closed reason for whatever goes wrong.

``openai`` is loaded when the first client is made, so that nobody pays for it who does not grade.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import msgspec

from qaplatform.llm.budget import Usage
from qaplatform.llm.endpoint import Endpoint, Mode
from qaplatform.llm.faults import CallError
from qaplatform.llm.replies import read_reply
from qaplatform.llm.request import Request

_ABOUT_THE_FORM = (
    "response_format", "response format", "json_schema", "json schema", "json_object", "json mode", "structured output",
    "guided", "grammar",
)  # fmt: skip


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a model wrote, and what there is to know of it."""

    text: str
    """Without the thoughts that some models put before it."""
    model: str
    """As the endpoint says, which may be another than was asked; where it says nothing, the one asked."""
    prompt_tokens: int | None
    completion_tokens: int | None
    finish_reason: str
    seconds: float
    mode: Mode
    """The form the answer was asked for in."""
    raw: bytes
    """The body as it came."""

    @property
    def usage(self) -> Usage | None:
        """Tokens as the endpoint counted them; ``None`` where it did not say."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return Usage(self.prompt_tokens, self.completion_tokens)


class Client:
    """Asks one endpoint; may be shared by threads, and must be closed.

    Args:
        endpoint: whom to ask.
        trust_env: use the proxy and the certificates that the environment names.
    """

    def __init__(self, endpoint: Endpoint, *, trust_env: bool = False) -> None:
        import httpx2
        from openai import OpenAI

        from qaplatform.llm.wire import Wire

        self.endpoint = endpoint
        self._modes = endpoint.modes
        self._step = 0
        self._lock = threading.Lock()
        self._wire = Wire(endpoint, trust_env=trust_env)
        self._http = httpx2.Client(transport=self._wire, trust_env=False, follow_redirects=False, timeout=None)
        # The key is the wire's business; the SDK gets none that it could log or send elsewhere.
        self._sdk = OpenAI(
            api_key="unused", base_url=endpoint.base_url, http_client=self._http, max_retries=0, timeout=None
        )
        self._chat = self._sdk.chat.completions.with_streaming_response
        self._models = self._sdk.models.with_streaming_response

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    @property
    def mode(self) -> Mode:
        """The best form of answer that the endpoint has not refused yet."""
        return self._modes[self._step]

    def ask(self, request: Request | Callable[[Mode], Request]) -> Reply:
        """Ask once, within the endpoint's deadline; where the form of the answer is refused, again in the next form.

        ``request`` may be a function of the form, for prompts that describe the form in words.

        Raises:
            CallError: there is no reply; says whether another try makes sense, and when.
        """
        started = time.monotonic()
        with self._within_the_deadline():
            while True:
                step = self._step
                mode = self._modes[step]
                asked = request if isinstance(request, Request) else request(mode)
                try:
                    body, content_type = self._read(self._chat.create(**payload(self.endpoint, asked, mode)))
                except CallError as error:
                    if mode == "text" or not _refuses_the_form(error):
                        raise
                    with self._lock:
                        self._step = max(self._step, step + 1)
                else:
                    break
        written = read_reply(body, content_type)
        return Reply(
            text=written.text,
            model=written.model or self.endpoint.model,
            prompt_tokens=written.usage.prompt_tokens if written.usage else None,
            completion_tokens=written.usage.completion_tokens if written.usage else None,
            finish_reason=written.finish_reason,
            seconds=time.monotonic() - started,
            mode=mode,
            raw=body,
        )

    def models(self) -> tuple[str, ...]:
        """Names of the models the endpoint lists; a way to see whether address and key are right.

        Raises:
            CallError: it does not answer, or with something else.
        """
        with self._within_the_deadline():
            body, _ = self._read(self._models.list())
        try:
            listed = msgspec.json.decode(body, type=_Listed)
        except (msgspec.DecodeError, RecursionError) as error:
            raise CallError("not_json", str(error), raw=body) from error
        return tuple(model.id for model in listed.data)

    @contextmanager
    def _within_the_deadline(self) -> Iterator[None]:
        import httpx2
        import openai

        try:
            with self._wire.within(self.endpoint.deadline_seconds):
                yield
        except httpx2.DecodingError as error:
            raise CallError("not_json", f"the body cannot be unpacked: {error}") from error
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            # The wire raises call errors; what is left are addresses and requests that the libraries refuse.
            raise CallError("network", f"{type(error).__name__}: {error}", retryable=False) from error

    def _read(self, answering: Any) -> tuple[bytes, str]:
        """The body of an answer, in pieces so that its size is known before it is all there, and its type."""
        body = bytearray()
        with answering as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > self.endpoint.most_reply_bytes:
                    raise CallError("too_large", f"more than {self.endpoint.most_reply_bytes} bytes")
            return bytes(body), answer.headers.get("content-type", "")


class _Model(msgspec.Struct):
    id: str


class _Listed(msgspec.Struct):
    data: list[_Model]


def payload(endpoint: Endpoint, request: Request, mode: Mode) -> dict[str, Any]:
    """What is sent, as arguments of the SDK."""
    sent: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_completion_tokens" if endpoint.abilities.max_completion_tokens else "max_tokens": request.max_tokens,
    }
    if mode == "json_schema":
        form = {"name": request.schema_name, "schema": request.schema, "strict": True}
        sent["response_format"] = {"type": "json_schema", "json_schema": form}
    elif mode == "json_object":
        sent["response_format"] = {"type": "json_object"}
    if endpoint.temperature is not None:
        sent["temperature"] = endpoint.temperature
    if endpoint.abilities.seed:
        sent["seed"] = endpoint.seed
    if endpoint.stream:
        sent |= {"stream": True, "stream_options": {"include_usage": True}}
    if endpoint.extra:
        sent["extra_body"] = endpoint.extra
    return sent


def _refuses_the_form(error: CallError) -> bool:
    said = error.detail.casefold()
    return error.status in (400, 404, 415, 422, 501) and any(word in said for word in _ABOUT_THE_FORM)
