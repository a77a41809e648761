"""What the exam calls things: lists of words by the codes of the database and of scenarios."""

from __future__ import annotations

from collections.abc import Mapping

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
    "review": lazy("差评"),
    "late-return": lazy("超期退货"),
    "defect": lazy("质量问题"),
    "abuse": lazy("辱骂客户"),
    "delay": lazy("延误催单"),
    "lure": lazy("引流站外"),
    "privacy": lazy("隐私"),
    "promotion": lazy("大促"),
    "refund": lazy("退款"),
    "wrong-goods": lazy("错发"),
    "missing": lazy("漏发少件"),
    "address": lazy("修改地址"),
    "cancel": lazy("取消订单"),
    "complaint": lazy("重复投诉"),
    "damage": lazy("运输破损"),
    "exchange": lazy("换货"),
    "installation": lazy("安装爽约"),
    "invoice": lazy("发票"),
    "lost": lazy("签收未收到"),
    "presale": lazy("售前咨询"),
    "price": lazy("价格保护"),
    "safety": lazy("使用安全"),
    "defect-en": lazy("质量问题（英文）"),
    "delay-en": lazy("延误催单（英文）"),
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
ACTS: Mapping[str, LazyText] = {
    "greets": lazy("问候"),
    "soothes": lazy("安抚"),
    "apologises": lazy("致歉"),
    "explains": lazy("解释"),
    "asks": lazy("询问"),
    "offers": lazy("提出方案"),
    "refuses": lazy("拒绝"),
    "promises": lazy("承诺（没有时间）"),
    "promises due": lazy("承诺（有时间）"),
    "escalates": lazy("升级处理"),
    "closes": lazy("结束前确认"),
    "confirms": lazy("确认"),
    "stalls": lazy("请客户稍等"),
    "rebuffs": lazy("推责、顶撞"),
}
SUSPICIONS: Mapping[str, LazyText] = {
    "to_the_examiner": lazy("对考官说话"),
    "injection": lazy("给机器下指令"),
    "labelled": lazy("只写名目"),
    "stuffed": lazy("堆砌关键词"),
    "listed": lazy("罗列要点"),
    "repeated": lazy("重复"),
    "copied": lazy("照抄客户的话"),
    "pasted": lazy("整段粘贴"),
    "hidden": lazy("隐藏字符"),
    "too_long": lazy("过长"),
}


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


def act(code: str) -> str:
    """What a reply does."""
    return str(ACTS.get(code, code))
