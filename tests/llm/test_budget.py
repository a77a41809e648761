"""What may be spent is reserved before and settled after; no cap is crossed, however many threads ask."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from qaplatform.llm.budget import Budget, BudgetError, Caps, Price, Spent, Usage

PRICE = Price(Decimal("0.27"), Decimal("1.1"), "CNY")
CALL = Usage(1000, 500)
COST = 820  # 270 + 550 millionths.


def test_a_price_a_million_is_one_of_millionths_a_token_and_rounds_up() -> None:
    assert PRICE.micros(CALL) == COST
    assert PRICE.micros(Usage(1, 0)) == 1
    assert Price(Decimal(2), Decimal(8), "CNY").micros(Usage(1_000_000, 1_000_000)) == 10_000_000


@pytest.mark.parametrize(
    ("caps", "cap"),
    [
        (Caps(day_tokens=10_000 + 2 * 1500), "day_tokens"),
        (Caps(day_money_micros=50_000 + 2 * COST), "day_money"),
        (Caps(run_tokens=2 * 1500), "run_tokens"),
        (Caps(run_money_micros=2 * COST), "run_money"),
        (Caps(conversation_tokens=2 * 1500), "conversation_tokens"),
    ],
)
def test_each_cap_lets_through_what_fits_and_not_one_token_more(caps: Caps, cap: str) -> None:
    budget = Budget(caps, PRICE, day=Spent(10_000, 50_000))
    budget.reserve(CALL, conversation="a")
    budget.reserve(CALL, conversation="a")
    with pytest.raises(BudgetError) as caught:
        budget.reserve(Usage(1, 0), conversation="a")
    assert caught.value.cap == cap
    assert budget.run == Spent(3000, 2 * COST)
    if cap == "conversation_tokens":
        budget.reserve(CALL, conversation="b")


def test_settling_puts_the_real_cost_in_the_place_of_the_reserved_one() -> None:
    budget = Budget(Caps(run_tokens=2000), PRICE, day=Spent(5, 5))
    first = budget.reserve(CALL, conversation="a")
    assert budget.settle(first, Usage(900, 100)) == Spent(1000, 353)
    second = budget.reserve(Usage(500, 500), conversation="a")
    budget.release(second)
    assert budget.run == Spent(1000, 353)
    assert budget.day == Spent(1005, 358)
    third = budget.reserve(Usage(500, 500), conversation="a")
    assert budget.settle(third, None) == Spent(1000, 685), "what is not known counts as reserved"
    with pytest.raises(ValueError, match="not open"):
        budget.settle(third, CALL)
    with pytest.raises(ValueError, match="not open"):
        budget.release(first)


def test_a_call_that_cost_more_than_reserved_is_counted_and_stops_the_next() -> None:
    budget = Budget(Caps(run_tokens=2000), PRICE)
    budget.settle(budget.reserve(CALL, conversation="a"), Usage(1000, 5000))
    assert budget.run.tokens == 6000
    with pytest.raises(BudgetError):
        budget.reserve(Usage(1, 0), conversation="b")


def test_a_cap_on_money_needs_a_price_in_its_currency() -> None:
    with pytest.raises(BudgetError) as caught:
        Budget(Caps(day_money_micros=10**9), None).reserve(CALL, conversation="a")
    assert caught.value.cap == "price_unknown"
    with pytest.raises(BudgetError) as caught:
        Budget(Caps(run_money_micros=10**9, currency="USD"), PRICE).reserve(CALL, conversation="a")
    assert caught.value.cap == "other_currency"
    without = Budget(Caps(run_tokens=10_000), None)
    assert without.settle(without.reserve(CALL, conversation="a"), CALL) == Spent(1500, 0)


def test_a_new_day_begins_with_the_calls_under_way() -> None:
    budget = Budget(Caps(day_tokens=3000), PRICE, day=Spent(1500))
    budget.reserve(CALL, conversation="a")
    budget.day_is(Spent(0, 5))
    assert budget.day == Spent(1500, COST + 5)
    budget.reserve(CALL, conversation="b")


def test_what_a_run_spent_before_counts() -> None:
    budget = Budget(Caps(run_tokens=3000), PRICE, run=Spent(2000))
    with pytest.raises(BudgetError) as caught:
        budget.reserve(CALL, conversation="a")
    assert caught.value.cap == "run_tokens"


def test_threads_together_never_cross_a_cap() -> None:
    budget = Budget(Caps(run_tokens=1500 * 50), PRICE)
    through: list[int] = []
    start = threading.Barrier(8)

    def spend(number: int) -> None:
        start.wait()
        for _ in range(25):
            try:
                budget.settle(budget.reserve(CALL, conversation=str(number)), CALL)
            except BudgetError:
                continue
            through.append(number)

    threads = [threading.Thread(target=spend, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 50
    assert budget.run == Spent(1500 * 50, COST * 50)
