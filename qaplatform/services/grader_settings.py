"""How the workplace asks language models: whom, how much at once, under which caps, and when answers count."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.trust import Bar
from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Caps, Currency
from qaplatform.llm.endpoint import Endpoint
from qaplatform.store import llm_endpoints
from qaplatform.store.llm_endpoints import StoredEndpoint
from qaplatform.store.settings import read_setting, write_setting

_SETTING = "grader"


class NoEndpointError(QAPlatformError):
    """No language model is set up; enter an endpoint in the settings of the grader first."""

    code: ClassVar[str] = "grader.no_endpoint"


class KeyNotThereError(QAPlatformError):
    """The endpoint's key is to come from a variable of the environment that is not set; set it, or enter the key."""

    code: ClassVar[str] = "grader.key_missing"


class GraderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Caps that are ``None`` do not hold; money is in millionths of the currency's unit."""

    endpoint_id: int | None = None
    """Whom everything is asked that names nobody else."""
    day_tokens: int | None = None
    day_money_micros: int | None = None
    run_tokens: int | None = None
    run_money_micros: int | None = None
    conversation_tokens: int | None = 200_000
    currency: Currency = "CNY"
    """Of the caps on money."""
    at_once: int = 4
    """So many conversations are asked about at a time."""
    questions_a_call: int = 1
    bar: Bar = Bar()
    timezone: str = "Asia/Shanghai"
    """Whose days the caps of a day and the ledger go by."""

    @property
    def caps(self) -> Caps:
        """As a budget takes them."""
        return Caps(
            day_tokens=self.day_tokens,
            day_money_micros=self.day_money_micros,
            run_tokens=self.run_tokens,
            run_money_micros=self.run_money_micros,
            conversation_tokens=self.conversation_tokens,
            currency=self.currency,
        )

    def day_of(self, moment: datetime) -> date:
        """The workplace's day at a moment."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()


def grader_settings(session: Session) -> GraderSettings:
    """The settings as they are now."""
    return msgspec.convert(read_setting(session, _SETTING) or {}, GraderSettings)


def keep_settings(session: Session, settings: GraderSettings) -> None:
    """Put the settings down; whoever calls has seen to it that they may."""
    write_setting(session, _SETTING, msgspec.to_builtins(settings))


def endpoint_to_ask(session: Session, endpoint_id: int | None = None) -> tuple[StoredEndpoint, Endpoint]:
    """An endpoint ready to be asked; without an id the one of the settings.

    Raises:
        NoEndpointError: there is none, or it was retired.
        KeyNotThereError: its key is not to be had.
        EndpointError: what was entered cannot be used.
    """
    id = endpoint_id or grader_settings(session).endpoint_id
    stored = None if id is None else llm_endpoints.endpoint(session, id)
    if stored is None or stored.retired_at is not None:
        raise NoEndpointError
    return stored, endpoint_of(stored, os.environ)


def endpoint_of(stored: StoredEndpoint, environment: Mapping[str, str]) -> Endpoint:
    """What was entered, as it is asked.

    Raises:
        KeyNotThereError: its key is not to be had.
        EndpointError: it cannot be used.
    """
    key = stored.api_key
    if key.startswith("$"):
        found = environment.get(key[1:])
        if not found:
            raise KeyNotThereError(f"the variable {key[1:]} is not set")
        key = found
    fields: dict[str, Any] = {
        **stored.options,
        "name": stored.name,
        "base_url": stored.base_url,
        "model": stored.model,
        "api_key": key,
        "input_price": None if stored.input_price is None else Decimal(stored.input_price),
        "output_price": None if stored.output_price is None else Decimal(stored.output_price),
        "currency": stored.currency,
    }
    return msgspec.convert(fields, Endpoint)
