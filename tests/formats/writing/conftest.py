"""A small rubric, three dialogues and a seeded crowd of scorecards over them."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from qaplatform.audit.context import Agent, Context
from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.audit.finding import (
    CriterionResult,
    Episode,
    Finding,
    KindSpan,
    Observations,
    Promise,
    Scorecard,
    Transfer,
)
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion, Rubric, Section, sealed
from qaplatform.formats.writing import Wording

Pair = tuple[Conversation, Scorecard]

SLOW = """
customer 20:01:05 我的快递四天没动了,明天就要用,急死了
agent    20:03:45 没办法,物流慢我们也控制不了
customer 20:03:58 那怎么办
agent    20:04:20 我尽快帮您问一下仓库
customer 20:30:00 还没有消息吗
"""
KIND = """
customer 10:00:05 收到的杯子碎了
agent    10:00:21 您好,碎了真的很抱歉,我马上给您补发,今天18点前发出
customer 10:00:50 好的谢谢
agent    10:01:00 请问还有其他可以帮您的吗?
customer 10:01:20 没了
"""
MOVED = """
customer 14:00:05 发票抬头开错了
agent:a2 14:00:40 这边看到了,我转给财务同事小周处理,因为改抬头要他们开红票
system   14:01:00 transfer a2 → a3
agent:a3 14:02:10 您好,我是小周,两小时内重开好发您
customer 14:02:30 行
"""
DIALOGUES = {"slow": SLOW, "kind": KIND, "moved": MOVED}


def _words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


CRITERIA = (
    Criterion(
        id="greeting",
        title=_words("问候自报", "Greeting"),
        weight=10.0,
        wording={"no_greeting": _words("开场没有问候", "No greeting at the start")},
        better=_words("您好,我是客服小王,请问有什么可以帮您?", "Hello, I am Wang, how can I help?"),
    ),
    Criterion(
        id="response_time",
        title=_words("响应时长", "Response time"),
        weight=20.0,
        wording={"slow": _words("过了 {seconds} 秒才回,限 {limit} 秒", "Answered after {seconds} s, limit {limit} s")},
        better=_words("先回一句,再去查。", "Answer first, then look it up."),
    ),
    Criterion(
        id="empathy_first",
        title=_words("先共情", "Empathy first"),
        weight=30.0,
        wording={"missing": _words("客户着急,没有先安抚", "The customer was upset and got no empathy")},
        policy=_words("客户有情绪时,先安抚再说方案。", "Soothe first, then solve."),
        better=_words("非常理解您着急的心情,我马上为您核实。", "I understand how urgent this is; I am checking now."),
    ),
    Criterion(
        id="banned_phrase",
        title=_words("禁用语", "Banned phrases"),
        deduction=5.0,
        wording={"phrase": _words("用了禁用语“{phrase}”", "Banned phrase “{phrase}”")},
        better=_words("我帮您联系仓库确认,1小时内给您反馈。", "I will ask the warehouse and reply within an hour."),
    ),
    Criterion(
        id="concrete_promise",
        title=_words("承诺有时限", "Concrete promise"),
        weight=20.0,
        wording={"vague": _words("“{phrase}”没有说明时间", "“{phrase}” names no time")},
    ),
    Criterion(
        id="insult",
        title=_words("辱骂客户", "Insult"),
        weight=20.0,
        critical=True,
        wording={"insult": _words("辱骂客户", "Insulted the customer")},
    ),
)
RUBRIC = sealed(
    Rubric(
        id="ecommerce-service",
        version="2026.11",
        title=_words("电商服务质检标准", "E-commerce service"),
        sections=(
            Section("service", _words("服务态度", "Service"), CRITERIA[:3]),
            Section("words", _words("用语与承诺", "Wording"), CRITERIA[3:]),
        ),
    )
)
CONTEXT = Context(
    agents={
        "a1": Agent(id="a1", name="王晓梅", team="售前一组"),
        "a2": Agent(id="a2", name="李强", team="售后组"),
        "a3": Agent(id="a3", name="周敏", team="财务"),
    }
)


def _finding(messages: tuple[Message, ...], words: str, code: str, **facts: object) -> Finding:
    for number, message in enumerate(messages):
        at = message.text.find(words)
        if message.role == "agent" and at >= 0:
            return Finding(number, at, at + len(words), words, code, dict(facts))
    raise AssertionError(f"{words} is not there")


def make_pair(
    story: str = "slow",
    *,
    id: str = "c1",
    priority: float = 0.5,
    start: datetime | None = None,
    messages: tuple[Message, ...] | None = None,
    findings: dict[str, tuple[Finding, ...]] | None = None,
    **fields: object,
) -> Pair:
    """A conversation and a scorecard that fits it; ``findings`` by criterion replace the story's own."""
    said = messages if messages is not None else parse_messages(DIALOGUES.get(story, SLOW))
    if start is not None:
        said = tuple(
            Message(**{**_fields(m), "sent_at": (start + timedelta(seconds=30 * n)).isoformat()})
            for n, m in enumerate(said)
        )
    if findings is None:
        findings = {}
        if story == "slow" and messages is None:
            findings = {
                "response_time": (Finding(1, 0, 0, "", "slow", {"seconds": 160.0, "limit": 60}),),
                "empathy_first": (Finding(1, 0, 3, "没办法", "missing", {}),),
                "banned_phrase": (_finding(said, "没办法", "phrase", phrase="没办法"),),
                "concrete_promise": (_finding(said, "尽快", "vague", phrase="尽快"),),
            }
    results = tuple(_result(criterion, findings.get(criterion.id)) for criterion in CRITERIA)
    earned = sum(r.points for r in results)
    score = round(max(0.0, earned), 1)
    critical = any(r.id == "insult" and r.outcome == "fail" for r in results)
    card = Scorecard(
        id=id,
        rubric=RUBRIC.name,
        score=score,
        scored_share=1.0,
        verdict="critical" if critical else "pass" if score >= 80 else "fail",
        risk=round(priority * 0.8, 3),
        priority=priority,
        reasons=("threat",) if priority > 0.8 else (),
        criteria=results,
        observations=_seen(story if messages is None else "", len(said)),
    )
    base: dict[str, object] = {
        "shop": "小熊家居",
        "order_id": "2026111100012345678",
        "customer": Customer(id="u1", tier="vip", order_value=399.0),
    }
    return Conversation(id=id, messages=said, **{**base, **fields}), card  # type: ignore[arg-type]


def _fields(message: Message) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


def _result(criterion: Criterion, findings: tuple[Finding, ...] | None) -> CriterionResult:
    if findings is None:
        return CriterionResult(criterion.id, "pass", None, criterion.weight, criterion.weight, "a1")
    lost = -criterion.deduction * len(findings) if criterion.deduction else 0.0
    return CriterionResult(criterion.id, "fail", None, lost, criterion.weight, "a1", findings)


def _seen(story: str, messages: int) -> Observations:
    slow, moved = story == "slow", story == "moved"
    promises = {
        "slow": (Promise(3, 1, 6, False, None, None),),
        "kind": (Promise(1, 20, 28, True, "2026-09-01T18:00:00+08:00", True),),
        "moved": (Promise(3, 9, 17, True, "2026-09-01T16:02:10+08:00", False),),
    }
    return Observations(
        episodes=(Episode(0, "hurried", "missing", None),) if slow else (),
        blunt=(KindSpan(1, 0, 3, "dismissive"),) if slow else (),
        review_requests=(),
        off_platform=(),
        absolute=(),
        promises=promises.get(story, ()),
        transfers=(Transfer(1, "handover", True, True, True),) if moved else (),
        closing_check=3 if story == "kind" else None,
        unanswered=(4,) if slow and messages > 4 else (),
        closed="open" if slow else "confirmed",
        topic=("delivery", "stuck") if slow else ("after_sale_service",),
    )


def make_crowd(count: int, seed: int = 7) -> Iterator[Pair]:
    """``count`` pairs over forty days and three agents of different strength."""
    draw = random.Random(seed)
    for number in range(count):
        story = draw.choices(["slow", "kind", "moved"], [2, 5, 1])[0]
        start = datetime(2026, 10, 1, 2, tzinfo=UTC) + timedelta(days=number % 40, seconds=draw.randrange(36_000))
        yield make_pair(story, id=f"c{number:06d}", priority=round(draw.random(), 4), start=start)


@pytest.fixture
def pair() -> Callable[..., Pair]:
    return make_pair


@pytest.fixture
def crowd() -> Callable[..., Iterator[Pair]]:
    return make_crowd


@pytest.fixture(params=["zh", "en"])
def wording(request: pytest.FixtureRequest) -> Wording:
    return Wording(RUBRIC, CONTEXT, request.param)


@pytest.fixture
def chinese() -> Wording:
    return Wording(RUBRIC, CONTEXT, "zh")


@pytest.fixture
def rubric() -> Rubric:
    return RUBRIC


@pytest.fixture
def context() -> Context:
    return CONTEXT
