"""The codes of the activity log in words: what was done, to what kind of thing, and the particulars.

Whoever notes down a new action adds its words here; until then its code is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from qaplatform.services.access import Grant, Role
from qaplatform.services.masking import masked_name
from qaplatform.services.trust_wording import title_of
from qaplatform.store.activity import ActivityLine
from qaplatform.web.calendar_days import KINDS
from qaplatform.web.grants import grant_text
from qaplatform.web.i18n import LazyText, _, language, lazy, plural
from qaplatform.web.sampling.words import REASONS as REPLACED_FOR
from qaplatform.web.training.activity_words import RULINGS, TRAINING_ACTIONS, TRAINING_SUBJECTS, TRAINING_WORDS

Names = Mapping[tuple[str, int], str]

ACTIONS: Mapping[str, LazyText] = {
    "sign_in": lazy("登录"),
    "sign_in.failed": lazy("登录失败"),
    "sign_out": lazy("退出登录"),
    "user.created": lazy("创建用户"),
    "user.renamed": lazy("修改姓名"),
    "user.roles_changed": lazy("修改角色"),
    "user.agent_linked": lazy("修改对应的客服"),
    "user.deactivated": lazy("停用用户"),
    "user.reactivated": lazy("重新启用用户"),
    "user.password_reset": lazy("重置密码"),
    "user.password_changed": lazy("修改密码"),
    "user.password_kept": lazy("修改密码未成功"),
    "shop.created": lazy("创建店铺"),
    "shop.changed": lazy("修改店铺"),
    "shop.bands_set": lazy("设置时段"),
    "shop.bands_dropped": lazy("恢复时段"),
    "shop.days_added": lazy("添加促销日或假日"),
    "shop.days_removed": lazy("删除促销日或假日"),
    "shop.addresses_set": lazy("修改退货地址"),
    "push_token.created": lazy("创建推送令牌"),
    "push_token.revoked": lazy("撤销推送令牌"),
    "department.created": lazy("创建部门"),
    "department.changed": lazy("修改部门"),
    "department.removed": lazy("删除部门"),
    "team.created": lazy("创建团队"),
    "team.renamed": lazy("修改团队名称"),
    "team.removed": lazy("删除团队"),
    "agent.created": lazy("登记客服"),
    "agent.changed": lazy("修改客服"),
    "account.created": lazy("登记子账号"),
    "account.removed": lazy("删除子账号"),
    "account.holder_added": lazy("添加使用人"),
    "account.holder_changed": lazy("修改使用人"),
    "account.holder_removed": lazy("删除使用人"),
    "conversation.unmasked": lazy("查看打码的个人信息"),
    "conversations.exported": lazy("导出会话"),
    "note.written": lazy("写备注"),
    "review.taken": lazy("选择复核会话"),
    "review.submitted": lazy("提交复核"),
    "review.acknowledged": lazy("确认复核结果"),
    "review.answered": lazy("回复复核结果"),
    "reaudit.asked": lazy("要求重新质检"),
    "plan.created": lazy("制定抽检计划"),
    "plan.changed": lazy("修改抽检计划"),
    "plan.paused": lazy("暂停抽检计划"),
    "plan.resumed": lazy("恢复抽检计划"),
    "plan.ended": lazy("结束抽检计划"),
    "sample.drawn": lazy("抽取会话"),
    "item.replaced": lazy("替换抽到的会话"),
    "item.reassigned": lazy("改派抽到的会话"),
    "item.taken_back": lazy("收回抽到的会话"),
    "import.started": lazy("开始导入"),
    "conversations.purged": lazy("按保留期清除原文"),
    "customer.erasure_asked": lazy("申请删除客户数据"),
    "customer.erased": lazy("删除客户数据"),
    "checks.kept": lazy("保留计分的质检项"),
    "checks.floor_set": lazy("修改准确率下限"),
    "risk.train_asked": lazy("要求训练风险模型"),
    "risk.switched_off": lazy("停用风险模型"),
    "grader.trust_earned": lazy("语言模型在一个问题上达到信任线"),
    "grader.trust_lost": lazy("语言模型在一个问题上不再达到信任线"),
    "grader.trust_held_back": lazy("禁止语言模型对一个问题的回答计分"),
    "grader.trust_released": lazy("允许语言模型对一个问题的回答计分"),
    "endpoint.created": lazy("添加模型接口"),
    "endpoint.changed": lazy("修改模型接口"),
    "endpoint.chosen": lazy("选用模型接口"),
    "endpoint.retired": lazy("停用模型接口"),
    "endpoint.tried": lazy("测试模型接口"),
    "grader.changed": lazy("修改语言模型的设置"),
    "rubric.draft_opened": lazy("新建质检标准草稿"),
    "rubric.draft_dropped": lazy("放弃质检标准草稿"),
    "rubric.published": lazy("发布质检标准"),
    "rubric.rolled_back": lazy("退回质检标准的旧版本"),
    "rubric.notice_read": lazy("确认新标准的通知"),
    "rubric.replay_asked": lazy("回放质检标准草稿"),
    "grader.asked": lazy("请语言模型回答"),
    "grader.stopped": lazy("停止提问语言模型"),
    "grader.went_on": lazy("接着提问语言模型"),
    "jobs.cancel": lazy("取消后台任务"),
    "jobs.retry": lazy("重试后台任务"),
    **TRAINING_ACTIONS,
}
GROUPS: Mapping[str, LazyText] = {
    "sign_in": lazy("登录"),
    "user": lazy("用户"),
    "shop": lazy("店铺"),
    "push_token": lazy("推送令牌"),
    "department": lazy("部门"),
    "team": lazy("团队"),
    "agent": lazy("客服"),
    "account": lazy("子账号"),
    "conversation": lazy("会话"),
    "customer": lazy("客户"),
    "plan": lazy("抽检"),
    "import": lazy("导入"),
    "risk": lazy("风险模型"),
    "check": lazy("质检项"),
    "grader": lazy("语言模型"),
    "review": lazy("复核"),
    "rubric": lazy("质检标准"),
    "checks": lazy("规则表现"),
    "jobs": lazy("后台任务"),
    "training": lazy("培训"),
}
"""By what stands before the point in an action."""
_IN_GROUP = {
    "sign_out": "sign_in",
    "conversations": "conversation",
    "note": "conversation",
    "reaudit": "conversation",
    "sample": "plan",
    "item": "plan",
    "endpoint": "grader",
}
KINDS_OF_SUBJECT: Mapping[str, LazyText] = {
    "user": lazy("用户"),
    "shop": lazy("店铺"),
    "push_token": lazy("推送令牌"),
    "department": lazy("部门"),
    "team": lazy("团队"),
    "agent": lazy("客服"),
    "account": lazy("子账号"),
    "conversation": lazy("会话"),
    "conversations": lazy("会话"),
    "customer": lazy("客户"),
    "job": lazy("后台任务"),
    "import": lazy("导入"),
    "plan": lazy("抽检计划"),
    "sample": lazy("抽取"),
    "item": lazy("复核任务"),
    "review": lazy("复核"),
    "endpoint": lazy("模型接口"),
    "grader": lazy("语言模型"),
    "rubric_draft": lazy("质检标准草稿"),
    "rubric_release": lazy("质检标准版本"),
    "grading_run": lazy("模型回答"),
    **TRAINING_SUBJECTS,
}
_BEFORE_NAMES: Mapping[str, LazyText] = {
    "user": lazy("用户："),
    "shop": lazy("店铺："),
    "push_token": lazy("推送令牌："),
    "department": lazy("部门："),
    "team": lazy("团队："),
    "agent": lazy("客服："),
    "account": lazy("子账号："),
    "conversation": lazy("会话："),
    "conversations": lazy("会话："),
    "customer": lazy("客户："),
    "job": lazy("后台任务："),
    "plan": lazy("抽检计划："),
    "sample": lazy("抽取："),
    "item": lazy("复核任务："),
    "endpoint": lazy("模型接口："),
    "import": lazy("导入："),
}
FIELDS: Mapping[str, LazyText] = {
    "code": lazy("编号"),
    "name": lazy("名称"),
    "shop_class": lazy("店铺等级"),
    "timezone": lazy("时区"),
    "text_retention_days": lazy("原文保留天数"),
    "watched_folder": lazy("监听文件夹"),
    "active": lazy("启用状态"),
    "contact_name": lazy("联系人"),
    "contact_way": lazy("联系方式"),
    "team_id": lazy("团队"),
    "line": lazy("线别"),
    "level": lazy("级别"),
    "hired_on": lazy("入职日期"),
    "left_on": lazy("离职日期"),
    "forbids_llm": lazy("不发送给语言模型"),
    "base_url": lazy("地址"),
    "model": lazy("模型"),
    "api_key": lazy("密钥"),
    "input_price": lazy("输入价格"),
    "output_price": lazy("输出价格"),
    "currency": lazy("币种"),
    "options": lazy("能力与参数"),
    "day_tokens": lazy("每天的 token 上限"),
    "day_money_micros": lazy("每天的费用上限"),
    "run_tokens": lazy("每次任务的 token 上限"),
    "run_money_micros": lazy("每次任务的费用上限"),
    "conversation_tokens": lazy("单通会话的 token 上限"),
    "at_once": lazy("同时进行的会话数"),
    "questions_a_call": lazy("一次问几个问题"),
    "bar": lazy("信任线"),
}


def action_text(action: str) -> str:
    """What was done."""
    return str(ACTIONS.get(action, action))


def group_of(action: str) -> str:
    """The group an action belongs to."""
    first = action.partition(".")[0]
    return _IN_GROUP.get(first, first)


def group_text(group: str) -> str:
    """A group's name."""
    return str(GROUPS.get(group, group))


def kind_text(kind: str) -> str:
    """What kind of thing it was done to."""
    return str(KINDS_OF_SUBJECT.get(kind, kind))


def kind_before_name(kind: str) -> str:
    """What kind of thing it was done to, to stand before its name."""
    return str(_BEFORE_NAMES.get(kind) or f"{kind_text(kind)} ")


def subject_text(line: ActivityLine, names: Names) -> str:
    """The thing it was done to: by its name of today, else by its number."""
    if line.subject_id is None:
        return _("所有店铺") if line.subject_kind == "shop" else _("未知") if line.action == "sign_in.failed" else "—"
    name = names.get((line.subject_kind, line.subject_id), f"#{line.subject_id}")
    return masked_name(name, language()) if line.subject_kind == "import" else name


def particulars(line: ActivityLine, names: Names) -> list[str]:
    """The details in words, as far as there are words for them."""
    said = []
    details = dict(line.details)
    if line.action in {"user.roles_changed", "agent.changed"} and {"before", "after"} <= details.keys():
        before, after = (_places(details.pop(key), names) for key in ("before", "after"))
        details["fields"] = [one for one in details.get("fields", ()) if one != "team_id"]
        said.append(f"{before} → {after}")
    if line.action.startswith("training.mentor_"):
        # Nobody before is nothing to say; elsewhere it means that a thing waited for somebody to take it.
        details = {name: value for name, value in details.items() if value is not None}
    # PostgreSQL keeps details in an order of its own.
    for key, value in sorted(details.items(), key=lambda one: list(_WORDS).index(one[0]) if one[0] in _WORDS else 99):
        words = _WORDS.get(key)
        text = words(value, names) if words else f"{key}: {value}"
        if text:
            said.append(text)
    return said


def _places(value: Any, names: Names) -> str:
    """Roles of a user, or a team of an agent."""
    if isinstance(value, list):
        return _("、").join(_role(code, names) for code in value) or "—"
    return names.get(("team", value), f"#{value}") if isinstance(value, int) else _("没有团队")


def _role(code: str, names: Names) -> str:
    role, _dot, place = code.partition(".")
    kind, _dot, number = place.partition(".")
    known = next((one for one in get_args(Role) if one == role), None)
    if known is None or (number and not number.isdigit()):
        return code
    id = int(number) if number else None
    return grant_text(Grant(known, id if kind == "shop" else None, id if kind == "team" else None), names)


def _fields(value: Any) -> str:
    names = [str(FIELDS.get(one, one)) for one in value] if isinstance(value, list) else []
    return _("改动：%(fields)s", fields=_("、").join(names)) if names else ""


_WORDS: Mapping[str, Callable[[Any, Names], str]] = {
    "fields": lambda value, _names: _fields(value),
    "roles": _places,
    "agent_id": lambda value, names: (
        _("客服：%(name)s", name=names.get(("agent", value), f"#{value}")) if value is not None else ""
    ),
    "retention_days": lambda value, _names: plural("保留 %(num)s 天", value) if value else _("一直保留"),
    "kind": lambda value, _names: str(KINDS.get(value) or RULINGS.get(value, value)),
    "count": lambda value, _names: _("数量 %(count)s", count=value),
    "added": lambda value, _names: _("增加 %(count)s", count=value) if value else "",
    "removed": lambda value, _names: _("减少 %(count)s", count=value) if value else "",
    "first": lambda value, _names: _("自 %(day)s", day=str(value).removeprefix("d")),
    "last": lambda value, _names: _("至 %(last)s", last=str(value).removeprefix("d")),
    "form": lambda value, _names: str(value).upper(),
    "plan": lambda value, names: names.get(("plan", value), f"#{value}"),
    "reason": lambda value, _names: str(REPLACED_FOR.get(value, value)),
    "next": lambda value, _names: _("补上 #%(number)s", number=value) if value else _("没有可补的"),
    "before": lambda value, names: _(
        "原为 %(name)s", name=names.get(("user", value), f"#{value}") if value else _("待领取")
    ),
    "after": lambda value, names: _(
        "改为 %(name)s", name=names.get(("user", value), f"#{value}") if value else _("待领取")
    ),
    "works": lambda value, _names: _("有回答") if value else _("没有回答"),
    "job": lambda value, _names: _("任务 #%(number)s", number=value),
    "pairs": lambda value, _names: plural("%(num)s 对裁定", value),
    "prompt": lambda value, _names: _("问题：%(name)s", name=title_of(value, language())),
    "model": lambda value, _names: _("模型：%(name)s", name=str(value).removeprefix("m:")),
    "wording": lambda value, _names: _("措辞 %(hash)s", hash=str(value).removeprefix("h:")[:6]),
    "note": lambda _value, _names: "",
    "demo": lambda _value, _names: _("演示"),
    **TRAINING_WORDS,
}
