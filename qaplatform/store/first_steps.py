"""How far a new workplace is."""

from __future__ import annotations

import msgspec
from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import ConversationRow, Setting, Shop, User

FINDINGS_SEEN = "findings_seen"
PUT_ASIDE = "first_steps_put_aside"


class Reached(msgspec.Struct, frozen=True):
    """What is there already."""

    has_shop: bool
    has_conversation: bool
    findings_seen: bool
    has_colleague: bool
    is_put_aside: bool


def reached(session: Session) -> Reached:
    """All of it in one question, which costs the same in a workplace of any size."""
    some_users = select(User.id).limit(2).subquery()
    row = session.execute(
        select(
            exists().select_from(Shop),
            exists().select_from(ConversationRow),
            exists().where(Setting.name == FINDINGS_SEEN),
            select(func.count()).select_from(some_users).scalar_subquery() > literal(1),
            exists().where(Setting.name == PUT_ASIDE),
        )
    ).one()
    return Reached(*(bool(one) for one in row))


def note(session: Session, name: str) -> None:
    """Note once and for all that something has happened; whoever comes second changes nothing."""
    insert_new(session, Setting, [{"name": name, "value": True}])
