"""What people read when a service says no: sentences by the code of the error, and words by the codes in the database.

A service raises a subclass of ``QAPlatformError`` with a ``code``; a view shows ``sentence_of(error)``. A code without a
sentence here is shown as a general one: the English message is for developers and stays in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.errors import QAPlatformError
from qaplatform.web.i18n import LazyText, lazy

SENTENCES: Mapping[str, LazyText] = {
    "sign_in.refused": lazy("账号或密码不正确。"),
    "sign_in.too_many": lazy("尝试次数过多，请一小时后再试，或联系管理员重置密码。"),
    "password.wrong": lazy("当前密码不正确。"),
    "password.weak": lazy("密码太简单，请换一个。"),
    "password.short": lazy("密码至少需要 10 个字符，用一句话最好记。"),
    "password.long": lazy("密码最多 500 个字符。"),
    "password.login": lazy("密码不能与账号或姓名相同。"),
    "password.common": lazy("这个密码太常见，请换一个。"),
    "password.same": lazy("新密码不能与当前密码相同。"),
    "password.demo": lazy("演示账号的密码不能修改，否则别人就无法试用了。"),
    "demo.elsewhere": lazy("演示账号只能在演示环境中创建。"),
    "users.unknown": lazy("没有这个用户，请刷新页面。"),
    "users.login_form": lazy("账号为 2 到 100 个字母、数字或 . @ + - _，不能有空格。"),
    "users.login_taken": lazy("这个账号已被使用，请换一个。"),
    "users.name_form": lazy("姓名为 1 到 200 个字符。"),
    "users.language": lazy("界面语言只有中文和英文。"),
    "users.roles_form": lazy(
        "请至少选择一个角色；每个角色限定于一个店铺、一个团队或都不限定，客服、新人和管理员不能限定。"
    ),
    "users.agent_taken": lazy("这个客服已对应另一个用户。"),
    "users.place_unknown": lazy("店铺、团队或客服不存在，请刷新页面。"),
    "users.last_admin": lazy("这是最后一位管理员，请先指定另一位管理员。"),
    "users.oneself": lazy("不能修改自己的角色、停用自己或更换自己对应的客服，请由其他管理员操作。"),
    "access.denied": lazy("您没有进行此操作的权限。"),
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
