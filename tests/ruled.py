"""Chats with rulings for tests of learned risk: invented, with something planted that tells which went wrong.

Chats in which the shop says that the warehouse is moving go wrong; the rules know nothing of that.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Review, User

PLANTED = "这几天仓库在搬家"
OPENINGS = ("这个还有货吗", "我的包裹到哪了", "想换个颜色可以吗", "发票怎么开", "尺码偏大吗", "赠品有没有")
ANSWERS = ("可以的,我帮您看一下", "稍等,正在查询", "支持七天无理由", "今天下午会安排", "颜色按实物为准", "已经登记好了")
THANKS = ("好的", "知道了", "嗯嗯", "行吧", "那我再看看", "好的谢谢")


def planted_chats(count: int, *, seed: int = 5) -> dict[str, tuple[Conversation, bool]]:
    """So many chats by id, each with whether it went wrong; a tenth of the labels are mistaken."""
    chance = random.Random(seed)
    out = {}
    for number in range(count):
        moving, mistaken = chance.random() < 0.4, chance.random() < 0.1
        answer = f"您好,{chance.choice(ANSWERS)}" + (f",{PLANTED}" if moving else "")
        texts = (
            ("customer", chance.choice(OPENINGS) + chance.choice(("", "?", "呀"))),
            ("agent", answer),
            ("customer", chance.choice(THANKS)),
        )
        messages = tuple(
            Message(role, text, agent="a01" if role == "agent" else None, sent_at=f"2026-11-10T02:{place:02d}:00+00:00")  # type: ignore[arg-type]
            for place, (role, text) in enumerate(texts)
        )
        name = f"planted-{number}"
        about = Customer(f"buyer-{number}")
        out[name] = (Conversation(name, messages, shop="s1", queue="after_sale", customer=about), moving != mistaken)
    return out


def rule_on(store: Store, wrong: Mapping[str, bool], *, draw: str = "random") -> None:
    """Rulings of stored conversations by their source's ids; of the first user there is, who is made where there is none."""
    with store.writing() as session:
        now = datetime(2026, 11, 16, tzinfo=UTC)
        user_id = session.scalar(sa.select(sa.func.min(User.id)))
        if user_id is None:
            user = User(login="ruler", name="ruler", password_hash="", created_at=now)
            session.add(user)
            session.flush()
            user_id = user.id
        row = ConversationRow
        asked = sa.select(row.id, row.source_id, row.revision, row.audit_id, row.agent_id).order_by(row.id)
        session.add_all(
            Review(
                conversation_id=id, revision=revision, audit_id=audit, user_id=user_id, agent_id=agent, draw=draw,
                scored_share=1.0, verdict="fail" if wrong[name] else "pass", failed_count=0, machine_verdict="pass",
                created_at=now,
            )
            for id, name, revision, audit, agent in session.execute(asked).all()
            if name in wrong
        )  # fmt: skip
