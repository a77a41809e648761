"""The codes of training in the activity log, in words: see ``web/activity_words.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qaplatform.web.i18n import LazyText, _, lazy, plural
from qaplatform.web.training.exam_words import PURPOSES, RULING_KINDS

TRAINING_ACTIONS: Mapping[str, LazyText] = {
    # Drills
    "training.drill_given": lazy("布置单句练习"),
    "training.settings_changed": lazy("修改考核规则"),
    "training.text_draft": lazy("保存培训内容的草稿"),
    "training.text_published": lazy("发布培训内容"),
    "training.text_dropped": lazy("放弃培训内容的草稿"),
    "training.text_withdrawn": lazy("撤下培训内容"),
    "training.text_reset": lazy("恢复随平台提供的培训内容"),
    # Daily logs
    "training.summary_written": lazy("写带教日志的小结"),
    "training.point_written": lazy("记录问题点"),
    "training.point_changed": lazy("修改问题点"),
    "training.point_withdrawn": lazy("撤回问题点"),
    # Certificates
    "training.certificate_issued": lazy("颁发证书"),
    "training.certificate_revoked": lazy("撤销证书"),
    # Paths, board, mentors
    "training.enrolled": lazy("安排学习路径"),
    "training.path_changed": lazy("更换学习路径"),
    "training.first_day_changed": lazy("修改学习路径的第一天"),
    "training.stopped": lazy("停止学习路径"),
    "training.agreed": lazy("同意结业"),
    "training.agreed_not": lazy("收回同意结业"),
    "training.graduated": lazy("结业"),
    "training.mentor_assigned": lazy("指定带教"),
    "training.mentor_ended": lazy("结束带教"),
    "training.case_reviewed": lazy("记录案例复盘"),
    "training.talk_held": lazy("记录带教谈话"),
    "training.step_opened": lazy("提前开放学习步骤"),
    # Exam room
    "training.exam_begun": lazy("开始模拟考核"),
    "training.exam_left": lazy("离开模拟考核"),
    "training.exam_voided": lazy("模拟对话作废"),
    "training.exam_ruled": lazy("复核模拟考核"),
    # Theory tests
    "training.answer_ruled": lazy("给简答题评分"),
}
TRAINING_SUBJECTS: Mapping[str, LazyText] = {
    "drill_card": lazy("练习卡片"),
    "training_settings": lazy("考核规则"),
    "learning_text": lazy("培训内容"),
    "daily_log": lazy("带教日志"),
    "problem_point": lazy("问题点"),
    "certificate": lazy("证书"),
    # Exam room
    "exam_sitting": lazy("模拟考核"),
    "exam_dialogue": lazy("模拟对话"),
    # Theory tests
    "paper_attempt": lazy("理论测验"),
}


def _named(kind: str) -> Callable[[Any, Mapping[tuple[str, int], str]], str]:
    return lambda value, names: names.get((kind, value), f"#{value}")


TRAINING_WORDS: Mapping[str, Callable[[Any, Mapping[tuple[str, int], str]], str]] = {
    "agent": _named("agent"),
    "user": _named("user"),
    "purpose": lambda value, _names: str(PURPOSES.get(value, value)),
    "at_once": lambda value, _names: plural("%(num)s 位客户", value),
    "ended": lambda value, _names: plural("结束 %(num)s 段对话", value) if value else "",
    "number": lambda value, _names: _("第 %(number)s 题", number=value),
    "why": lambda _value, _names: "",
}
"""The particulars: what each detail says, given names by kind and id."""
RULINGS: Mapping[str, LazyText] = RULING_KINDS
"""What a ruling on an exam was about; its detail is called ``kind``, as that of a calendar's days."""
