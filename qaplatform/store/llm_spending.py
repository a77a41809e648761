"""What asking language models took: sums of a day, added to in the transaction that keeps a call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from qaplatform.store.rows import is_sqlite
from qaplatform.store.tables import LlmSpending

NO_PRICE = ""
"""Stands for the currency where the price was not known: there is no money to count then."""
By = Literal["day", "endpoint", "model", "rubric", "question"]
_KEY = ("day", "endpoint", "model", "rubric", "question", "currency")
_SUMS = ("call_count", "fault_count", "prompt_tokens", "completion_tokens", "money_micros")


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of some calls."""

    of: tuple[str, ...] = ()
    """What they are summed by, in the order asked for; a day as ``2026-11-27``."""
    currency: str
    """``NO_PRICE``: what the calls cost is not known."""
    call_count: float
    fault_count: float
    prompt_tokens: int
    completion_tokens: int
    money_micros: int

    @property
    def tokens(self) -> int:
        """Sent and written."""
        return self.prompt_tokens + self.completion_tokens


def add_spending(  # noqa: PLR0913 - each is a column
    session: Session,
    *,
    day: date,
    endpoint: str,
    model: str,
    rubric: str,
    questions: Sequence[str],
    currency: str,
    is_fault: bool,
    prompt_tokens: int,
    completion_tokens: int,
    money_micros: int,
) -> None:
    """Add a call to the sums of a day, shared out over the questions (ids of their prompts) it was about.

    ``currency`` is ``NO_PRICE`` where the endpoint's price is not known. Tokens and money are shared in whole numbers that add
    up to what was given.

    Raises:
        ValueError: it was about no question.
    """
    asked = sorted(set(questions))
    if not asked:
        raise ValueError("a call is about one question at least")
    shares = zip(
        *(_shared(whole, len(asked)) for whole in (prompt_tokens, completion_tokens, money_micros)), strict=True
    )
    part = 1 / len(asked)
    # In one order, so that two who add at once never wait for each other.
    rows = [
        {
            "day": day, "endpoint": endpoint, "model": model, "rubric": rubric, "question": question, "currency": currency,
            "call_count": part, "fault_count": part if is_fault else 0.0,
            "prompt_tokens": prompt, "completion_tokens": completion, "money_micros": money,
        }
        for question, (prompt, completion, money) in zip(asked, shares, strict=True)
    ]  # fmt: skip
    insert = (sqlite.insert if is_sqlite(session) else postgresql.insert)(LlmSpending).values(rows)
    added = {name: getattr(LlmSpending, name) + getattr(insert.excluded, name) for name in _SUMS}
    session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=added))


def _shared(whole: int, count: int) -> list[int]:
    """A whole number in so many parts, as equal as can be, the larger ones first."""
    part, rest = divmod(whole, count)
    return [part + (place < rest) for place in range(count)]


def spent_on(session: Session, day: date, currency: str) -> tuple[int, int]:
    """What a day took: tokens whatever they cost, and millionths of one currency."""
    tokens = func.sum(LlmSpending.prompt_tokens + LlmSpending.completion_tokens)
    money = func.sum(LlmSpending.money_micros).filter(LlmSpending.currency == currency)
    row = session.execute(select(tokens, money).where(LlmSpending.day == day)).one()
    # PostgreSQL sums whole numbers to decimals.
    return int(row[0] or 0), int(row[1] or 0)


def spending(session: Session, first: date, last: date, *by: By) -> Sequence[Spending]:
    """Sums of the days from ``first`` to ``last``, both included, by currency and whatever else, in order of that."""
    columns = [getattr(LlmSpending, name) for name in by]
    sums = [func.sum(getattr(LlmSpending, name)) for name in _SUMS]
    found = (
        select(*columns, LlmSpending.currency, *sums)
        .where(LlmSpending.day.between(first, last))
        .group_by(*columns, LlmSpending.currency)
        .order_by(*columns, LlmSpending.currency)
    )
    return [
        Spending(
            of=tuple(map(str, row[: len(by)])),
            currency=row[len(by)],
            call_count=float(row[-5]),
            fault_count=float(row[-4]),
            prompt_tokens=int(row[-3]),
            completion_tokens=int(row[-2]),
            money_micros=int(row[-1]),
        )
        for row in session.execute(found)
    ]
