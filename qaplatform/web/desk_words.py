"""What the desk calls things: lists of words by the codes of the database."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

SHELVES: Mapping[str, LazyText] = {
    "open": lazy("待处理"),
    "overdue": lazy("已超期"),
    "draft": lazy("草稿"),
    "done": lazy("已完成"),
}
DRAWS: Mapping[str, LazyText] = {
    "random": lazy("随机抽取"),
    "priority": lazy("按风险抽取"),
    "chosen": lazy("主动选择"),
}
CAUSES: Mapping[str, LazyText] = {
    "system": lazy("系统或平台"),
    "warehouse": lazy("仓库或物流"),
    "rule": lazy("规则本身"),
    "customer": lazy("客户"),
    "other": lazy("其他原因"),
}
RULINGS: Mapping[str, LazyText] = {
    "confirm": lazy("维持"),
    "overrule": lazy("改判"),
    "not_applicable": lazy("不适用"),
    "not_the_agent": lazy("非客服责任"),
    "answer": lazy("人工判定"),
}
COMMENTS: Mapping[str, LazyText] = {
    "comment": lazy("批注"),
    "praise": lazy("表扬"),
    "reply": lazy("回复"),
    "note": lazy("备注"),
}
SUMMARIES: tuple[LazyText, ...] = (
    lazy("整体良好，继续保持。"),
    lazy("先安抚情绪，再给方案。"),
    lazy("承诺要说清做什么、什么时候完成。"),
    lazy("转接前要告知客户由谁跟进。"),
    lazy("结束前确认客户的问题是否已解决。"),
)
"""Templates for a summary."""
