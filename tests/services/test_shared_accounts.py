"""One account, two people: by shift and by day, in rows, audits and scores."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from qaplatform.services.intake import work_off
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    ConversationRow,
    CriterionResult,
    MessageRow,
    Team,
)
from tests.runs import NOW, Run, chat, figures, make_shops, register, write_jsonl


@pytest.fixture
def shop(store: Store) -> int:
    """A shop with an account that a1 holds by day and a2 in the evening, and that a3 takes over on the 12th."""
    ids = make_shops(store, "s1")
    with store.writing() as session:
        session.add(Team(id=1, name="一组", created_at=NOW))
        session.flush()
        session.add_all(
            AgentRow(
                id=number, code=f"a{number}", name=f"客服{number}", team_id=1 if number < 3 else None, created_at=NOW
            )
            for number in (1, 2, 3)
        )
        account = Account(shop_id=ids["s1"], name="店:01")
        session.add(account)
        session.flush()
        taken_over = date(2026, 11, 12)
        session.add_all(
            [
                AccountHolder(
                    account_id=account.id, agent_id=1, until_day=taken_over, start_minute=540, end_minute=1080
                ),
                AccountHolder(
                    account_id=account.id, agent_id=2, until_day=taken_over, start_minute=1080, end_minute=1440
                ),
                AccountHolder(account_id=account.id, agent_id=3, from_day=taken_over),
            ]
        )
    return ids["s1"]


@pytest.mark.usefixtures("shop")
def test_who_wrote_is_told_by_day_and_shift(store: Store, tmp_path: Path) -> None:
    given = [
        chat("day", "customer 10:00:00 在吗", "agent:店:01 10:00:10 没办法,这是规定"),
        chat("evening", "customer 20:00:00 在吗", "agent:店:01 20:00:10 没办法,这是规定"),
        chat("both", "customer 17:59:00 在吗", "agent:店:01 17:59:10 您好在的", "agent:店:01 18:00:10 没办法,这是规定"),
        chat("later", "customer 20:00:00 在吗", "agent:店:01 20:00:10 您好在的", day="2026-11-12"),
        chat("night", "customer 03:00:00 在吗", "agent:店:01 03:00:10 您好在的"),
        chat("new", "customer 10:00:00 在吗", "agent:店:07 10:00:10 您好在的", "agent:a2 10:00:20 我来"),
    ]
    work_off(Run(store), register(store, write_jsonl(tmp_path / "a.jsonl", given)))
    people = {name: (row["agent_id"], row["team_id"], row["account"]) for name, row in figures(store).items()}
    assert people == {
        "day": (1, 1, "店:01"), "evening": (2, 1, "店:01"), "both": (1, 1, "店:01"), "later": (3, None, "店:01"),
        "night": (None, None, "店:01"), "new": (None, None, "店:07"),
    }  # fmt: skip
    with store.reading() as session:
        wrote = select(MessageRow.agent_id).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        both = session.scalars(wrote.where(ConversationRow.source_id == "both").order_by(MessageRow.number)).all()
        failed = select(ConversationRow.source_id, CriterionResult.agent_id).join(
            ConversationRow, ConversationRow.id == CriterionResult.conversation_id
        )
        blamed = session.execute(
            failed.where(CriterionResult.criterion == "banned_phrase", CriterionResult.outcome == "fail")
        )
        faults = dict(blamed.all())
        accounts = session.scalars(select(Account.name).order_by(Account.name)).all()
    assert list(both) == [None, 1, 2]
    assert faults == {"day": 1, "evening": 2, "both": 2}, "a finding is of the person who wrote, not of the account"
    assert list(accounts) == ["店:01", "店:07"], "a new account waits for somebody to say whose it is; a code is none"
