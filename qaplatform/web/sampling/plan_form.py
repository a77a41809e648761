"""The form of a plan, from and to what the service takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from flask import request
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
)
from wtforms.validators import Optional

from qaplatform.audit.sampling import By, Kind, Method, Part, Split
from qaplatform.services.cycles import Cycle
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.store.filter_choices import Choice, FilterChoices
from qaplatform.store.sampling import Inspecting
from qaplatform.web.conversations.vocabulary import Vocabulary, channel, queue
from qaplatform.web.forms import Form, at_most, between, choices, required, stripped
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.sampling.words import BY, CYCLES, KINDS, SPLITS, WEEKDAYS

_PERIODS = {
    "days": lazy("最近几天"),
    "since_draw": lazy("上次抽取以来"),
    "between": lazy("指定日期"),
    "all": lazy("不限"),
}
MIXED: tuple[Kind, ...] = ("random", "per_agent", "stratified", "priority", "outliers")
_TEXTS = ("topic", "failed", "queue", "channel", "agent", "priority_from")
_FIGURES = ("score_from", "score_to", "csat_from", "csat_to", "value_from", "value_to")
ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Singapore", "Europe/London", "America/New_York", "UTC")


def _figure(label: Any, least: float, most: float) -> FloatField:
    return FloatField(label, [Optional(), between(least, most)])


def _whole(label: Any, least: int, most: int, default: int | None = None) -> IntegerField:
    return IntegerField(label, [Optional(), between(least, most)], default=default)


class PlanForm(Form):
    """A plan as it is filled in."""

    name = StringField(lazy("计划名称"), [required(), at_most(200)], [stripped])
    period = RadioField(lazy("会话时间"), choices=choices(*_PERIODS.items()), default="days")
    days = _whole(lazy("天数"), 1, 366, 7)
    since = DateField(lazy("开始日期"), [Optional()])
    until = DateField(lazy("结束日期"), [Optional()])
    topic = SelectField(lazy("问题分类"))
    failed = SelectField(lazy("未通过项"))
    queue = SelectField(lazy("队列"))
    channel = SelectField(lazy("渠道"))
    agent = SelectField(lazy("客服"))
    priority_from = SelectField(lazy("优先级"))
    score_from = _figure(lazy("得分不低于"), 0, 100)
    score_to = _figure(lazy("得分不高于"), 0, 100)
    csat_from = _figure(lazy("满意度不低于"), 0, 10)
    csat_to = _figure(lazy("满意度不高于"), 0, 10)
    value_from = _figure(lazy("订单金额不低于"), 0, 1e7)
    value_to = _figure(lazy("订单金额不高于"), 0, 1e7)
    hired_within = _whole(lazy("只看入职不满几天的新人"), 1, 366)
    rest = HiddenField()
    kind = RadioField(lazy("抽取方式"), choices=choices(*KINDS.items()), default="random")
    count = _whole(lazy("抽取数量"), 1, 1000, 20)
    percent = _figure(lazy("比例（%%）"), 0.1, 100)
    quota = _whole(lazy("每位客服几通"), 1, 100, 2)
    new_hire_days = _whole(lazy("入职多少天内算新人"), 1, 366, 90)
    new_hire_factor = _whole(lazy("新人是其他人的几倍"), 1, 10, 2)
    by = SelectField(lazy("分层依据"), choices=choices(*BY.items()))
    split = SelectField(lazy("各层数量"), choices=choices(*SPLITS.items()))
    share_random = _whole(lazy("随机抽取（%%）"), 0, 100, 60)
    share_per_agent = _whole(lazy("每位客服定量（%%）"), 0, 100, 0)
    share_stratified = _whole(lazy("分层随机（%%）"), 0, 100, 0)
    share_priority = _whole(lazy("优先级最高（%%）"), 0, 100, 40)
    share_outliers = _whole(lazy("异常会话（%%）"), 0, 100, 0)
    cycle = RadioField(lazy("抽取周期"), choices=choices(*CYCLES.items()), default="once")
    hour = SelectField(lazy("抽取时刻"), choices=choices(*((str(n), f"{n:02d}:00") for n in range(24))), default="9")
    weekday = SelectField(lazy("每周的哪一天"), choices=choices(*((str(n), one) for n, one in enumerate(WEEKDAYS))))
    timezone = SelectField(lazy("时区"), choices=choices(*((one, one) for one in ZONES)))
    due_days = _whole(lazy("几天内复核完"), 0, 60, 3)
    is_blind = BooleanField(lazy("盲评：质检员作答前看不到机器结论、风险、订单和抽取原因"))
    seed = _whole(lazy("随机种子"), 0, 2**53)
    submit = SubmitField(lazy("保存"))

    def prepare(self, known: FilterChoices) -> None:
        """Give the selects their choices; what is chosen already stays one."""
        everything = ("", _("全部"))
        vocabulary = Vocabulary(language())

        def offer(field: SelectField, pairs: Sequence[tuple[str, Any]]) -> None:
            offered = [everything, *pairs]
            if field.data in (None, "None"):
                # It was not sent: what a browser does not show, it leaves out.
                field.data = ""
            if field.data and field.data not in {value for value, _text in offered}:
                offered.append((str(field.data), str(field.data)))
            field.choices = choices(*offered)

        offer(self.topic, vocabulary.topics())
        offer(self.failed, vocabulary.criteria())
        offer(self.queue, [(one, queue(one)) for one in known.queues])
        offer(self.channel, [(one, channel(one)) for one in known.channels])
        offer(self.agent, [(str(one.id), one.name) for one in known.agents])
        offer(self.priority_from, [("0.2", _("20%% 以上")), ("0.4", _("40%% 以上")), ("0.6", _("60%% 以上"))])
        if self.timezone.data and self.timezone.data not in ZONES:
            self.timezone.choices = choices(*((one, one) for one in (*ZONES, str(self.timezone.data))))

    def draft(self) -> PlanDraft:
        """What the service takes."""
        kind = cast("Kind", self.kind.data)
        shares = {one: int(self[f"share_{one}"].data or 0) for one in MIXED}
        by, split = cast("By", self.by.data), cast("Split", self.split.data)
        quota = self.quota.data or 2
        parts = (
            tuple(Part(share, one, by, split, quota) for one, share in shares.items() if share)
            if kind == "mixed"
            else ()
        )
        return PlanDraft(
            name=self.name.data or "",
            method=Method(
                kind=kind, count=self.count.data or 20, percent=self.percent.data or 5.0, quota=quota,
                new_hire_days=self.new_hire_days.data or 90, new_hire_factor=self.new_hire_factor.data or 2, by=by, split=split,
                parts=parts,
            ),
            query=self._query(),
            inspectors=given_inspectors(),
            cycle=cast("Cycle", self.cycle.data),
            timezone=self.timezone.data or ZONES[0],
            hour=int(self.hour.data),
            weekday=int(self.weekday.data),
            seed=self.seed.data if self.seed.data is not None else 1,
            due_days=self.due_days.data if self.due_days.data is not None else 3,
            is_blind=bool(self.is_blind.data),
        )  # fmt: skip

    def _query(self) -> str:
        pairs: list[tuple[str, Any]] = []
        match self.period.data:
            case "days":
                pairs.append(("days", self.days.data or 7))
            case "since_draw":
                pairs.append(("since_draw", "yes"))
            case "between":
                pairs += [
                    (name, one.isoformat()) for name, one in (("from", self.since.data), ("to", self.until.data)) if one
                ]
        pairs += [(name, one) for name in ("shop", "team") for one in request.form.getlist(name) if one.isdigit()]
        pairs += [(name, self[name].data) for name in _TEXTS if self[name].data]
        pairs += [(name, f"{self[name].data:g}") for name in _FIGURES if self[name].data is not None]
        if self.hired_within.data:
            pairs.append(("hired_within", self.hired_within.data))
        known = {name for name, _value in pairs} | _SHOWN
        pairs += [(name, value) for name, value in parse_qsl(self.rest.data or "") if name not in known]
        return urlencode(pairs)


_SHOWN = {"days", "since_draw", "from", "to", "shop", "team", "hired_within", *_TEXTS, *_FIGURES}


def values_of(draft: PlanDraft) -> dict[str, Any]:
    """What the form shows of a plan that is there."""
    pairs = parse_qsl(draft.query)
    given = dict(pairs)
    method = draft.method
    period = next(
        (one for one in ("days", "since_draw") if one in given), "between" if {"from", "to"} & given.keys() else "all"
    )
    shares = {f"share_{part.kind}": part.share_percent for part in method.parts}
    if method.kind == "mixed":
        shares = {**{f"share_{one}": 0 for one in MIXED}, **shares}
    first = method.parts[0] if method.parts else method
    return {
        "name": draft.name,
        "period": period,
        "days": int(given["days"]) if "days" in given else 7,
        "since": _day(given.get("from")),
        "until": _day(given.get("to")),
        **{name: given.get(name, "") for name in _TEXTS},
        **{name: float(given[name]) for name in _FIGURES if name in given},
        "hired_within": int(given["hired_within"]) if "hired_within" in given else None,
        "rest": urlencode([(name, value) for name, value in pairs if name not in _SHOWN]),
        "kind": method.kind,
        "count": method.count,
        "percent": method.percent,
        "quota": method.quota,
        "new_hire_days": method.new_hire_days,
        "new_hire_factor": method.new_hire_factor,
        "by": next((part.by for part in method.parts if part.kind == "stratified"), first.by),
        "split": next((part.split for part in method.parts if part.kind == "stratified"), first.split),
        **shares,
        "cycle": draft.cycle,
        "hour": str(draft.hour),
        "weekday": str(draft.weekday),
        "timezone": draft.timezone,
        "due_days": draft.due_days,
        "is_blind": draft.is_blind,
        "seed": draft.seed,
    }


def places_of(query: str) -> dict[str, set[str]]:
    """The shops and teams of a filter, which the form shows as boxes."""
    out: dict[str, set[str]] = {"shop": set(), "team": set()}
    for name, value in parse_qsl(query):
        if name in out:
            out[name].add(value)
    return out


def given_places() -> dict[str, set[str]]:
    """The same of a form that was sent."""
    return {name: set(request.form.getlist(name)) for name in ("shop", "team")}


def given_inspectors() -> tuple[Inspector, ...]:
    """Who is to review, with their quotas, as the form was sent."""
    out = []
    for text in dict.fromkeys(request.form.getlist("inspector")):
        if text.isascii() and text.isdigit() and len(text) < 19:
            quota = request.form.get(f"quota_{text}", "").strip()
            out.append(
                Inspector(int(text), int(quota) if quota.isascii() and quota.isdigit() and len(quota) < 7 else None)
            )
    return tuple(out)


def boxes(known: Sequence[Inspecting], chosen: Sequence[Inspector]) -> list[tuple[Inspecting, bool, int | None]]:
    """Everybody who can review, whether they are chosen, and their quota."""
    quotas = {one.user_id: one.quota for one in chosen}
    return [(one, one.user_id in quotas, quotas.get(one.user_id)) for one in known]


def offered(known: Sequence[Choice], chosen: set[str]) -> list[tuple[Choice, bool]]:
    """Shops or teams, and whether they are chosen."""
    return [(one, str(one.id) in chosen) for one in known]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
