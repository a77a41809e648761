"""What audits must know beside the conversations: read in bulk, and put in from a context file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.calendars import is_of
from qaplatform.store.rows import insert_new
from qaplatform.store.tables import (
    AgentRow,
    CalendarDay,
    ClockBandRow,
    DepartmentRow,
    ReturnAddress,
    RosterRow,
)


@dataclass(frozen=True, slots=True)
class BandSeen:
    """A clock band; ``shop_id`` ``None`` = of all shops that have none of their own."""

    shop_id: int | None
    start_minute: int
    end_minute: int
    on_duty: bool
    limit_seconds: float
    promotion_limit_seconds: float | None


@dataclass(frozen=True, slots=True)
class DaySeen:
    """A promotion day or holiday, of one shop or of all."""

    shop_id: int | None
    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class ShiftSeen:
    """An agent's hours on a day or weekday; ``shop_id`` as in bands."""

    shop_id: int | None
    agent: str
    day: date | None
    weekday: int | None
    start_minute: int
    end_minute: int
    shift: str | None


@dataclass(frozen=True, slots=True)
class DepartmentSeen:
    """A department and its contact."""

    code: str
    name: str
    contact: str | None


def all_bands(session: Session) -> list[BandSeen]:
    """Clock bands in the order of the day."""
    columns = (
        ClockBandRow.shop_id, ClockBandRow.start_minute, ClockBandRow.end_minute, ClockBandRow.on_duty,
        ClockBandRow.limit_seconds, ClockBandRow.promotion_limit_seconds,
    )  # fmt: skip
    return [BandSeen(*row) for row in session.execute(select(*columns).order_by(ClockBandRow.start_minute))]


def all_days(session: Session) -> list[DaySeen]:
    """Promotion days and holidays in their order."""
    asked = select(CalendarDay.shop_id, CalendarDay.day, CalendarDay.kind).order_by(CalendarDay.day, CalendarDay.id)
    return [DaySeen(*row) for row in session.execute(asked)]


def all_addresses(session: Session) -> dict[int, tuple[str, ...]]:
    """Return addresses by shop."""
    asked = select(ReturnAddress.shop_id, ReturnAddress.text).order_by(ReturnAddress.id)
    out: dict[int, tuple[str, ...]] = {}
    for shop_id, text in session.execute(asked):
        out[shop_id] = (*out.get(shop_id, ()), text)
    return out


def all_departments(session: Session) -> list[DepartmentSeen]:
    """Departments by their codes."""
    columns = (DepartmentRow.code, DepartmentRow.name, DepartmentRow.contact_name)
    return [DepartmentSeen(*row) for row in session.execute(select(*columns).order_by(DepartmentRow.code))]


@dataclass(frozen=True, slots=True)
class RosterSpan:
    """Which days a roster speaks of at all: its first and last dated entry, if it has any."""

    first: date | None
    last: date | None


def roster_spans(session: Session) -> dict[int | None, RosterSpan]:
    """By shop (``None``: of all), the days its roster reaches from and to."""
    asked = select(RosterRow.shop_id, func.min(RosterRow.day), func.max(RosterRow.day)).group_by(RosterRow.shop_id)
    return {shop_id: RosterSpan(first, last) for shop_id, first, last in session.execute(asked)}


def shifts_between(session: Session, shop_id: int | None, first: date, last: date) -> list[ShiftSeen]:
    """A roster's weekly entries and those of the days ``first`` to ``last``, both included, in a fixed order."""
    columns = (
        RosterRow.shop_id, AgentRow.code, RosterRow.day, RosterRow.weekday, RosterRow.start_minute,
        RosterRow.end_minute, RosterRow.shift,
    )  # fmt: skip
    which = or_(RosterRow.day.is_(None), RosterRow.day.between(first, last))
    order = (RosterRow.day, RosterRow.weekday, RosterRow.start_minute, RosterRow.end_minute, RosterRow.id)
    asked = (
        select(*columns)
        .join(AgentRow, AgentRow.id == RosterRow.agent_id)
        .where(is_of(RosterRow.shop_id, shop_id), which)
        .order_by(*order)
    )
    return [ShiftSeen(*row) for row in session.execute(asked)]


# --- taking over what a file says ---------------------------------------------------------------------


def add_addresses(session: Session, shop_id: int, texts: Sequence[str]) -> None:
    """Add return addresses a shop does not have."""
    known = set(session.scalars(select(ReturnAddress.text).where(ReturnAddress.shop_id == shop_id)))
    insert_new(session, ReturnAddress, [{"shop_id": shop_id, "text": text} for text in texts if text not in known])


def add_departments(session: Session, departments: Iterable[DepartmentSeen]) -> None:
    """Add departments that are not there."""
    rows = [{"code": one.code, "name": one.name, "contact_name": one.contact} for one in departments]
    insert_new(session, DepartmentRow, rows)


def replace_shifts(
    session: Session, shop_id: int | None, shifts: Sequence[ShiftSeen], agents: Mapping[str, int]
) -> None:
    """Replace a roster's weekly entries and its entries of the days that these speak of."""
    days, own = sorted({one.day for one in shifts if one.day}), is_of(RosterRow.shop_id, shop_id)
    if days:
        session.execute(delete(RosterRow).where(own, RosterRow.day.between(days[0], days[-1])))
    if any(one.weekday is not None for one in shifts):
        session.execute(delete(RosterRow).where(own, RosterRow.weekday.is_not(None)))
    rows = [
        {
            "shop_id": shop_id, "agent_id": agents[one.agent], "day": one.day, "weekday": one.weekday,
            "start_minute": one.start_minute, "end_minute": one.end_minute, "shift": one.shift,
        }
        for one in shifts
    ]  # fmt: skip
    insert_new(session, RosterRow, rows)
