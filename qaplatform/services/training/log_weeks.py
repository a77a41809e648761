"""A week of somebody's logs in figures and words, against the week before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_lines import SEE as SEE_CHATS
from qaplatform.services.training.accompanying import asked_of_people
from qaplatform.services.training.learners import Learner, learner_of_agent
from qaplatform.services.training.mentor_days import SEE, PastDay, past_days
from qaplatform.services.training.problem_points import CAUSES, SEVERITIES
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.suggestions import Criteria, language_of, shown_chats
from qaplatform.store.listed_rows import within
from qaplatform.store.training import daily_logs as stored
from qaplatform.store.training import problem_points as points
from qaplatform.store.training.daily_logs import LogLine
from qaplatform.store.training.problem_points import ReadPoint

WEEK = timedelta(days=7)
_OFTEN = 2
"""From so many points on it is said that something repeats."""


class Compared(msgspec.Struct, frozen=True):
    """How many points of a kind there were in the week and in the week before."""

    code: str
    title: str
    """Of a criterion; empty for causes and severities, which have words of their own."""
    this: int
    before: int

    @property
    def repeats(self) -> bool:
        """Whether it came again: twice in the week, or in both."""
        return self.this >= _OFTEN or (self.this > 0 and self.before > 0)


class WeekPoint(msgspec.Struct, frozen=True):
    """A point of the week."""

    point: ReadPoint
    title: str
    quote: str
    """Masked; empty where it lies on no message, the words are gone, or the chat is not the viewer's to see."""


class LogWeek(msgspec.Struct, frozen=True):
    """The summary of a week."""

    learner: Learner
    monday: date
    today: date
    days: tuple[PastDay, ...]
    """Monday to Sunday, as far as they have come."""
    chat_count: int
    chats_before: int
    point_count: int
    points_before: int
    by_cause: tuple[Compared, ...]
    by_severity: tuple[Compared, ...]
    by_criterion: tuple[Compared, ...]
    """The most frequent of the week first; those without a criterion are left out."""
    points: tuple[WeekPoint, ...]
    words: tuple[LogLine, ...]
    """Logs with a summary, by day."""
    timezone: str
    """Of the days."""

    @property
    def sunday(self) -> date:
        """The last day of it."""
        return self.monday + WEEK - timedelta(days=1)

    @property
    def previous_monday(self) -> date:
        """The first day of the week before."""
        return self.monday - WEEK

    @property
    def next_monday(self) -> date | None:
        """The first day of the week after, unless it is still to come."""
        return self.monday + WEEK if self.monday + WEEK <= self.today else None

    @property
    def missing(self) -> tuple[PastDay, ...]:
        """Days without a log."""
        return tuple(one for one in self.days if one.is_missing)

    @property
    def repeating(self) -> tuple[Compared, ...]:
        """The criteria that came again."""
        return tuple(one for one in self.by_criterion if one.repeats)

    @property
    def steps(self) -> tuple[WeekPoint, ...]:
        """Points with a next step."""
        return tuple(one for one in self.points if one.point.next_step)

    @property
    def steps_done(self) -> int:
        """How many of those are done."""
        return sum(one.point.next_done_at is not None for one in self.steps)


def week_of(session: Session, viewer: Viewer, agent_id: int, monday: date, *, now: datetime) -> LogWeek:
    """The week that begins on a Monday.

    Raises:
        NotThereError: there is no such agent, or not for the viewer; the day is no Monday, or still to come.
    """
    learner = learner_of_agent(session, viewer, agent_id, SEE)
    settings = training_settings(session)
    today = settings.day_of(now)
    if monday.weekday() or monday > today:
        raise NotThereError
    logs = stored.lines_between(session, [agent_id], monday - WEEK, monday + WEEK)
    here = {one.day: one for one in reversed(logs) if one.day >= monday}
    times = stored.accompanied(session, [agent_id], monday)
    every = points.points_between(session, agent_id, monday - WEEK, monday + WEEK)
    this, before = ([one for one in every if (one.day >= monday) is is_this] for is_this in (True, False))
    # Today is no gap before it is over.
    asked = asked_of_people(session, [learner], now=now, settings=settings)[agent_id]
    days = past_days(here, times, settings, monday, min(monday + WEEK, today + timedelta(days=1)), asked)
    days = tuple(msgspec.structs.replace(one, is_missing=False) if one.day == today else one for one in days)
    criteria = Criteria(session, language_of(viewer))
    by_criterion = _compared(this, before, _criterion_of, _most(this, before), criteria.title)
    return LogWeek(
        learner=learner,
        monday=monday,
        today=today,
        days=days,
        chat_count=sum(one.chat_count for one in here.values()),
        chats_before=sum(one.chat_count for one in logs if one.day < monday),
        point_count=len(this),
        points_before=len(before),
        by_cause=_compared(this, before, lambda one: one.cause, CAUSES),
        by_severity=_compared(this, before, lambda one: one.severity, tuple(reversed(SEVERITIES))),
        by_criterion=by_criterion,
        points=_in_words(session, viewer, this, criteria),
        words=tuple(one for one in here.values() if one.summary),
        timezone=settings.timezone,
    )


def _in_words(session: Session, viewer: Viewer, some: Sequence[ReadPoint], criteria: Criteria) -> tuple[WeekPoint, ...]:
    ids = {one.conversation_id for one in some if one.conversation_id is not None}
    chats = shown_chats(session, within(session, ids, viewer.scope(SEE_CHATS)), language_of(viewer))
    out = []
    for one in some:
        chat = chats.get(one.conversation_id or 0)
        quote = chat.quote(one.message, one.start, one.end) if chat else ""
        out.append(WeekPoint(one, criteria.title(one.criterion) if one.criterion else "", quote))
    return tuple(out)


def _criterion_of(point: ReadPoint) -> str:
    return point.criterion or ""


def _most(this: Iterable[ReadPoint], before: Iterable[ReadPoint]) -> list[str]:
    """The criteria of both weeks, the most frequent of this one first."""
    counts = Counter(map(_criterion_of, this))
    ids = {_criterion_of(one) for one in (*this, *before)} - {""}
    return sorted(ids, key=lambda id: (-counts[id], id))


def _compared(
    this: Sequence[ReadPoint],
    before: Sequence[ReadPoint],
    of: Callable[[ReadPoint], str],
    codes: Sequence[str],
    title: Callable[[str], str] = lambda _code: "",
) -> tuple[Compared, ...]:
    now, then = Counter(map(of, this)), Counter(map(of, before))
    return tuple(Compared(code, title(code), now[code], then[code]) for code in codes)
