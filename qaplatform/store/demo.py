"""What the demo's filling looks up and names, by the codes of the samples."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import AgentRow, Shop, Team


def name_shops(session: Session, names: Mapping[str, str]) -> None:
    """Give shops, by code, their names."""
    for code, name in names.items():
        session.execute(update(Shop).where(Shop.code == code).values(name=name))


def shop_id_of(session: Session, code: str) -> int:
    """The shop of a code."""
    return session.scalars(select(Shop.id).where(Shop.code == code)).one()


def team_id_of(session: Session, name: str) -> int:
    """The team of a name."""
    return session.scalars(select(Team.id).where(Team.name == name)).one()


def agent_id_of(session: Session, code: str) -> int:
    """The agent of a code."""
    return session.scalars(select(AgentRow.id).where(AgentRow.code == code)).one()
