"""Trying an endpoint out: does it answer at all, does it know the model, does it answer a question? Quick, and on the record."""

from __future__ import annotations

import os
from datetime import datetime

import msgspec

from qaplatform.llm.budget import Usage
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Endpoint, Mode
from qaplatform.llm.faults import CallError, Reason
from qaplatform.llm.request import Message, Request
from qaplatform.services.access import Viewer
from qaplatform.services.grader_settings import endpoint_of, grader_settings
from qaplatform.services.llm_endpoints import MANAGE, RetiredEndpointError, UnknownEndpointError
from qaplatform.services.noting import note
from qaplatform.store import llm_endpoints
from qaplatform.store.engine import Store
from qaplatform.store.llm_spending import NO_PRICE, add_spending

LISTING_SECONDS = 4.0
ASKING_SECONDS = 10.0
"""Whoever waits for a page waits no longer than both together."""
TRIAL = "connection_test"
"""What the ledger has in the place of a question."""
MOST_ANSWER_CHARS = 200
_NOBODY_THERE: frozenset[Reason] = frozenset({"refused_connection", "network"})
_REQUEST = Request(
    messages=(
        Message("system", "This is a test of the connection. Answer with JSON and nothing else."),
        Message("user", 'Answer with {"ok": true}'),
    ),
    schema={
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    },
    schema_name="connection_test",
    max_tokens=256,
)


class CallFault(msgspec.Struct, frozen=True):
    """Why a call failed."""

    reason: Reason
    status: int | None
    detail: str
    """For developers; mostly what the service itself said."""


class EndpointTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    model: str
    models: tuple[str, ...] = ()
    """Those that the endpoint lists."""
    models_fault: CallFault | None = None
    """Why it lists none; some services have no list, and answer all the same."""
    fault: CallFault | None = None
    """Why it did not answer."""
    answer: str = ""
    answered_by: str = ""
    """The model, as the endpoint names it."""
    mode: Mode | None = None
    seconds: float | None = None
    usage: Usage | None = None
    """What the trial took, where the endpoint says."""

    @property
    def is_good(self) -> bool:
        """Whether it answered."""
        return self.fault is None

    @property
    def knows_model(self) -> bool | None:
        """Whether the model is in its list; ``None`` without a list."""
        return self.model in self.models if self.models else None


def try_endpoint(store: Store, viewer: Viewer, id: int, *, now: datetime) -> EndpointTrial:
    """Ask an endpoint for its models, and for one short answer; outside of any transaction, within 14 seconds.

    What it takes stands in the ledger. No cap holds it back.

    Raises:
        AccessError: the viewer may not manage endpoints.
        UnknownEndpointError: there is none.
        RetiredEndpointError: it was retired.
        KeyNotThereError: its key is not to be had.
    """
    viewer.demand(MANAGE)
    with store.reading() as session:
        stored = llm_endpoints.endpoint(session, id)
        settings = grader_settings(session)
    if stored is None:
        raise UnknownEndpointError
    if stored.retired_at is not None:
        raise RetiredEndpointError
    endpoint = endpoint_of(stored, os.environ)
    trial = _tried(endpoint)
    usage = trial.usage
    with store.writing() as session:
        note(session, viewer, now, "endpoint.tried", ("endpoint", id), works=int(trial.is_good))
        if usage is not None:
            price = endpoint.price
            add_spending(
                session,
                day=settings.day_of(now),
                endpoint=stored.name,
                model=trial.answered_by or stored.model,
                rubric="",
                questions=(TRIAL,),
                currency=NO_PRICE if price is None else price.currency,
                is_fault=not trial.is_good,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                money_micros=0 if price is None else price.micros(usage),
            )
    return trial


def _tried(endpoint: Endpoint) -> EndpointTrial:
    models: tuple[str, ...] = ()
    models_fault = None
    with Client(_within(endpoint, LISTING_SECONDS), trust_env=True) as client:
        try:
            models = client.models()
        except CallError as error:
            models_fault = _fault(error)
    if models_fault is not None and models_fault.reason in _NOBODY_THERE:
        return EndpointTrial(model=endpoint.model, models_fault=models_fault, fault=models_fault)
    about = EndpointTrial(model=endpoint.model, models=models, models_fault=models_fault)
    with Client(_within(endpoint, ASKING_SECONDS), trust_env=True) as client:
        try:
            reply = client.ask(_REQUEST)
        except CallError as error:
            return msgspec.structs.replace(about, fault=_fault(error), usage=error.usage)
    return msgspec.structs.replace(
        about,
        answer=" ".join(reply.text.split())[:MOST_ANSWER_CHARS],
        answered_by=reply.model,
        mode=reply.mode,
        seconds=reply.seconds,
        usage=reply.usage,
    )


def _within(endpoint: Endpoint, seconds: float) -> Endpoint:
    return msgspec.structs.replace(endpoint, deadline_seconds=min(seconds, endpoint.deadline_seconds))


def _fault(error: CallError) -> CallFault:
    return CallFault(error.reason, error.status, error.detail)
