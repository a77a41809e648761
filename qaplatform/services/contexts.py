"""What an audit knows beside the conversations, from the database, as it was on the conversation's day.

A context holds what can bear on conversations of its days and nothing else: promotion days and roster of their months,
holidays up to two months on (deadlines count working days), the agents of the shop as of the day. So a new promotion
day in May changes nothing for March, and all conversations of a quiet month share one context.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import DAY_MINUTES, DEFAULT_BANDS, Agent, ClockBand, Context, Department, RosterEntry
from qaplatform.services.people import People, holds_on
from qaplatform.services.risk_in_force import RisksInForce
from qaplatform.services.rubric_books import rubric_book
from qaplatform.store import contexts as rows
from qaplatform.store.holders import AgentSeen, Holding
from qaplatform.store.shop_names import ShopSeen, all_shops

SETTLES_AFTER = timedelta(hours=2)
"""A conversation without a new message for so long is over: a question still open in it was not answered.

It is longer than every limit for a reply.
"""
_HOLIDAY_MONTHS = 2

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True)
class DayContext:
    """A context and the hash that tells it from others; whether its conversations are over belongs to it."""

    context: Context
    """Without a moment of judging."""
    is_settled: bool
    held: tuple[tuple[str, str, int, int], ...] = ()
    """Accounts that change hands within the day: account, agent, minutes."""

    @cached_property
    def body(self) -> str:
        """The context as JSON, the same for equal contexts."""
        return _encode({"context": self.context, "settled": self.is_settled, "held": self.held}).decode()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @cached_property
    def common(self) -> bytes:
        """What conversations must have in common to be audited in one batch."""
        shared = msgspec.structs.replace(self.context, agents={}, return_addresses={})
        return hashlib.sha256(_encode({"context": shared, "settled": self.is_settled})).digest()


def together(contexts: Sequence[DayContext], as_of: datetime) -> Context:
    """One context for a batch of conversations whose contexts have ``common`` in common.

    Addresses are told apart by shop and agents by their codes, under which audited conversations name them.
    """
    first = contexts[0]
    agents: dict[str, Agent] = {}
    addresses: dict[str, tuple[str, ...]] = {}
    for one in contexts:
        agents.update(one.context.agents)
        addresses.update(one.context.return_addresses)
    moment = as_of if first.is_settled else None
    return msgspec.structs.replace(first.context, as_of=moment, agents=agents, return_addresses=addresses)


class ContextBook:
    """The contexts of all shops, made as they are asked for; good for one import, which so judges alike throughout."""

    def __init__(self, session: Session) -> None:
        self.shops = {one.id: one for one in all_shops(session)}
        self.zones = {one.id: ZoneInfo(one.timezone) for one in self.shops.values()}
        self.people = People.load(session, self.zones)
        self.rubrics = rubric_book(session)
        """Which rubric judges; as little does it change under way."""
        self._bands = rows.all_bands(session)
        self._days = rows.all_days(session)
        self._addresses = rows.all_addresses(session)
        self._departments = {
            one.code: Department(one.code, one.name, one.contact) for one in rows.all_departments(session)
        }
        self._spans = rows.roster_spans(session)
        self._rosters: dict[tuple[int | None, date, date], tuple[RosterEntry, ...]] = {}
        self.risks = RisksInForce(session)
        """The learned risks of teams, good for as long as everything else."""
        self._changes = self._days_of_change()
        self._made: dict[tuple[int, int, date, date, bool], DayContext] = {}

    def of(self, session: Session, shop_id: int, first: date, last: date, *, settled: bool) -> DayContext:
        """The context of a shop's conversations that begin and end on these local days."""
        key = (shop_id, bisect_right(self._changes, first), first.replace(day=1), last.replace(day=1), settled)
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = self._context(session, self.shops[shop_id], first, last, settled=settled)
        return known

    def _context(self, session: Session, shop: ShopSeen, first: date, last: date, *, settled: bool) -> DayContext:
        begin, end = first.replace(day=1), _month_after(last, 1)
        far = _month_after(last, 1 + _HOLIDAY_MONTHS)
        days = [one for one in self._days if one.shop_id in (None, shop.id) and begin <= one.day < far]
        people = self._agents_on(shop.id, first)
        holdings = [one for one in self.people.holdings.get(shop.id, ()) if holds_on(one, first)]
        codes = {one.id: one.code for one in people}
        context = Context(
            timezone=shop.timezone,
            clock_bands=self._bands_of(shop.id),
            promotion_days=frozenset(one.day for one in days if one.kind == "promotion" and one.day < end),
            holidays=frozenset(one.day for one in days if one.kind == "holiday"),
            roster=self._roster(session, shop.id, begin, end),
            agents={one.code: _agent(one, holdings) for one in people},
            return_addresses={shop.code: self._addresses[shop.id]} if shop.id in self._addresses else {},
            departments=self._departments,
        )
        held = tuple(
            (one.account, codes[one.agent_id], one.start_minute, one.end_minute)
            for one in holdings
            if one.agent_id in codes and (one.start_minute, one.end_minute) != (0, DAY_MINUTES)
        )
        return DayContext(context, settled, held)

    def _bands_of(self, shop_id: int) -> tuple[ClockBand, ...]:
        """A shop's own bands, else those for all shops, else the defaults."""
        for whose in (shop_id, None):
            found = [one for one in self._bands if one.shop_id == whose]
            if found:
                return tuple(
                    ClockBand(
                        one.start_minute, one.end_minute, one.on_duty, one.limit_seconds, one.promotion_limit_seconds
                    )
                    for one in found
                )
        return DEFAULT_BANDS

    def _roster(self, session: Session, shop_id: int, begin: date, end: date) -> tuple[RosterEntry, ...]:
        """A shop's own roster of some months (with the evening before, for shifts past midnight), else that of all."""
        whose = shop_id if shop_id in self._spans else None
        span = self._spans.get(whose)
        if span is None:
            return ()
        first, last = begin - timedelta(days=1), end - timedelta(days=1)
        known = self._rosters.get((whose, first, last))
        if known is None:
            entries = _entries(rows.shifts_between(session, whose, first, last))
            there = {one.day for one in entries}
            # Between its first and last day a roster speaks of every day: nobody works on a day it leaves out.
            # Where it reaches beyond these months, an entry of no minutes says so.
            for edge in (first, last):
                if span.first and span.last and span.first <= edge <= span.last and edge not in there:
                    entries.append(RosterEntry(0, 0, day=edge))
            known = self._rosters[(whose, first, last)] = tuple(entries)
        return known

    def _agents_on(self, shop_id: int, day: date) -> list[AgentSeen]:
        """Who is there on a day and may write for a shop: who holds an account in it, or none anywhere."""
        here: set[int] = set()
        elsewhere: set[int] = set()
        for shop, holdings in self.people.holdings.items():
            (here if shop == shop_id else elsewhere).update(one.agent_id for one in holdings if holds_on(one, day))
        there = (one for one in self.people.agents.values() if _works_on(one, day))
        return [one for one in there if one.id in here or one.id not in elsewhere]

    def _days_of_change(self) -> list[date]:
        """The days on which people or their accounts may change."""
        days = {day for one in self.people.agents.values() for day in (one.hired_on, one.left_on) if day}
        for holdings in self.people.holdings.values():
            days |= {day for one in holdings for day in (one.from_day, one.until_day) if day}
        return sorted(days)


def _works_on(agent: AgentSeen, day: date) -> bool:
    return (agent.hired_on is None or agent.hired_on <= day) and (agent.left_on is None or day < agent.left_on)


def _agent(one: AgentSeen, holdings: Iterable[Holding]) -> Agent:
    accounts = tuple(dict.fromkeys(held.account for held in holdings if held.agent_id == one.id))
    return Agent(one.code, one.name, one.team, one.line, one.level, one.hired_on, accounts)


def _entries(shifts: Iterable[rows.ShiftSeen]) -> list[RosterEntry]:
    """Roster rows, one an agent, as entries, one a shift."""
    agents: dict[tuple[date | None, int | None, int, int, str | None], list[str]] = {}
    for one in shifts:
        key = (one.day, one.weekday, one.start_minute, one.end_minute, one.shift)
        agents.setdefault(key, []).append(one.agent)
    return [
        RosterEntry(start, end, tuple(who), day=day, weekday=weekday, shift=shift)
        for (day, weekday, start, end, shift), who in agents.items()
    ]


def _month_after(day: date, months: int) -> date:
    """The first day of the month so many months after a day's own."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
