"""What admins look after, beside the people of ``tests/filled.py``; all names are invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.activity import note_down
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    CalendarDay,
    ClockBandRow,
    DepartmentRow,
    PushToken,
    ReturnAddress,
    Shop,
    User,
)

ACCOUNTS = (
    ("晴空家居:晓棠", 1, ((1, None, None, 0, 1440),)),
    ("晴空家居:立峰", 1, ((2, date(2026, 3, 1), None, 0, 1440),)),
    (
        "晴空家居:夜班",
        1,
        (
            (3, date(2026, 9, 1), None, 1320, 1800),
            (2, date(2026, 9, 1), None, 540, 1020),
            (4, None, date(2026, 9, 1), 0, 1440),
        ),
    ),
    ("晴空家居:一诺", 1, ()),
    ("晴空家居:服务助手02", 1, ()),
    ("青柠数码:子昂", 2, ((5, None, None, 0, 1440),)),
    ("青柠数码:可欣", 2, ()),
)
DEPARTMENTS = (
    ("warehouse", "仓储部", "周启明", "企业微信:仓储协作群"),
    ("logistics", "物流部", "田静", "分机 8021"),
    ("product_page", "商品运营部", "林芷珊", "企业微信"),
    ("quality", "品控部", None, None),
)


def fill_admin(session: Session, now: datetime) -> None:
    """Accounts with and without holders, calendars, addresses, tokens, departments, and a log of some days."""
    _grades(session)
    for number, (name, shop_id, holders) in enumerate(ACCOUNTS, start=1):
        session.add(Account(id=number, shop_id=shop_id, name=name))
        session.flush()
        session.add_all(
            AccountHolder(
                account_id=number, agent_id=agent, from_day=first, until_day=until, start_minute=start, end_minute=end
            )
            for agent, first, until, start, end in holders
        )
    for start, end, on_duty, limit, promotion in (
        (0, 540, False, 60.0, None), (540, 1080, True, 60.0, None), (1080, 1200, True, 45.0, None),
        (1200, 1440, True, 60.0, 30.0),
    ):  # fmt: skip
        session.add(
            ClockBandRow(
                shop_id=1, start_minute=start, end_minute=end, on_duty=on_duty, limit_seconds=limit,
                promotion_limit_seconds=promotion,
            )
        )  # fmt: skip
    today = now.date()
    month = today.replace(day=1)
    for shop_id, day, kind, note in (
        (1, month + timedelta(days=10), "promotion", "双十一"),
        (1, month + timedelta(days=11), "promotion", "双十一返场"),
        (None, month + timedelta(days=20), "holiday", "店庆休息"),
        (None, month + timedelta(days=21), "holiday", "店庆休息"),
    ):
        session.add(CalendarDay(shop_id=shop_id, day=day, kind=kind, note=note))
    session.add_all(
        ReturnAddress(shop_id=1, text=text)
        for text in (
            "浙江省湖州市安吉县梅溪镇竹海路218号晴空家居3号仓",
            "江西省赣州市南康区龙岭镇木匠大道66号B区大件仓",
        )
    )
    session.add_all(
        DepartmentRow(code=code, name=name, contact_name=contact, contact_way=way)
        for code, name, contact, way in DEPARTMENTS
    )
    tokens = (
        ("千牛同步脚本", "x7Qd", now - timedelta(minutes=4), None),
        ("旧的同步脚本", "p0Lk", now - timedelta(days=33), now - timedelta(days=30)),
        ("客服系统", "Zr3_", None, None),
    )
    session.add_all(
        PushToken(
            shop_id=1, name=name, token_hash=name[:1] * 32, hint=hint, created_at=now - timedelta(days=40 - n),
            last_used_at=used, revoked_at=revoked,
        )
        for n, (name, hint, used, revoked) in enumerate(tokens)
    )  # fmt: skip
    session.flush()
    _log(session, now)


def _grades(session: Session) -> None:
    grades = (("third", "senior"), ("first", "intermediate"), ("first", "intermediate"), ("first", "junior"))
    for agent in session.scalars(select(AgentRow)):
        agent.line, agent.level = grades[(agent.id - 1) % 4]
        agent.hired_on = date(2023 + agent.id % 4, agent.id, 6)
    for shop in session.scalars(select(Shop)):
        shop.shop_class = "A" if shop.id == 1 else "B"
        shop.text_retention_days = 180 if shop.id == 1 else None
    session.flush()


def _log(session: Session, now: datetime) -> None:
    who = {user.login: user.id for user in session.scalars(select(User))}
    lines = (
        ("admin", "sign_in", ("user", who["admin"]), None, {}),
        (None, "sign_in.failed", ("user", None), None, {}),
        ("admin", "user.created", ("user", who["inspector"]), None, {"roles": ["inspector.shop.1"], "agent_id": None}),
        ("admin", "user.roles_changed", ("user", who["mentor"]), None, {"before": ["mentor"], "after": ["mentor.team.2"]}),
        ("boss", "shop.changed", ("shop", 1), 1, {"fields": ["text_retention_days", "timezone"], "retention_days": 180}),
        ("boss", "shop.days_added", ("shop", 1), 1, {"kind": "promotion", "count": 2, "first": "d2026-11-11", "last": "d2026-11-12"}),
        ("boss", "shop.bands_set", ("shop", None), None, {"count": 4}),
        ("boss", "push_token.created", ("push_token", 1), 1, {}),
        ("admin", "agent.changed", ("agent", 4), None, {"fields": ["team_id"], "before": None, "after": 1}),
        ("admin", "account.holder_added", ("account", 1), 1, {"agent_id": 1}),
        ("lead", "conversation.unmasked", ("conversation", 3), 2, {}),
        (None, "conversations.purged", ("shop", 1), 1, {"count": 42}),
        ("admin", "user.password_reset", ("user", who["agent"]), None, {}),
    )  # fmt: skip
    for number, (login, action, (kind, id), shop_id, details) in enumerate(lines):
        note_down(
            session, now=now - timedelta(hours=37 * (len(lines) - number) / 10), user_id=who.get(login or ""),
            action=action, subject_kind=kind, subject_id=id, shop_id=shop_id, details=dict(details),
        )  # fmt: skip
