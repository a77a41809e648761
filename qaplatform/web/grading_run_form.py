"""The form that starts a run of the grader. It is sent by GET: what it would cost has an address, and is started from there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    SubmitField,
    ValidationError,
)
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from qaplatform import clock
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.grading_run_pages import Choices
from qaplatform.services.grading_runs import RunCaps
from qaplatform.store.llm_endpoints import StoredEndpoint
from qaplatform.web.conversations.filters import Given
from qaplatform.web.formatting import zone
from qaplatform.web.forms import Form, between, choices
from qaplatform.web.grader_settings import MoneyField
from qaplatform.web.grader_words import problem_words
from qaplatform.web.i18n import LazyText, _, language, lazy

MOST = 5_000
"""So many conversations can one run be about."""
USUAL = 100
_USUAL_DAYS = 7
_MICROS = 1_000_000
_FLAGGED = {"failed": "verdict=fail&verdict=critical&verdict=pending", "priority": "priority_from=0.4"}
"""What counts as flagged, as the conversation list filters it."""


def money_field() -> MoneyField:
    """The most that a run may cost, in the currency of the settings."""
    least = NumberRange(Decimal("0.000001"), 10**9, lazy("应为大于 0 的金额。"))
    return MoneyField(lazy("最多花多少钱"), [Optional(), least], places=None, render_kw={"inputmode": "decimal"})


class RunForm(Form):
    """Which conversations, what is asked of whom, and how much it may take."""

    which = RadioField(lazy("哪些会话"))
    since = DateField(lazy("开始日期"), [Optional()])
    until = DateField(lazy("结束日期"), [Optional()])
    plan = SelectField(lazy("抽检计划"), validate_choice=False)
    query = HiddenField()
    most = IntegerField(lazy("最多几通"), [Optional(), between(1, MOST)])
    seed = IntegerField(lazy("随机种子"), [Optional(), between(0, 2**53)])
    prompts = SelectMultipleField(
        lazy("另外再问"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    model = SelectField(lazy("模型"))
    tokens = IntegerField(lazy("最多用多少 token"), [Optional(), between(1, 10**12)])
    money = money_field()
    submit = SubmitField(lazy("试算费用"))

    def prepare(self, known: Choices) -> None:
        """Give the fields their choices."""
        for one in (self.since, self.until, self.most, self.seed):
            one.flags.required = True  # Where they are shown; what is hidden is not asked for.
        ways: list[tuple[str, str | LazyText]] = [
            ("failed", lazy("一段时间内不合格或一票否决的会话")),
            ("priority", lazy("一段时间内优先级 40%% 以上的会话")),
        ]
        if known.plans:
            ways.append(("plan", lazy("一个抽检计划最近抽到的会话")))
        if self.which.data == "list":
            ways.insert(0, ("list", lazy("会话列表里筛选出的会话")))
        self.which.choices = choices(*ways)
        if self.which.data not in {code for code, _label in ways}:
            self.which.data = ways[0][0]
        self.plan.choices = choices(*((str(id), name) for id, name in known.plans.items()))
        titles = {id: one.title[language()] for id, one in shipped_prompts().questions.items()}
        self.prompts.choices = choices(*titles.items())
        self.model.choices = choices(*((str(one.id), f"{one.name} · {one.model}") for one in known.endpoints))
        self._endpoints: Sequence[StoredEndpoint] = known.endpoints
        self._currency = known.settings.currency

    def validate_until(self, field: DateField) -> None:
        """The days must be some."""
        if self.which.data in _FLAGGED:
            if self.since.data is None or field.data is None:
                raise ValidationError(_("请填写开始和结束日期。"))
            if field.data < self.since.data:
                raise ValidationError(_("结束日期早于开始日期。"))

    def validate_plan(self, field: SelectField) -> None:
        """A plan that is there."""
        if self.which.data == "plan" and field.data not in {one.value for one in field.choices}:
            raise ValidationError(_("请选择一个抽检计划。"))

    def validate_money(self, field: MoneyField) -> None:
        """Money can only be counted where the price is known, and in the same currency."""
        asked = self.asked
        if field.data is None or asked is None:
            return
        if asked.input_price is None or asked.output_price is None:
            raise ValidationError(_("这个模型没有填写价格，无法控制费用；请改用 token 上限，或先填写价格。"))
        if asked.currency != self._currency:
            raise ValidationError(problem_words("budget:other_currency"))

    @property
    def asked(self) -> StoredEndpoint | None:
        """Who would be asked."""
        return next((one for one in self._endpoints if str(one.id) == self.model.data), None)

    @property
    def given(self) -> Given:
        """The filter of the conversations, as the list has it."""
        days = [(name, one.data.isoformat()) for name, one in (("from", self.since), ("to", self.until)) if one.data]
        if self.which.data in _FLAGGED:
            written = "&".join((_FLAGGED[self.which.data], *(f"{name}={day}" for name, day in days)))
            return Given.read(written, zone())
        return Given.read(self.query.data or "", zone())

    @property
    def plan_id(self) -> int | None:
        """The plan, where its conversations are asked for."""
        return int(self.plan.data) if self.which.data == "plan" and self.plan.data else None

    @property
    def caps(self) -> RunCaps:
        """The most that the run may take."""
        return caps_of(self.tokens.data, self.money.data)


def sent_form(known: Choices) -> RunForm:
    """The form as the address fills it in."""
    form = RunForm(request.args, meta={"csrf": False})
    form.prepare(known)
    return form


def new_form(known: Choices) -> RunForm:
    """The form as it begins: with the list or the plan that one came from."""
    today = clock.now().astimezone(zone()).date()
    data: dict[str, Any] = {
        "which": request.args.get("which", "failed"),
        "plan": request.args.get("plan"),
        "query": request.args.get("query", ""),
        "since": today - timedelta(days=_USUAL_DAYS - 1),
        "until": today,
        "most": USUAL,
        "seed": secrets.randbelow(10**6),
    }
    form = RunForm(formdata=None, data=data, meta={"csrf": False})
    form.prepare(known)
    return form


class GoOnForm(Form):
    """Caps of a run that is to go on."""

    tokens = IntegerField(lazy("最多用多少 token"), [Optional(), between(1, 10**12)])
    money = money_field()
    submit = SubmitField(lazy("接着问"))

    @property
    def caps(self) -> RunCaps:
        """The most that the whole run may take."""
        return caps_of(self.tokens.data, self.money.data)


def caps_of(tokens: int | None, money: Decimal | None) -> RunCaps:
    """What was filled in, as a run takes it."""
    return RunCaps(tokens, None if money is None else int(money * _MICROS))
