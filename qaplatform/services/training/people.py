"""One person's training, for whoever accompanies or leads them: all that their page shows."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.services.access import Viewer
from qaplatform.services.training.board import BoardRow, board_row
from qaplatform.services.training.catalogue import paths_now
from qaplatform.services.training.enrolments import COACH, LEAD, may_agree, usual_first_day
from qaplatform.services.training.learners import Learner, learner_of_agent
from qaplatform.services.training.mentorships import mentor_choices
from qaplatform.services.training.progress import person_progress
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.step_records import chats_to_pick
from qaplatform.store.training.enrolments import StoredEnrolment, enrolments_of
from qaplatform.store.training.learners import lies_in
from qaplatform.store.training.mentorships import MentorChoice, StoredMentorship, mentorships_of
from qaplatform.store.training.step_records import PickedChat


class PersonPage(msgspec.Struct, frozen=True):
    """All of it."""

    learner: Learner
    row: BoardRow | None
    """Where they stand; ``None`` on no path."""
    ended: tuple[StoredEnrolment, ...]
    """Paths they were on before."""
    mentorships: tuple[StoredMentorship, ...]
    titles: tuple[tuple[str, Words], ...]
    """The paths somebody can be put on."""
    mentors: tuple[MentorChoice, ...]
    chats: tuple[PickedChat, ...]
    """Their newest real chats, to pick a case from."""
    may_lead: bool
    may_coach: bool
    may_agree: bool
    today: date
    first_day: date
    """From which due dates count, or would unless the lead says otherwise."""


def person_page(session: Session, viewer: Viewer, agent_id: int, *, now: datetime) -> PersonPage:
    """The page of somebody.

    Raises:
        NotThereError: no such agent, or not for them.
    """
    learner = learner_of_agent(session, viewer, agent_id)
    may_lead, may_coach = (_reaches(session, viewer, agent_id, one) for one in (LEAD, COACH))
    settings = training_settings(session)
    today = settings.day_of(now)
    person = person_progress(session, learner, now=now, settings=settings)
    return PersonPage(
        learner=learner,
        row=None if person is None else board_row(person, settings, today),
        ended=tuple(one for one in enrolments_of(session, agent_id) if one.ended_on is not None),
        mentorships=tuple(mentorships_of(session, agent_id)),
        titles=tuple((one.id, one.title) for one in paths_now(session).values()),
        mentors=tuple(mentor_choices(session, agent_id)) if may_lead else (),
        chats=tuple(chats_to_pick(session, viewer, agent_id)) if may_coach and person is not None else (),
        may_lead=may_lead,
        may_coach=may_coach,
        may_agree=may_coach and may_agree(viewer, learner),
        today=today,
        first_day=person.enrolment.hired_on if person else usual_first_day(learner.hired_on, today),
    )


def _reaches(session: Session, viewer: Viewer, agent_id: int, permission: str) -> bool:
    scope = viewer.scope(permission)
    return scope.everything or (not scope.is_empty and lies_in(session, agent_id, scope))
