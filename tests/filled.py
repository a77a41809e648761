"""A small workplace with everything in it that pages show; all names are invented. Same seed, same workplace."""

from __future__ import annotations

import functools
import random
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from qaplatform.services.passwords import Passwords
from qaplatform.store.scopes import Role
from qaplatform.store.tables import AgentRow, ConversationRow, Import, Job, Shop, Team, User, UserRole
from tests.people import QUICK

SHOPS = {1: "晴空家居旗舰店", 2: "青柠数码专营店"}
TEAMS = {1: "家居组", 2: "数码组"}
AGENTS = ("苏晓棠", "韩立峰", "孟佳怡", "冯一诺", "罗子昂", "唐可欣", "彭浩", "蒋雨晴")
PEOPLE: dict[str, tuple[str, tuple[Role, ...], dict[str, int]]] = {
    "admin": ("沈知远", ("admin",), {}),
    "lead": ("梁书瑶", ("qa_lead",), {}),
    "inspector": ("顾安然", ("inspector",), {"shop_id": 1}),
    "teamlead": ("郑明轩", ("team_lead",), {"team_id": 1}),
    "manager": ("何美琳", ("store_manager",), {"shop_id": 2}),
    "mentor": ("叶清河", ("mentor",), {"team_id": 2}),
    "agent": (AGENTS[0], ("agent",), {}),
    "newhire": (AGENTS[3], ("new_hire",), {}),
    "boss": ("秦嘉树", ("admin", "qa_lead"), {}),
}
"""By login: name, roles, what binds them. Everybody's password is their login."""
_AS_AGENT = {"agent": 1, "newhire": 4}


def fill_people(session: Session, now: datetime, passwords: Passwords = QUICK) -> None:
    """Shops, teams, agents, and a user of every role."""
    session.execute(
        insert(Shop), [{"id": id, "code": f"s{id}", "name": name, "created_at": now} for id, name in SHOPS.items()]
    )
    session.execute(insert(Team), [{"id": id, "name": name, "created_at": now} for id, name in TEAMS.items()])
    agents = [
        {"id": n, "code": f"a{n:02d}", "name": name, "team_id": 1 if n <= 4 else 2, "created_at": now}
        for n, name in enumerate(AGENTS, start=1)
    ]
    session.execute(insert(AgentRow), agents)
    users, roles = [], []
    for number, (login, (name, held, bound)) in enumerate(PEOPLE.items(), start=1):
        users.append(
            {
                "id": number,
                "login": login,
                "name": name,
                "password_hash": _hashed(passwords, login),
                "agent_id": _AS_AGENT.get(login),
                "created_at": now,
            }
        )
        roles += [
            {"user_id": number, "role": role, "shop_id": bound.get("shop_id"), "team_id": bound.get("team_id")}
            for role in held
        ]
    session.execute(insert(User), users)
    session.execute(insert(UserRole), roles)


@functools.cache
def _hashed(passwords: Passwords, login: str) -> str:
    return passwords.hashed(login)


def fill_conversations(session: Session, now: datetime, count: int = 400, days: int = 14) -> None:
    """Conversations of the last days with the figures of their audits, and imports and jobs in every state."""
    chance = random.Random(7)
    for number in range(count):
        agent = chance.randrange(len(AGENTS)) + 1
        ago = timedelta(days=days * chance.random() ** 0.9)
        verdict = chance.choices(("pass", "fail", "critical", "unscored", None), (56, 30, 8, 3, 3))[0]
        score = {"pass": 80 + 20 * chance.random(), "fail": 40 + 39 * chance.random(), "critical": 0.0}.get(
            verdict or ""
        )
        risk = {"pass": 0.1, "fail": 0.5, "critical": 0.8}.get(verdict or "", 0.3) * (0.5 + 0.5 * chance.random())
        session.add(
            ConversationRow(
                shop_id=1 if agent <= 4 else 2,
                source="test",
                source_id=f"c{number}",
                content_hash="",
                agent_id=agent,
                team_id=1 if agent <= 4 else 2,
                account=f"{SHOPS[1 if agent <= 4 else 2]}:{agent}",
                message_count=12,
                started_at=now - ago,
                ended_at=now - ago,
                created_at=now,
                updated_at=now,
                verdict=verdict,
                score=round(score, 1) if score is not None else None,
                risk=risk if verdict else None,
                priority=risk * chance.random() if verdict else None,
                failed_count=chance.randrange(1, 5) if verdict in {"fail", "critical"} else 0,
            )
        )
    for state in ("waiting", "running", "done", "failed", "cancelled"):
        session.add(
            Import(
                shop_id=1, origin="upload", file_name="十一月聊天记录.xlsx", file_bytes=1_234_567, file_hash="", options={},
                state=state, created_at=now - timedelta(hours=3),
            )
        )  # fmt: skip
        session.add(Job(kind="import", payload={}, state=state, run_after=now, created_at=now - timedelta(hours=3)))
    session.flush()
