"""The codes of questions and tests in words."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

KINDS: Mapping[str, LazyText] = {
    "single": lazy("单选"),
    "multiple": lazy("多选"),
    "true_false": lazy("判断"),
    "order": lazy("排序"),
    "fill_in": lazy("填空"),
    "short_answer": lazy("简答"),
    "judge_chat": lazy("判对话"),
}
TASKS: Mapping[str, LazyText] = {"mark": lazy("标错"), "better": lazy("选优"), "score": lazy("打分")}
DIFFICULTIES: Mapping[int, LazyText] = {1: lazy("易"), 2: lazy("中"), 3: lazy("难")}
ORIGINS: Mapping[str, LazyText] = {
    "shipped": lazy("随平台提供"),
    "changed": lazy("已改动"),
    "own": lazy("自建"),
    "path": lazy("来自路径"),
}
STANDINGS: Mapping[str, LazyText] = {
    "passed": lazy("通过"),
    "failed": lazy("未通过"),
    "for_a_person": lazy("待批阅"),
    "running": lazy("进行中"),
}
VERSION_STATES: Mapping[str, LazyText] = {
    "draft": lazy("草稿"),
    "published": lazy("已发布"),
    "withdrawn": lazy("已撤下"),
    "reset": lazy("恢复原版"),
}
PERSON_REASONS: Mapping[str, LazyText] = {
    "points_missing": lazy("没有找到全部要点"),
    "negated": lazy("要点前面有否定"),
    "only_keywords": lazy("几乎只有关键词"),
    "no_points": lazy("这道题由人批阅"),
}
NOTICES: Mapping[str, LazyText] = {
    "too_easy": lazy("几乎人人都对"),
    "too_hard": lazy("几乎没人对"),
    "negative": lazy("会的人反而错"),
    "weak": lazy("分不出会不会"),
    "unused_distractor": lazy("有干扰项没人选"),
    "attractive_distractor": lazy("会的人也选某个错项"),
}
VERDICTS: Mapping[str, LazyText] = {"pass": lazy("合格"), "fail": lazy("不合格")}
ROLES: Mapping[str, LazyText] = {
    "customer": lazy("客户"),
    "agent": lazy("客服"),
    "bot": lazy("机器人"),
    "system": lazy("系统"),
}
