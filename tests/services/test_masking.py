"""One door for whatever is shown of a conversation, and the log of those who looked behind the mask."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.masking import lift, shown, shown_many
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, Shop, User

NOW = datetime(2026, 11, 11, tzinfo=UTC)
TEXTS = ["小鱼儿88:订单813740628309274416到哪了,电话13812345678", "小鱼儿88您好,13812345678对吧"]


def test_people_see_orders_and_no_personal_data() -> None:
    assert [one.text for one in shown(TEXTS, unmasked=False, known_names=["小鱼儿88"])] == [
        "[姓名1]:订单813740628309274416到哪了,电话[手机号1]",
        "[姓名1]您好,[手机号1]对吧",
    ]


def test_prompts_hold_no_number_at_all() -> None:
    masked = shown(TEXTS, unmasked=False, language="en", purpose="prompt")
    assert masked[0].text == "小鱼儿88:订单[order 1]到哪了,电话[phone 1]"


def test_behind_the_mask_is_what_was_written() -> None:
    assert [one.text for one in shown(TEXTS, unmasked=True)] == TEXTS
    assert [one.to_masked(3, 7) for one in shown(TEXTS, unmasked=True)] == [(3, 7), (3, 7)]


def test_many_are_shown_as_each_by_itself() -> None:
    many = shown_many([TEXTS, [], TEXTS[:1]], unmasked=False, known_names=[["小鱼儿88"], [], []])
    assert many == [
        shown(TEXTS, unmasked=False, known_names=["小鱼儿88"]),
        [],
        shown(TEXTS[:1], unmasked=False),
    ]


def test_lifting_the_mask_needs_the_permission_and_is_noted(store: Store) -> None:
    inspector = Viewer(user_id=1, name="I", grants=(Grant("inspector", shop_id=1),))
    with store.writing() as session:
        session.add(User(id=1, login="i", name="I", password_hash="", created_at=NOW))
        session.add_all(Shop(id=id, code=f"s{id}", name=f"店{id}", created_at=NOW) for id in (1, 2))
        session.flush()
        lift(session, inspector, conversation_id=7, shop_id=1, team_id=None, agent_id=None, now=NOW)
        for viewer, shop_id in ((inspector, 2), (Viewer(user_id=1, name="T", grants=(Grant("team_lead"),)), 1)):
            with pytest.raises(AccessError):
                lift(session, viewer, conversation_id=8, shop_id=shop_id, team_id=None, agent_id=None, now=NOW)
        log = session.execute(select(Activity.user_id, Activity.action, Activity.subject_id, Activity.shop_id)).all()
    assert log == [(1, "conversation.unmasked", 7, 1)]
