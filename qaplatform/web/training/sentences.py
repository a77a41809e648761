"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    # Scenarios.
    "scenarios.unknown": lazy("没有这个场景或这个版本，请从列表重新进入。"),
    "scenarios.moved_on": lazy("别人刚刚修改了这个场景，您的修改没有保存。请先看对方改了什么。"),
    "scenarios.taken": lazy("这个编号已经有场景在用，请换一个。"),
    "scenarios.not_ready": lazy("还不能发布：请先改正下面列出的问题，参考对话也要达到分数。"),
    "scenarios.same": lazy("没有可以发布或撤下的改动。"),
    "scenarios.real_person": lazy("由真实会话做成的场景，要有人通读确认后才能发布。"),
    "scenarios.bare_chat": lazy("这通会话做不成场景：要有客户和客服的消息，并且原文没有清除。"),
    "scenarios.trial_too_long": lazy("一次试一试最多 60 步，每条最多 1,000 个字符，请重新开始。"),
    "scenarios.unjudged": lazy("没有质检标准适用于这个场景的会话，请检查场景的队列或标准的适用范围。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
}
