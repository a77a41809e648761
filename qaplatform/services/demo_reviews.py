"""What the demo's inspectors have said of the samples they drew: invented, believable, and the same every time.

The samples hold mistakes of the machine: words that are harmless where they stand. Those are called wrong here, as anybody
would who reads the chat; the rest is confirmed, but for what a machine cannot see (a call back, a stuck system).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from qaplatform.audit.ruling import Cause
from qaplatform.services.access import Viewer
from qaplatform.services.results import acknowledge, note_seen, reply
from qaplatform.services.review_drafts import Added, Answer, Comment, Draft
from qaplatform.services.reviewing import note_opened, submit, work_of
from qaplatform.store import demo as store
from qaplatform.store.demo import DrawnItem, FoundWords, Said

_BETWEEN = timedelta(minutes=15)
_WRONG: Mapping[tuple[str, str], str] = {
    ("insult", "您配"): "是推荐客户配一个被套，没有骂人",
    ("insult", "是是是"): "在认同客户，语气没有问题",
    ("insult", "空投"): "“星空投影灯”是商品名",
    ("banned_phrase", "您自己填"): "提醒客户保护验证码，不是命令",
    ("banned_phrase", "事，多"): "“主板没事，多半是……”是在帮客户排查",
    ("banned_phrase", "写得清清楚楚"): "说的是客户的留言，在承认我们看漏了",
    ("banned_phrase", "下班了"): "如实说明安装部下班，并给了时间",
    ("personal_data", "身份证那些您莫发给我"): "是叫客户不要发，没有索要",
    ("personal_data", "银行流水号发"): "流水号是我们发给客户的",
    ("concrete_promise", "降价会提醒"): "说的是平台的降价提醒，不是承诺",
    ("concrete_promise", "谢谢您特意来说一声"): "道谢，没有承诺什么",
    ("concrete_promise", "看怎么给您弥补"): "回访的开场白，后面给了方案和时间",
    ("transfer_handling", "我把今天这一通转给主管"): "转给主管复盘，没有把客户转走",
    ("transfer_handling", "您跟师傅说"): "教客户怎么拒收，没有推给别人",
    ("transfer_handling", "您要联系媒体和12315"): "尊重客户的权利，没有推诿",
}
"""What the machine finds and is none, by criterion and words, with the reason."""
_UNSEEN: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "complaint_followup": (
        0.75,
        (
            "已电话回访，通话记录在工单里",
            "回访是打电话做的，聊天里看不到",
            "次日已电话回访，客户认可",
            "客户当时就接受了方案，不用再回访",
        ),
    ),
    "closing_check": (0.2, ("客户已经说没有别的事了", "客户先道了再见，再问就啰唆了")),
    "empathy_first": (0.1, ("客户只是在问进度，没有情绪",)),
    "asked_twice": (0.2, ("客户换了一个订单，需要再问",)),
}
"""What a machine cannot see or judges too strictly: in which share of its failures, and the reasons."""
_EXCUSED: Mapping[str, tuple[float, Cause, str]] = {
    "response_time": (0.2, "system", "当时工作台掉线，消息晚到了"),
    "promise_kept": (0.35, "warehouse", "仓库爆仓，客服已提前告知客户"),
}
"""What was so, and no fault of the agent's."""
_MISSED: Mapping[tuple[str, str], str] = {
    ("personal_data", "是这个吧：林晓芸"): "把另一位客户的姓名、电话和住址发了出来",
    ("promise_kept", "明天上午10点前回复您"): "答应10点前回复，到时候没有回",
    ("insult", "Feed him less"): "拿客户的孩子开玩笑",
    ("banned_phrase", "自己看订单里"): "让客户自己去找，等于没有回答",
    ("banned_phrase", "快递的事我们也控制不了"): "和“没办法”一个意思，也没有给出路",
}
"""What the machine passes over, by criterion and words."""
_ADVICE: Mapping[str, str] = {
    "empathy_first": "先回应客户的情绪，再问订单号。",
    "concrete_promise": "“尽快”换成几点前，做不到再提前说。",
    "banned_phrase": "办不到时说原因，再给一个能办的。",
    "response_time": "忙不过来时先回一句“我在看”，再去查。",
    "asked_twice": "往上翻两条，客户已经说过了。",
    "transfer_handling": "转接前说清转给谁、为什么。",
    "absolute_claims": "不说“最”和“第一”，说检测结果。",
    "review_request": "可以请客户评价，不能拿好处换五星。",
    "closing_check": "结束前问一句还有没有别的要帮忙。",
}
_PRAISE = (
    "情绪接得稳，方案也给得清楚。",
    "时间说到几点，客户就安心了。",
    "主动多查了一步，值得学习。",
    "解释得耐心，没有一句推脱。",
)
_SUMMARIES: Mapping[str, tuple[str, ...]] = {
    "pass": ("整体规范，继续保持。", "应答及时，收尾完整。", ""),
    "fail": ("先处理情绪，再处理事情。", "流程没有走完，对照规则再看一遍。", "承诺要有时间，也要兑现。"),
    "critical": ("红线问题，本周面谈。",),
}
_REPLIES = ("收到，下次先说时间。", "那天系统卡了一会儿，我会先打招呼。", "谢谢，学到了。")


def review_drawn(session: Session, by: Mapping[int, Viewer], sample_ids: Sequence[int], *, at: datetime) -> None:
    """Review what some draws gave, each of it by whose work it is, one after the other from a moment on.

    ``by`` are those who review, by their user ids.
    """
    items = [one for one in store.drawn_items(session, sample_ids) if one.user_id in by]
    failed, found = defaultdict(list), defaultdict(list)
    for audit_id, criterion in store.failed_criteria(session, [one.audit_id for one in items]):
        failed[audit_id].append(criterion)
    for words in store.found_words(session, [one.audit_id for one in items]):
        found[words.audit_id, words.criterion].append(words)
    said = store.said_by_agents(session, [one.conversation_id for one in items])
    for number, one in enumerate(items):
        chance = Random(one.conversation_id)
        answers = [_answer(id, found[one.audit_id, id], chance) for id in sorted(failed[one.audit_id])]
        added = tuple(_added(said.get(one.conversation_id, ()), failed[one.audit_id]))
        draft = Draft(
            tuple(answers),
            added,
            tuple(_comments(one, answers, chance)),
            chance.choice(_SUMMARIES[_kind(one, answers)]),
        )
        viewer, begun = by[one.user_id], at + number * _BETWEEN
        note_opened(session, viewer, one.id, now=begun)
        ended = begun + timedelta(seconds=chance.randint(80, 540))
        work = work_of(session, viewer, one.id)
        submit(session, viewer, work, draft, version=one.version, seen_review_id=one.latest_review_id, now=ended)


def acknowledge_results(session: Session, agents: Sequence[Viewer], *, now: datetime) -> None:
    """What agents did with their results: all but the newest two were read and taken, some answered."""
    for viewer in agents:
        given = store.reviews_of_agent(session, viewer.agent_id or 0)
        for number, (review_id, conversation_id, at) in enumerate(given[:-2]):
            then = min(at + timedelta(hours=20 + number), now)
            note_seen(session, viewer, conversation_id, now=then)
            acknowledge(session, viewer, review_id, now=then)
            if number % 3 == 1:
                reply(session, viewer, review_id, _REPLIES[number // 3 % len(_REPLIES)], now=then)


def _answer(criterion: str, found: Sequence[FoundWords], chance: Random) -> Answer:
    """What is said of a failure of the machine's."""
    reasons = {one.place: _WRONG[key] for one in found if (key := (criterion, one.words.strip())) in _WRONG}
    luck = chance.random()
    if reasons:
        reason = next(iter(reasons.values()))
        if len(reasons) == len(found):
            return Answer(criterion, "overrule", "pass", reason=reason)
        return Answer(criterion, "confirm", wrong=tuple(reasons), reason=reason)
    if criterion in _UNSEEN and luck < _UNSEEN[criterion][0]:
        return Answer(criterion, "overrule", "pass", reason=chance.choice(_UNSEEN[criterion][1]))
    if criterion in _EXCUSED and luck < _EXCUSED[criterion][0]:
        _share, cause, reason = _EXCUSED[criterion]
        return Answer(criterion, "not_the_agent", cause=cause, reason=reason)
    return Answer(criterion, "confirm")


def _added(said: Sequence[Said], failed: Sequence[str]) -> Iterator[Added]:
    """What the machine passed over."""
    for (criterion, words), comment in _MISSED.items():
        place = next(((one, start) for one in said if (start := one.text.find(words)) >= 0), None)
        if place is not None and criterion not in failed:
            one, start = place
            yield Added(criterion, one.number, start, start + len(words), comment)


def _comments(one: DrawnItem, answers: Sequence[Answer], chance: Random) -> Iterator[Comment]:
    """One word to the agent, not on every chat: of what went wrong, or praise."""
    confirmed = [it.criterion for it in answers if it.kind == "confirm" and it.criterion in _ADVICE]
    if confirmed and chance.random() < 0.6:
        yield Comment(_ADVICE[chance.choice(confirmed)])
    elif not confirmed and one.verdict == "pass" and chance.random() < 0.6:
        yield Comment(chance.choice(_PRAISE), "praise")


def _kind(one: DrawnItem, answers: Sequence[Answer]) -> str:
    """Which summary fits."""
    if not any(it.kind == "confirm" for it in answers):
        return "pass"
    return one.verdict if one.verdict in _SUMMARIES else "fail"
