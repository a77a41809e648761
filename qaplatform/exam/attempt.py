"""An attempt → the neutral conversation every audit takes, and what the audit may know beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from qaplatform.audit.context import Agent, Context
from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.exam.dialogue import Line
from qaplatform.exam.scenario import Scenario

CANDIDATE = "candidate"


def context_of(scenario: Scenario, *, timezone: str = "Asia/Shanghai") -> Context:
    """Calendar, addresses and people of a scenario; nothing else of the shop's own days counts in an exam."""
    base = Context(timezone=timezone)
    day = began(scenario, base).date()
    return Context(
        timezone=timezone,
        promotion_days=frozenset({day}) if scenario.clock.promotion else frozenset(),
        agents={CANDIDATE: Agent(CANDIDATE)},
        return_addresses={scenario.chat.shop: scenario.chat.return_addresses} if scenario.chat.return_addresses else {},
    )


def conversation_of(
    scenario: Scenario, lines: Sequence[Line], context: Context, *, id: str = "attempt"
) -> Conversation:
    """The dialogue as a conversation; times are the scenario's day, however late it is outside."""
    start = began(scenario, context)
    messages = tuple(
        Message(
            role="customer" if line.by == "customer" else "agent",
            text=line.text,
            agent=None if line.by == "customer" else CANDIDATE,
            sent_at=(start + timedelta(seconds=line.at_seconds)).isoformat(),
            kind=line.kind,
        )
        for line in lines
    )
    chat = scenario.chat
    return Conversation(
        id=id,
        messages=messages,
        source="exam",
        shop=chat.shop,
        queue=chat.queue,
        language=scenario.language,
        customer=Customer(id=scenario.persona.name, tier=chat.tier, order_value=chat.order_value),
    )


def began(scenario: Scenario, context: Context) -> datetime:
    """The moment a dialogue begins, aware, in the context's zone."""
    starts_at = scenario.clock.starts_at
    return starts_at.replace(tzinfo=context.zone) if starts_at.tzinfo is None else starts_at.astimezone(context.zone)
