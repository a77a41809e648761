"""Clock bands of a shop, or of all that have none of their own: a table of which a row is a band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, FloatField, FormField, SubmitField, ValidationError

from qaplatform import clock
from qaplatform.services import clock_bands as service
from qaplatform.services.clock_bands import MOST_BANDS, BandProblem, BandsError
from qaplatform.store.clock_bands import Band
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import minute_of_day
from qaplatform.web.forms import Form, saved, set_error
from qaplatform.web.i18n import _, lazy
from qaplatform.web.minutes import MinuteField
from qaplatform.web.shops import shop_or_404
from qaplatform.web.submitting import done, submitted

clock_bands = Blueprint("clock_bands", __name__, url_prefix="/admin/shops")
_LIMIT = service.MOST_LIMIT_SECONDS


class SecondsField(FloatField):  # type: ignore[misc]
    """Seconds; whole ones are written without a point."""

    def _value(self) -> str:
        raw: list[str] | None = self.raw_data
        if raw:
            return raw[0]
        seconds: float | None = self.data
        return "" if seconds is None else f"{seconds:g}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing is nothing."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        super().process_formdata(valuelist)


def _number(field: SecondsField) -> float:
    """What a field holds, nothing as zero."""
    seconds: float | None = field.data
    return seconds or 0.0


class BandPart(Form):
    """A row; one in which nothing is written is passed over."""

    class Meta(Form.Meta):
        """A part of a form that has a token."""

        csrf = False

    start = MinuteField(lazy("从"))
    end = MinuteField(lazy("到"))
    on_duty = BooleanField(lazy("有人值班"))
    limit = SecondsField(lazy("时限（秒）"))
    promotion_limit = SecondsField(lazy("促销日时限（秒）"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written."""
        fields = (self.start, self.end, self.limit, self.promotion_limit)
        return not any(field.raw_data and field.raw_data[0].strip() for field in fields)

    def validate_start(self, field: MinuteField) -> None:
        """A band begins."""
        self._demand(field)

    def validate_end(self, field: MinuteField) -> None:
        """A band ends."""
        self._demand(field)

    def validate_limit(self, field: SecondsField) -> None:
        """Whoever is on duty has a limit."""
        if self.on_duty.data:
            self._demand(field)

    def _demand(self, field: Any) -> None:
        if field.data is None and not field.errors and not self.is_blank:
            raise ValidationError(_("请填写此项。"))

    def band(self) -> Band:
        """What is written."""
        return Band(
            start_minute=self.start.data or 0,
            end_minute=self.end.data or 0,
            on_duty=self.on_duty.data,
            limit_seconds=_number(self.limit),
            promotion_limit_seconds=self.promotion_limit.data,
        )


class BandsForm(Form):
    """A day's bands."""

    bands = FieldList(FormField(BandPart), max_entries=MOST_BANDS)
    submit = SubmitField(lazy("保存"))

    def written(self) -> list[BandPart]:
        """The rows that are not blank."""
        return [row.form for row in self.bands if not row.form.is_blank]


@clock_bands.get("/<int:shop_id>/bands")
@permitted("shops.manage")
def show(shop_id: int) -> str:
    """A shop's bands."""
    return _page(shop_id)


@clock_bands.get("/shared/bands")
@permitted("shops.manage")
def show_shared() -> str:
    """The bands of all shops that have none of their own."""
    return _page(None)


@clock_bands.post("/<int:shop_id>/bands")
@permitted("shops.manage")
def change(shop_id: int) -> ResponseReturnValue:
    """Give a shop bands of its own."""
    return _change(shop_id)


@clock_bands.post("/shared/bands")
@permitted("shops.manage")
def change_shared() -> ResponseReturnValue:
    """Give all shops others."""
    return _change(None)


@clock_bands.get("/<int:shop_id>/bands/drop")
@permitted("shops.manage")
def ask_drop(shop_id: int) -> str:
    """Whether one is sure."""
    line = shop_or_404(shop_id)
    return _ask(_("要放弃 %(name)s 自己的时段，改用通用时段吗？", name=line.name), shop_id)


@clock_bands.get("/shared/bands/drop")
@permitted("shops.manage")
def ask_drop_shared() -> str:
    """Whether one is sure."""
    return _ask(_("要放弃通用时段，改用默认时段吗？"), None)


@clock_bands.post("/<int:shop_id>/bands/drop")
@permitted("shops.manage")
def drop(shop_id: int) -> ResponseReturnValue:
    """Take the bands of all shops again."""
    return _drop(shop_id)


@clock_bands.post("/shared/bands/drop")
@permitted("shops.manage")
def drop_shared() -> ResponseReturnValue:
    """Take the defaults again."""
    return _drop(None)


def _own_url(shop_id: int | None) -> str:
    return url_for(".show_shared") if shop_id is None else url_for(".show", shop_id=shop_id)


def _change(shop_id: int | None) -> ResponseReturnValue:
    form = BandsForm()
    if "more" in request.form:
        if len(form.bands) < MOST_BANDS:
            form.bands.append_entry({"on_duty": True})
        return _page(shop_id, form)
    rows = form.written()
    by, now = current_viewer(), clock.now()
    try:
        changed = submitted(
            form,
            lambda session: service.set_bands(session, shop_id, [row.band() for row in rows], by=by, now=now),
            but=BandsError,
        )
    except BandsError as error:
        _show_problems(rows, error.problems)
        changed = None
    if changed is None:
        return _page(shop_id, form), 400
    flash(saved(), "success")
    return redirect(_own_url(shop_id), 303)


def _show_problems(rows: Sequence[BandPart], problems: Sequence[BandProblem]) -> None:
    for one in problems:
        span = f"{minute_of_day(one.start_minute)}–{minute_of_day(one.end_minute)}"
        row = rows[one.place] if one.place is not None else max(rows, key=lambda row: row.end.data or 0, default=None)
        if row is None:
            flash(_("请至少填写一个时段。"), "error")
        elif one.code == "gap":
            set_error(row.start if one.place is not None else row.end, _("%(span)s 没有归入任何时段。", span=span))
        elif one.code == "overlap":
            set_error(row.start, _("%(span)s 同时归入了另一个时段。", span=span))
        elif one.code == "empty":
            set_error(row.end, _("结束必须晚于开始。"))
        else:
            field = row.limit if one.code == "limit" else row.promotion_limit
            set_error(field, _("时限应在 1 到 %(most)s 秒之间。", most=_LIMIT))


def _ask(question: str, shop_id: int | None) -> str:
    return render_template(
        "parts/confirm.html",
        title=_("放弃现有时段"),
        question=question,
        details=[_("现在填写的时段会被删除，需要时须重新填写。"), _("只影响此后的质检，已有的结果不变。")],
        action=url_for(".drop_shared") if shop_id is None else url_for(".drop", shop_id=shop_id),
        label=_("恢复"),
        back=_own_url(shop_id),
    )


def _drop(shop_id: int | None) -> ResponseReturnValue:
    by, now = current_viewer(), clock.now()
    done(lambda session: service.drop_bands(session, shop_id, by=by, now=now))
    flash(_("已恢复。"), "success")
    return redirect(_own_url(shop_id), 303)


def _page(shop_id: int | None, form: BandsForm | None = None) -> str:
    line = None if shop_id is None else shop_or_404(shop_id)
    with current_store().reading() as session:
        seen = service.bands_for(session, current_viewer(), shop_id)
    if form is None:
        form = BandsForm(formdata=None)
        for band in seen.bands:
            form.bands.append_entry(
                {
                    "start": band.start_minute,
                    "end": band.end_minute,
                    "on_duty": band.on_duty,
                    "limit": band.limit_seconds if band.on_duty else None,
                    "promotion_limit": band.promotion_limit_seconds,
                }
            )
    return render_template("clock_bands/show.html", line=line, shop_id=shop_id, form=form, seen=seen)
