"""A mentor's day: whom they accompany, today's logs, days without one, next steps that are due, answers that wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.training.accompanying import OFF_PATH, Asked, asked_of_people, chats_wanted
from qaplatform.services.training.learners import Learner, learners
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.store.training import daily_logs as stored
from qaplatform.store.training import problem_points as points
from qaplatform.store.training.daily_logs import Accompanied, LogLine, OpenAnswer
from qaplatform.store.training.problem_points import ReadPoint

SEE = "training.see"
LOOK_BACK_DAYS = 14
_MOST_IN_A_LIST = 30


class PastDay(msgspec.Struct, frozen=True):
    """A day among the last two weeks."""

    day: date
    is_working: bool
    log: LogLine | None
    is_missing: bool
    """A working day that asked for chats, on which a mentor was there and wrote no log."""


class OverviewRow(msgspec.Struct, frozen=True):
    """A new hire with what there is to do."""

    learner: Learner
    today: LogLine | None
    wanted_chats: int
    """0: none are asked for today."""
    days: tuple[PastDay, ...]
    """Up to yesterday, the oldest first."""
    due_count: int
    """Next steps that are due."""

    @property
    def missing(self) -> int:
        """Days without a log."""
        return sum(one.is_missing for one in self.days)


class Overview(msgspec.Struct, frozen=True):
    """A mentor's day."""

    today: date
    rows: tuple[OverviewRow, ...]
    """A page of them."""
    total: int
    is_mine: bool
    """Only whom the viewer accompanies."""
    mine_count: int
    all_count: int
    due: tuple[ReadPoint, ...]
    """Next steps that are due; the oldest first, some of them."""
    waiting: tuple[OpenAnswer, ...]
    """Answers nobody has answered; the oldest first, some of them."""
    names: Mapping[int, str]
    """Of the agents."""
    timezone: str
    """Of the days."""


def overview(
    session: Session, viewer: Viewer, *, only_mine: bool | None, offset: int, limit: int, now: datetime
) -> Overview:
    """Those in training with today's log, gaps, what is due and what waits; ``only_mine`` ``None``: if there are any."""
    settings = training_settings(session)
    today = settings.day_of(now)
    since = today - timedelta(days=LOOK_BACK_DAYS)
    in_training = stored.in_training(session, since)
    everybody = [
        one for one in learners(session, viewer, SEE) if one.agent_id in in_training and one.agent_id != viewer.agent_id
    ]
    mine = [one for one in everybody if one.mentor_id == viewer.user_id]
    is_mine = bool(mine) if only_mine is None else only_mine
    shown = mine if is_mine else everybody
    ids = [one.agent_id for one in shown if one.agent_id is not None]
    due, due_counts = points.next_steps(session, ids, due_until=today, limit=_MOST_IN_A_LIST)
    page = shown[offset : offset + limit]
    return Overview(
        today=today,
        rows=tuple(_rows(session, page, due_counts, settings, since, now)),
        total=len(shown),
        is_mine=is_mine,
        mine_count=len(mine),
        all_count=len(everybody),
        due=tuple(due),
        waiting=tuple(stored.open_answers(session, ids, limit=_MOST_IN_A_LIST)),
        names={one.agent_id: one.name for one in shown if one.agent_id is not None},
        timezone=settings.timezone,
    )


def past_days(
    logs: Mapping[date, LogLine],
    times: Collection[Accompanied],
    settings: TrainingSettings,
    since: date,
    until: date,
    asked: Sequence[Asked] = OFF_PATH,
) -> tuple[PastDay, ...]:
    """The days from one to before another, with their logs and gaps."""
    out = []
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        is_working = settings.calendar.is_working_day(day)
        was_there = any(one.from_day <= day and (one.until_day is None or day < one.until_day) for one in times)
        is_missing = was_there and day not in logs and chats_wanted(asked, day, settings) > 0
        out.append(PastDay(day, is_working, logs.get(day), is_missing))
    return tuple(out)


def _rows(
    session: Session,
    page: Sequence[Learner],
    due_counts: Mapping[int, int],
    settings: TrainingSettings,
    since: date,
    now: datetime,
) -> list[OverviewRow]:
    today = settings.day_of(now)
    ids = [one.agent_id for one in page if one.agent_id is not None]
    logs: dict[int, dict[date, LogLine]] = {id: {} for id in ids}
    for line in stored.lines_between(session, ids, since, today + timedelta(days=1)):
        logs[line.agent_id][line.day] = line
    times = stored.accompanied(session, ids, since)
    asked = asked_of_people(session, page, now=now, settings=settings)
    return [
        OverviewRow(
            learner=one,
            today=logs[id].get(today),
            wanted_chats=chats_wanted(asked[id], today, settings),
            days=past_days(logs[id], [it for it in times if it.agent_id == id], settings, since, today, asked[id]),
            due_count=due_counts.get(id, 0),
        )
        for one, id in zip(page, ids, strict=True)
    ]
