"""Caps, manner and bar of the language models in the browser."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import DecimalField, IntegerField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, NumberRange, Optional

from qaplatform import clock
from qaplatform.audit.trust import LEAST_FOR_KAPPA, Bar
from qaplatform.services import grader_settings as service
from qaplatform.services.grader_overview import endpoint_in_use
from qaplatform.services.grader_settings import (
    MOST_AT_ONCE,
    MOST_CAP,
    MOST_PAIRS,
    MOST_QUESTIONS_A_CALL,
    GraderSettings,
)
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, NumberField, at_most, between, choices, required, saved, stripped
from qaplatform.web.grader_words import CURRENCIES, problem_words
from qaplatform.web.i18n import _, lazy
from qaplatform.web.shops import ZONES
from qaplatform.web.submitting import submitted

grader_settings = Blueprint("grader_settings", __name__, url_prefix="/grader/settings")
_MICROS = 1_000_000
_NUMERIC, _DECIMAL = {"inputmode": "numeric"}, {"inputmode": "decimal"}
_PLACES = {"grader.timezone": "timezone"}


class MoneyField(DecimalField):  # type: ignore[misc]
    """A sum in the currency's unit, kept as millionths of it."""

    data: Decimal | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Refuse what is no number, such as NaN.

        Raises:
            ValueError: it is none.
        """
        super().process_formdata(valuelist)
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(_("应为大于 0 的金额。"))


def _tokens(label: object) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(1, MOST_CAP, lazy("应为大于 0 的整数。"))], render_kw=_NUMERIC)


def _money(label: object) -> MoneyField:
    least = NumberRange(Decimal("0.000001"), MOST_CAP // _MICROS, lazy("应为大于 0 的金额。"))
    return MoneyField(label, [Optional(), least], places=None, render_kw=_DECIMAL)


class SettingsForm(Form):
    """All of it."""

    day_tokens = _tokens(lazy("每天的 token"))
    run_tokens = _tokens(lazy("每次任务的 token"))
    conversation_tokens = _tokens(lazy("单通会话的 token"))
    day_money = _money(lazy("每天的费用"))
    run_money = _money(lazy("每次任务的费用"))
    currency = SelectField(lazy("费用上限的币种"), choices=choices(*CURRENCIES.items()))
    at_once = IntegerField(
        lazy("同时进行的会话数"), [InputRequired(lazy("请填写此项。")), between(1, MOST_AT_ONCE)], render_kw=_NUMERIC
    )
    questions_a_call = IntegerField(
        lazy("一次问几个问题"),
        [InputRequired(lazy("请填写此项。")), between(1, MOST_QUESTIONS_A_CALL)],
        render_kw=_NUMERIC,
    )
    least_n = IntegerField(
        lazy("比对的会话数（n）"),
        [InputRequired(lazy("请填写此项。")), between(LEAST_FOR_KAPPA, MOST_PAIRS)],
        render_kw=_NUMERIC,
    )
    least_rare = IntegerField(
        lazy("其中较少见的结论"), [InputRequired(lazy("请填写此项。")), between(1, MOST_PAIRS)], render_kw=_NUMERIC
    )
    least_agreement = NumberField(
        lazy("一致率（%%）"), [InputRequired(lazy("请填写此项。")), between(50, 100)], render_kw=_DECIMAL
    )
    least_kappa = NumberField(
        lazy("一致性系数（Cohen κ）"), [InputRequired(lazy("请填写此项。")), between(0, 1)], render_kw=_DECIMAL
    )
    timezone = StringField(lazy("时区"), [required(), at_most(60)], [stripped], render_kw={"list": "zones"})
    submit = SubmitField(lazy("保存"))

    def settings(self) -> GraderSettings:
        """What was written, for the service."""
        return GraderSettings(
            day_tokens=self.day_tokens.data,
            run_tokens=self.run_tokens.data,
            conversation_tokens=self.conversation_tokens.data,
            day_money_micros=_micros(self.day_money.data),
            run_money_micros=_micros(self.run_money.data),
            currency=self.currency.data,
            at_once=self.at_once.data,
            questions_a_call=self.questions_a_call.data,
            bar=Bar(
                self.least_n.data,
                self.least_rare.data,
                round(self.least_agreement.data / 100, 6),
                self.least_kappa.data,
            ),
            timezone=self.timezone.data or "",
        )


@grader_settings.get("")
@permitted("grader.manage")
def show() -> str:
    """The settings."""
    with current_store().reading() as session:
        now = service.grader_settings(session)
    plain = msgspec.structs.asdict(now) | msgspec.structs.asdict(now.bar)
    form = SettingsForm(
        formdata=None,
        **plain
        | {
            "day_money": _sum(now.day_money_micros),
            "run_money": _sum(now.run_money_micros),
            "least_agreement": round(now.bar.least_agreement * 100, 4),
        },
    )
    return _page(form)


@grader_settings.post("")
@permitted("grader.manage")
def change() -> ResponseReturnValue:
    """Change them."""
    form, by, now = SettingsForm(), current_viewer(), clock.now()
    changed = submitted(
        form, lambda session: service.change_settings(session, form.settings(), by=by, now=now), _PLACES
    )
    if changed is None:
        return _page(form), 400
    flash(saved(), "success")
    return redirect(url_for(".show"), 303)


def _page(form: SettingsForm) -> str:
    with current_store().reading() as session:
        in_use = endpoint_in_use(session)
    return render_template(
        "grader_settings/show.html", form=form, in_use=in_use, zones=ZONES, problem_words=problem_words
    )


def _micros(value: Decimal | None) -> int | None:
    return None if value is None else int(value * _MICROS)


def _sum(micros: int | None) -> Decimal | None:
    """As one would type it."""
    return None if micros is None else Decimal(format((Decimal(micros) / _MICROS).normalize(), "f"))
