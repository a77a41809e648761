"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    # Of drills (part G).
    "drills.empty": lazy("请写一句回复再发送。"),
    "drills.too_long": lazy("回复最多 1,000 个字符。"),
    "drills.no_situation": lazy("这个扣分点之前没有客户的消息，不能做成练习；请从练习库里选一题。"),
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
}
