"""The rules of training: when an exam is passed, who plays the customer, whose days things go by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from qaplatform import clock
from qaplatform.services.calendar_days import DaysFormError, NoDaysError, TooManyDaysError, read_days
from qaplatform.services.training import exam_rules as service
from qaplatform.services.training.settings import (
    DRILL_SECONDS,
    MOST_EXAMS,
    MOST_WAIT_HOURS,
    TrainingSettings,
    training_settings,
)
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, NumberField, at_most, between, choices, required, saved, set_error, stripped
from qaplatform.web.i18n import LazyText, _, lazy
from qaplatform.web.shops import ZONES
from qaplatform.web.submitting import submitted

exam_rules = Blueprint("training_settings", __name__, url_prefix="/training/rules")
_NUMERIC = {"inputmode": "numeric"}
_WEEKDAYS: tuple[LazyText, ...] = (
    lazy("周一"), lazy("周二"), lazy("周三"), lazy("周四"), lazy("周五"), lazy("周六"), lazy("周日"),
)  # fmt: skip
_PLACES = {
    f"rules.{field}": field for field in ("exam_kinds", "timezone", "free_weekdays", "endpoint_id", "holidays", "days")
}
_PLACES["rules.days"] = "extra_working_days"


def _whole(label: LazyText, least: int, most: int) -> IntegerField:
    return IntegerField(label, [InputRequired(lazy("请填写此项。")), between(least, most)], render_kw=_NUMERIC)


class RulesForm(Form):
    """All of it."""

    exams_to_pass = _whole(lazy("要通过的场景数"), 1, MOST_EXAMS)
    exam_kinds = _whole(lazy("其中不同类型至少"), 1, MOST_EXAMS)
    retake_wait_hours = NumberField(
        lazy("没通过后间隔（小时）"),
        [InputRequired(lazy("请填写此项。")), between(0, MOST_WAIT_HOURS)],
        render_kw={"inputmode": "decimal"},
    )
    no_critical = BooleanField(lazy("出现一票否决后，之前通过的不再算数"))
    mentor_must_agree = BooleanField(lazy("带教看过并同意，才算通过"))
    llm_customer = BooleanField(lazy("练习可以由语言模型扮演客户"))
    llm_customer_certifies = BooleanField(lazy("正式考核也可以，通过后算数"))
    endpoint_id = SelectField(lazy("用哪个模型接口"), validate_choice=False)
    drill_seconds = _whole(lazy("单句练习的时限（秒）"), *DRILL_SECONDS)
    timezone = StringField(lazy("时区"), [required(), at_most(60)], [stripped], render_kw={"list": "zones"})
    free_weekdays = SelectMultipleField(
        lazy("每周休息日"),
        choices=choices(*((str(number), name) for number, name in enumerate(_WEEKDAYS))),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    holidays = TextAreaField(lazy("节假日"), [at_most(4000)], [stripped], render_kw={"rows": 5})
    extra_working_days = TextAreaField(lazy("调休上班的日子"), [at_most(4000)], [stripped], render_kw={"rows": 5})
    submit = SubmitField(lazy("保存"))


@exam_rules.get("")
@permitted("training.publish")
def show() -> str:
    """The rules."""
    with current_store().reading() as session:
        now = training_settings(session)
    form = RulesForm(
        formdata=None,
        **{
            name: getattr(now, name)
            for name in (
                "exams_to_pass", "exam_kinds", "retake_wait_hours", "no_critical", "mentor_must_agree", "llm_customer",
                "llm_customer_certifies", "drill_seconds", "timezone",
            )
        },
        endpoint_id="" if now.endpoint_id is None else str(now.endpoint_id),
        free_weekdays=[str(one) for one in now.free_weekdays],
        holidays=_written(now.holidays),
        extra_working_days=_written(now.extra_working_days),
    )  # fmt: skip
    return _page(form)


@exam_rules.post("")
@permitted("training.publish")
def change() -> ResponseReturnValue:
    """Change them."""
    form, by, now = RulesForm(), current_viewer(), clock.now()
    is_right = form.validate_on_submit()
    days = {name: _days(form, name, now) for name in ("holidays", "extra_working_days")}
    if not is_right or None in days.values():
        return _page(form), 400
    wanted = _settings(form, days)
    if submitted(form, lambda session: service.change_rules(session, wanted, by=by, now=now), _PLACES) is None:
        return _page(form), 400
    flash(saved(), "success")
    return redirect(url_for(".show"), 303)


def _settings(form: RulesForm, days: dict[str, Any]) -> TrainingSettings:
    chosen = form.endpoint_id.data or ""
    return TrainingSettings(
        exams_to_pass=form.exams_to_pass.data,
        exam_kinds=form.exam_kinds.data,
        retake_wait_hours=form.retake_wait_hours.data,
        no_critical=form.no_critical.data,
        mentor_must_agree=form.mentor_must_agree.data,
        llm_customer=form.llm_customer.data or form.llm_customer_certifies.data,
        llm_customer_certifies=form.llm_customer_certifies.data,
        endpoint_id=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else None,
        drill_seconds=form.drill_seconds.data,
        timezone=form.timezone.data or "",
        free_weekdays=tuple(sorted(int(one) for one in form.free_weekdays.data or ())),
        **days,
    )


def _days(form: RulesForm, name: str, now: datetime) -> tuple[date, ...] | None:
    """The days in a field; what cannot be read is said beside it."""
    try:
        return tuple(read_days(form[name].data or "", year=now.year))
    except NoDaysError:
        return ()
    except DaysFormError as error:
        set_error(form[name], _("这些不是日期：%(pieces)s", pieces=_("、").join(error.pieces[:5])))
    except TooManyDaysError:
        set_error(form[name], _("日子太多，一次最多 400 天。"))
    return None


def _written(days: Iterable[date]) -> str:
    return "\n".join(one.isoformat() for one in days)


def _page(form: RulesForm) -> str:
    with current_store().reading() as session:
        endpoints = service.endpoint_choices(session, current_viewer())
    form.endpoint_id.choices = choices(("", _("与 AI 评分相同")), *((str(id), name) for id, name in endpoints))
    return render_template("training/exam_rules/show.html", form=form, zones=ZONES, has_endpoints=bool(endpoints))
