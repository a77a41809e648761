"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
}
