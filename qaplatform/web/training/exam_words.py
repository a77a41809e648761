"""What the exam calls things: lists of words by the codes of the database and of scenarios."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.grader_words import problem_words
from qaplatform.web.i18n import LazyText, lazy

PURPOSES: Mapping[str, LazyText] = {
    "exam": lazy("模拟考核"),
    "practice": lazy("对话练习"),
    "trial": lazy("场景试用"),
}
VERDICTS: Mapping[str, LazyText] = {
    "passed": lazy("通过"),
    "failed": lazy("未通过"),
    "unscored": lazy("待复核"),
    "void": lazy("作废"),
}
LEVELS: Mapping[str, LazyText] = {"easy": lazy("容易"), "medium": lazy("中等"), "hard": lazy("困难")}
KINDS: Mapping[str, LazyText] = {
    "defect": lazy("质量与破损"),
    "wrong-goods": lazy("错发与漏发"),
    "delay": lazy("催单与物流"),
    "return": lazy("退换货"),
    "refund": lazy("退款与差价"),
    "order": lazy("售前与订单"),
    "complaint": lazy("投诉与差评"),
    "red-line": lazy("红线"),
}
"""A kind of a scenario that was written here may have none, and is called by its code."""
ENDINGS: Mapping[str, LazyText] = {
    "solved": lazy("客户的问题解决了，客户先离开了。"),
    "left": lazy("客户不满意，离开了。"),
    "time_out": lazy("时间到了，按已有的内容评分。"),
    "stopped": lazy("您结束了对话，按已有的内容评分。"),
    "void": lazy("对话出了技术问题，这一次作废，不算未通过。"),
}
ENDINGS_SHORT: Mapping[str, LazyText] = {
    "solved": lazy("客户满意离开"),
    "left": lazy("客户不满离开"),
    "time_out": lazy("到时"),
    "stopped": lazy("考生结束"),
    "void": lazy("作废"),
}
RULING_KINDS: Mapping[str, LazyText] = {
    "criterion": lazy("质检项"),
    "task": lazy("任务项"),
    "unread": lazy("未识别的回复"),
    "verdict": lazy("结论"),
    "comment": lazy("评语"),
}
DECISIONS: Mapping[str, LazyText] = {
    "pass": lazy("合格"),
    "fail": lazy("不合格"),
    "not_applicable": lazy("不适用"),
    "met": lazy("做到了"),
    "not_met": lazy("没有做到"),
    "passed": lazy("通过"),
    "failed": lazy("未通过"),
    "void": lazy("作废"),
    "machine": lazy("恢复机器的判断"),
    "nothing": lazy("没有做到任务项"),
}
FAULTS: Mapping[str, LazyText] = {
    "late": lazy("来不及：客户该开口了"),
    "words:garbage": lazy("回复不成形"),
    "words:count": lazy("条数不对"),
    "words:empty": lazy("有一条是空的"),
    "words:too_long": lazy("太长"),
    "words:markup": lazy("有格式符号或角色前缀"),
    "words:language": lazy("语言不对"),
    "words:system_talk": lazy("说到了模型、剧本或考核"),
    "words:other_side": lazy("替客服说话"),
    "words:contact": lazy("写了网址或邮箱"),
    "words:number": lazy("编造数字"),
    "words:day": lazy("编造日期"),
    "words:leak": lazy("说出了还没被问到的事"),
    "words:code": lazy("编造型号或编号"),
    "words:name": lazy("编造人名"),
    "words:place": lazy("编造地址"),
    "words:quoted": lazy("编造引用的名称"),
    "words:stakes": lazy("多提了要求或威胁"),
    "words:meaning": lazy("把意思说反了"),
    "words:question": lazy("漏了要问的"),
    "words:lost": lazy("漏了要说的"),
}
"""Why a model's words were not used; what concerns its endpoint and the budget has the grader's words."""


def fault(code: str) -> str:
    """Why the script's words were used."""
    return str(FAULTS.get(code) or problem_words(code)).rstrip("。.")


def purpose(code: str) -> str:
    """What a sitting is for."""
    return str(PURPOSES.get(code, code))


def verdict(code: str) -> str:
    """A verdict."""
    return str(VERDICTS.get(code, code))


def level(code: str) -> str:
    """How hard a scenario is."""
    return str(LEVELS.get(code, code))


def kind(code: str) -> str:
    """A kind of scenarios."""
    return str(KINDS.get(code, code))


def ending(code: str | None) -> str:
    """How a dialogue ended, as a sentence."""
    return str(ENDINGS.get(code or "", ""))


def ending_short(code: str | None) -> str:
    """How a dialogue ended, for lists."""
    return str(ENDINGS_SHORT.get(code or "", code or "—"))


def decision(code: str) -> str:
    """What was decided."""
    return str(DECISIONS.get(code, code))
