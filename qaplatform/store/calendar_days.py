"""Promotion days and holidays, of one shop or of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.calendars import is_of
from qaplatform.store.tables import CalendarDay

Kind = Literal["promotion", "holiday"]


class DayLine(msgspec.Struct, frozen=True):
    """A day apart; without a shop it holds for all."""

    id: int
    shop_id: int | None
    day: date
    kind: Kind
    note: str


def days_between(session: Session, shop_id: int | None, first: date, until: date) -> Sequence[DayLine]:
    """What holds for a shop (its own days and those of all shops) from ``first`` to before ``until``, in order.

    ``shop_id`` ``None``: only those of all shops.
    """
    columns = (CalendarDay.id, CalendarDay.shop_id, CalendarDay.day, CalendarDay.kind, CalendarDay.note)
    found: Any = select(*columns).where(_holds_for(shop_id), CalendarDay.day >= first, CalendarDay.day < until)
    return [DayLine(*row) for row in session.execute(found.order_by(CalendarDay.day, CalendarDay.kind, CalendarDay.id))]


def months_with_days(session: Session, shop_id: int | None, first: date, until: date) -> Mapping[date, int]:
    """How many such days there are in each month that has any, by its first day."""
    rows = session.execute(
        select(CalendarDay.day, func.count())
        .where(_holds_for(shop_id), CalendarDay.day >= first, CalendarDay.day < until)
        .group_by(CalendarDay.day)
        .order_by(CalendarDay.day)
    )
    months: dict[date, int] = {}
    for day, count in rows:
        month = day.replace(day=1)
        months[month] = months.get(month, 0) + count
    return months


def add_days(session: Session, shop_id: int | None, days: Iterable[date], kind: Kind, note: str) -> int:
    """Add the days that are not there yet; how many those were. Hold the calendar first."""
    wanted = sorted(set(days))
    there = set(
        session.scalars(
            select(CalendarDay.day).where(
                is_of(CalendarDay.shop_id, shop_id), CalendarDay.kind == kind, CalendarDay.day.in_(wanted)
            )
        )
    )
    new = [day for day in wanted if day not in there]
    session.add_all(CalendarDay(shop_id=shop_id, day=day, kind=kind, note=note) for day in new)
    session.flush()
    return len(new)


def remove_days(session: Session, shop_id: int | None, ids: Collection[int]) -> int:
    """Remove days of this calendar; how many those were. Ids of another calendar are left alone."""
    gone = delete(CalendarDay).where(is_of(CalendarDay.shop_id, shop_id), CalendarDay.id.in_(sorted(ids)))
    return len(session.scalars(gone.returning(CalendarDay.id)).all())


def _holds_for(shop_id: int | None) -> ColumnElement[bool]:
    for_all = CalendarDay.shop_id.is_(None)
    return for_all if shop_id is None else or_(for_all, CalendarDay.shop_id == shop_id)
