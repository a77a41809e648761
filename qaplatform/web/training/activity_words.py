"""The codes of training in the activity log, in words: see ``web/activity_words.py``."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_ACTIONS: Mapping[str, LazyText] = {
    "training.settings_changed": lazy("修改考核规则"),
    "training.text_draft": lazy("保存培训内容的草稿"),
    "training.text_published": lazy("发布培训内容"),
    "training.text_withdrawn": lazy("撤下培训内容"),
    # A: exam room
    "training.exam_begun": lazy("开始模拟考核"),
    "training.exam_left": lazy("离开模拟考核"),
    "training.exam_voided": lazy("模拟对话作废"),
    "training.exam_ruled": lazy("复核模拟考核"),
}
TRAINING_SUBJECTS: Mapping[str, LazyText] = {
    "training_settings": lazy("考核规则"),
    "learning_text": lazy("培训内容"),
    # A: exam room
    "exam_sitting": lazy("模拟考核"),
    "exam_dialogue": lazy("模拟对话"),
}
