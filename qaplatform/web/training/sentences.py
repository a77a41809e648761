"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
    # A: exam room
    "exam.running": lazy("您还有一场考核没有结束，请先继续或结束它。"),
    "exam.at_once": lazy("同时接待的客户为 1 到 4 位。"),
    "exam.no_llm": lazy("现在不能由语言模型扮演客户，请选择脚本客户。"),
    "exam.no_rubric": lazy("没有适用于这个场景的质检标准，请先发布一份。"),
    "exam.not_to_choose": lazy("考核的场景由系统抽取；想选场景请用练习。"),
    "exam.draft": lazy("这份草稿有错误，不能试演，请先改正。"),
    "exam.no_scenario": lazy("这一类的场景不够，请换一类或减少同时接待的客户。"),
    "exam.too_early": lazy("这一类考核未通过后的等待时间还没到，可以先练习或换一类。"),
    "exam.crowded": lazy("同一时刻有太多改动，请再试一次。"),
    "exam.ended": lazy("这段对话已经结束，不能再发送。"),
    "exam.not_open": lazy("这位客户还没有来咨询。"),
    "exam.paused": lazy("计时已暂停，恢复后请再发送。"),
    "exam.empty": lazy("请先写点内容再发送。"),
    "exam.too_long": lazy("一条消息最多 2000 个字符，请分两条发送。"),
    "exam.key": lazy("页面需要刷新后再发送这条消息。"),
    "exam.own": lazy("这是您自己的考核，请由别人复核。"),
    "exam.ruling": lazy("这段对话里没有可以这样裁定的内容，请刷新页面后从列表中选择。"),
    "exam.reason": lazy("改变结果的裁定要写理由，评语要有内容，最多 2000 个字符。"),
}
