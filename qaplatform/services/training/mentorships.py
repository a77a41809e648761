"""Giving new hires their mentors, one at a time; who accompanied whom stays to be read."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.permissions import PERMISSIONS
from qaplatform.services.training.learners import learner_of_agent
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import mentorships as stored
from qaplatform.store.training.mentorships import MentorChoice, MentorTakenError, StoredMentorship, mentorships_of

__all__ = [
    "MentorChoice", "MentorTakenError", "MentorUnfitError", "StoredMentorship", "assign_mentor", "end_mentorship",
    "mentor_choices", "mentorships_of",
]  # fmt: skip
_LEAD = "training.lead"


class MentorUnfitError(QAPlatformError):
    """A mentor is somebody else, in service, whose role lets them coach this person."""

    code: ClassVar[str] = "training.mentor_unfit"


def mentor_choices(session: Session, agent_id: int) -> list[MentorChoice]:
    """Who can be somebody's mentor: whoever may coach them, but they themselves."""
    roles = sorted(PERMISSIONS["training.coach"].roles)
    return [one for one in stored.mentor_choices(session, roles, agent_id=agent_id) if one.agent_id != agent_id]


def assign_mentor(session: Session, by: Viewer, agent_id: int, mentor_id: int, *, now: datetime) -> None:
    """Give somebody this mentor from today on; the one before is theirs until today. The same one again changes nothing.

    Raises:
        NotThereError: no such agent, or not for them.
        MentorUnfitError: the user cannot accompany them.
        MentorTakenError: somebody else was quicker.
    """
    learner = learner_of_agent(session, by, agent_id, _LEAD)
    if learner.mentor_id == mentor_id:
        return
    if mentor_id not in {one.id for one in mentor_choices(session, agent_id)}:
        raise MentorUnfitError
    today = training_settings(session).day_of(now)
    stored.end_mentorship(session, agent_id, until=today)
    stored.add_mentorship(
        session, agent_id=agent_id, mentor_id=mentor_id, from_day=today, user_id=by.user_id, now=now
    )  # fmt: skip
    note(session, by, now, "training.mentor_assigned", ("agent", agent_id), after=mentor_id, before=learner.mentor_id)


def end_mentorship(session: Session, by: Viewer, agent_id: int, *, now: datetime) -> None:
    """Leave somebody without a mentor from today on.

    Raises:
        NotThereError: no such agent, or not for them.
    """
    learner = learner_of_agent(session, by, agent_id, _LEAD)
    if stored.end_mentorship(session, agent_id, until=training_settings(session).day_of(now)):
        note(session, by, now, "training.mentor_ended", ("agent", agent_id), before=learner.mentor_id)
