"""Plans, draws and reasons in the words of a QA lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qaplatform.audit.sampling import Drawn, Method
from qaplatform.services.plan_forms import PlanDraft
from qaplatform.store.filter_choices import FilterChoices
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.formatting import number, percent, score
from qaplatform.web.i18n import LazyText, _, language, lazy

KINDS: Mapping[str, LazyText] = {
    "random": lazy("随机抽取"),
    "per_agent": lazy("每位客服定量"),
    "percentage": lazy("按比例随机"),
    "stratified": lazy("分层随机"),
    "priority": lazy("优先级最高"),
    "outliers": lazy("异常会话"),
    "mixed": lazy("混合抽取"),
}
HINTS: Mapping[str, LazyText] = {
    "random": lazy("每通会话机会相同"),
    "per_agent": lazy("人人抽到，新人加倍；总数不够时先抽看得最少的人"),
    "percentage": lazy("占全部会话的百分之几"),
    "stratified": lazy("按问题、店铺等分层，各层都有"),
    "priority": lazy("风险高、影响大的排在前面"),
    "outliers": lazy("得分、时长或消息数明显反常"),
    "mixed": lazy("如 60%% 随机 + 40%% 优先级"),
}
BY: Mapping[str, LazyText] = {
    "topic": lazy("问题分类"),
    "shop": lazy("店铺"),
    "team": lazy("团队"),
    "score_band": lazy("得分段"),
    "agent": lazy("客服"),
}
SPLITS: Mapping[str, LazyText] = {"proportional": lazy("按各层会话数的比例"), "equal": lazy("各层一样多")}
CYCLES: Mapping[str, LazyText] = {"once": lazy("只抽一次"), "daily": lazy("每天"), "weekly": lazy("每周")}
WEEKDAYS: Sequence[LazyText] = (
    lazy("周一"), lazy("周二"), lazy("周三"), lazy("周四"), lazy("周五"), lazy("周六"), lazy("周日"),
)  # fmt: skip
PLAN_STATES: Mapping[str, LazyText] = {"active": lazy("进行中"), "paused": lazy("已暂停"), "ended": lazy("已结束")}
ITEM_STATES: Mapping[str, LazyText] = {
    "open": lazy("待复核"),
    "draft": lazy("复核中"),
    "done": lazy("已复核"),
    "replaced": lazy("已替换"),
    "taken_back": lazy("已收回"),
}
DRAWS: Mapping[str, LazyText] = {
    "random": lazy("随机"),
    "priority": lazy("重点"),
    "chosen": lazy("人工指定"),
    "hidden": lazy("盲评"),
}
REASONS: Mapping[str, LazyText] = {
    "no_value": lazy("没有可复核的内容"),
    "wrong_kind": lazy("不是本计划要看的会话"),
    "not_readable": lazy("内容不全或无法辨认"),
    "conflict": lazy("质检员与会话当事人有利害关系"),
    "other": lazy("其他原因"),
}
UNUSUAL: Mapping[str, LazyText] = {"score": lazy("得分"), "duration": lazy("时长"), "messages": lazy("消息数")}
BESIDE: Mapping[str, LazyText] = {
    "agent": lazy("同一客服的会话"),
    "topic": lazy("同类问题的会话"),
    "all": lazy("全部候选会话"),
}
COVERAGE_STATES: Mapping[str, LazyText] = {
    "never": lazy("从未抽检"),
    "short": lazy("不足"),
    "reached": lazy("达标"),
}


def method_text(method: Method) -> str:
    """How a plan draws, in a line."""
    kind = method.kind
    if kind == "percentage":
        return _("随机抽取 %(percent)s", percent=percent(method.percent / 100, 1))
    if kind == "per_agent":
        return _(
            "每位客服 %(quota)s 通，新人 %(more)s 通", quota=method.quota, more=method.quota * method.new_hire_factor
        )
    if kind == "stratified":
        return _("按%(by)s分层随机 %(count)s 通", by=BY[method.by], count=number(method.count))
    if kind == "mixed":
        parts = (f"{part.share_percent}% {KINDS[part.kind]}" for part in method.parts)
        return _("共 %(count)s 通：%(parts)s", count=number(method.count), parts=" + ".join(parts))
    return _("%(kind)s %(count)s 通", kind=KINDS[kind], count=number(method.count))


def cycle_text(draft: PlanDraft) -> str:
    """When a plan draws."""
    if draft.cycle == "once":
        return str(CYCLES["once"])
    hour = f"{draft.hour:02d}:00"
    if draft.cycle == "daily":
        return _("每天 %(hour)s", hour=hour)
    return _("每%(day)s %(hour)s", day=WEEKDAYS[draft.weekday], hour=hour)


def stratum_text(stratum: str, choices: FilterChoices | None = None) -> str:
    """A stratum: its kind and its name, as far as it is known here."""
    by, _colon, name = stratum.partition(":")
    label = BY.get(by, by)
    if not name:
        return _("%(by)s：无", by=label)
    if by == "topic":
        return _("%(by)s为%(name)s", by=label, name=Vocabulary(language()).topic(name))
    if by == "score_band":
        return _("%(by)s为%(name)s", by=label, name=_("%(least)s 分起", least=name) if name != "0" else _("60 分以下"))
    known = {"shop": choices.shops, "team": choices.teams, "agent": choices.agents} if choices else {}
    shown = next((one.name for one in known.get(by, ()) if str(one.id) == name), None)
    return _("%(by)s为%(name)s", by=label, name=shown) if shown else str(label)


def why_text(why: Mapping[str, Any]) -> str:
    """Why a conversation is there, in one sentence."""
    kind = str(why.get("kind", ""))
    pool, rank = number(why.get("pool", 0)), number(why.get("rank", 0))
    if kind == "priority":
        return _(
            "优先级 %(priority)s，在 %(pool)s 通中排第 %(rank)s",
            priority=percent(why.get("priority")),
            pool=pool,
            rank=rank,
        )
    if kind == "outliers":
        return _(
            "%(what)s与%(beside)s相比明显反常（偏离 %(sigma)s 个标准差）",
            what=UNUSUAL.get(str(why.get("unusual")), ""),
            beside=BESIDE.get(str(why.get("compared_with")), ""),
            sigma=number(why.get("deviation"), 1),
        )
    if kind == "per_agent":
        text = _(
            "这位客服有 %(size)s 通会话，随机抽 %(drawn)s 通",
            size=number(why.get("stratum_count", 0)), drawn=number(why.get("stratum_drawn", 0)),
        )  # fmt: skip
        return _("%(text)s（新人加倍）", text=text) if why.get("is_new_hire") else text
    if kind == "stratified":
        return _(
            "%(stratum)s有 %(size)s 通会话，随机抽 %(drawn)s 通",
            stratum=stratum_text(str(why.get("stratum", ""))), size=number(why.get("stratum_count", 0)),
            drawn=number(why.get("stratum_drawn", 0)),
        )  # fmt: skip
    if kind in {"random", "percentage"}:
        return _("从 %(pool)s 通中随机抽中", pool=pool)
    return _("提交前不显示") if kind == "hidden" else _("由人指定")


def preview_why(drawn: Drawn) -> Mapping[str, Any]:
    """What :func:`why_text` needs of something that is drawn in a preview only."""
    return {
        "kind": drawn.kind, "pool": drawn.pool_count, "rank": drawn.rank, "priority": drawn.candidate.priority,
        "unusual": drawn.unusual, "compared_with": drawn.compared_with, "deviation": drawn.deviation,
        "stratum": drawn.stratum, "stratum_count": drawn.stratum_count or 0, "stratum_drawn": drawn.stratum_drawn or 0,
        "is_new_hire": drawn.is_new_hire,
    }  # fmt: skip


def why_facts(why: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures behind it, as they were when it was drawn."""
    if "method" in why:
        yield _("抽取方式"), str(KINDS.get(str(why["method"]), why["method"]))
    if why.get("method") == "mixed":
        yield _("其中的部分"), f"{KINDS.get(str(why.get('kind')), '')} {why.get('share', '')}%"
    if "pool" in why:
        cut = _("（最近的 %(count)s 通之内）", count=number(10_000)) if why.get("is_cut") else ""
        yield _("候选会话"), number(why["pool"]) + cut
    if "rank" in why:
        yield _("名次"), number(why["rank"])
    if why.get("stratum"):
        yield _("所在的层"), stratum_text(str(why["stratum"]))
    if "score" in why:
        yield _("当时的得分"), score(why["score"])
    if "risk" in why:
        yield _("当时的风险"), percent(why["risk"])
    if "priority" in why:
        yield _("当时的优先级"), percent(why["priority"])
    if "hired_days" in why:
        yield _("入职天数"), number(why["hired_days"])


def cycle_key_text(key: str | None) -> str:
    """One of a plan's times."""
    if key == "once" or key is None:
        return str(CYCLES["once"])
    year, mark, week = key.partition("-W")
    return _("%(year)s 年第 %(week)s 周", year=year, week=int(week)) if mark else key
