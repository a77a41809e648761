"""What people read when a service says no: sentences by the code of the error, and words by the codes in the database.

A service raises a subclass of ``QAPlatformError`` with a ``code``; a view shows ``sentence_of(error)``. A code without a
sentence here is shown as a general one: the English message is for developers and stays in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.errors import QAPlatformError
from qaplatform.web.admin_sentences import ADMIN_SENTENCES
from qaplatform.web.i18n import LazyText, lazy

SENTENCES: Mapping[str, LazyText] = {
    "sign_in.refused": lazy("账号或密码不正确。"),
    "sign_in.too_many": lazy("尝试次数过多，请一小时后再试，或联系管理员重置密码。"),
    "password.wrong": lazy("当前密码不正确。"),
    "password.short": lazy("新密码至少需要 10 个字符。"),
    "password.long": lazy("新密码太长了，请控制在 500 个字符以内。"),
    "password.login": lazy("新密码不能与账号或姓名相同。"),
    "password.common": lazy("这个密码太常见，很容易被猜到，请换一个。"),
    "password.weak": lazy("这个密码太弱，请换一个。"),
    "password.same": lazy("新密码不能与当前密码相同。"),
    "password.demo": lazy("演示账号的密码是公用的，不能修改。"),
    "access.denied": lazy("您没有进行此操作的权限。"),
    **ADMIN_SENTENCES,
}
"""By ``code``; whoever adds an error that people can meet adds its sentence."""
GENERAL = lazy("操作没有完成，请稍后再试。")

VERDICTS: Mapping[str, LazyText] = {
    "pass": lazy("合格"),
    "fail": lazy("不合格"),
    "critical": lazy("一票否决"),
    "unscored": lazy("未评分"),
}
OUTCOMES: Mapping[str, LazyText] = {
    "pass": lazy("通过"),
    "fail": lazy("未通过"),
    "not_applicable": lazy("不适用"),
    "unscored": lazy("未评分"),
}
STATES: Mapping[str, LazyText] = {
    "waiting": lazy("等待中"),
    "running": lazy("进行中"),
    "done": lazy("已完成"),
    "failed": lazy("失败"),
    "cancelled": lazy("已取消"),
}
"""Of jobs and imports."""


def sentence(code: str) -> str:
    """The sentence of a code, in the reader's language."""
    return str(SENTENCES.get(code, GENERAL))


def sentence_of(error: QAPlatformError) -> str:
    """What to tell a person of an error."""
    return sentence(str(getattr(error, "code", "")))
