"""Plans by which conversations are drawn, what they drew, and the items that came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, case, func, insert, select, text, update
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.conversation_filters import CONVERSATIONS, OPEN_STATES, within_scope
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.rows import is_sqlite
from qaplatform.store.scopes import Scope
from qaplatform.store.standing import standing_verdict
from qaplatform.store.tables import (
    AgentRow,
    ConversationRow,
    Review,
    Sample,
    SamplePlan,
    Shop,
    User,
    UserRole,
    WorkItem,
)

MOST_PLANS = 500
_DRAWING = 7_340_021
"""The number under which PostgreSQL keeps draws apart."""


class DrawnAlreadyError(QAPlatformError):
    """The plan has drawn for this time already; it draws again the next time."""

    code = "samples.drawn_already"


class Counts(msgspec.Struct, frozen=True):
    """Items by what became of them; ``overdue`` are open as well."""

    drawn: int = 0
    open: int = 0
    overdue: int = 0
    done: int = 0
    replaced: int = 0
    taken_back: int = 0


class Line(msgspec.Struct, frozen=True):
    """A drawn item in a list."""

    id: int
    conversation_id: int
    state: str
    draw: str
    is_blind: bool
    why: dict[str, Any]
    version: int
    user_id: int | None
    user_name: str | None
    agent_name: str | None
    shop_name: str
    topic: str | None
    score: float | None
    verdict: str | None
    started_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    replaced_by_id: int | None
    replaced_why: str | None
    sample_id: int | None
    shop_id: int
    team_id: int | None
    agent_id: int | None


class Inspecting(msgspec.Struct, frozen=True):
    """Somebody who reviews."""

    user_id: int
    name: str
    agent_id: int | None


def lock_draws(session: Session) -> None:
    """One draw at a time until the transaction ends, so that no conversation is drawn for two; SQLite writes one at a time anyway."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _DRAWING})


def plan(session: Session, plan_id: int) -> SamplePlan | None:
    """A plan."""
    return session.get(SamplePlan, plan_id)


def locked_plan(session: Session, plan_id: int) -> SamplePlan | None:
    """A plan as it stands now, held until the transaction ends."""
    held = select(SamplePlan).where(SamplePlan.id == plan_id).with_for_update()
    return session.scalar(held.execution_options(populate_existing=True))


def plans(session: Session) -> Sequence[SamplePlan]:
    """All plans, what runs first, the newest first among them; the newest 500."""
    at = case({"active": 0, "paused": 1}, value=SamplePlan.state, else_=2)
    return session.scalars(select(SamplePlan).order_by(at, SamplePlan.id.desc()).limit(MOST_PLANS)).all()


def due_plans(session: Session, now: datetime) -> Sequence[int]:
    """Plans whose time has come, the longest waiting first."""
    due = select(SamplePlan.id).where(SamplePlan.state == "active", SamplePlan.next_at <= now)
    return session.scalars(due.order_by(SamplePlan.next_at, SamplePlan.id).limit(100)).all()


def add(session: Session, row: SamplePlan | WorkItem) -> int:
    """Add a plan or an item; its id."""
    session.add(row)
    session.flush()
    return row.id


def add_sample(session: Session, sample: Sample) -> int:
    """Add a draw; its id.

    Raises:
        DrawnAlreadyError: the plan has one of that time.
    """
    with plain_conflicts(session, {"samples_plan_id_cycle_key": DrawnAlreadyError}):
        session.add(sample)
    return sample.id


def add_items(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add items, all at once."""
    if rows:
        session.execute(insert(WorkItem), rows)


def last_drawn_at(session: Session, plan_id: int) -> datetime | None:
    """When a plan drew last."""
    return session.scalar(select(func.max(Sample.created_at)).where(Sample.plan_id == plan_id))


def has_drawn(session: Session, plan_id: int, cycle_key: str) -> bool:
    """Whether a plan has drawn for that time."""
    found = select(Sample.id).where(Sample.plan_id == plan_id, Sample.cycle_key == cycle_key)
    return session.scalar(found) is not None


def sample(session: Session, sample_id: int) -> Sample | None:
    """A draw."""
    return session.get(Sample, sample_id)


def samples_page(session: Session, plan_id: int, *, page: int, page_size: int) -> tuple[Sequence[Sample], int]:
    """The draws of a plan, newest first, and how many there are."""
    of_plan = select(Sample).where(Sample.plan_id == plan_id)
    rows = session.scalars(page_of(of_plan.order_by(Sample.id.desc()), page, page_size)).all()
    return rows, count_of(session, select(Sample.id).where(Sample.plan_id == plan_id))


def newest_samples(session: Session, plan_ids: Collection[int]) -> Mapping[int, int]:
    """The id of the newest draw of each of some plans, by plan; those that have drawn nothing are left out."""
    if not plan_ids:
        return {}
    newest = select(Sample.plan_id, func.max(Sample.id)).where(Sample.plan_id.in_(sorted(plan_ids)))
    return {plan_id: id for plan_id, id in session.execute(newest.group_by(Sample.plan_id)) if plan_id is not None}


def counts_by_plan(
    session: Session, plan_ids: Collection[int], *, since: datetime, now: datetime, scope: Scope
) -> Mapping[int, Counts]:
    """What became of the items that plans drew since a moment."""
    statement = _counted(Sample.plan_id, now, scope).join(Sample, Sample.id == WorkItem.sample_id)
    statement = statement.where(Sample.plan_id.in_(sorted(plan_ids)), Sample.created_at >= since)
    return _counts(session, statement.group_by(Sample.plan_id))


def counts_by_sample(
    session: Session, sample_ids: Collection[int], *, now: datetime, scope: Scope
) -> Mapping[int, Counts]:
    """What became of the items of draws."""
    statement = _counted(WorkItem.sample_id, now, scope).where(WorkItem.sample_id.in_(sorted(sample_ids)))
    return _counts(session, statement.group_by(WorkItem.sample_id))


def _counted(key: Any, now: datetime, scope: Scope) -> Select[Any]:
    state = WorkItem.state
    statement = select(
        key,
        func.count(),
        func.count().filter(state.in_(OPEN_STATES)),
        func.count().filter(state.in_(OPEN_STATES), WorkItem.due_at < now),
        *(func.count().filter(state == one) for one in ("done", "replaced", "taken_back")),
    ).select_from(WorkItem)
    if scope.everything:
        return statement
    # From the draws to their conversations, never from all conversations of a scope.
    statement = statement.join(ConversationRow, ConversationRow.id == WorkItem.conversation_id)
    return within_scope(statement.with_hint(ConversationRow, "NOT INDEXED", "sqlite"), scope)


def _counts(session: Session, statement: Select[Any]) -> Mapping[int, Counts]:
    return {row[0]: Counts(*row[1:]) for row in session.execute(statement)}


def _lines(scope: Scope) -> Select[Any]:
    c = CONVERSATIONS.c
    statement = (
        select(
            WorkItem.id, WorkItem.conversation_id, WorkItem.state, WorkItem.draw, WorkItem.is_blind, WorkItem.why,
            WorkItem.version, WorkItem.user_id, User.name, AgentRow.name, Shop.name, c.topic, c.score,
            standing_verdict(),
            c.started_at, WorkItem.due_at, WorkItem.done_at, WorkItem.replaced_by_id, WorkItem.replaced_why,
            WorkItem.sample_id, c.shop_id, c.team_id, c.agent_id,
        )
        .select_from(WorkItem)
        .join(CONVERSATIONS, c.id == WorkItem.conversation_id)
        .join(Shop, Shop.id == c.shop_id)
        .outerjoin(User, User.id == WorkItem.user_id)
        .outerjoin(AgentRow, AgentRow.id == c.agent_id)
    )  # fmt: skip
    return within_scope(statement, scope)


def lines_page(
    session: Session, sample_id: int, scope: Scope, *, state: str | None, now: datetime, page: int, page_size: int
) -> tuple[Sequence[Line], int]:
    """Items of a draw as they were drawn, and how many there are; ``state`` may be ``overdue`` too."""
    statement = _lines(scope).where(WorkItem.sample_id == sample_id)
    if state == "overdue":
        statement = statement.where(WorkItem.state.in_(OPEN_STATES), WorkItem.due_at < now)
    elif state == "open":
        statement = statement.where(WorkItem.state.in_(OPEN_STATES))
    elif state is not None:
        statement = statement.where(WorkItem.state == state)
    rows = session.execute(page_of(statement.order_by(WorkItem.id), page, page_size))
    return [Line(*row) for row in rows], count_of(session, statement.with_only_columns(WorkItem.id))


def line(session: Session, item_id: int) -> Line | None:
    """An item."""
    row = session.execute(_lines(Scope(everything=True)).where(WorkItem.id == item_id)).one_or_none()
    return Line(*row) if row is not None else None


def item(session: Session, item_id: int) -> WorkItem | None:
    """An item as it stands now."""
    return session.get(WorkItem, item_id, populate_existing=True)


def change_item(session: Session, item_id: int, *, version: int, **values: Any) -> bool:
    """Change an item that is open, if it is still as somebody saw it; whether it was."""
    changed = session.execute(
        update(WorkItem)
        .where(WorkItem.id == item_id, WorkItem.version == version, WorkItem.state.in_(OPEN_STATES))
        .values(version=WorkItem.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(changed, "rowcount", 0))


def inspecting(session: Session, roles: Collection[str]) -> Sequence[Inspecting]:
    """Everybody who can sign in and has one of some roles, by name."""
    having = select(UserRole.user_id).where(UserRole.role.in_(sorted(roles)))
    rows = session.execute(
        select(User.id, User.name, User.agent_id)
        .where(User.active.is_(True), User.id.in_(having))
        .order_by(User.name, User.id)
    )
    return [Inspecting(*row) for row in rows]


def user(session: Session, user_id: int) -> User | None:
    """Somebody, whether or not they can still sign in."""
    return session.get(User, user_id)


def user_names(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    """What people are called."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return dict(iter(rows))


class AgentShare(msgspec.Struct, frozen=True):
    """How much of an agent's conversations people have looked at."""

    agent_id: int
    name: str
    team_id: int | None
    hired_on: Any
    conversations: int
    reviewed: int
    last_reviewed_at: datetime | None
    open: int


def agent_shares(session: Session, scope: Scope, *, since: datetime) -> Sequence[AgentShare]:
    """Agents who had conversations since a moment, with those that were reviewed since and what waits."""
    c = CONVERSATIONS.c
    chats = within_scope(
        select(c.agent_id, func.count().label("chats")).where(c.started_at >= since, c.agent_id.is_not(None)), scope
    )
    chats_by = chats.group_by(c.agent_id).subquery("chats_by")
    reviewed = (
        select(
            Review.agent_id, func.count(Review.conversation_id.distinct()).filter(Review.created_at >= since).label("seen"),
            func.max(Review.created_at).label("last_at"),
        )
        .where(Review.agent_id.in_(select(chats_by.c.agent_id)))
        .group_by(Review.agent_id)
        .subquery("reviewed")
    )  # fmt: skip
    waiting = (
        select(c.agent_id, func.count().label("open"))
        .select_from(WorkItem)
        .join(CONVERSATIONS, c.id == WorkItem.conversation_id)
        .where(WorkItem.state.in_(OPEN_STATES))
        .group_by(c.agent_id)
        .subquery("waiting")
    )
    rows = session.execute(
        select(
            AgentRow.id, AgentRow.name, AgentRow.team_id, AgentRow.hired_on, chats_by.c.chats,
            func.coalesce(reviewed.c.seen, 0), reviewed.c.last_at, func.coalesce(waiting.c.open, 0),
        )
        .join(chats_by, chats_by.c.agent_id == AgentRow.id)
        .outerjoin(reviewed, reviewed.c.agent_id == AgentRow.id)
        .outerjoin(waiting, waiting.c.agent_id == AgentRow.id)
        .order_by(AgentRow.id)
    )  # fmt: skip
    return [AgentShare(*row) for row in rows]
