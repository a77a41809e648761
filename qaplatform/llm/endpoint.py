"""Where models are asked: any service that speaks OpenAI's chat completions, and presets for common ones."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import yaml

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Currency, Price

Mode = Literal["json_schema", "json_object", "text"]
"""How the form of the answer is asked for: by schema, as any JSON, or by words in the prompt alone."""

MEBIBYTE = 1024 * 1024
LONGEST_DEADLINE_SECONDS = 900.0


class EndpointError(QAPlatformError):
    """An endpoint's settings cannot be used."""

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        """Which field is wrong, and why."""
        super().__init__(message)
        self.field = field


class UnknownPresetError(QAPlatformError):
    """There is no preset of that name."""


class Abilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an endpoint understands beyond the minimum. Too much claimed is found out: the form falls back by itself."""

    json_schema: bool = False
    json_object: bool = False
    seed: bool = False
    max_completion_tokens: bool = False
    """The limit of the answer goes by this newer name instead of ``max_tokens``."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One model at one service, and how it is asked. Shown without its key."""

    name: str
    base_url: str
    """Up to and without ``/chat/completions``."""
    model: str
    api_key: str = ""
    """Empty = none is sent, as local servers need none."""
    abilities: Abilities = Abilities()
    input_price: Decimal | None = None
    """Per million tokens, in the currency; ``None`` = not known."""
    output_price: Decimal | None = None
    currency: Currency = "CNY"
    context_tokens: int = 32_768
    temperature: float | None = 0.0
    """``None`` = not sent, for models that take only their own."""
    seed: int = 7
    """Sent where the endpoint understands it."""
    deadline_seconds: float = 60.0
    """Wall clock, for the whole call."""
    most_reply_bytes: int = MEBIBYTE
    stream: bool = False
    """Ask for the reply in pieces: some models give no other, and some gateways cut long silences."""
    extra: dict[str, Any] = {}
    """More parameters of the request, such as those that switch off thinking."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            EndpointError: says which field.
        """
        for field, wrong in (
            ("base_url", _wrong_url(self.base_url)),
            ("model", "" if self.model.strip() else "is needed"),
            ("api_key", "" if all("!" <= sign <= "~" for sign in self.api_key) else "has signs that no key has"),
            ("input_price", _wrong_price(self.input_price)),
            ("output_price", _wrong_price(self.output_price)),
            ("context_tokens", "" if self.context_tokens >= 1024 else "must be at least 1024"),
            ("temperature", "" if 0 <= (self.temperature or 0) <= 2 else "must be from 0 to 2"),
            (
                "deadline_seconds",
                "" if 0 < self.deadline_seconds <= LONGEST_DEADLINE_SECONDS else "must be above 0, at most 900",
            ),
            ("most_reply_bytes", "" if self.most_reply_bytes >= 1024 else "must be at least 1024"),
        ):
            if wrong:
                raise EndpointError(f"{field} {wrong}", field=field)

    def __repr__(self) -> str:
        return f"Endpoint({', '.join(f'{name}={value!r}' for name, value in self._shown())})"

    def __rich_repr__(self) -> Any:
        yield from self._shown()

    def _shown(self) -> list[tuple[str, Any]]:
        values = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, "…" if name == "api_key" and value else value) for name, value in values]

    @property
    def price(self) -> Price | None:
        """Both prices, or ``None`` where one is not known."""
        if self.input_price is None or self.output_price is None:
            return None
        return Price(self.input_price, self.output_price, self.currency)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The forms of answer to try, best first; text always goes."""
        modes: list[Mode] = []
        if self.abilities.json_schema:
            modes.append("json_schema")
        if self.abilities.json_object:
            modes.append("json_object")
        return (*modes, "text")

    def parameters(self) -> dict[str, Any]:
        """What is sent beside model, messages and form, and can change an answer; part of the key of kept answers."""
        parameters: dict[str, Any] = dict(self.extra)
        if self.temperature is not None:
            parameters["temperature"] = self.temperature
        if self.abilities.seed:
            parameters["seed"] = self.seed
        return parameters


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text for people, in both languages."""

    zh: str
    en: str


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service somebody may have: what to fill in. Prices are the service's own affair and change; they are left empty."""

    id: str
    title: Words
    base_url: str
    model: str
    """An example that existed when this was written; services rename and retire models."""
    abilities: Abilities = Abilities()
    currency: Currency = "CNY"
    context_tokens: int = 32_768
    temperature: float | None = 0.0
    stream: bool = False
    extra: dict[str, Any] = {}
    local: bool = False
    """Runs on one's own machine: nothing leaves the house, no key, no price."""
    note: Words | None = None

    def endpoint(self, api_key: str = "", *, model: str | None = None, base_url: str | None = None) -> Endpoint:
        """An endpoint as the preset has it; a local one costs nothing.

        Raises:
            EndpointError: the key, model or URL cannot be used.
        """
        free = Decimal(0) if self.local else None
        return Endpoint(
            name=self.id,
            base_url=base_url or self.base_url,
            api_key=api_key,
            model=model or self.model,
            abilities=self.abilities,
            input_price=free,
            output_price=free,
            currency=self.currency,
            context_tokens=self.context_tokens,
            temperature=self.temperature,
            stream=self.stream,
            extra=self.extra,
        )


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, in the order they are shown: Chinese services, international ones, local servers."""
    text = files("qaplatform.llm").joinpath("endpoints.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), tuple[Preset, ...])


def preset(id: str) -> Preset:
    """The preset of that name.

    Raises:
        UnknownPresetError: there is none.
    """
    for one in presets():
        if one.id == id:
            return one
    raise UnknownPresetError(f"there is no preset {id!r}; there are {', '.join(one.id for one in presets())}")


def _wrong_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must begin with https:// (or http://) and a host"
    if parts.username is not None or parts.query or parts.fragment:
        return "must hold neither user, query nor fragment"
    try:
        ipaddress.ip_address(parts.hostname)
    except ValueError:
        return "" if all(0 < len(label) < 64 for label in parts.hostname.rstrip(".").split(".")) else "is no address"
    return ""


def _wrong_price(price: Decimal | None) -> str:
    return "" if price is None or (price.is_finite() and price >= 0) else "must be 0 or more"
