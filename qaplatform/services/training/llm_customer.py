"""Whether a language model may play the customer now, which one, and what it may spend: the grader's endpoint, caps and ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.llm.budget import Budget, BudgetError, Caps, Spent, Usage
from qaplatform.llm.endpoint import Endpoint, EndpointError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.grader_settings import (
    GraderSettings,
    KeyNotThereError,
    NoEndpointError,
    endpoint_to_ask,
    grader_settings,
)
from qaplatform.services.training.learners import learner_of_user
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.store import llm_spending
from qaplatform.store.training import exam_calls, exams
from qaplatform.store.training.exam_calls import ReadExamCall, spent_of

LONGEST_SECONDS = 8.0
"""A customer's words are waited for so long at most, whatever the endpoint's own deadline."""
RUBRIC = "exam"
"""What the ledger calls it; the scenario stands for the question."""
_A_CALL = Usage(1_500, 300)
"""What one takes, about."""


class Player(msgspec.Struct, frozen=True):
    """A model, ready to be asked."""

    endpoint_id: int
    endpoint: Endpoint
    settings: GraderSettings


def player(session: Session, endpoint_id: int | None = None) -> Player | None:
    """The model of an endpoint, else of the one the rules name, else of the grader's; ``None`` where none can be asked."""
    try:
        stored, endpoint = endpoint_to_ask(session, endpoint_id or training_settings(session).endpoint_id)
    except (NoEndpointError, KeyNotThereError, EndpointError):
        return None
    deadline = min(endpoint.deadline_seconds, LONGEST_SECONDS)
    return Player(stored.id, msgspec.structs.replace(endpoint, deadline_seconds=deadline), grader_settings(session))


def may_play(settings: TrainingSettings, purpose: Literal["exam", "practice", "trial"]) -> bool:
    """Whether the rules let a model play."""
    return (settings.llm_customer and purpose == "practice") or (settings.llm_customer_certifies and purpose == "exam")


def player_for(session: Session, purpose: Literal["exam", "practice"], *, now: datetime) -> Player | None:
    """Who would play in a sitting that begins now; ``None`` where the rules, the endpoint or a cap are against it."""
    return ready_player(session, now=now) if may_play(training_settings(session), purpose) else None


def ready_player(session: Session, *, now: datetime) -> Player | None:
    """Who would play, whatever the rules say; ``None`` where none can be asked, or a cap leaves no room."""
    found = player(session)
    if found is None:
        return None
    try:
        budget_of(session, found, now=now).reserve(_A_CALL, conversation="")
    except BudgetError:
        return None
    return found


def budget_of(session: Session, found: Player, dialogue_id: int | None = None, *, now: datetime) -> Budget:
    """What may be spent: the caps of the day, and for one dialogue those of a conversation."""
    settings = found.settings
    caps = Caps(
        day_tokens=settings.day_tokens,
        day_money_micros=settings.day_money_micros,
        run_tokens=settings.conversation_tokens,
        currency=settings.currency,
    )
    today = Spent(*llm_spending.spent_on(session, settings.day_of(now), settings.currency))
    dialogue = Spent() if dialogue_id is None else Spent(*spent_of(session, dialogue_id))
    return Budget(caps, found.endpoint.price, day=today, run=dialogue)


def calls_seen(session: Session, viewer: Viewer, dialogue_id: int) -> list[ReadExamCall]:
    """What was asked of the model that played in a dialogue that has ended, and what it said, the oldest first.

    Raises:
        AccessError: they do not coach.
        NotThereError: there is none, or it is not theirs to see.
    """
    viewer.demand("training.coach")
    dialogue = exams.dialogue_of(session, dialogue_id)
    sitting = None if dialogue is None else exams.sitting_of(session, dialogue.sitting_id)
    if dialogue is None or sitting is None or dialogue.ended_at is None:
        raise NotThereError
    learner_of_user(session, viewer, sitting.user_id)
    return exam_calls.calls_of(session, dialogue_id)
