"""A small business with random conversations, in a database and as plain values for an oracle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from qaplatform.store import marks, search
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import (
    AgentRow,
    AuditRow,
    Case,
    ContextVersion,
    ConversationRow,
    CriterionResult,
    Customer,
    Import,
    MessageRow,
    Review,
    RubricVersion,
    Shop,
    Team,
    User,
    WorkItem,
)
from qaplatform.store.week_hours import WeekHours

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
SHOPS, TEAMS, AGENTS, CUSTOMERS, CASES, IMPORTS = 3, 3, 6, 20, 15, 4
CRITERIA = ("greeting", "insult", "curt_reply")
TAGS = ("会员日", "升级", "已回访")
TOPICS = ("order", "refund", "complaint", None)
WORDS = (
    "我要退款",
    "什么时候退款到账",
    "物流停在宁波",
    "Refund please",
    "款式很好看",
    "订单 9123154007 到哪了",
    "好的",
    "退货地址",
)


@dataclass(frozen=True)
class Known:
    """A conversation as the oracle knows it."""

    id: int
    shop_id: int
    team_id: int | None
    agent_ids: frozenset[int]
    started_at: datetime
    channel: str
    queue: str | None
    language: str | None
    topic: str | None
    verdict: str | None
    score: float | None
    priority: float | None
    csat: float | None
    failed: frozenset[str]
    tags: frozenset[str]
    customer_id: int | None
    case_id: int | None
    order_id: str | None
    open_work: bool
    reviewed: bool
    texts: tuple[str, ...]
    import_id: int | None = None


def open_business(session: Session) -> None:
    """Shops, teams, agents, a reader, customers, cases, a rubric and a context."""
    made = {"created_at": FIRST}
    session.add_all(Shop(id=n, code=f"s{n}", name=f"店{n}", **made) for n in range(1, SHOPS + 1))
    session.add_all(Team(id=n, name=f"{n}组", **made) for n in range(1, TEAMS + 1))
    session.flush()
    session.add_all(
        AgentRow(id=n, code=f"a{n}", name=f"客服{n}", team_id=1 + n % TEAMS, **made) for n in range(1, AGENTS + 1)
    )
    session.add_all(User(id=n, login=f"u{n}", name=f"质检{n}", password_hash="", **made) for n in (1, 2))
    session.add_all(
        Customer(id=n, shop_id=1, source_key=f"k{n}", pseudonym=f"客户{n}", **made) for n in range(1, CUSTOMERS + 1)
    )
    session.add_all(
        Import(id=n, origin="upload", file_name="a", file_bytes=1, file_hash="", options={}, state="done", **made)
        for n in range(1, IMPORTS + 1)
    )
    session.add_all(Case(id=n, shop_id=1, key=f"case-{n}", **made) for n in range(1, CASES + 1))
    session.add(RubricVersion(id=1, code="r", content_hash="r1", files={}, **made))
    session.add(ContextVersion(id=1, content_hash="c1", body={}, **made))
    session.flush()


def random_conversation(random: Random, id: int) -> Known:
    """Values of every kind, with gaps; moments, scores and priorities repeat, so that ids must decide."""
    is_audited = random.random() < 0.85
    agent_ids = frozenset(random.sample(range(1, AGENTS + 1), random.choice((0, 1, 1, 1, 2))))
    return Known(
        id=id,
        shop_id=random.randint(1, SHOPS),
        team_id=random.choice((None, 1, 2, 3)),
        agent_ids=agent_ids,
        started_at=FIRST + timedelta(hours=random.randint(0, 90)),
        channel=random.choice(("chat", "chat", "phone")),
        queue=random.choice((None, "pre_sale", "after_sale")),
        language=random.choice((None, "zh", "zh", "en")),
        topic=random.choice(TOPICS) if is_audited else None,
        verdict=random.choice(("pass", "pass", "fail", ("critical", "pending")[id % 2], "unscored"))
        if is_audited
        else None,
        score=random.choice((None, 0.0, 55.5, 80.0, 92.25, 100.0)) if is_audited else None,
        priority=random.choice((0.0, 0.1, 0.25, 0.9)) if is_audited else None,
        csat=random.choice((None, 1.0, 3.0, 5.0)),
        failed=frozenset(one for one in CRITERIA if random.random() < 0.3) if is_audited else frozenset(),
        tags=frozenset(one for one in TAGS if random.random() < 0.2),
        customer_id=random.choice((None, random.randint(1, CUSTOMERS))),
        case_id=random.choice((None, random.randint(1, CASES))),
        order_id=random.choice((None, f"D{random.randint(1, 30)}")),
        open_work=random.random() < 0.1,
        reviewed=is_audited and id % 5 == 0,
        texts=tuple(random.sample(WORDS, random.randint(1, 3))),
        import_id=random.choice((None, *range(1, IMPORTS + 1))),
    )


def write(session: Session, known: Iterable[Known]) -> None:
    """Write conversations with all that belongs to them."""
    known = list(known)
    audited = [one for one in known if one.verdict is not None]
    for model, rows in (
        (ConversationRow, [_conversation(one) for one in known]),
        (MessageRow, [row for one in known for row in _messages(one)]),
        (AuditRow, [_audit(one) for one in audited]),
        (CriterionResult, [row for one in audited for row in _results(one)]),
        (WorkItem, [_work_item(one) for one in known if one.open_work or one.id % 3 == 0]),
        (Review, [_review(one) for one in known if one.reviewed for _twice in range(2)]),
    ):
        if rows:
            session.execute(insert(model), rows)
    search.add(session, {one.id: one.texts for one in known})
    marks.refresh(session, [one.id for one in known])


def _conversation(one: Known) -> dict[str, Any]:
    is_audited = one.verdict is not None
    return {
        "id": one.id, "shop_id": one.shop_id, "source": "t", "source_id": str(one.id), "content_hash": "",
        "revision": 1, "import_id": one.import_id, "customer_id": one.customer_id, "case_id": one.case_id, "team_id": one.team_id,
        "channel": one.channel, "agent_id": min(one.agent_ids, default=None), "queue": one.queue,
        "language": one.language, "order_id": one.order_id, "csat": one.csat, "tags": sorted(one.tags), "meta": {},
        "message_count": len(one.texts), "started_at": one.started_at, "ended_at": one.started_at, "is_timed": True,
        "created_at": FIRST, "updated_at": FIRST, "audit_id": one.id if is_audited else None, "score": one.score,
        "scored_share": 0.9 if is_audited else None, "verdict": _stored(one.verdict), "risk": one.priority,
        "review_id": 1 if one.verdict == "critical" else None,
        "priority": one.priority, "topic": one.topic, "failed_count": len(one.failed) if is_audited else None,
    }  # fmt: skip


def _messages(one: Known) -> Iterator[dict[str, Any]]:
    writers = [None, *sorted(one.agent_ids)]
    texts = [*one.texts, *("在的" for _ in range(len(writers) - len(one.texts)))]
    for number, text in enumerate(texts):
        agent_id = writers[min(number, len(writers) - 1)]
        yield {
            "conversation_id": one.id, "number": number, "first_revision": 1, "role": "agent" if agent_id else "customer",
            "kind": "text", "auto": False, "agent_id": agent_id, "text": text,
        }  # fmt: skip


def _stored(verdict: str | None) -> str | None:
    return "critical" if verdict == "pending" else verdict


def _audit(one: Known) -> dict[str, Any]:
    return {
        "id": one.id, "conversation_id": one.id, "revision": 1, "rubric_version_id": 1, "context_version_id": 1,
        "engine_version": "1", "score": one.score, "scored_share": 0.9, "verdict": _stored(one.verdict), "risk": 0.1,
        "priority": one.priority, "reasons": [], "observations": {}, "created_at": FIRST,
    }  # fmt: skip


def _results(one: Known) -> Iterator[dict[str, Any]]:
    for name in CRITERIA:
        yield {
            "audit_id": one.id, "criterion": name, "conversation_id": one.id, "points": 0.0, "max_points": 5.0,
            "outcome": "fail" if name in one.failed else "pass",
        }  # fmt: skip


def _work_item(one: Known) -> dict[str, Any]:
    return {
        "conversation_id": one.id, "revision": 1, "user_id": 1, "state": "open" if one.open_work else "done",
        "why": {}, "draft": {}, "created_at": FIRST,
    }  # fmt: skip


def _review(one: Known) -> dict[str, Any]:
    return {
        "conversation_id": one.id, "revision": 1, "audit_id": one.id, "user_id": 1, "draw": "chosen", "scored_share": 1.0,
        "verdict": "pass", "failed_count": 0, "machine_verdict": "pass", "summary": "", "created_at": FIRST,
    }  # fmt: skip


def is_meant(one: Known, wanted: ConversationFilter, scope: Scope) -> bool:
    """What the filter and the scope say of a conversation, in plain words."""
    in_scope = (
        scope.everything
        or one.shop_id in scope.shop_ids
        or one.team_id in scope.team_ids
        or scope.agent_id in one.agent_ids
    )
    return in_scope and all(
        (
            all(
                any(part.lower() in text.lower() for text in one.texts)
                for part in wanted.text.split()
                if any(map(str.isalnum, part))
            ),
            not wanted.shop_ids or one.shop_id in wanted.shop_ids,
            not wanted.team_ids or one.team_id in wanted.team_ids,
            not wanted.agent_ids or bool(one.agent_ids & wanted.agent_ids),
            wanted.first_agent_id is None or wanted.first_agent_id == min(one.agent_ids, default=None),
            wanted.since is None or one.started_at >= wanted.since,
            wanted.until is None or one.started_at < wanted.until,
            wanted.begun_in is None or _is_in(one.started_at, wanted.begun_in),
            not wanted.channels or one.channel in wanted.channels,
            not wanted.queues or one.queue in wanted.queues,
            not wanted.languages or one.language in wanted.languages,
            not wanted.topics or one.topic in wanted.topics,
            not wanted.verdicts or one.verdict in wanted.verdicts,
            _within(one.score, wanted.min_score, wanted.max_score),
            _within(one.priority, wanted.min_priority, None),
            _within(one.csat, wanted.min_csat, wanted.max_csat),
            wanted.failed is None or wanted.failed in one.failed,
            wanted.tag is None or wanted.tag in one.tags,
            wanted.import_id is None or one.import_id == wanted.import_id,
            wanted.customer_id is None or one.customer_id == wanted.customer_id,
            wanted.case_id is None or one.case_id == wanted.case_id,
            wanted.order_id is None or one.order_id == wanted.order_id,
            wanted.open_work is None or one.open_work == wanted.open_work,
            wanted.reviewed is None or one.reviewed == wanted.reviewed,
        )
    )


def _is_in(moment: datetime, hours: WeekHours) -> bool:
    local = moment.astimezone(hours.zone)
    return hours.weekday in (None, local.isoweekday()) and hours.hour in (None, local.hour)


def _within(value: float | None, least: float | None, most: float | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


def in_order(known: Iterable[Known], order: str) -> list[int]:
    """Ids in an order of the list."""
    some = list(known)
    if order == "newest":
        return [one.id for one in sorted(some, key=lambda one: (one.started_at, one.id), reverse=True)]
    if order == "priority":
        return [
            one.id
            for one in sorted(
                some, key=lambda one: (one.priority is not None, one.priority or 0.0, one.id), reverse=True
            )
        ]
    return [one.id for one in sorted(some, key=lambda one: (one.score is None, one.score or 0.0, one.id))]
