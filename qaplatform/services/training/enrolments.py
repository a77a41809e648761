"""Putting people on learning paths, changing and stopping that, and letting them graduate."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.training.catalogue import paths_now
from qaplatform.services.training.certificates import issue_for_path
from qaplatform.services.training.learners import Learner, learner_of_agent
from qaplatform.services.training.progress import PersonProgress, person_progress
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import enrolments as stored
from qaplatform.store.training.enrolments import AlreadyEnrolledError, StoredEnrolment, enrolments_of

__all__ = [
    "AlreadyEnrolledError", "EnrolmentDayError", "NotEnrolledError", "NotMentorError", "NotReadyError", "StoredEnrolment",
    "UnknownPathError", "agree", "change_path", "enrol", "enrolments_of", "graduate", "set_first_day", "stop", "usual_first_day",
]  # fmt: skip
LEAD = "training.lead"
COACH = "training.coach"
_LONGEST_AGO = timedelta(days=3 * 366)
_FARTHEST_AHEAD = timedelta(days=90)


class UnknownPathError(QAPlatformError):
    """There is no such learning path, or it was withdrawn; choose another one."""

    code: ClassVar[str] = "training.no_path"


class NotEnrolledError(QAPlatformError):
    """This person is on no path now; load the page again."""

    code: ClassVar[str] = "training.not_enrolled"


class EnrolmentDayError(QAPlatformError):
    """The first day lies within the last three years and the next 90 days."""

    code: ClassVar[str] = "training.first_day"


class NotReadyError(QAPlatformError):
    """Something still stands between this person and graduating; see the list on their page."""

    code: ClassVar[str] = "training.not_ready"


class NotMentorError(QAPlatformError):
    """Only the mentor of this person can agree; where there is none, whoever may coach them."""

    code: ClassVar[str] = "training.not_mentor"


def usual_first_day(hired_on: date | None, today: date) -> date:
    """From which day due dates count where nobody says otherwise: hiring, or today for whoever was hired before.

    So nobody is late on the day they are put on a path.
    """
    return max(hired_on or today, today)


def enrol(session: Session, by: Viewer, agent_id: int, *, path: str, hired_on: date, now: datetime) -> int:
    """Put somebody on a path; the enrolment's id.

    Raises:
        NotThereError: no such agent, or not for them.
        UnknownPathError, EnrolmentDayError, AlreadyEnrolledError: it cannot be so.
    """
    learner_of_agent(session, by, agent_id, LEAD)
    _check(session, path, hired_on, now)
    id = stored.add_enrolment(session, agent_id=agent_id, path=path, hired_on=hired_on, user_id=by.user_id, now=now)
    note(session, by, now, "training.enrolled", ("agent", agent_id))
    return id


def change_path(session: Session, by: Viewer, agent_id: int, *, path: str, hired_on: date, now: datetime) -> int:
    """Take somebody off the path they are on, and put them on another; what they did since the first day counts there.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError, UnknownPathError, EnrolmentDayError: it cannot be so.
    """
    learner_of_agent(session, by, agent_id, LEAD)
    _check(session, path, hired_on, now)
    current = _running(session, agent_id)
    if current.path == path:
        _demand(stored.set_first_day(session, current.id, hired_on))
        note(session, by, now, "training.first_day_changed", ("agent", agent_id))
        return current.id
    _demand(stored.end_enrolment(session, current.id, on=training_settings(session).day_of(now), why="stopped"))
    id = stored.add_enrolment(session, agent_id=agent_id, path=path, hired_on=hired_on, user_id=by.user_id, now=now)
    note(session, by, now, "training.path_changed", ("agent", agent_id))
    return id


def set_first_day(session: Session, by: Viewer, agent_id: int, *, hired_on: date, now: datetime) -> None:
    """Count due dates from another day.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError, EnrolmentDayError: it cannot be so.
    """
    learner_of_agent(session, by, agent_id, LEAD)
    current = _running(session, agent_id)
    _check_day(session, hired_on, now)
    _demand(stored.set_first_day(session, current.id, hired_on))
    note(session, by, now, "training.first_day_changed", ("agent", agent_id))


def stop(session: Session, by: Viewer, agent_id: int, *, now: datetime) -> None:
    """Take somebody off their path; what they did is kept.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError: they are on none.
    """
    learner_of_agent(session, by, agent_id, LEAD)
    current = _running(session, agent_id)
    _demand(stored.end_enrolment(session, current.id, on=training_settings(session).day_of(now), why="stopped"))
    note(session, by, now, "training.stopped", ("agent", agent_id))


def agree(session: Session, by: Viewer, agent_id: int, *, agrees: bool, now: datetime) -> None:
    """The mentor agrees to graduating, or takes that back; where there is no mentor, whoever may coach the person does.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError: they are on no path.
        NotMentorError: somebody else is the mentor.
    """
    learner = learner_of_agent(session, by, agent_id, COACH)
    current = _running(session, agent_id)
    if not may_agree(by, learner):
        raise NotMentorError
    _demand(stored.set_agreed(session, current.id, at=now if agrees else None, by=by.user_id if agrees else None))
    note(session, by, now, "training.agreed" if agrees else "training.agreed_not", ("agent", agent_id))


def may_agree(by: Viewer, learner: Learner) -> bool:
    """Whether the word of whoever asks is the one that is asked for."""
    return learner.mentor_id in {None, by.user_id}


def graduate(session: Session, by: Viewer, agent_id: int, *, now: datetime) -> PersonProgress:
    """Let somebody graduate, with a certificate; nothing may be missing, and nobody can pass over that. How they stood then.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError: they are on no path.
        NotReadyError: something is missing.
    """
    learner = learner_of_agent(session, by, agent_id, LEAD)
    person = person_progress(session, learner, now=now)
    if person is None:
        raise NotEnrolledError
    if person.progress is None or person.progress.missing:
        raise NotReadyError
    today = training_settings(session).day_of(now)
    _demand(stored.end_enrolment(session, person.enrolment.id, on=today, why="graduated"))
    note(session, by, now, "training.graduated", ("agent", agent_id))
    path = paths_now(session).get(person.enrolment.path)
    if path is not None and learner.user_id is not None:
        issue_for_path(session, by, learner.user_id, path.id, title=path.title, now=now)
    return person


def _running(session: Session, agent_id: int) -> StoredEnrolment:
    found = stored.running_enrolments(session, [agent_id]).get(agent_id)
    if found is None:
        raise NotEnrolledError
    return found


def _demand(did: object) -> None:
    """Somebody else may have ended it in between."""
    if not did:
        raise NotEnrolledError


def _check(session: Session, path: str, hired_on: date, now: datetime) -> None:
    if path not in paths_now(session):
        raise UnknownPathError
    _check_day(session, hired_on, now)


def _check_day(session: Session, hired_on: date, now: datetime) -> None:
    today = training_settings(session).day_of(now)
    if not today - _LONGEST_AGO <= hired_on <= today + _FARTHEST_AHEAD:
        raise EnrolmentDayError
