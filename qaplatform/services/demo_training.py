"""The demo's new-hire month: two new hires, their mentors, and three weeks of all that training is, one moment after another.

Beside them two experienced colleagues are coached in one thing, so that a criterion's page can say what came after. What is
written in ``samples/training.yaml`` is done here through the services everybody goes through, at the moments of its
days (``demo_days.py``), so that whatever pages show is worked out as it always is. A new hire's whole story stands or
none of it does: called again after a crash, it goes on with those who have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.demo_days import Days
from qaplatform.services.demo_exams import sit_exam
from qaplatform.services.demo_logs import write_log, write_record
from qaplatform.services.demo_practice import answer_drills, answer_given, read_lessons, take_test
from qaplatform.services.demo_story import Coached, Hire, Story
from qaplatform.services.demo_users import demo_viewer
from qaplatform.services.training.enrolments import enrol, enrolments_of
from qaplatform.services.training.mentorships import assign_mentor
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.suggestions import Criteria
from qaplatform.services.training.weekly_focus import NewFocus, focus_draft, save_focus, week_of
from qaplatform.services.users import NewUser, create_user
from qaplatform.store.demo import agent_id_of, hired
from qaplatform.store.users import user_of

_Act = Callable[[], None]


def play_hire(session: Session, story: Story, hire: Hire, days: Days, *, now: datetime) -> bool:
    """Play what one new hire has done so far; ``False`` where that was done before, or their users are not there."""
    lead, mentor, new_hire = (demo_viewer(session, one) for one in ("demo-lead", hire.mentor, hire.user))
    agent_id = agent_id_of(session, hire.agent)
    if lead is None or mentor is None or new_hire is None or enrolments_of(session, agent_id):
        return False
    begun, hired_on = days.at(hire.hired_on, 9), days.day(hire.hired_on)
    hired(session, agent_id, hired_on)
    enrol(session, lead, agent_id, path=story.path, hired_on=hired_on, now=begun)
    assign_mentor(session, lead, agent_id, mentor.user_id, now=begun)
    _play(_acts(session, story, hire, days, mentor, new_hire), until=now)
    return True


def play_coached(session: Session, coached: Coached, days: Days, *, now: datetime) -> bool:
    """Give somebody an account and play how they were coached; ``False`` where that was done before."""
    admin, mentor = (demo_viewer(session, one) for one in ("demo-admin", coached.mentor))
    if admin is None or mentor is None or user_of(session, coached.user) is not None:
        return False
    agent_id, grants = agent_id_of(session, coached.agent), (Grant("agent"),)
    new = NewUser(coached.user, coached.name, grants, agent_id=agent_id)
    made = create_user(session, new, by=admin, now=days.at(coached.logs[0].day, 8))
    viewer = Viewer(made.user_id, coached.name, agent_id=agent_id, grants=grants)
    given = [(one.says, days.at(one.day, 10)) for one in coached.given]
    acts: list[tuple[datetime, _Act]] = [
        *((at, partial(answer_given, session, viewer, says, at)) for says, at in given),
        *_practice(session, coached, days, viewer),
        *_logs(session, coached, days, mentor, viewer, is_open=False),
    ]
    _play(acts, until=now)
    return True


def publish_focuses(session: Session, story: Story, *, now: datetime) -> None:
    """Publish the product focus of this week and of the next ones, where there is none yet."""
    lead, today = demo_viewer(session, "demo-lead"), training_settings(session).day_of(now)
    if lead is None:
        return
    for number, told in enumerate(story.focuses):
        week = week_of(today + timedelta(weeks=number))
        if focus_draft(session, lead, week, "zh").newest_id == 0:
            new = NewFocus(week, "zh", told.title, told.body)
            save_focus(session, lead, new, seen_id=0, publishes=True, now=now)


def _acts(
    session: Session, story: Story, hire: Hire, days: Days, mentor: Viewer, new_hire: Viewer
) -> Iterator[tuple[datetime, _Act]]:
    """All that happens, with its moments."""
    agent_id = new_hire.agent_id or 0
    yield from _practice(session, hire, days, new_hire)
    yield from _logs(session, hire, days, mentor, new_hire, is_open=True)
    for test in hire.tests:
        at = days.at(test.day, 13)
        yield at, partial(take_test, session, new_hire, mentor, f"{story.path}/{test.step}", test.right, at)
    for number, exam in enumerate(hire.exams):
        at = days.at(exam.day, 15, 10 * number)
        yield (
            at,
            partial(
                sit_exam,
                session,
                new_hire,
                mentor,
                exam,
                story.passes[exam.scenario],
                f"{story.path}/{hire.exam_step}",
                at,
            ),
        )
    for talk in hire.talks:
        at = days.at(talk.day, 19)
        yield at, partial(write_record, session, mentor, agent_id, "mentor_talk", talk.step, talk.text, at)
    for case in hire.cases:
        at = days.at(case.day, 19, 30)
        yield at, partial(write_record, session, mentor, agent_id, "case_review", case.step, case.text, at)


def _practice(session: Session, told: Hire | Coached, days: Days, viewer: Viewer) -> Iterator[tuple[datetime, _Act]]:
    """What somebody read and practised."""
    for reading in told.lessons:
        at = days.at(reading.day, 9, 5)
        yield at, partial(read_lessons, session, viewer, reading.read, at)
    for drilled in told.drills:
        at = days.at(drilled.day, 11)
        yield at, partial(answer_drills, session, viewer, drilled, at)


def _logs(
    session: Session, told: Hire | Coached, days: Days, mentor: Viewer, viewer: Viewer, *, is_open: bool
) -> Iterator[tuple[datetime, _Act]]:
    """What the mentor wrote; ``is_open``: nobody has answered the last of it yet."""
    criteria = Criteria(session, "zh")
    for log in told.logs:
        last = is_open and log is told.logs[-1] and not log.answer
        yield days.at(log.day, 18), partial(write_log, session, mentor, viewer, log, days, criteria=criteria, last=last)


def _play(acts: Iterable[tuple[datetime, _Act]], *, until: datetime) -> None:
    """Do what has happened so far, one after the other."""
    for moment, act in sorted(acts, key=lambda one: one[0]):
        if moment <= until:
            act()
