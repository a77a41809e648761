"""Promotion days and holidays of a shop, or of all: a month at a time, many days added at once."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.services import calendar_days as service
from qaplatform.services.calendar_days import FIRST_YEAR, LAST_YEAR, DaysFormError, read_days
from qaplatform.store.calendar_days import DayLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, choices, required, set_error, stripped
from qaplatform.web.i18n import LazyText, _, lazy, plural
from qaplatform.web.numbers import GREATEST
from qaplatform.web.shops import shop_or_404
from qaplatform.web.submitting import Session, done, submitted
from qaplatform.web.today import today

calendar_days = Blueprint("calendar_days", __name__, url_prefix="/admin/shops")
KINDS: dict[str, LazyText] = {"promotion": lazy("促销日"), "holiday": lazy("假日")}
_MOST_CHARS = 10_000
_PLACES = {
    "days.form": "days",
    "days.none": "days",
    "days.too_many": "days",
    "days.kind": "kind",
    "days.note": "note",
}


class DaysForm(Form):
    """Days to be added."""

    kind = SelectField(lazy("类型"), choices=choices(*KINDS.items()), default="promotion")
    days = TextAreaField(
        lazy("日期"), [required(lazy("请至少填写一个日期。")), at_most(_MOST_CHARS)], render_kw={"rows": 5}
    )
    note = StringField(lazy("说明"), [at_most(200)], [stripped])
    submit = SubmitField(lazy("添加"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the month's sheet."""

    day: date
    is_inside: bool
    """Whether it belongs to the month."""
    is_today: bool
    lines: Sequence[DayLine]


@calendar_days.get("/<int:shop_id>/days")
@permitted("shops.manage")
def show(shop_id: int) -> str:
    """A month of a shop."""
    return _page(shop_id)


@calendar_days.get("/shared/days")
@permitted("shops.manage")
def show_shared() -> str:
    """A month of all shops."""
    return _page(None)


@calendar_days.post("/<int:shop_id>/days")
@permitted("shops.manage")
def add(shop_id: int) -> ResponseReturnValue:
    """Add days to a shop."""
    return _add(shop_id)


@calendar_days.post("/shared/days")
@permitted("shops.manage")
def add_shared() -> ResponseReturnValue:
    """Add days to all shops."""
    return _add(None)


@calendar_days.post("/<int:shop_id>/days/remove")
@permitted("shops.manage")
def remove(shop_id: int) -> ResponseReturnValue:
    """Remove the chosen days of a shop."""
    return _remove(shop_id)


@calendar_days.post("/shared/days/remove")
@permitted("shops.manage")
def remove_shared() -> ResponseReturnValue:
    """Remove the chosen days of all shops."""
    return _remove(None)


def _own_url(shop_id: int | None, month: date) -> str:
    text = month.strftime("%Y-%m")
    if shop_id is None:
        return url_for(".show_shared", month=text)
    return url_for(".show", shop_id=shop_id, month=text)


def _month() -> date:
    """The month that is asked for, by its first day; else this one."""
    year, _dash, number = request.args.get("month", "").partition("-")
    if year.isdecimal() and number.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(number) <= 12:
        return date(int(year), int(number), 1)
    return today().replace(day=1)


def _add(shop_id: int | None) -> ResponseReturnValue:
    month, form = _month(), DaysForm()
    by, now = current_viewer(), clock.now()
    days: Sequence[date] = ()

    def act(session: Session) -> int:
        nonlocal days
        days = read_days(form.days.data or "", year=month.year)
        return service.add_days(session, shop_id, days, form.kind.data, form.note.data or "", by=by, now=now)

    try:
        added = submitted(form, act, _PLACES, but=DaysFormError)
    except DaysFormError as error:
        pieces = _("、").join(error.pieces[:5])
        set_error(form.days, _("看不懂这些内容：%(pieces)s。每行写一个日期或一段日期。", pieces=pieces))
        added = None
    if added is None:
        return _page(shop_id, form), 400
    known = len(days) - added.value
    if added.value and known:
        said = _("已添加 %(added)s 天，另有 %(known)s 天原来就有。", added=added.value, known=known)
    else:
        said = plural("已添加 %(num)s 天。", added.value) if added.value else _("这些日期都已经有了。")
    flash(said, "success")
    return redirect(_own_url(shop_id, days[0]), 303)


def _remove(shop_id: int | None) -> ResponseReturnValue:
    ids = [id for id in request.form.getlist("day", type=int) if 0 < id <= GREATEST]
    by, now = current_viewer(), clock.now()
    removed = done(lambda session: service.remove_days(session, shop_id, ids, by=by, now=now)).value
    if removed:
        flash(plural("已删除 %(num)s 天。", removed), "success")
    else:
        flash(_("请先勾选要删除的日期。"), "warning")
    return redirect(_own_url(shop_id, _month()), 303)


def _page(shop_id: int | None, form: DaysForm | None = None) -> str:
    line = None if shop_id is None else shop_or_404(shop_id)
    month, viewer = _month(), current_viewer()
    with current_store().reading() as session:
        days = service.month_of_days(session, viewer, shop_id, month)
        counts = service.months_around(session, viewer, shop_id, month)
    return render_template(
        "calendar_days/show.html",
        line=line,
        shop_id=shop_id,
        form=form or DaysForm(formdata=None),
        month=month,
        weeks=_sheet(month, days),
        days=days,
        removable=[one for one in days if one.shop_id == shop_id],
        kinds=KINDS,
        months=[(date(month.year, n, 1), counts.get(date(month.year, n, 1), 0)) for n in range(1, 13)],
        month_url=lambda wanted: _own_url(shop_id, wanted),
        before=_other_month(month, -1),
        after=_other_month(month, 1),
    )


def _other_month(month: date, step: int) -> date | None:
    other = (month + timedelta(days=31) if step > 0 else month - timedelta(days=1)).replace(day=1)
    return other if FIRST_YEAR <= other.year <= LAST_YEAR else None


def _sheet(month: date, days: Sequence[DayLine]) -> list[list[Cell]]:
    """The weeks of a month from Monday on, with what is on each day."""
    this_day = today()
    return [
        [Cell(day, day.month == month.month, day == this_day, [one for one in days if one.day == day]) for day in week]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]
