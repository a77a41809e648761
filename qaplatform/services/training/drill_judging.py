"""Answers to drills under the live rubric."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.rubric import Rubric
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_books import rubric_book
from qaplatform.training.drill_judging import Marker, conversation_with
from qaplatform.training.drills import Situation


def live_rubric(session: Session, situation: Situation, *, now: datetime) -> Rubric:
    """The rubric that would judge such a chat now; where none applies, the first there is."""
    book = rubric_book(session)
    conversation, _ = conversation_with(situation, "", seconds=0)
    chosen = book.chosen(conversation, now) or book.on(now)[0]
    return chosen.rubric


def marker_now(session: Session, situation: Situation, *, now: datetime) -> Marker:
    """What marks answers to a situation now."""
    return Marker(compiled_auditor(live_rubric(session, situation, now=now), Context()))
