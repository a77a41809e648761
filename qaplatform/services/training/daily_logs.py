"""The mentors' daily log: one day of one new hire, the chats that were accompanied, the summary, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import ConversationFilter, NotThereError
from qaplatform.services.conversation_lines import Line, lines_of
from qaplatform.services.noting import note
from qaplatform.services.training.accompanying import asked_of_people, full_day
from qaplatform.services.training.learners import Learner, learner_of_agent, oneself
from qaplatform.services.training.mentor_days import SEE
from qaplatform.services.training.point_dates import next_working_day
from qaplatform.services.training.problem_points import MOST_CHARS, OtherChatError, opened
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.suggestions import (
    COACH,
    Criteria,
    Suggestions,
    day_findings,
    language_of,
    shown_chats,
    suggested,
)
from qaplatform.store.training import daily_logs as stored
from qaplatform.store.training import learners as stored_learners
from qaplatform.store.training import problem_points as points
from qaplatform.store.training.daily_logs import LogLine, ReadAnswer, ReadLog
from qaplatform.store.training.problem_points import ReadPoint

MOST_CHATS = 200
MOST_SUGGESTIONS = 8


class AnswerTextError(QAPlatformError):
    """An answer needs words, 2,000 characters at most."""

    code: ClassVar[str] = "training.answer_text"


class SummaryTextError(QAPlatformError):
    """The summary of a day holds 2,000 characters at most."""

    code: ClassVar[str] = "training.summary_text"


class PointShown(msgspec.Struct, frozen=True):
    """A point with the words it lies on and what was said to it."""

    point: ReadPoint
    title: str
    """Of the criterion; empty without one."""
    quote: str
    """Masked; empty where it lies on no message, or the words are gone."""
    answers: tuple[ReadAnswer, ...]
    may_change: bool

    @property
    def waits(self) -> bool:
        """Whether the new hire has the last word."""
        return bool(self.answers) and self.answers[-1].is_learner


class DayPage(msgspec.Struct, frozen=True):
    """One day of one new hire."""

    learner: Learner
    day: date
    today: date
    is_working: bool
    log: ReadLog | None
    wanted_chats: int
    """So many make the day count; 0: none are asked for at that time."""
    picked: tuple[Line, ...]
    """Chats that were accompanied, as far as the viewer may see them."""
    hidden_count: int
    """Accompanied chats that the viewer may not see."""
    others: tuple[Line, ...]
    """The day's other chats, the newest first."""
    suggestions: Suggestions
    began: Mapping[int, datetime]
    """When each of the day's chats began."""
    points: tuple[PointShown, ...]
    answers: tuple[ReadAnswer, ...]
    """To the log as a whole."""
    may_write: bool
    is_own: bool
    next_working_day: date
    timezone: str
    """Of the days."""

    @property
    def previous_day(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def next_day(self) -> date | None:
        """The day after, unless it is still to come."""
        return self.day + timedelta(days=1) if self.day < self.today else None

    @property
    def monday(self) -> date:
        """The first day of its week."""
        return self.day - timedelta(days=self.day.weekday())

    @property
    def chat_count(self) -> int:
        """Chats that were accompanied."""
        return len(self.picked) + self.hidden_count

    @property
    def waits(self) -> bool:
        """Whether the new hire has the last word on the log as a whole."""
        return bool(self.answers) and self.answers[-1].is_learner


def day_page(session: Session, viewer: Viewer, agent_id: int, day: date, *, now: datetime) -> DayPage:
    """One day of somebody, for those who may see how they learn.

    Raises:
        NotThereError: there is no such agent, or not for the viewer; or the day is still to come.
    """
    return _page(session, viewer, learner_of_agent(session, viewer, agent_id, SEE), day, now=now)


def own_day(session: Session, viewer: Viewer, day: date, *, now: datetime) -> DayPage:
    """A day of one's own.

    Raises:
        NotThereError: whoever asks is no agent, or there is no log of this day.
    """
    page = _page(session, viewer, oneself(session, viewer), day, now=now)
    if page.log is None:
        raise NotThereError
    return page


def own_logs(session: Session, viewer: Viewer, *, offset: int, limit: int) -> tuple[list[LogLine], int]:
    """A page of one's own logs, the newest first, and how many there are; nobody who is no agent has any."""
    if viewer.agent_id is None:
        return [], 0
    return stored.lines_of(session, viewer.agent_id, offset=offset, limit=limit)


def logs_of_person(
    session: Session, viewer: Viewer, agent_id: int, *, offset: int, limit: int
) -> tuple[Learner, list[LogLine], int]:
    """Somebody with a page of their logs, the newest first, and how many there are.

    Raises:
        NotThereError: there is no such agent, or not for the viewer.
    """
    learner = learner_of_agent(session, viewer, agent_id, SEE)
    return learner, *stored.lines_of(session, agent_id, offset=offset, limit=limit)


def note_own_seen(session: Session, viewer: Viewer, day: date, *, now: datetime) -> None:
    """Note that the new hire has opened the log of a day."""
    log = None if viewer.agent_id is None else stored.log_of(session, viewer.agent_id, day)
    if log is not None:
        stored.note_seen(session, log.id, now=now)


def pick_chat(
    session: Session, viewer: Viewer, agent_id: int, day: date, conversation_id: int, *, is_in: bool, now: datetime
) -> None:
    """Take a chat of the day into its log, or out of it.

    Raises:
        NotThereError: there is no such agent, or the viewer may not coach them.
        LogDayError: the day is still to come.
        OtherChatError: the chat is not one of theirs of that day.
    """
    learner_of_agent(session, viewer, agent_id, COACH)
    began = stored.wrote_in(session, agent_id, conversation_id)
    if began is None or training_settings(session).day_of(began) != day:
        raise OtherChatError
    log_id = opened(session, viewer, agent_id, day, now=now)
    stored.set_chat(session, log_id, conversation_id, is_in=is_in, user_id=viewer.user_id, now=now)
    stored.touch(session, log_id, now=now)


def write_summary(session: Session, viewer: Viewer, agent_id: int, day: date, text: str, *, now: datetime) -> None:
    """Write the summary of a day anew; an empty one begins no log.

    Raises:
        NotThereError: there is no such agent, or the viewer may not coach them.
        LogDayError: the day is still to come.
        SummaryTextError: it is too long.
    """
    learner_of_agent(session, viewer, agent_id, COACH)
    text = text.replace("\0", "").strip()
    if len(text) > MOST_CHARS:
        raise SummaryTextError
    log = stored.log_of(session, agent_id, day)
    if text == (log.summary if log else ""):
        return
    log_id = opened(session, viewer, agent_id, day, now=now)
    stored.touch(session, log_id, now=now, summary=text)
    note(session, viewer, now, "training.summary_written", ("daily_log", log_id), agent=agent_id)


def log_to_answer(session: Session, viewer: Viewer, log_id: int) -> ReadLog:
    """A log that somebody has a say in: the new hire it is about, and whoever may coach them.

    Raises:
        NotThereError: there is none, or they have none.
    """
    log = stored.log_by_id(session, log_id)
    if log is None:
        raise NotThereError
    if log.agent_id != viewer.agent_id:
        learner_of_agent(session, viewer, log.agent_id, COACH)
    return log


def answer(
    session: Session, viewer: Viewer, log_id: int, text: str, *, point_id: int | None = None, now: datetime
) -> ReadLog:
    """Say something to a log or one of its points: the new hire to their own, a mentor in turn; the log.

    Raises:
        NotThereError: there is no such log or point, or the viewer has no say in it.
        AnswerTextError: there are no words, or too many.
    """
    log = log_to_answer(session, viewer, log_id)
    if point_id is not None:
        point = points.point_of(session, point_id)
        if point is None or point.log_id != log_id:
            raise NotThereError
    text = text.replace("\0", "").strip()
    if not 0 < len(text) <= MOST_CHARS:
        raise AnswerTextError
    stored.add_answer(session, log_id, point_id, text, user_id=viewer.user_id, now=now)
    if log.agent_id != viewer.agent_id:
        stored.touch(session, log_id, now=now)
    return log


def _page(session: Session, viewer: Viewer, learner: Learner, day: date, *, now: datetime) -> DayPage:
    settings = training_settings(session)
    today, agent_id = settings.day_of(now), learner.agent_id
    if agent_id is None or day > today:
        raise NotThereError
    is_own = agent_id == viewer.agent_id
    coached = viewer.scope(COACH)
    may_write = not is_own and (
        coached.everything or (not coached.is_empty and stored_learners.lies_in(session, agent_id, coached))
    )
    log = stored.log_of(session, agent_id, day)
    begin = datetime.combine(day, time(), settings.zone)
    wanted = ConversationFilter(agent_ids=frozenset({agent_id}), since=begin, until=begin + timedelta(days=1))
    language = language_of(viewer)
    lines = lines_of(session, viewer, wanted, limit=MOST_CHATS, language=language).lines
    chosen = log.chats if log else ()
    by_id = {one.row.id: one for one in lines}
    criteria = Criteria(session, language)
    found = day_findings(session, viewer, agent_id, by_id, chosen, criteria) if may_write else []
    written = points.points_of(session, log.id) if log else []
    seen = {one.conversation_id for one in written if one.conversation_id is not None}
    chats = shown_chats(session, seen | {one.conversation_id for one in found[:MOST_SUGGESTIONS]}, language, found)
    said = stored.answers_of(session, log.id) if log else []
    shown = []
    for one in written:
        chat = chats.get(one.conversation_id or 0)
        shown.append(
            PointShown(
                point=one,
                title=criteria.title(one.criterion) if one.criterion else "",
                quote=chat.quote(one.message, one.start, one.end) if chat else "",
                answers=tuple(it for it in said if it.point_id == one.id),
                may_change=may_write and one.user_id == viewer.user_id and one.stands and not one.is_answered,
            )
        )
    asked = asked_of_people(session, [learner], now=now, settings=settings)
    picked = tuple(one for one in lines if one.row.id in chosen)
    return DayPage(
        learner=learner,
        day=day,
        today=today,
        is_working=settings.calendar.is_working_day(day),
        log=log,
        wanted_chats=full_day(asked[agent_id], day),
        picked=picked,
        hidden_count=len(chosen) - len(picked),
        others=tuple(one for id, one in by_id.items() if id not in chosen) if may_write else (),
        suggestions=suggested(found, criteria, chats, limit=MOST_SUGGESTIONS),
        began={one.row.id: one.row.started_at for one in lines},
        points=tuple(shown),
        answers=tuple(one for one in said if one.point_id is None),
        may_write=may_write,
        is_own=is_own,
        next_working_day=next_working_day(settings, max(day, today)),
        timezone=settings.timezone,
    )
