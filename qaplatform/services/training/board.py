"""The board of those who learn: who is where, who is late, who needs help first, and why.

Somebody needs help for reasons that can be read off their page:

- **late**: a required step is late;
- **exam_failed**: two exams failed since the last one passed;
- **no_log**: chats are to be accompanied, and of the last two working days none has a log;
- **waits_for_mentor**: a talk or case that only the mentor can hold is due, an exam or test waits for a person, or nothing but the
  mentor's word is missing to graduate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.services.access import Viewer
from qaplatform.services.training.accompanying import opened_on
from qaplatform.services.training.learners import Learner, learners
from qaplatform.services.training.progress import PersonProgress, people_progress
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.training.paths import Calendar, Stage, StepProgress, working_days

HelpCode = Literal["late", "exam_failed", "no_log", "waits_for_mentor"]
EXAMS_FAILED = 2
DAYS_WITHOUT_LOG = 2
_LOOKED_BACK_DAYS = 10
"""Gaps are counted in so many of the last working days."""


class Help(msgspec.Struct, frozen=True):
    """Why somebody needs help; ``count`` are late steps, failed exams, working days without a log, things that wait."""

    code: HelpCode
    count: int


class BoardRow(msgspec.Struct, frozen=True):
    """Somebody on the board."""

    person: PersonProgress
    helps: tuple[Help, ...] = ()
    stage: Stage | None = None
    """The first one with a required step that is not done; the last where there is none."""
    late: tuple[StepProgress, ...] = ()
    chats_today: int = 0
    chats_wanted: int | None = None
    """A day's accompanied chats; ``None`` where none are asked for now."""
    last_log_on: date | None = None
    gap_days: int = 0
    """Of the last ten working days those without a log, while chats are to be accompanied."""

    @property
    def learner(self) -> Learner:
        """Who it is."""
        return self.person.learner

    @property
    def most_late_days(self) -> int:
        """Working days the latest step is late."""
        return max((one.late_days for one in self.late), default=0)


class BoardAsked(msgspec.Struct, frozen=True):
    """What narrows the board."""

    only_mine: bool = False
    mentor_id: int | None = None
    team_id: int | None = None
    path: str = ""
    only: Literal["", "late", "help"] = ""


class Board(msgspec.Struct, frozen=True):
    """All of it."""

    rows: tuple[BoardRow, ...]
    """On a path: who needs help first, then by what is late, path and name."""
    without: tuple[Learner, ...]
    """On no path and still here, newest hired first."""
    mentors: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]
    paths: tuple[tuple[str, Words], ...]
    """What can be chosen, out of everybody in reach."""
    on_path: int
    """On a path within reach, whatever is asked for."""


def board(session: Session, viewer: Viewer, asked: BoardAsked, *, now: datetime) -> Board:
    """The board of whoever asks, as far as they reach."""
    settings = training_settings(session)
    today = settings.day_of(now)
    everybody = [one for one in learners(session, viewer) if one.left_on is None or one.left_on > today]
    people = people_progress(session, everybody, now=now, settings=settings)
    rows = [board_row(one, settings, today) for one in people.values()]
    without = [one for one in everybody if one.agent_id not in people and _is_asked_for(one, asked, viewer)]
    chosen = [
        row
        for row in rows
        if _is_asked_for(row.learner, asked, viewer)
        and (not asked.path or row.person.enrolment.path == asked.path)
        and (asked.only != "late" or row.late)
        and (asked.only != "help" or row.helps)
    ]
    return Board(
        rows=tuple(sorted(chosen, key=_order)),
        without=tuple(sorted(without, key=lambda one: (-(one.hired_on or date.min).toordinal(), one.name))),
        mentors=_choices((one.mentor_id, one.mentor_name) for one in everybody),
        teams=_choices((one.team_id, one.team_name) for one in everybody),
        paths=tuple(sorted({one.path.id: one.path.title for one in people.values() if one.path}.items())),
        on_path=len(rows),
    )


def board_row(person: PersonProgress, settings: TrainingSettings, today: date) -> BoardRow:
    """One person's row."""
    if person.progress is None or person.path is None:
        return BoardRow(person)
    progress, calendar = person.progress, settings.calendar
    opened = [one for one in progress.steps if one.state == "open"]
    chats = next((one for one in opened if one.step.kind == "accompanied_chats"), None)
    logs = [one.day for one in person.facts.logs]
    without, gaps = 0, 0
    if chats is not None:
        first = opened_on(person, chats)
        days = _working_days_before(today, first, calendar)
        gaps = sum(day not in logs for day in days)
        without = next((place for place, day in enumerate(reversed(days)) if day in logs), len(days))
    unfinished = {one.stage for one in progress.steps if one.state != "done" and not one.step.optional}
    stage = next((one for one in person.path.stages if one.id in unfinished), person.path.stages[-1])
    done_today = sum(one.chats for one in person.facts.logs if one.day == today)
    return BoardRow(
        person=person,
        helps=tuple(_helps(person, opened, without, today)),
        stage=stage,
        late=progress.late,
        chats_today=done_today,
        chats_wanted=chats.step.chats_a_day if chats is not None and calendar.is_working_day(today) else None,
        last_log_on=max(logs, default=None),
        gap_days=gaps,
    )


def _helps(person: PersonProgress, opened: Sequence[StepProgress], without: int, today: date) -> list[Help]:
    progress, facts = person.progress, person.facts
    if progress is None:
        return []
    out: list[Help] = []
    if progress.late:
        out.append(Help("late", len(progress.late)))
    if facts.exams_failed >= EXAMS_FAILED:
        out.append(Help("exam_failed", facts.exams_failed))
    if without >= DAYS_WITHOUT_LOG:
        out.append(Help("no_log", without))
    held = [one for one in opened if one.step.kind in {"mentor_talk", "case_review"} and not one.step.optional]
    waits = sum(one.due_on <= today for one in held) + facts.exams_waiting + facts.papers_waiting
    if [one.code for one in progress.missing] == ["mentor"]:
        waits += 1
    if waits:
        out.append(Help("waits_for_mentor", waits))
    return out


def _working_days_before(today: date, first: date, calendar: Calendar) -> list[date]:
    """The working days from ``first`` to yesterday, at most the last ten."""
    begin = max(first, today - timedelta(days=3 * _LOOKED_BACK_DAYS))
    days = list(islice(working_days(begin, calendar), 3 * _LOOKED_BACK_DAYS))
    return [one for one in days if one < today][-_LOOKED_BACK_DAYS:]


def _is_asked_for(one: Learner, asked: BoardAsked, viewer: Viewer) -> bool:
    return (
        (not asked.only_mine or one.mentor_id == viewer.user_id)
        and (asked.mentor_id is None or one.mentor_id == asked.mentor_id)
        and (asked.team_id is None or one.team_id == asked.team_id)
    )


def _order(row: BoardRow) -> tuple[object, ...]:
    late = -row.most_late_days
    return (not row.helps, -len(row.helps), late, row.person.enrolment.path, row.learner.name, row.learner.agent_id)


def _choices(pairs: Iterable[tuple[int | None, str | None]]) -> tuple[tuple[int, str], ...]:
    found = {id: name for id, name in pairs if id is not None and name is not None}
    return tuple(sorted(found.items(), key=lambda one: (one[1], one[0])))
