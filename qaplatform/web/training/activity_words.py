"""The codes of training in the activity log, in words: see ``web/activity_words.py``."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_ACTIONS: Mapping[str, LazyText] = {
    "training.settings_changed": lazy("修改考核规则"),
    "training.text_draft": lazy("保存培训内容的草稿"),
    "training.text_published": lazy("发布培训内容"),
    "training.text_withdrawn": lazy("撤下培训内容"),
    "training.summary_written": lazy("写带教日志的小结"),
    "training.point_written": lazy("记录问题点"),
    "training.point_changed": lazy("修改问题点"),
    "training.point_withdrawn": lazy("撤回问题点"),
}
TRAINING_SUBJECTS: Mapping[str, LazyText] = {
    "training_settings": lazy("考核规则"),
    "learning_text": lazy("培训内容"),
    "daily_log": lazy("带教日志"),
    "problem_point": lazy("问题点"),
}
