"""An admin and a reader of the log, for tests of what admins look after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from qaplatform.services.access import Grant, Viewer
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity
from tests.people import hire

OUTSIDER = Viewer(user_id=0, name="", grants=(Grant("qa_lead"), Grant("store_manager", shop_id=1)))
"""Has every role but the one that may do this."""


def leave_room(store: Store) -> None:
    """Rows that tests have numbered themselves shall not stand in the way of new ones; PostgreSQL counts apart from them."""
    if store.is_sqlite:
        return
    with store.writing() as session:
        for table in ("shops", "teams", "agents", "accounts", "users"):
            session.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), 100)))


def boss(store: Store) -> Viewer:
    """An admin who is signed in and has changed the password."""
    leave_room(store)
    user_id, _ = hire(store, "boss", Grant("admin"))
    return Viewer(user_id=user_id, name="boss", grants=(Grant("admin"),))


def log_of(store: Store, beginning: str) -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    """Action, subject, shop and details of the log's lines whose action begins so, the oldest first."""
    with store.reading() as session:
        lines = session.scalars(select(Activity).where(Activity.action.startswith(beginning)).order_by(Activity.id))
        return [(line.action, line.subject_id, line.shop_id, line.details) for line in lines]
