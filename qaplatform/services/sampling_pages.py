"""What the pages of plans, draws and items show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.drawing import INSPECTING_ROLES
from qaplatform.services.plan_forms import PlanDraft, draft_of
from qaplatform.services.sampling import UnknownPlanError, may_see_plan, visible_plan
from qaplatform.services.sampling_items import item_line, takers
from qaplatform.store import sampling as store
from qaplatform.store.filter_choices import FilterChoices, filter_choices
from qaplatform.store.sampling import Counts, Inspecting, Line
from qaplatform.store.tables import Sample, SamplePlan

COUNTED_DAYS = 30
"""The list of plans counts what was drawn in so many days."""
NO_COUNTS = Counts()


class PlanLine(msgspec.Struct, frozen=True):
    """A plan in a list."""

    id: int
    draft: PlanDraft
    state: str
    next_at: datetime | None
    owner_name: str | None
    counts: Counts


class SampleLine(msgspec.Struct, frozen=True):
    """A draw in a list."""

    id: int
    plan_id: int | None
    name: str
    cycle_key: str | None
    pool_count: int
    is_cut: bool
    created_at: datetime
    user_name: str | None
    """Who drew; ``None`` = the plan by itself."""
    counts: Counts


class PlanPage(msgspec.Struct, frozen=True):
    """A plan with its draws."""

    plan: PlanLine
    samples: Sequence[SampleLine]
    total: int
    inspector_names: Mapping[int, str]
    may_change: bool


class SamplePage(msgspec.Struct, frozen=True):
    """A draw with its items, as far as the reader may see them."""

    sample: SampleLine
    lines: Sequence[Line]
    total: int
    is_newest: bool
    """Whether it is the last draw of its plan."""


class ItemPage(msgspec.Struct, frozen=True):
    """An item, its draw, and who may be given it."""

    line: Line
    sample: SampleLine | None
    takers: Sequence[Inspecting]
    may_assign: bool


def plans_page(
    session: Session, viewer: Viewer, *, now: datetime, page: int, page_size: int
) -> tuple[list[PlanLine], int]:
    """The plans somebody may see, those that run first, and how many there are."""
    viewer.demand("samples.see")
    rows = [row for row in store.plans(session) if may_see_plan(viewer, row)]
    shown = rows[(page - 1) * page_size : page * page_size]
    return _plan_lines(session, viewer, shown, now), len(rows)


def plan_page(session: Session, viewer: Viewer, plan_id: int, *, now: datetime, page: int, page_size: int) -> PlanPage:
    """A plan with its draws, newest first.

    Raises:
        AccessError, UnknownPlanError: as ``visible_plan``.
    """
    row = visible_plan(session, viewer, plan_id)
    samples, total = store.samples_page(session, plan_id, page=page, page_size=page_size)
    line = _plan_lines(session, viewer, [row], now)[0]
    names = store.user_names(session, {one.user_id for one in line.draft.inspectors})
    may_change = may_see_plan(viewer, row, "samples.plan") and row.state != "ended"
    return PlanPage(line, _sample_lines(session, viewer, samples, now), total, names, may_change)


def sample_page(
    session: Session, viewer: Viewer, sample_id: int, *, state: str | None, now: datetime, page: int, page_size: int
) -> SamplePage:
    """A draw with its items.

    Raises:
        AccessError, UnknownPlanError: as ``visible_plan``, or there is no such draw.
    """
    viewer.demand("samples.see")
    row = store.sample(session, sample_id)
    if row is None or row.plan_id is None:
        raise UnknownPlanError
    visible_plan(session, viewer, row.plan_id)
    scope = viewer.scope("samples.see")
    lines, total = store.lines_page(session, sample_id, scope, state=state, now=now, page=page, page_size=page_size)
    is_newest = store.newest_samples(session, [row.plan_id])[row.plan_id] == row.id
    shown = [_shown(viewer, one) for one in lines]
    return SamplePage(_sample_lines(session, viewer, [row], now)[0], shown, total, is_newest)


def item_page(session: Session, viewer: Viewer, item_id: int, *, now: datetime) -> ItemPage:
    """An item and why it was drawn.

    Raises:
        AccessError, UnknownItemError: as ``item_line``.
    """
    line = _shown(viewer, item_line(session, viewer, item_id))
    row = store.sample(session, line.sample_id) if line.sample_id is not None else None
    may = line.state in {"open", "draft"} and viewer.may_see(
        "samples.assign", shop_id=line.shop_id, team_id=line.team_id, agent_id=line.agent_id
    )
    sample = _sample_lines(session, viewer, [row], now)[0] if row is not None else None
    return ItemPage(line, sample, takers(session, line) if may else (), may)


def _shown(viewer: Viewer, line: Line) -> Line:
    """An item as a viewer may see it: what they have still to review blind tells nothing of the machine."""
    if not line.is_blind or line.state not in {"open", "draft"} or line.user_id not in {None, viewer.user_id}:
        return line
    if line.user_id is None and viewer.may("samples.assign"):
        return line
    return msgspec.structs.replace(line, draw="hidden", why={"kind": "hidden"}, topic=None, score=None, verdict=None)


def inspectors(session: Session) -> Sequence[Inspecting]:
    """Everybody who can be given work."""
    return store.inspecting(session, INSPECTING_ROLES)


def plan_choices(session: Session, viewer: Viewer) -> FilterChoices:
    """What a plan's filter can be narrowed to."""
    return filter_choices(session, viewer.scope("samples.plan"))


def _plan_lines(session: Session, viewer: Viewer, rows: Sequence[SamplePlan], now: datetime) -> list[PlanLine]:
    names = store.user_names(session, {row.user_id for row in rows if row.user_id is not None})
    counts = store.counts_by_plan(
        session, [row.id for row in rows], since=now - timedelta(days=COUNTED_DAYS), now=now,
        scope=viewer.scope("samples.see"),
    )  # fmt: skip
    return [
        PlanLine(
            row.id, draft_of(row), row.state, row.next_at, names.get(row.user_id or 0), counts.get(row.id, NO_COUNTS)
        )
        for row in rows
    ]


def _sample_lines(session: Session, viewer: Viewer, rows: Sequence[Sample], now: datetime) -> list[SampleLine]:
    names = store.user_names(session, {row.user_id for row in rows if row.user_id is not None})
    counts = store.counts_by_sample(session, [row.id for row in rows], now=now, scope=viewer.scope("samples.see"))
    return [
        SampleLine(
            row.id, row.plan_id, row.name, row.cycle_key, row.pool_count, _is_cut(row.plan), row.created_at,
            names.get(row.user_id or 0), counts.get(row.id, NO_COUNTS),
        )
        for row in rows
    ]  # fmt: skip


def _is_cut(plan: dict[str, Any]) -> bool:
    return bool(plan.get("is_cut"))
