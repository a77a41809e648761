"""Plans by which conversations are drawn for people: made, previewed, and drawn once for each of their times.

A preview and the draw after it are the same: both are what ``services/drawing.py`` says, and only the draw writes it down.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.sampling import Method
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Scope, Viewer
from qaplatform.services.cycles import Cycle, cycle_key, due_at, next_after
from qaplatform.services.drawing import INSPECTING_ROLES, Outlook, drawing, item_rows
from qaplatform.services.jobs import JobRun
from qaplatform.services.noting import note
from qaplatform.services.plan_filters import PlanFilter, parse_plan_filter
from qaplatform.services.plan_forms import (
    Inspector,
    PlanDraft,
    PlanPlaceError,
    checked_draft,
    draft_of,
)
from qaplatform.store import sampling as store
from qaplatform.store.sampling import DrawnAlreadyError
from qaplatform.store.tables import Sample, SamplePlan
from qaplatform.store.users import grants_of

__all__ = ["DrawnAlreadyError", "Inspector", "Method", "PlanDraft"]

DRAW_KIND = "samples.draw"


class UnknownPlanError(QAPlatformError):
    """There is no such plan; load the page again."""

    code: ClassVar[str] = "samples.unknown"


class PlanEndedError(QAPlatformError):
    """The plan has ended; make a new one."""

    code: ClassVar[str] = "samples.ended"


class NoReachError(QAPlatformError):
    """Whoever answers for the plan may no longer draw there; somebody who may must save it again."""

    code: ClassVar[str] = "samples.no_reach"


# --- plans ---------------------------------------------------------------------------------------------


def create_plan(session: Session, draft: PlanDraft, *, by: Viewer, now: datetime) -> int:
    """Make a plan; its id. A plan that draws once is drawn by hand, the others by the worker.

    Raises:
        AccessError: ``by`` may not make plans.
        PlanFormError, BadFilterError, PlanPlaceError: the plan cannot be so.
    """
    checked = _checked(session, draft, by)
    row = SamplePlan(user_id=by.user_id, created_at=now, state="active", **_columns(checked))
    row.next_at = _next_at(row, now)
    plan_id = store.add(session, row)
    note(session, by, now, "plan.created", ("plan", plan_id))
    return plan_id


def change_plan(session: Session, plan_id: int, draft: PlanDraft, *, by: Viewer, now: datetime) -> None:
    """Change a plan; whoever does answers for it from now on. What it drew stays as it is.

    Raises:
        AccessError: ``by`` may not make plans.
        UnknownPlanError: there is none that ``by`` may change.
        PlanEndedError: it has ended.
        PlanFormError, BadFilterError, PlanPlaceError: the plan cannot be so.
    """
    row = _held(session, plan_id, by)
    for name, value in _columns(_checked(session, draft, by)).items():
        setattr(row, name, value)
    row.user_id = by.user_id
    if row.state == "active":
        row.next_at = _next_at(row, now)
    note(session, by, now, "plan.changed", ("plan", plan_id))


def set_state(session: Session, plan_id: int, state: str, *, by: Viewer, now: datetime) -> None:
    """Pause a plan, let it go on (``active``), or end it for good (``ended``).

    Raises:
        AccessError, UnknownPlanError, PlanEndedError: as for :func:`change_plan`.
    """
    row = _held(session, plan_id, by)
    if state == row.state:
        return
    row.state = state
    row.next_at = _next_at(row, now) if state == "active" else None
    action = {"paused": "plan.paused", "active": "plan.resumed", "ended": "plan.ended"}[state]
    note(session, by, now, action, ("plan", plan_id))


def may_see_plan(viewer: Viewer, row: SamplePlan, permission: str = "samples.see") -> bool:
    """Whether somebody may see (or change) a plan: it must lie in their shops or teams altogether."""
    return lies_in(viewer.scope(permission), filter_of(row))


def filter_of(row: SamplePlan) -> PlanFilter:
    """The filter of a plan."""
    return parse_plan_filter(row.query, ZoneInfo(row.timezone))


def lies_in(scope: Scope, wanted: PlanFilter) -> bool:
    """Whether all that a filter means lies in a scope, as the filter itself says."""
    shops, teams = wanted.wanted.shop_ids, wanted.wanted.team_ids
    return scope.everything or (bool(shops) and shops <= scope.shop_ids) or (bool(teams) and teams <= scope.team_ids)


def visible_plan(session: Session, viewer: Viewer, plan_id: int, permission: str = "samples.see") -> SamplePlan:
    """A plan.

    Raises:
        AccessError: ``viewer`` may see (or change) none at all.
        UnknownPlanError: there is none, or not for them.
    """
    viewer.demand(permission)
    row = store.plan(session, plan_id)
    if row is None or not may_see_plan(viewer, row, permission):
        raise UnknownPlanError
    return row


def _held(session: Session, plan_id: int, by: Viewer) -> SamplePlan:
    visible_plan(session, by, plan_id, "samples.plan")
    row = store.locked_plan(session, plan_id)
    if row is None:
        raise UnknownPlanError
    if row.state == "ended":
        raise PlanEndedError
    return row


def _checked(session: Session, draft: PlanDraft, by: Viewer) -> PlanDraft:
    by.demand("samples.plan")
    known = {one.user_id for one in store.inspecting(session, INSPECTING_ROLES)}
    checked = checked_draft(draft, known)
    if not lies_in(by.scope("samples.plan"), parse_plan_filter(checked.query, ZoneInfo(checked.timezone))):
        raise PlanPlaceError
    return checked


def _columns(draft: PlanDraft) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.to_builtins(draft))


def _next_at(row: SamplePlan, now: datetime) -> datetime | None:
    return next_after(cast("Cycle", row.cycle), now, ZoneInfo(row.timezone), hour=row.hour, weekday=row.weekday)


# --- drawing -------------------------------------------------------------------------------------------


def preview(session: Session, draft: PlanDraft, *, by: Viewer, now: datetime, plan_id: int | None = None) -> Outlook:
    """What a plan would draw if it drew now; nothing is written.

    Raises:
        AccessError: ``by`` may not make plans.
        UnknownPlanError: there is none with this id that they may change.
        PlanFormError, BadFilterError, PlanPlaceError: the plan cannot be so.
    """
    checked = _checked(session, draft, by)
    if plan_id is not None:
        visible_plan(session, by, plan_id, "samples.plan")
    key = cycle_key(checked.cycle, now, ZoneInfo(checked.timezone))
    found = drawing(session, checked, by.scope("samples.plan"), key, now, plan_id)
    drawn = plan_id is not None and store.has_drawn(session, plan_id, key)
    return msgspec.structs.replace(found, is_drawn_already=drawn)


def draw_now(session: Session, plan_id: int, *, by: Viewer, now: datetime) -> int:
    """Draw for the time at hand: the only one of a plan that draws once, today, or this week; the id of the draw.

    Raises:
        AccessError, UnknownPlanError, PlanEndedError: as for :func:`change_plan`.
        DrawnAlreadyError: it has drawn for that time.
        NoReachError: whoever answers for the plan may not draw there any more.
    """
    visible_plan(session, by, plan_id, "samples.plan")
    row = store.plan(session, plan_id)
    if row is None or row.state == "ended":
        # A plan that draws once ends by drawing: whoever comes second is told so.
        raise DrawnAlreadyError if row is not None and row.cycle == "once" else PlanEndedError
    return draw(session, plan_id, cycle_key(cast("Cycle", row.cycle), now, ZoneInfo(row.timezone)), now, by=by)


def draw(session: Session, plan_id: int, key: str, now: datetime, *, by: Viewer | None = None) -> int:
    """Draw for one of the plan's times; the id of the draw.

    Raises:
        UnknownPlanError: there is no such plan.
        DrawnAlreadyError: it has drawn for that time.
        NoReachError: whoever answers for the plan may not draw there any more.
    """
    # All who draw wait here for each other, before they look at what is taken.
    store.lock_draws(session)
    row = store.locked_plan(session, plan_id)
    if row is None:
        raise UnknownPlanError
    if store.has_drawn(session, plan_id, key):
        raise DrawnAlreadyError
    draft = draft_of(row)
    scope = _owner_scope(session, row)
    found = drawing(session, draft, scope, key, now, plan_id)
    kept = {**_columns(draft), "since": _text(found.since), "until": _text(found.until or now), "is_cut": found.is_cut}
    sample = Sample(
        plan_id=plan_id, cycle_key=key, name=row.name, plan=kept, seed=found.seed, pool_count=found.pool_count,
        user_id=by.user_id if by else None, created_at=now,
    )  # fmt: skip
    sample_id = store.add_sample(session, sample)
    due = due_at(now, ZoneInfo(draft.timezone), draft.due_days)
    store.add_items(session, item_rows(session, sample_id, found.placed, draft, due=due, now=now, is_cut=found.is_cut))
    if row.cycle == "once":
        row.state, row.next_at = "ended", None
    elif row.state == "active":
        row.next_at = _next_at(row, now)
    note(session, by, now, "sample.drawn", ("sample", sample_id), plan=plan_id, count=len(found.placed))
    return sample_id


def draw_due(run: JobRun) -> None:
    """The worker's job: draw all plans whose time has come, each in a transaction of its own, once for each time."""
    with run.store.reading() as session:
        due = store.due_plans(session, run.now())
    for plan_id in due:
        with run.writing() as session:
            draw_due_plan(session, plan_id, run.now())


def draw_due_plan(session: Session, plan_id: int, now: datetime) -> int | None:
    """Draw a plan if its time has come, and move on to its next; the id of the draw, ``None`` if there was none.

    After a standstill of several of its times it draws once. Where whoever answers for it may not draw any more, it is paused.
    """
    store.lock_draws(session)
    row = store.locked_plan(session, plan_id)
    if row is None or row.state != "active" or row.next_at is None or row.next_at > now:
        return None
    key = cycle_key(cast("Cycle", row.cycle), row.next_at, ZoneInfo(row.timezone))
    try:
        return draw(session, plan_id, key, now)
    except DrawnAlreadyError:
        row.next_at = _next_at(row, now)
    except NoReachError:
        row.state, row.next_at = "paused", None
        note(session, None, now, "plan.paused", ("plan", plan_id))
    return None


def _owner_scope(session: Session, row: SamplePlan) -> Scope:
    """What whoever answers for a plan may draw from today."""
    owner = store.user(session, row.user_id) if row.user_id is not None else None
    if owner is None or not owner.active:
        raise NoReachError
    scope = Viewer(owner.id, "", grants=grants_of(session, [owner.id]).get(owner.id, ())).scope("samples.plan")
    if not lies_in(scope, filter_of(row)):
        raise NoReachError
    return scope


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
