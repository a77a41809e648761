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

from qaplatform.audit.trust import LEAST_FOR_KAPPA, Bar
from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Caps, Currency
from qaplatform.llm.endpoint import Endpoint
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.store import llm_endpoints
from qaplatform.store.llm_endpoints import StoredEndpoint
from qaplatform.store.settings import lock_settings, read_setting, write_setting

_SETTING = "grader"
MOST_CAP = 10**15
"""Of tokens, and of millionths."""
MOST_AT_ONCE = 16
MOST_QUESTIONS_A_CALL = 10
MOST_PAIRS = 100_000


class NoEndpointError(QAPlatformError):
    """No language model is set up; enter an endpoint in the settings of the grader first."""

    code: ClassVar[str] = "grader.no_endpoint"


class KeyNotThereError(QAPlatformError):
    """The endpoint's key is to come from a variable of the environment that is not set; set it, or enter the key."""

    code: ClassVar[str] = "grader.key_missing"


class GraderCapError(QAPlatformError):
    """A cap is a whole number above 0 that a database can hold, or left out."""

    code: ClassVar[str] = "grader.cap"


class GraderMannerError(QAPlatformError):
    """One to 16 conversations are asked about at a time, with one to 10 questions a call."""

    code: ClassVar[str] = "grader.manner"


class GraderBarError(QAPlatformError):
    """The bar asks for 20 to 100,000 pairs, 1 to 100,000 rare ones, an agreement from 0.5 to 1 and a kappa from 0 to 1."""

    code: ClassVar[str] = "grader.bar"


class GraderZoneError(QAPlatformError):
    """There is no such time zone; write it as in Asia/Shanghai."""

    code: ClassVar[str] = "grader.timezone"


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


def change_settings(session: Session, wanted: GraderSettings, *, by: Viewer, now: datetime) -> None:
    """Change all but which endpoint is in use (``services/llm_endpoints.py``).

    Raises:
        AccessError: ``by`` may not manage the grader.
        GraderCapError, GraderMannerError, GraderBarError, GraderZoneError: it cannot be so.
    """
    by.demand("grader.manage")
    lock_settings(session)
    before = grader_settings(session)
    wanted = msgspec.structs.replace(wanted, endpoint_id=before.endpoint_id, timezone=wanted.timezone.strip())
    _check(wanted)
    changed = [name for name in wanted.__struct_fields__ if getattr(wanted, name) != getattr(before, name)]
    if changed:
        keep_settings(session, wanted)
        note(session, by, now, "grader.changed", ("grader", None), fields=sorted(changed))


def _check(wanted: GraderSettings) -> None:
    caps = (wanted.day_tokens, wanted.day_money_micros, wanted.run_tokens, wanted.run_money_micros)
    if not all(cap is None or 0 < cap <= MOST_CAP for cap in (*caps, wanted.conversation_tokens)):
        raise GraderCapError
    if not (1 <= wanted.at_once <= MOST_AT_ONCE and 1 <= wanted.questions_a_call <= MOST_QUESTIONS_A_CALL):
        raise GraderMannerError
    bar = wanted.bar
    counts = LEAST_FOR_KAPPA <= bar.least_n <= MOST_PAIRS and 1 <= bar.least_rare <= MOST_PAIRS
    if not (counts and 0.5 <= bar.least_agreement <= 1 and 0 <= bar.least_kappa <= 1):
        raise GraderBarError
    try:
        ZoneInfo(wanted.timezone)
    # ValueError: a path; OSError: the name of a folder, or one too long; the others: no such zone.
    except (LookupError, ValueError, OSError) as error:
        raise GraderZoneError from error


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
