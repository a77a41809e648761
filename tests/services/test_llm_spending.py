"""The ledger: every day of a period, the dearest first, and money of two currencies never in one sum."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.llm_spending import LedgerPeriodError, Total, day_use, ledger
from qaplatform.store.engine import Store
from qaplatform.store.llm_spending import NO_PRICE, add_spending

DAY = date(2026, 11, 27)
LEAD = Viewer(user_id=0, name="", grants=(Grant("team_lead"),))
CALL: dict[str, Any] = {
    "day": DAY, "endpoint": "本机", "model": "qwen3:8b", "rubric": "ecommerce", "questions": ("tone",), "currency": "CNY",
    "is_fault": False, "prompt_tokens": 100, "completion_tokens": 10, "money_micros": 5,
}  # fmt: skip


def test_sums_of_a_period(store: Store) -> None:
    with store.writing() as session:
        for about in (
            {},
            {"currency": "USD", "endpoint": "hosted", "questions": ("tone", "empathy"), "is_fault": True},
            {"currency": NO_PRICE, "money_micros": 0, "day": DAY - timedelta(days=2), "prompt_tokens": 1000},
            {"day": DAY - timedelta(days=3), "prompt_tokens": 9999},
        ):
            add_spending(session, **CALL | about)
    with store.reading() as session:
        found = ledger(session, LEAD, DAY - timedelta(days=2), DAY)
        assert [(one.of, one.tokens) for one in found.days] == [
            (("2026-11-25",), 1010), (("2026-11-26",), 0), (("2026-11-27",), 220),
        ]  # fmt: skip
        total = found.total
        assert (total.call_count, total.fault_count, total.tokens) == (3, 1, 1230)
        assert (total.money, total.unpriced_tokens) == ((("CNY", 5), ("USD", 5)), 1010)
        assert [one.of for one in found.models] == [("本机", "qwen3:8b"), ("hosted", "qwen3:8b")]
        assert [(one.of, one.money) for one in found.questions] == [
            (("tone",), (("CNY", 5), ("USD", 2))), (("empathy",), (("USD", 3),)),
        ]  # fmt: skip
        assert day_use(session, DAY).spent.money_micros == 5
        nothing = ledger(session, LEAD, date(2020, 1, 1), date(2020, 1, 1))
        assert (nothing.total, nothing.days, nothing.models) == (Total(), (Total(("2020-01-01",)),), ())
        for first in (DAY + timedelta(days=1), DAY - timedelta(days=366)):
            with pytest.raises(LedgerPeriodError):
                ledger(session, LEAD, first, DAY)
        with pytest.raises(AccessError):
            ledger(session, Viewer(user_id=0, name="", grants=(Grant("team_lead", team_id=1),)), DAY, DAY)
