"""The daily logs of the demo's new hires, tied to the chats of their days and to what the audit found in these."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.demo_days import Days
from qaplatform.services.demo_story import NO_CRITERION, ToldLog, ToldPoint
from qaplatform.services.training.accompanying import CHATS_A_DAY
from qaplatform.services.training.daily_logs import answer, note_own_seen, pick_chat, write_summary
from qaplatform.services.training.drill_cards import NoSituationError, give_drill
from qaplatform.services.training.problem_points import (
    NOWHERE,
    PointContent,
    PointPlace,
    set_next_done,
    write_point,
)
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.step_records import NewRecord, RecordKind, add_record
from qaplatform.services.training.suggestions import Criteria, day_findings, finding_key
from qaplatform.store.demo import chats_of_agent
from qaplatform.store.training import problem_points as points
from qaplatform.store.training.daily_logs import log_of
from qaplatform.store.training.suggestions import FoundHere

_WRITTEN_AT = 18
_ANSWERED_AFTER, _REPLIED_AFTER = timedelta(hours=2), timedelta(hours=3)
_TICKED_AFTER = timedelta(days=3)
"""Next steps are ticked off so long after they were due; the newest are still to be."""


def write_log(
    session: Session, mentor: Viewer, new_hire: Viewer, told: ToldLog, days: Days, *, criteria: Criteria, last: bool
) -> None:
    """Write one day's log, let the new hire answer, and tick off what was due; ``last``: nobody has answered yet."""
    agent_id = new_hire.agent_id or 0
    day, at = days.day(told.day), days.at(told.day, _WRITTEN_AT)
    _tick_off(session, mentor, new_hire, at)
    picked = _chats(session, agent_id, at)[:CHATS_A_DAY]
    for number, id in enumerate(picked):
        pick_chat(session, mentor, agent_id, day, id, is_in=True, now=at + timedelta(minutes=number))
    write_summary(session, mentor, agent_id, day, told.summary, now=at + timedelta(minutes=6))
    found = day_findings(session, mentor, agent_id, picked, picked, criteria) if told.points else []
    for number, point in enumerate(told.points):
        place = _place(point, found)
        due = day + timedelta(days=point.due_days)
        content = PointContent(point.what, point.cause, point.severity, point.coaching, point.next_step, due)
        then = at + timedelta(minutes=8 + 2 * number)
        point_id = write_point(session, mentor, agent_id, day, content, place, now=then)
        if point.severity != "minor" and place.finding_key is not None:
            _give_drill(session, mentor, new_hire, place, point_id, then)
    log = log_of(session, agent_id, day)
    if log is None or last:
        return
    note_own_seen(session, new_hire, day, now=at + _ANSWERED_AFTER)
    if told.answer:
        answer(session, new_hire, log.id, told.answer, now=at + _ANSWERED_AFTER)
    if told.answer and told.reply:
        answer(session, mentor, log.id, told.reply, now=at + _REPLIED_AFTER)
        note_own_seen(session, new_hire, day, now=at + _REPLIED_AFTER + _ANSWERED_AFTER)


def write_record(
    session: Session, mentor: Viewer, agent_id: int, kind: RecordKind, step: str, text: str, at: datetime
) -> None:
    """Note down a talk, or a case: the newest chat before that moment which was no case yet."""
    chat = None
    if kind == "case_review":
        chat = next(reversed(_chats(session, agent_id, at, back_days=7)), None)
    done_on = training_settings(session).day_of(at)
    add_record(session, mentor, agent_id, NewRecord(kind, done_on, text, step, chat), now=at)


def _chats(session: Session, agent_id: int, until: datetime, *, back_days: int = 0) -> list[int]:
    """The ids of an agent's chats of the day of a moment, and of so many days before, the oldest first."""
    begin = datetime.combine(until.date() - timedelta(days=back_days), time(), until.tzinfo)
    end = datetime.combine(until.date() + timedelta(days=1), time(), until.tzinfo)
    return chats_of_agent(session, agent_id, begin, end)


def _place(point: ToldPoint, found: list[FoundHere]) -> PointPlace:
    """Where a point lies: on a finding of its criterion, which is taken, or on none."""
    if point.criterion == NO_CRITERION:
        return NOWHERE
    one = next((one for one in found if one.criterion == point.criterion), None)
    if one is None:
        return PointPlace(criterion=point.criterion)
    found.remove(one)
    key = finding_key(one.conversation_id, one.criterion, one.message, one.start, one.end)
    return PointPlace(one.conversation_id, one.message, one.start, one.end, one.criterion, key)


def _give_drill(
    session: Session, mentor: Viewer, new_hire: Viewer, place: PointPlace, point_id: int, now: datetime
) -> None:
    """Give a drill of what stood before the words of a point, where anything did."""
    with suppress(NoSituationError):
        give_drill(
            session, mentor, new_hire.user_id, criterion=place.criterion or "", conversation_id=place.conversation_id,
            message=place.message, point_id=point_id, now=now,
        )  # fmt: skip


def _tick_off(session: Session, mentor: Viewer, new_hire: Viewer, at: datetime) -> None:
    """Next steps that were due some days ago are done, and the new hire has seen that."""
    due, _ = points.next_steps(session, [new_hire.agent_id or 0], due_until=(at - _TICKED_AFTER).date(), limit=50)
    for one in due:
        set_next_done(session, mentor, one.id, is_done=True, now=at)
        note_own_seen(session, new_hire, one.day, now=at + _ANSWERED_AFTER)
