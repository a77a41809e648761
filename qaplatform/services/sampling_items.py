"""What becomes of a drawn item before it is reviewed: replaced with a reason, given to somebody else, taken back.

Whoever acts says which version of the item they saw: two people cannot do so at once, nor over an inspector's new draft.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.sampling import next_of
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Scope, Viewer
from qaplatform.services.allotting import takeable
from qaplatform.services.cycles import due_at
from qaplatform.services.drawing import INSPECTING_ROLES, Placed, hands_of, item_rows, uses_times
from qaplatform.services.noting import note
from qaplatform.services.plan_filters import parse_plan_filter, settled
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.store import sampling as store
from qaplatform.store import sampling_pool
from qaplatform.store.sampling import Inspecting, Line
from qaplatform.store.tables import Sample, WorkItem
from qaplatform.store.users import grants_of

Reason = Literal["no_value", "wrong_kind", "not_readable", "conflict", "other"]
"""Why another is taken: nothing to review in it, not what the plan means, cannot be read, the inspector knows those in it, other."""
REASONS: tuple[Reason, ...] = get_args(Reason)


class UnknownItemError(QAPlatformError):
    """There is no such item; load the page again."""

    code: ClassVar[str] = "items.unknown"


class ItemMovedOnError(QAPlatformError):
    """The item has changed meanwhile; look at it again."""

    code: ClassVar[str] = "items.moved_on"


class ReasonError(QAPlatformError):
    """Say why another conversation is to be taken."""

    code: ClassVar[str] = "items.reason"


class NotTheirsError(QAPlatformError):
    """They wrote in this conversation, may not see it, or do not review; choose somebody else."""

    code: ClassVar[str] = "items.not_theirs"


class NotDrawnError(QAPlatformError):
    """A person chose this conversation, no plan drew it: there is nothing to take instead; take it back."""

    code: ClassVar[str] = "items.not_drawn"


def item_line(session: Session, viewer: Viewer, item_id: int) -> Line:
    """An item, as its page shows it.

    Raises:
        AccessError: ``viewer`` may see no items.
        UnknownItemError: there is none, or not for them.
    """
    viewer.demand("samples.see")
    found = store.line(session, item_id)
    if found is None or not viewer.may_see(
        "samples.see", shop_id=found.shop_id, team_id=found.team_id, agent_id=found.agent_id
    ):
        raise UnknownItemError
    return found


def takers(session: Session, line: Line) -> list[Inspecting]:
    """Who may be given an item, by name."""
    known = store.inspecting(session, INSPECTING_ROLES)
    grants = grants_of(session, [one.user_id for one in known])
    out = []
    for one in known:
        viewer = Viewer(
            one.user_id, "", grants=tuple(g for g in grants.get(one.user_id, ()) if g.role in INSPECTING_ROLES)
        )
        if viewer.scope("conversations.see").holds(shop_id=line.shop_id, team_id=line.team_id):
            out.append(one)
    agents = {one.agent_id for one in out if one.agent_id is not None}
    wrote = sampling_pool.writers_of(session, line.conversation_id) if agents else frozenset()
    return [one for one in out if one.agent_id is None or one.agent_id not in wrote]


def replace(session: Session, item_id: int, reason: str, *, version: int, by: Viewer, now: datetime) -> int | None:
    """Take another conversation instead, the next of the same method and stratum; its item's id, ``None`` if there is none left.

    The one it replaces stays as replaced, is counted as such, and the plan never draws it again.

    Raises:
        AccessError, UnknownItemError: as for :func:`take_back`.
        ReasonError: there is no such reason.
        NotDrawnError: no plan drew it.
        ItemMovedOnError: it is done, or has changed since ``version``.
    """
    if reason not in REASONS:
        raise ReasonError
    store.lock_draws(session)
    line = _demanded(session, item_id, by)
    sample = store.sample(session, line.sample_id) if line.sample_id is not None else None
    if sample is None or line.draw == "chosen":
        raise NotDrawnError
    _change(session, item_id, version, state="replaced", replaced_why=reason)
    new_id = _add_next(session, line, sample, now)
    if new_id is not None:
        item = store.item(session, item_id)
        if item is not None:
            item.replaced_by_id = new_id
            session.flush()
    note(session, by, now, "item.replaced", ("item", item_id), shop_id=line.shop_id, reason=reason, next=new_id or 0)
    return new_id


def reassign(session: Session, item_id: int, user_id: int | None, *, version: int, by: Viewer, now: datetime) -> None:
    """Give an item to somebody else, with what was answered so far; ``None``: to whoever asks next.

    Raises:
        AccessError, UnknownItemError: as for :func:`take_back`.
        NotTheirsError: they may not have it.
        ItemMovedOnError: it is done, or has changed since ``version``.
    """
    line = _demanded(session, item_id, by)
    if user_id is not None and user_id not in {one.user_id for one in takers(session, line)}:
        raise NotTheirsError
    _change(session, item_id, version, user_id=user_id)
    note(
        session, by, now, "item.reassigned", ("item", item_id), shop_id=line.shop_id, before=line.user_id or 0,
        after=user_id or 0,
    )  # fmt: skip


def take_back(session: Session, item_id: int, *, version: int, by: Viewer, now: datetime) -> None:
    """Take an item from whoever has it: nobody reviews it, and it may be drawn again.

    Raises:
        AccessError: ``by`` may not change whose work it is.
        UnknownItemError: there is none, or not for them.
        ItemMovedOnError: it is done, or has changed since ``version``.
    """
    line = _demanded(session, item_id, by)
    _change(session, item_id, version, state="taken_back")
    note(session, by, now, "item.taken_back", ("item", item_id), shop_id=line.shop_id)


def _demanded(session: Session, item_id: int, by: Viewer) -> Line:
    by.demand("samples.assign")
    line = store.line(session, item_id)
    place = (line.shop_id, line.team_id, line.agent_id) if line is not None else (None, None, None)
    if line is None or not by.may_see("samples.assign", shop_id=place[0], team_id=place[1], agent_id=place[2]):
        raise UnknownItemError
    return line


def _change(session: Session, item_id: int, version: int, **values: Any) -> None:
    if not store.change_item(session, item_id, version=version, **values):
        raise ItemMovedOnError


def _add_next(session: Session, line: Line, sample: Sample, now: datetime) -> int | None:
    """Draw one more as the plan was then, of what there was then and is free now."""
    draft = msgspec.convert({name: sample.plan[name] for name in PlanDraft.__struct_fields__}, PlanDraft)
    zone = ZoneInfo(draft.timezone)
    wanted, further = settled(parse_plan_filter(draft.query, zone), sample.created_at, zone, last_drawn_at=None)
    since = _moment(sample.plan.get("since"))
    wanted = msgspec.structs.replace(wanted, since=since, until=_moment(sample.plan.get("until")))
    # Whoever had the one gets the other; of nobody's yet, whoever can take it.
    hands = hands_of(session, [Inspector(line.user_id)] if line.user_id is not None else [])
    if line.user_id is not None and not hands:
        return None
    found = sampling_pool.pool(
        session,
        wanted,
        Scope(everything=True),
        further,
        today=now.astimezone(zone).date(),
        but=sampling_pool.But(sample.plan_id, sample.id),
        with_times=uses_times(draft.method),
    )
    candidates = takeable(found.candidates, hands)
    why = line.why
    drawn = next_of(candidates, draft.method, sample.seed, part=int(why.get("part", 0)), stratum=why.get("stratum"))
    if drawn is None:
        return None
    due = due_at(now, zone, draft.due_days)
    placed = [Placed(drawn, line.user_id)]
    rows = item_rows(session, sample.id, placed, draft, due=due, now=now, is_cut=found.is_cut)
    for row in rows:
        row["why"] = {**row["why"], "replaces": line.id, "pool": len(candidates)}
        return store.add(session, WorkItem(**row))
    return None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
