"""What a learned risk looks at, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.audit.context import Context
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.risk_models import Sign
from qaplatform.services.rubric_versions import in_force
from qaplatform.web.conversations.vocabulary import criteria_known, rubrics_known
from qaplatform.web.i18n import LazyText, _, language, lazy

BLOCKS: Mapping[str, LazyText] = {
    "customer": lazy("客户说"),
    "customer_first": lazy("客户一开始说"),
    "customer_after": lazy("客户得到回复后说"),
    "customer_last": lazy("客户最后说"),
    "agent": lazy("客服说"),
    "agent_last": lazy("客服最后说"),
}
NUMBERS: Mapping[str, LazyText] = {
    "rule/logit": lazy("按规则得出的风险"),
    "sign/thanked": lazy("客户最后道谢"),
    "sign/solved": lazy("客户说问题已解决"),
    "sign/praise": lazy("客户称赞"),
    "sign/confirmed": lazy("客户确认后结束"),
    "sign/way": lazy("客服告知了办法"),
    "sign/done": lazy("客服做了处理"),
    "sign/fixed": lazy("客服说已修好"),
    "sign/granted": lazy("客服给了退换或补偿"),
    "size/customer_messages": lazy("客户消息多"),
    "size/customer_letters": lazy("客户写得多"),
    "size/customer_last": lazy("客户最后一条很长"),
    "size/customer_turns": lazy("来回次数多"),
    "size/agent_messages": lazy("客服消息多"),
    "size/agent_letters": lazy("客服写得多"),
    "size/agent_last": lazy("客服最后一条很长"),
    "size/automatic": lazy("自动回复多"),
    "shape/customer_last": lazy("最后一条是客户的"),
    "wait/known": lazy("有回复时间"),
    "wait/first": lazy("首次等待长"),
    "wait/longest": lazy("最长等待长"),
    "criterion/failed": lazy("未通过的项目多"),
    "criterion/lost": lazy("扣分多"),
    "episode/displeased": lazy("客户不满"),
    "episode/worried": lazy("客户担心"),
    "episode/hurried": lazy("客户着急"),
    "episode/first": lazy("先安抚了情绪"),
    "episode/late": lazy("安抚得晚"),
    "episode/missing": lazy("没有安抚"),
    "episode/no_reply": lazy("情绪没有得到回复"),
    "promise/concrete": lazy("承诺有时间"),
    "promise/vague": lazy("承诺没有时间"),
    "promise/kept": lazy("兑现了承诺"),
    "promise/broken": lazy("没有兑现承诺"),
    "transfer/handover": lazy("转接"),
    "transfer/escalation": lazy("升级处理"),
    "transfer/referral_away": lazy("让客户去找别处"),
    "observed/blunt": lazy("生硬用语"),
    "observed/review_requests": lazy("邀评"),
    "observed/off_platform": lazy("引导站外"),
    "observed/absolute": lazy("绝对化用语"),
    "observed/unanswered": lazy("有问题没有回答"),
}
STATES: Mapping[str, LazyText] = {
    "active": lazy("使用中"),
    "off": lazy("未使用"),
    "superseded": lazy("已被新版本取代"),
}
WHY: Mapping[str, LazyText] = {
    "better": lazy("比规则更准，差别不是偶然"),
    "worse": lazy("不比规则更准"),
    "not_surely_better": lazy("看上去更准，但可能是偶然"),
    "switched_off": lazy("由质检主管停用"),
    "newer": lazy("有了更新的版本"),
}
MEASURED_ON: Mapping[str, LazyText] = {
    "all": lazy("全部会话"),
    "ruled": lazy("裁定过的会话"),
    "random": lazy("随机抽到的会话"),
}


def sign_words(sign: Sign) -> str:
    """Something telling, in words."""
    if sign.where in BLOCKS:
        return f"{BLOCKS[sign.where]}“{sign.what}”"
    known = NUMBERS.get(sign.what)
    if known is not None:
        return str(known)
    kind, _slash, rest = sign.what.partition("/")
    wording = Wording(in_force()[0], Context(), language())
    if kind == "criterion":
        criterion, _slash, outcome = rest.rpartition("/")
        known_as = criteria_known().get(criterion)
        title = known_as.title.in_language(language()) if known_as else wording.title(criterion)
        return _("“%(title)s”未通过", title=title) if outcome == "fail" else _("“%(title)s”通过", title=title)
    if kind == "sign":
        return wording.reason(rest)
    if kind == "topic":
        return _("话题：%(topic)s", topic=wording.topic(tuple(rest.split("/"))))
    group = next((one.phrases[rest] for one in rubrics_known() if rest in one.phrases), None)
    title = group.title.in_language(language()) if group is not None and group.title is not None else rest
    return _("出现用语“%(title)s”", title=title)
