"""Sums of what language models took: nothing is lost, whoever adds, and currencies stay apart."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from qaplatform.store.engine import Store
from qaplatform.store.llm_spending import NO_PRICE, add_spending, spending, spent_on

DAY, NEXT = date(2026, 11, 27), date(2026, 11, 28)
CALL: dict[str, Any] = {
    "day": DAY, "endpoint": "本机", "model": "qwen3:8b", "rubric": "ecommerce", "questions": ("tone", "empathy", "closed"),
    "currency": "CNY", "is_fault": False, "prompt_tokens": 1000, "completion_tokens": 101, "money_micros": 2,
}  # fmt: skip


def add(store: Store, **about: Any) -> None:
    with store.writing() as session:
        add_spending(session, **{**CALL, **about})


def test_shares_of_a_call_add_up_to_it(store: Store) -> None:
    add(store)
    add(store, is_fault=True, questions=("tone",), completion_tokens=0)
    with store.reading() as session:
        by_question = spending(session, DAY, DAY, "question", "model")
        (all_of_it,) = spending(session, DAY, DAY)
    assert [(one.of, one.prompt_tokens, one.completion_tokens, one.money_micros) for one in by_question] == [
        (("closed", "qwen3:8b"), 334, 34, 1),
        (("empathy", "qwen3:8b"), 333, 34, 1),
        (("tone", "qwen3:8b"), 1333, 33, 2),
    ]
    assert (all_of_it.tokens, all_of_it.money_micros, all_of_it.fault_count) == (2101, 4, 1)
    assert all_of_it.call_count == pytest.approx(2)
    with store.writing() as session, pytest.raises(ValueError, match="one question"):
        add_spending(session, **{**CALL, "questions": ()})


def test_a_day_counts_all_tokens_and_the_money_of_one_currency(store: Store) -> None:
    add(store)
    add(store, currency="USD", money_micros=7)
    add(store, currency=NO_PRICE, money_micros=0)
    add(store, day=NEXT)
    with store.reading() as session:
        assert spent_on(session, DAY, "CNY") == (3303, 2)
        assert spent_on(session, DAY, "USD") == (3303, 7)
        assert spent_on(session, date(2026, 11, 26), "CNY") == (0, 0)
        by_day = [(one.of, one.currency, one.money_micros) for one in spending(session, DAY, NEXT, "day")]
    assert by_day == [
        (("2026-11-27",), "", 0), (("2026-11-27",), "CNY", 2), (("2026-11-27",), "USD", 7), (("2026-11-28",), "CNY", 2),
    ]  # fmt: skip


def test_nothing_is_lost_when_many_add_at_once(store: Store) -> None:
    together, failed = threading.Barrier(6), []
    orders = (("tone", "closed", "empathy"), ("empathy", "tone", "closed"))

    def add_some(number: int) -> None:
        together.wait()
        try:
            for _ in range(10):
                add(store, questions=orders[number % 2])
        except Exception as error:  # noqa: BLE001 - the test says it.
            failed.append(error)

    threads = [threading.Thread(target=add_some, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with store.reading() as session:
        (all_of_it,) = spending(session, DAY, DAY)
    assert (all_of_it.tokens, all_of_it.money_micros) == (60 * 1101, 120)
    assert all_of_it.call_count == pytest.approx(60)
