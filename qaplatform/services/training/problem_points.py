"""Writing problem points: by a mentor's own words, or out of a finding ("coach this"); changed until they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import ClassVar, get_args

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import ConversationPage, reached
from qaplatform.services.noting import note
from qaplatform.services.training.drill_cards import NoSituationError, give_drill
from qaplatform.services.training.learners import Learner, learner_of_agent
from qaplatform.services.training.point_dates import check_due, next_working_day
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.suggestions import (
    COACH,
    Criteria,
    FindingGoneError,
    ShownChat,
    failed_in,
    finding_key,
    finding_of,
    in_words,
    language_of,
    shown_chats,
)
from qaplatform.store.training import daily_logs as logs
from qaplatform.store.training import problem_points as stored
from qaplatform.store.training.problem_points import Cause, PointContent, PointPlace, ReadPoint, Severity

__all__ = [
    "CAUSES", "MOST_CHARS", "NOWHERE", "SEVERITIES", "CoachedFinding", "LogDayError", "OtherChatError", "PointAnsweredError",
    "PointContent", "PointPage", "PointPlace", "PointTextError", "ReadPoint", "accept", "change_point", "coach_this", "may_coach",
    "new_point_page", "opened", "point_page", "set_next_done", "withdraw_point", "write_point",
]  # fmt: skip

NOWHERE = PointPlace()
"""Of a point about no chat."""
CAUSES: tuple[Cause, ...] = get_args(Cause)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
MOST_CHARS = 2000


class PointTextError(QAPlatformError):
    """A problem point needs words, a cause and a severity; each text holds 2,000 characters at most."""

    code: ClassVar[str] = "training.point_text"


class PointAnsweredError(QAPlatformError):
    """The new hire has answered this point, or it was withdrawn or is somebody else's; write a new one instead."""

    code: ClassVar[str] = "training.point_answered"


class OtherChatError(QAPlatformError):
    """The chat is not one of this person's, or not of this day."""

    code: ClassVar[str] = "training.other_chat"


class LogDayError(QAPlatformError):
    """A log is of today or of a day before."""

    code: ClassVar[str] = "training.log_day"


class CoachedFinding(msgspec.Struct, frozen=True):
    """A finding as a page names it: criterion, number of the message, characters of its original text."""

    criterion: str
    message: int
    start: int
    end: int

    def key(self, conversation_id: int) -> str:
        """By what it is recognised."""
        return finding_key(conversation_id, self.criterion, self.message, self.start, self.end)


class PointPage(msgspec.Struct, frozen=True):
    """A point to be written or changed, with its chat."""

    learner: Learner
    day: date
    today: date
    point: ReadPoint | None
    """``None``: a new one."""
    conversation_id: int | None
    chat: ShownChat
    criteria: Sequence[tuple[str, str]]
    """Id and title, those that failed in the chat first."""
    failed: frozenset[str]
    next_working_day: date
    may_change: bool


def write_point(
    session: Session,
    viewer: Viewer,
    agent_id: int,
    day: date,
    content: PointContent,
    place: PointPlace = NOWHERE,
    *,
    now: datetime,
) -> int:
    """Write a point into the log of somebody's day, which is begun where there is none; the point's id.

    Raises:
        NotThereError: there is no such agent, or the viewer may not coach them.
        LogDayError: the day is still to come.
        PointTextError, NextDueError: something is missing or too long, or due at no time it can be.
        OtherChatError: the chat is not one of theirs.
    """
    learner_of_agent(session, viewer, agent_id, COACH)
    content = _checked(content)
    _check_place(session, viewer, agent_id, place)
    return _write(session, viewer, agent_id, day, content, place, now=now)


def accept(
    session: Session, viewer: Viewer, agent_id: int, day: date, conversation_id: int, key: str, *, now: datetime
) -> int:
    """Make a problem point of a finding in the log of a day; the id of the one that there is of it already, if any.

    Raises:
        NotThereError: there is no such agent, or the viewer may not coach them.
        FindingGoneError: there is no such finding.
        LogDayError: the day is still to come.
        OtherChatError: they did not write in this chat.
    """
    learner_of_agent(session, viewer, agent_id, COACH)
    found = finding_of(session, viewer, conversation_id, key)
    _check_place(session, viewer, agent_id, PointPlace(conversation_id))
    known = stored.point_of_finding(session, agent_id, conversation_id, key)
    if known is not None:
        return known
    language = language_of(viewer)
    criteria = Criteria(session, language)
    one = in_words(session, found, criteria, language)
    content = PointContent(one.what[:MOST_CHARS], criteria.cause(session, one.criterion), one.severity)
    place = PointPlace(conversation_id, one.message, one.start, one.end, one.criterion, key)
    return _write(session, viewer, agent_id, day, content, place, now=now)


def may_coach(viewer: Viewer, page: ConversationPage) -> bool:
    """Whether findings on a conversation's page may be made problem points: those of its newest audit, by whom it is for."""
    row, audit = page.read.listed, page.read.audit
    is_newest = audit is not None and audit.line.id == row.audit_id and row.text_purged_at is None
    lies_in = {"shop_id": row.shop_id, "team_id": row.team_id, "agent_id": row.agent_id}
    return is_newest and row.agent_id is not None and viewer.may_see(COACH, **lies_in)


def coach_this(
    session: Session, viewer: Viewer, conversation_id: int, finding: CoachedFinding, *, now: datetime
) -> int:
    """Make a problem point of any finding, in today's log of the agent it belongs to; its id.

    The mentor completes it afterwards. A finding that is a point already leads to that one.

    Raises:
        NotThereError: there is no such chat, or the viewer may not coach whom it is about.
        FindingGoneError: there is no such finding, or nobody is known to have written it.
    """
    reached(session, viewer, conversation_id, COACH)
    key = finding.key(conversation_id)
    agent_id = finding_of(session, viewer, conversation_id, key).agent_id
    if agent_id is None:
        raise FindingGoneError
    today = training_settings(session).day_of(now)
    point_id = accept(session, viewer, agent_id, today, conversation_id, key, now=now)
    _give_its_drill(session, viewer, point_id, now=now)
    return point_id


def _give_its_drill(session: Session, viewer: Viewer, point_id: int, *, now: datetime) -> None:
    """Give the new hire a drill of a point's finding: what stood before it, or else a shipped one of its criterion.

    None where they cannot sign in, or nothing trains the criterion.
    """
    point = _point(session, viewer, point_id)
    user_id = learner_of_agent(session, viewer, point.agent_id, COACH).user_id
    if user_id is None or point.criterion is None:
        return
    given = partial(give_drill, session, viewer, user_id, criterion=point.criterion, point_id=point_id, now=now)
    with suppress(NotThereError):
        try:
            given(conversation_id=point.conversation_id, message=point.message)
        except NoSituationError:
            given()


def change_point(
    session: Session, viewer: Viewer, point_id: int, content: PointContent, place: PointPlace, *, now: datetime
) -> ReadPoint:
    """Write a point of one's own anew; how it stood before.

    Raises:
        NotThereError: there is no such point, or the viewer may not coach whom it is about.
        PointAnsweredError: it is somebody else's, withdrawn, or answered.
        PointTextError, NextDueError: something is missing or too long, or due at no time it can be.
        OtherChatError: the chat is not one of theirs.
    """
    point = _point(session, viewer, point_id)
    if not _may_change(viewer, point):
        raise PointAnsweredError
    content = _checked(content)
    check_due(content.next_due_on, point.day)
    _check_place(session, viewer, point.agent_id, place)
    stored.change_point(session, point_id, content, _kept(point, place), now=now)
    logs.touch(session, point.log_id, now=now)
    note(session, viewer, now, "training.point_changed", ("problem_point", point_id))
    return point


def withdraw_point(session: Session, viewer: Viewer, point_id: int, *, now: datetime) -> ReadPoint:
    """Take a point of one's own back: it stays to be read and counts no more.

    Raises:
        NotThereError: there is no such point, or the viewer may not coach whom it is about.
        PointAnsweredError: it is somebody else's.
    """
    point = _point(session, viewer, point_id)
    if point.user_id != viewer.user_id:
        raise PointAnsweredError
    if point.stands:
        stored.withdraw(session, point_id, now=now)
        logs.touch(session, point.log_id, now=now)
        note(session, viewer, now, "training.point_withdrawn", ("problem_point", point_id))
    return point


def set_next_done(session: Session, viewer: Viewer, point_id: int, *, is_done: bool, now: datetime) -> ReadPoint:
    """Say that the next step of a point is done, or is not yet.

    Raises:
        NotThereError: there is no such point, or the viewer may not coach whom it is about.
    """
    point = _point(session, viewer, point_id)
    if (point.next_done_at is not None) != is_done:
        stored.set_next_done(session, point_id, now if is_done else None)
        logs.touch(session, point.log_id, now=now)
    return point


def point_page(session: Session, viewer: Viewer, point_id: int, *, now: datetime) -> PointPage:
    """A point with its chat, to be changed.

    Raises:
        NotThereError: there is no such point, or the viewer may not coach whom it is about.
    """
    point = _point(session, viewer, point_id)
    learner = learner_of_agent(session, viewer, point.agent_id, COACH)
    return _page(session, viewer, learner, point.day, point, point.conversation_id, now=now)


def new_point_page(
    session: Session, viewer: Viewer, agent_id: int, day: date, conversation_id: int | None, *, now: datetime
) -> PointPage:
    """The same for a point that is still to be written.

    Raises:
        NotThereError: there is no such agent or chat, or the viewer may not coach them; or the day is still to come.
    """
    learner = learner_of_agent(session, viewer, agent_id, COACH)
    page = _page(session, viewer, learner, day, None, conversation_id, now=now)
    if day > page.today:
        raise NotThereError
    return page


def _page(
    session: Session,
    viewer: Viewer,
    learner: Learner,
    day: date,
    point: ReadPoint | None,
    conversation_id: int | None,
    *,
    now: datetime,
) -> PointPage:
    settings = training_settings(session)
    language = language_of(viewer)
    criteria = Criteria(session, language)
    chats: Mapping[int, ShownChat] = {}
    failed: frozenset[str] = frozenset()
    if conversation_id is not None and _sees(session, viewer, conversation_id):
        chats = shown_chats(session, [conversation_id], language)
        failed = failed_in(session, viewer, conversation_id)
    ids = dict.fromkeys(one.id for rubric in criteria.rubrics for one in rubric.criteria)
    return PointPage(
        learner=learner,
        day=day,
        today=settings.day_of(now),
        point=point,
        conversation_id=conversation_id,
        chat=chats.get(conversation_id or 0, ShownChat()),
        criteria=[(id, criteria.title(id)) for id in sorted(ids, key=lambda id: id not in failed)],
        failed=failed,
        next_working_day=next_working_day(settings, max(day, settings.day_of(now))),
        may_change=point is None or _may_change(viewer, point),
    )


def _sees(session: Session, viewer: Viewer, conversation_id: int) -> bool:
    try:
        reached(session, viewer, conversation_id, COACH)
    except NotThereError:
        return False
    return True


def _point(session: Session, viewer: Viewer, point_id: int) -> ReadPoint:
    point = stored.point_of(session, point_id)
    if point is None:
        raise NotThereError
    learner_of_agent(session, viewer, point.agent_id, COACH)
    return point


def _may_change(viewer: Viewer, point: ReadPoint) -> bool:
    return point.user_id == viewer.user_id and point.stands and not point.is_answered


def _kept(point: ReadPoint, place: PointPlace) -> PointPlace:
    """The new place; where the message is the same, the finding and the characters it was made of stay."""
    is_same = (place.conversation_id, place.message) == (point.conversation_id, point.message)
    if not is_same:
        return place
    key = point.finding_key if place.criterion == point.criterion else None
    return msgspec.structs.replace(place, start=point.start, end=point.end, finding_key=key)


def _write(
    session: Session,
    viewer: Viewer,
    agent_id: int,
    day: date,
    content: PointContent,
    place: PointPlace,
    *,
    now: datetime,
) -> int:
    log_id = opened(session, viewer, agent_id, day, now=now)
    check_due(content.next_due_on, day)
    point_id = stored.add_point(session, log_id, content, place, user_id=viewer.user_id, now=now)
    logs.touch(session, log_id, now=now)
    note(session, viewer, now, "training.point_written", ("problem_point", point_id), agent=agent_id)
    return point_id


def opened(session: Session, viewer: Viewer, agent_id: int, day: date, *, now: datetime) -> int:
    """The id of a day's log, begun where there is none.

    Raises:
        LogDayError: the day is still to come.
    """
    if day > training_settings(session).day_of(now):
        raise LogDayError
    return logs.open_log(session, agent_id, day, user_id=viewer.user_id, now=now)


def _checked(content: PointContent) -> PointContent:
    what, coaching, next_step = (
        one.replace("\0", "").strip() for one in (content.what, content.coaching, content.next_step)
    )
    is_right = (
        what
        and max(map(len, (what, coaching, next_step))) <= MOST_CHARS
        and content.cause in CAUSES
        and content.severity in SEVERITIES
    )
    if not is_right:
        raise PointTextError
    due = content.next_due_on if next_step else None
    return msgspec.structs.replace(content, what=what, coaching=coaching, next_step=next_step, next_due_on=due)


def _check_place(session: Session, viewer: Viewer, agent_id: int, place: PointPlace) -> None:
    if place.conversation_id is None:
        if place.message is not None:
            raise OtherChatError
        return
    row = reached(session, viewer, place.conversation_id, COACH)
    if logs.wrote_in(session, agent_id, place.conversation_id) is None:
        raise OtherChatError
    if place.message is not None and not 0 <= place.message < row.message_count:
        raise OtherChatError
