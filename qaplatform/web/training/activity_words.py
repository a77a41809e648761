"""The codes of training in the activity log, in words: see ``web/activity_words.py``."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_ACTIONS: Mapping[str, LazyText] = {
    "training.settings_changed": lazy("修改考核规则"),
    "training.text_draft": lazy("保存培训内容的草稿"),
    "training.text_published": lazy("发布培训内容"),
    "training.text_dropped": lazy("放弃培训内容的草稿"),
    "training.text_withdrawn": lazy("撤下培训内容"),
}
TRAINING_SUBJECTS: Mapping[str, LazyText] = {
    "training_settings": lazy("考核规则"),
    "learning_text": lazy("培训内容"),
}
