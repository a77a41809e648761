"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
    # Daily logs
    "training.point_text": lazy("问题点要写明问题，并选择原因和程度；每一栏最多 2,000 个字符。"),
    "training.point_answered": lazy("这条问题点不能再修改：新人已回复、已撤回，或由别人记录。可以另记一条。"),
    "training.other_chat": lazy("这通会话不是这位新人当天的会话，请刷新页面后再选。"),
    "training.log_day": lazy("只能记今天和以前的日志。"),
    "training.finding_gone": lazy("这处扣分点已不在：会话重新质检过，或有人裁定过。请刷新页面。"),
    "training.answer_text": lazy("请写下回复的内容，最多 2,000 个字符。"),
    "training.summary_text": lazy("小结最多 2,000 个字符。"),
}
