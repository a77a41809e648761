"""What is typed of an endpoint of a language model, and what of it can be used: a wrong field is an error of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, get_args
from urllib.parse import urlsplit

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Currency
from qaplatform.llm.endpoint import LONGEST_DEADLINE_SECONDS, Abilities, Endpoint, EndpointError, Preset
from qaplatform.services.typed_lines import line_of
from qaplatform.store.llm_endpoints import StoredEndpoint
from qaplatform.store.nul import without_nul

MOST_URL_CHARS = 500
MOST_KEY_CHARS = 1000
MOST_EXTRA_CHARS = 4000
MOST_CONTEXT_TOKENS = 10_000_000
MOST_PRICE = Decimal(1_000_000)
_MOST_NAME_CHARS = 200
_MOST_PRICE_CHARS = 40
_VARIABLE = re.compile(r"\$(?:QAPLATFORM_LLM_[A-Z0-9_]{1,80}|[A-Z][A-Z0-9_]{0,80}_API_KEY)")
"""Other variables may hold secrets that are no model's business, and whoever enters an address would get them."""
_CHAT = "/chat/completions"
_OURS = frozenset({
    "model", "messages", "stream", "stream_options", "response_format", "max_tokens", "max_completion_tokens", "temperature",
    "seed", "n", "tools", "tool_choice",
})  # fmt: skip
"""Parameters that we send ourselves, or that would make an answer useless."""
_ABILITIES = Abilities.__struct_fields__
_TYPED = ("abilities", "context_tokens", "temperature", "deadline_seconds", "stream", "extra")
"""What has no column of its own."""


class EndpointNameFormError(QAPlatformError):
    """An endpoint's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "endpoints.name_form"


class EndpointUrlError(QAPlatformError):
    """The address begins with https:// or http:// and a host, and holds neither user nor query."""

    code: ClassVar[str] = "endpoints.base_url"


class EndpointModelError(QAPlatformError):
    """A model's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "endpoints.model"


class EndpointKeyError(QAPlatformError):
    """A key is one word of plain characters; copy it again."""

    code: ClassVar[str] = "endpoints.api_key"


class KeyVariableError(QAPlatformError):
    """Of the environment only QAPLATFORM_LLM_… and …_API_KEY are read; name the variable so."""

    code: ClassVar[str] = "endpoints.key_variable"


class KeyAgainError(QAPlatformError):
    """The address leads to another server: enter the key again, so that none goes where it was not meant to."""

    code: ClassVar[str] = "endpoints.key_again"


class InputPriceError(QAPlatformError):
    """A price is a number from 0 to 1,000,000."""

    code: ClassVar[str] = "endpoints.input_price"


class OutputPriceError(QAPlatformError):
    """A price is a number from 0 to 1,000,000."""

    code: ClassVar[str] = "endpoints.output_price"


class HalfPriceError(QAPlatformError):
    """Enter both prices, or none."""

    code: ClassVar[str] = "endpoints.price_half"


class CurrencyError(QAPlatformError):
    """There are CNY and USD."""

    code: ClassVar[str] = "endpoints.currency"


class ContextTokensError(QAPlatformError):
    """A context has 1,024 to 10,000,000 tokens."""

    code: ClassVar[str] = "endpoints.context_tokens"


class TemperatureError(QAPlatformError):
    """A temperature is from 0 to 2, or left out."""

    code: ClassVar[str] = "endpoints.temperature"


class DeadlineError(QAPlatformError):
    """A deadline is above 0 and at most 900 seconds."""

    code: ClassVar[str] = "endpoints.deadline_seconds"


class ExtraError(QAPlatformError):
    """Extra parameters are a JSON object without those that the program sends itself, of 4000 characters at most."""

    code: ClassVar[str] = "endpoints.extra"


_WRONG: Mapping[str, type[QAPlatformError]] = {
    "base_url": EndpointUrlError,
    "model": EndpointModelError,
    "api_key": EndpointKeyError,
    "input_price": InputPriceError,
    "output_price": OutputPriceError,
    "context_tokens": ContextTokensError,
    "temperature": TemperatureError,
    "deadline_seconds": DeadlineError,
}
"""By the field that :class:`Endpoint` finds wrong."""


class EndpointFields(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of an endpoint, as it is typed."""

    name: str
    base_url: str
    model: str
    preset: str | None = None
    api_key: str = ""
    """The key or ``$NAME``; empty: the one that is there."""
    forgets_key: bool = False
    """The one that is there goes."""
    input_price: str | None = None
    """Per million tokens; ``None`` or empty = not known."""
    output_price: str | None = None
    currency: str = "CNY"
    json_schema: bool = False
    json_object: bool = False
    seed: bool = False
    max_completion_tokens: bool = False
    context_tokens: int = 32_768
    temperature: float | None = 0.0
    deadline_seconds: float = 60.0
    stream: bool = False
    extra: str = ""
    """JSON."""

    def __repr__(self) -> str:
        return f"EndpointFields({self.name!r})"

    def __rich_repr__(self) -> Any:
        yield self.name


def fields_of_preset(preset: Preset, language: str) -> EndpointFields:
    """What a form is filled with; what runs on one's own machine costs nothing."""
    free = "0" if preset.local else None
    return EndpointFields(
        name=preset.title.zh if language == "zh" else preset.title.en,
        base_url=preset.base_url,
        model=preset.model,
        preset=preset.id,
        input_price=free,
        output_price=free,
        currency=preset.currency,
        context_tokens=preset.context_tokens,
        temperature=preset.temperature,
        stream=preset.stream,
        extra=_extra_text(preset.extra),
        **{name: getattr(preset.abilities, name) for name in _ABILITIES},
    )


def fields_of(stored: StoredEndpoint) -> EndpointFields:
    """What was typed of a stored one, but its key."""
    options = msgspec.convert({**stored.options, "name": "", "base_url": "http://a", "model": "a"}, Endpoint)
    return EndpointFields(
        name=stored.name,
        base_url=stored.base_url,
        model=stored.model,
        preset=stored.preset,
        input_price=stored.input_price,
        output_price=stored.output_price,
        currency=stored.currency,
        context_tokens=options.context_tokens,
        temperature=options.temperature,
        deadline_seconds=options.deadline_seconds,
        stream=options.stream,
        extra=_extra_text(options.extra),
        **{name: getattr(options.abilities, name) for name in _ABILITIES},
    )


def has_price(stored: StoredEndpoint) -> bool:
    """Whether it is known what its answers cost."""
    return stored.input_price is not None and stored.output_price is not None


def _extra_text(extra: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(extra), indent=2).decode() if extra else ""


def checked(fields: EndpointFields, held: StoredEndpoint | None) -> dict[str, Any]:
    """The columns of an endpoint; ``held`` is the one that is changed.

    Raises:
        QAPlatformError: a field is wrong.
    """
    name = line_of(fields.name, _MOST_NAME_CHARS, EndpointNameFormError)
    url = fields.base_url.strip().rstrip("/").removesuffix(_CHAT).rstrip("/")
    if len(url) > MOST_URL_CHARS or not url.isprintable() or " " in url:
        raise EndpointUrlError
    model = line_of(fields.model, _MOST_NAME_CHARS, EndpointModelError)
    if fields.currency not in get_args(Currency):
        raise CurrencyError
    prices = [_price(one, wrong) for one, wrong in _prices(fields)]
    if fields.context_tokens > MOST_CONTEXT_TOKENS:
        raise ContextTokensError
    if fields.temperature is not None and not 0 <= fields.temperature <= 2:
        raise TemperatureError
    if not 0 < fields.deadline_seconds <= LONGEST_DEADLINE_SECONDS:
        raise DeadlineError
    try:
        endpoint = Endpoint(
            name=name,
            base_url=url,
            model=model,
            api_key=_typed_key(fields),
            abilities=Abilities(**{one: getattr(fields, one) for one in _ABILITIES}),
            input_price=prices[0],
            output_price=prices[1],
            currency=msgspec.convert(fields.currency, Currency),
            context_tokens=fields.context_tokens,
            temperature=fields.temperature,
            deadline_seconds=fields.deadline_seconds,
            stream=fields.stream,
            extra=_extra(fields.extra),
        )
    except EndpointError as error:
        wrong = _WRONG.get(error.field)
        if wrong is None:
            raise
        raise wrong from error
    key = endpoint.api_key or _kept_key(fields, url, held)
    if (prices[0] is None) != (prices[1] is None):
        raise HalfPriceError
    written = [None if price is None else format(price, "f") for price in prices]
    return {
        "name": name, "base_url": url, "model": model, "api_key": key, "input_price": written[0], "output_price": written[1],
        "currency": fields.currency, "options": _options(endpoint, held),
    }  # fmt: skip


def _prices(fields: EndpointFields) -> Sequence[tuple[str | None, type[QAPlatformError]]]:
    return (fields.input_price, InputPriceError), (fields.output_price, OutputPriceError)


def _price(text: str | None, wrong: type[QAPlatformError]) -> Decimal | None:
    text = (text or "").strip()
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation as error:
        raise wrong from error
    if not price.is_finite() or not 0 <= price <= MOST_PRICE or len(format(price, "f")) > _MOST_PRICE_CHARS:
        raise wrong
    return price


def _typed_key(fields: EndpointFields) -> str:
    key = fields.api_key.strip()
    if len(key) > MOST_KEY_CHARS:
        raise EndpointKeyError
    if key.startswith("$") and not _VARIABLE.fullmatch(key):
        raise KeyVariableError
    return key


def _kept_key(fields: EndpointFields, url: str, held: StoredEndpoint | None) -> str:
    if held is None or fields.forgets_key or not held.api_key:
        return ""
    if _server(url) != _server(held.base_url):
        raise KeyAgainError
    return held.api_key


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _extra(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    if len(text) > MOST_EXTRA_CHARS:
        raise ExtraError
    try:
        read = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise ExtraError from error
    if not isinstance(read, dict) or read.keys() & _OURS:
        raise ExtraError
    return dict(without_nul(read))


def _options(endpoint: Endpoint, held: StoredEndpoint | None) -> dict[str, Any]:
    """The fields without a column of their own that differ from their defaults; what no form asks for stays."""
    plain = Endpoint(name="", base_url="http://a", model="a")
    kept = {} if held is None else {one: value for one, value in held.options.items() if one not in _TYPED}
    typed = {one: getattr(endpoint, one) for one in _TYPED}
    return kept | {one: msgspec.to_builtins(value) for one, value in typed.items() if value != getattr(plain, one)}
