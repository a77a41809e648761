"""Taking over what a context file says into the tables, for the demo and for whoever begins with such a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.context import Agent, Context
from qaplatform.store import contexts as rows
from qaplatform.store.calendar_days import add_days
from qaplatform.store.calendars import hold_calendar
from qaplatform.store.clock_bands import Band, set_bands
from qaplatform.store.contexts import DepartmentSeen, ShiftSeen
from qaplatform.store.holders import AgentSeen, hold_always, note_teams, set_agents
from qaplatform.store.shop_names import ShopSeen, all_shops


def take_over_context(
    session: Session, context: Context, *, now: datetime, shop_ids: Sequence[int] | None = None
) -> None:
    """Fill bands, days, roster, agents with their accounts, addresses and departments from a context.

    With ``shop_ids`` it counts for these shops, without for all that have none of their own. Days, addresses and departments are added
    to those there are, bands replaced, the roster replaced on the days it speaks of, agents brought up to date. An account
    called 店铺:小王 is one of the shop of that name, any other one of every shop meant. Addresses go by the shops' codes.
    """
    shops = [one for one in all_shops(session) if shop_ids is None or one.id in shop_ids]
    levels: Sequence[int | None] = [None] if shop_ids is None else [one.id for one in shops]
    agents = _agents(session, context, now)
    for level in levels:
        hold_calendar(session, level)
        set_bands(session, level, _bands(context))
        add_days(session, level, context.promotion_days, "promotion", "")
        add_days(session, level, context.holidays, "holiday", "")
        if context.roster:
            rows.replace_shifts(session, level, list(_shifts(context)), agents)
    for shop in shops:
        rows.add_addresses(session, shop.id, context.return_addresses.get(shop.code, ()))
    rows.add_departments(
        session, [DepartmentSeen(one.id, one.name or one.id, one.contact) for one in context.departments.values()]
    )
    hold_always(
        session,
        [
            (shop.id, account, agents[agent.id])
            for agent in context.agents.values()
            for account in agent.accounts
            for shop in _shops_of(account, shops)
        ],
    )


def _bands(context: Context) -> list[Band]:
    return [
        Band(one.start_minute, one.end_minute, one.on_duty, one.limit_seconds, one.promotion_limit_seconds)
        for one in context.clock_bands
    ]


def _agents(session: Session, context: Context, now: datetime) -> dict[str, int]:
    """All agents' ids by code, those of the context among them; who stands in its roster only is known by code."""
    named = {code for entry in context.roster for code in entry.agents} - context.agents.keys()
    agents = [*context.agents.values(), *(Agent(code) for code in sorted(named))]
    teams = note_teams(session, {one.team for one in agents if one.team}, now=now)
    seen = [
        AgentSeen(
            0, one.id, one.name or one.id, teams[one.team] if one.team else None, one.team, one.line, one.level,
            one.hired_on, None,
        )
        for one in agents
    ]  # fmt: skip
    return set_agents(session, seen, now=now)


def _shifts(context: Context) -> Iterator[ShiftSeen]:
    for entry in context.roster:
        for code in entry.agents:
            yield ShiftSeen(
                None, code, entry.day, entry.weekday, entry.start_minute, entry.end_minute, entry.shift
            )  # fmt: skip


def _shops_of(account: str, shops: Sequence[ShopSeen]) -> list[ShopSeen]:
    """The shop whose name stands before the colon, else all of them."""
    own = [one for one in shops if account.startswith((f"{one.name}:", f"{one.name}："))]
    return own or list(shops)
