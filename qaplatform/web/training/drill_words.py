"""Acts, what they are about, signs and gaming in words, and an answer with its findings in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Finding
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training.drill_examples import Example
from qaplatform.services.training.drill_shown import Shown
from qaplatform.training.drill_judging import FoundIn, Judged
from qaplatform.training.drills import Must, Situation
from qaplatform.web.conversations.vocabulary import rubrics_known
from qaplatform.web.i18n import LazyText, _, language, lazy

ACTS: Mapping[str, LazyText] = {
    "greets": lazy("问候"),
    "soothes": lazy("安抚"),
    "apologises": lazy("致歉"),
    "explains": lazy("说明情况"),
    "asks": lazy("询问"),
    "offers": lazy("给出方案"),
    "refuses": lazy("说明办不到"),
    "promises": lazy("承诺"),
    "escalates": lazy("升级处理"),
    "transfers": lazy("说明由谁接手"),
    "closes": lazy("结束确认"),
    "thanks": lazy("感谢"),
    "confirms": lazy("肯定答复"),
    "stalls": lazy("让客户等"),
    "rebuffs": lazy("顶回客户"),
    "asks_off_platform": lazy("引到站外"),
    "asks_for_review": lazy("索要好评"),
    "unread": lazy("没读懂"),
}
ABOUTS: Mapping[str, LazyText] = {
    "refund": lazy("退款"),
    "return": lazy("退货"),
    "exchange": lazy("换货"),
    "resend": lazy("补发"),
    "repair": lazy("维修"),
    "coupon": lazy("优惠券"),
    "compensation": lazy("补偿"),
    "price": lazy("价格"),
    "postage": lazy("运费"),
    "gift": lazy("赠品"),
    "cancel": lazy("取消订单"),
    "change": lazy("改单"),
    "invoice": lazy("发票"),
    "product": lazy("商品"),
    "privacy": lazy("他人信息"),
    "order_id": lazy("订单号"),
    "photo": lazy("照片"),
    "phone": lazy("电话"),
    "address": lazy("地址"),
    "reason": lazy("原因"),
    "problem": lazy("问题经过"),
    "time": lazy("时间"),
    "size": lazy("尺码"),
    "need": lazy("需求"),
    "choice": lazy("客户的选择"),
    "name": lazy("姓名"),
    "tracking_no": lazy("运单号"),
    "check": lazy("核实"),
    "urge": lazy("催促"),
    "callback": lazy("回复"),
    "delivery": lazy("送达"),
}
SIGNS: Mapping[str, LazyText] = {
    "banned": lazy("出现服务禁语"),
    "insult": lazy("辱骂或挖苦客户"),
    "curt": lazy("敷衍短答"),
    "vague": lazy("承诺没有说时间"),
    "off_platform": lazy("把客户引到站外"),
    "review": lazy("索要好评"),
    "absolute": lazy("绝对化用语"),
    "private": lazy("索要或透露隐私"),
}
GAMING: Mapping[str, LazyText] = {
    "to_the_examiner": lazy("对阅卷人说话"),
    "injection": lazy("对机器下指令"),
    "labelled": lazy("写步骤名，没有真正去做"),
    "stuffed": lazy("堆砌关键词"),
    "listed": lazy("罗列要点"),
    "repeated": lazy("反复说同一句"),
    "copied": lazy("照抄客户的话"),
    "pasted": lazy("照搬示例，请用自己的话说"),
    "hidden": lazy("含隐藏字符"),
    "too_long": lazy("过长"),
}
STATES: Mapping[str, LazyText] = {
    "open": lazy("未作答"),
    "passed": lazy("通过"),
    "failed": lazy("未通过"),
    "unread": lazy("没读懂，不计"),
    "gone": lazy("已清除"),
}
ORIGINS: Mapping[str, LazyText] = {
    "shipped": lazy("练习库"),
    "finding": lazy("真实会话的扣分点"),
    "exam": lazy("模拟考核的扣分点"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as it is shown beside the answer."""

    number: int
    title: str
    sentence: str
    policy: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of the answer; ``number``: of the finding that stands in it."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an answer."""

    musts: Sequence[tuple[str, bool]]
    signs: Sequence[str]
    gaming: Sequence[str]
    acts: Sequence[str]
    marks: Sequence[Mark]
    bits: Sequence[Bit]
    better: str
    policy: str


def must_words(must: Must) -> str:
    """What has to be done: 安抚 / 致歉; 询问 · 照片; 承诺，并说明时间."""
    said = " / ".join(str(ACTS.get(act, act)) for act in must.acts)
    if must.abouts:
        abouts = " / ".join(str(ABOUTS.get(one, one)) for one in must.abouts)
        said = f"{said} · {abouts}"
    return _("%(act)s，并说明时间", act=said) if must.due else said


def result_of(shown: Shown) -> Result | None:
    """What came of an answer, in words; ``None`` where it was not judged, or its chat is gone."""
    if shown.judged is None or shown.situation is None:
        return None
    return _result(shown.situation, shown.text, shown.judged)


def result_of_example(example: Example) -> Result:
    """What comes of an example of a drill, in words."""
    return _result(example.situation, example.text, example.judged)


def _result(situation: Situation, text: str, judged: Judged) -> Result:
    wording = Wording(rubrics_known()[0], Context(), language())
    return Result(
        musts=[(must_words(one), met) for one, met in zip(situation.must, judged.met, strict=False)],
        signs=[str(SIGNS.get(one, one)) for one in judged.signs],
        gaming=[str(GAMING.get(one, one)) for one in judged.gaming],
        acts=_acts(judged),
        marks=[_mark(n, one, text, wording) for n, one in enumerate(judged.findings, start=1)],
        bits=_bits(text, judged.findings),
        better=wording.better(situation.criterion),
        policy=wording.policy(situation.criterion),
    )


def _acts(judged: Judged) -> list[str]:
    found = []
    for one in judged.acts:
        about = ABOUTS.get(one.about or "")
        said = str(ACTS.get(one.act, one.act))
        found.append(f"{said} · {about}" if about else said)
    return list(dict.fromkeys(found))


def _mark(number: int, one: FoundIn, text: str, wording: Wording) -> Mark:
    finding = Finding(0, one.start, one.end, text[one.start : one.end], one.code, one.facts)
    return Mark(
        number, wording.title(one.criterion), wording.sentence(one.criterion, finding), wording.policy(one.criterion),
        one.counts,
    )  # fmt: skip


def _bits(text: str, findings: Sequence[FoundIn]) -> list[Bit]:
    """The answer in pieces; what points at all of it marks nothing."""
    bits, done = [], 0
    numbered = sorted((one.start, one.end, n) for n, one in enumerate(findings, start=1))
    for start, end, number in numbered:
        if start < done or end <= start or (start, end) == (0, len(text)):
            continue
        bits += [Bit(text[done:start]), Bit(text[start:end], number)]
        done = end
    return [one for one in (*bits, Bit(text[done:])) if one.text]
