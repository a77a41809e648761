"""Whole pages at 10,000 and 200,000 conversations, on SQLite and on PostgreSQL, as the server answers them.

    python -m benchmarks.pages                        both databases, both sizes; fills them unless benchmarks.store kept them
    python -m benchmarks.pages --only sqlite --keep   the options of benchmarks.store

The application with all that goes with a request: the session, permissions, queries, masking, rendering. Only the socket is
left out. The pages of a lead who sees everything, of a store manager, a team lead and an agent; floors as in ``benchmarks.store``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks import fill
from benchmarks.store import AGENT, MOST_P95_MS, SHOP, TEAM, Line, run, timed
from qaplatform.app import create_app
from qaplatform.collecting import collect_seldom, keep_for_good
from qaplatform.services.passwords import Cost, Passwords
from qaplatform.services.rubric_versions import prepare
from qaplatform.settings import Settings
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.listing import Cursor, list_conversations
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import User, UserRole
from qaplatform.web.current import store_of

_PASSWORDS = Passwords(Cost(passes=1, memory_kibibytes=8))
"""Signing in is not what is measured."""
_LIVES_ON_TIME = {"home", "coverage", "dashboard", "dashboard, 90 days by agent"}
"""Weeks of conversations, of which the smaller database has five days."""
_FIGURES_P95_MS = 150.0
"""The floor of dashboards and plans."""
_FIGURES = {"dashboard", "dashboard, five days", "dashboard, 90 days by agent", "plans", "a new plan", "coverage"}
_PREVIEWS: Mapping[str, Mapping[str, str]] = {
    "preview random": {"kind": "random"},
    "preview per agent": {"kind": "per_agent", "count": "200"},
    "preview percentage": {"kind": "percentage", "percent": "5"},
    "preview stratified": {"kind": "stratified", "count": "200"},
    "preview priority": {"kind": "priority", "count": "200"},
    "preview outliers": {"kind": "outliers"},
}
_PLAN = {
    "name": "x", "period": "all", "by": "topic", "split": "proportional", "cycle": "once", "hour": "9", "weekday": "0",
    "timezone": "Asia/Shanghai", "count": "20", "seed": "7",
}  # fmt: skip
"""What a lead's form of a plan sends."""
_FIRST_USER = 100
TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')
_SCOPES: Mapping[str, Scope] = {
    "qa_lead": Scope(everything=True),
    "store_manager": Scope(shop_ids=frozenset({SHOP})),
    "team_lead": Scope(team_ids=frozenset({TEAM})),
    "agent": Scope(agent_id=AGENT),
}
_PAGES: Mapping[str, str] = {
    "home": "/",
    "dashboard": "/dashboard",
    "dashboard, five days": "/dashboard?from=2026-01-05&to=2026-01-09",
    "dashboard, 90 days by agent": "/dashboard?days=90&by=agent",
    "conversations": "/conversations",
    "by priority": "/conversations?sort=priority",
    "one topic and verdict": "/conversations?topic=logistics&verdict=fail",
    "failed criterion": "/conversations?failed=curt_reply",
    "search 退款": "/conversations?q=退款",
    "search 退": "/conversations?q=退",
    "search an order number": f"/conversations?q={fill.order_of(777)}",
    "conversation": "/conversations/{id}",
    "plans": "/samples",
    "a new plan": "/samples/new",
    "coverage": "/samples/coverage",
    "imports": "/imports",
    "jobs": "/jobs",
    "activity": "/admin/activity",
}


def measure(stores: Mapping[int, Store], rounds: int) -> Iterator[Line]:
    """All pages of all roles who may open them; the sizes take turns."""
    # As the server does.
    collect_seldom()
    prepare()
    keep_for_good()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        for role, scope in _SCOPES.items():
            clients = {size: signed_in(store, role, Path(folder), stack) for size, store in stores.items()}
            ids = {size: _in_the_middle(store, scope, size) for size, store in stores.items()}
            for name, address in _PAGES.items():
                addresses = {size: address.format(id=ids[size]) for size in stores}
                if all(clients[size].get(addresses[size]).status_code == 200 for size in stores):
                    ask = partial(_rows_shown, clients, addresses)
                    yield timed(
                        role, name, stores, ask, rounds, has_ratio=name not in _LIVES_ON_TIME,
                        most_p95_ms=_FIGURES_P95_MS if name in _FIGURES else MOST_P95_MS,
                    )  # fmt: skip

            if role == "qa_lead":
                for name, values in _PREVIEWS.items():
                    ask = partial(_previewed, clients, {**_PLAN, **values})
                    yield timed(role, name, stores, ask, rounds, has_ratio=True, most_p95_ms=_FIGURES_P95_MS)


def _previewed(clients: Mapping[int, FlaskClient], values: Mapping[str, str], size: int, _store: Store) -> int:
    # With the page that the token comes from: htmx asks for the part alone.
    token = TOKEN.search(clients[size].get("/me").text)
    given = {**values, "csrf_token": token[1] if token else ""}
    answer = clients[size].post("/samples/preview", data=given, headers={"HX-Request": "true"})
    if answer.status_code != 200:
        raise RuntimeError(f"no preview: {answer.status}")
    return answer.text.count("<tr")


def _rows_shown(clients: Mapping[int, FlaskClient], addresses: Mapping[int, str], size: int, _store: Store) -> int:
    return clients[size].get(addresses[size]).text.count("<tr")


def server(store: Store, folder: Path, stack: ExitStack) -> Flask:
    """The application on a database."""
    settings = Settings(store.engine.url.render_as_string(hide_password=False), folder, "a key for benchmarks " * 4)
    app = create_app(settings, passwords=_PASSWORDS)
    stack.callback(store_of(app).close)
    return app


def signed_in(
    store: Store, role: str, folder: Path, stack: ExitStack, *, place: int = 0, app: Flask | None = None
) -> FlaskClient:
    """The browser of somebody of a role, who is made if they are not there yet.

    ``place`` tells several of a role apart; ``app`` is the server, one of its own if it is left out.
    """
    login = somebody(store, role, place)
    client = (app or server(store, folder, stack)).test_client()
    token = TOKEN.search(client.get("/login").text)
    answer = client.post("/login", data={"csrf_token": token[1] if token else "", "login": login, "password": login})
    if answer.status_code != 303:
        raise RuntimeError(f"{login} could not sign in: {answer.status}")
    return client


def somebody(store: Store, role: str, place: int = 0) -> str:
    """Somebody of a role, who is made if they are not there yet; their login, which is their password as well."""
    now, login = datetime.now(UTC), f"{role}{place or ''}"
    with store.writing() as session:
        if session.scalar(select(User.id).where(User.login == login)) is None:
            # What was filled in left PostgreSQL's own numbering where it was.
            user = User(
                id=_FIRST_USER + list(_SCOPES).index(role) + 10 * place, login=login, name=login, created_at=now
            )
            user.password_hash = _PASSWORDS.hashed(login)
            user.agent_id = AGENT if role == "agent" else None
            session.add(user)
            session.flush()
            shop_id, team_id = SHOP if role == "store_manager" else None, TEAM if role == "team_lead" else None
            session.add(UserRole(id=user.id, user_id=user.id, role=role, shop_id=shop_id, team_id=team_id))
    return login


def _in_the_middle(store: Store, scope: Scope, size: int) -> int:
    """A conversation that the role may see."""
    with store.reading() as session:
        after = Cursor(fill.moment(size // 2), 0)
        return list_conversations(session, ConversationFilter(), scope, limit=1, after=after).rows[0].id


if __name__ == "__main__":
    run("python -m benchmarks.pages", __doc__, measure)
