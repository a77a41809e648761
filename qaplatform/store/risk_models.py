"""Learned models of risk by team, the ruled chats they learn from, and the conversations they speak of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session

from qaplatform.store import marks
from qaplatform.store.rows import among, update_rows
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AuditRow, ConversationRow, Review, RiskModelRow, Team


class RuledChat(msgspec.Struct, frozen=True):
    """A conversation with what is known of how it went; ``verdict`` and ``draw`` are ``None`` where nobody ruled."""

    conversation_id: int
    customer_id: int | None
    csat: float | None
    verdict: str | None
    draw: str | None


class ModelLine(msgspec.Struct, frozen=True):
    """A version of a team's model without its arrays."""

    id: int
    team_id: int
    version: int
    trained_at: datetime
    ruled_count: int
    example_count: int
    wrong_count: int
    features_version: int
    engine_version: str
    state: str
    why: str
    figures: dict[str, Any]
    signs: list[Any]


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model to be kept."""

    team_id: int
    trained_at: datetime
    user_id: int | None
    ruled_count: int
    example_count: int
    wrong_count: int
    features_version: int
    engine_version: str
    is_active: bool
    why: str
    figures: dict[str, Any]
    signs: list[Any]
    body: bytes


# --- what models learn from ----------------------------------------------------------------------------


def ruled_chats(session: Session, team_id: int) -> list[RuledChat]:
    """A team's conversations with the newest ruling of each, in the order of their ids.

    Only where the ruling is of the conversation's newest revision, and its text is still kept.
    """
    row = ConversationRow
    asked = (
        _newest_rulings(row.id, row.customer_id, row.csat, Review.verdict, Review.draw)
        .where(row.team_id == team_id)
        .order_by(row.id)
    )
    return [RuledChat(*values) for values in session.execute(asked)]


def ruled_counts(session: Session) -> dict[int, int]:
    """How many conversations of each team :func:`ruled_chats` gives."""
    row = ConversationRow
    asked = _newest_rulings(row.team_id, func.count()).where(row.team_id.is_not(None)).group_by(row.team_id)
    return {int(team): int(count) for team, count in session.execute(asked)}


def _newest_rulings(*columns: Any) -> Select[Any]:
    row, ruling = ConversationRow, Review
    newest = select(func.max(ruling.id).label("id")).group_by(ruling.conversation_id).subquery()
    return (
        select(*columns)
        .select_from(Review)
        .join(newest, newest.c.id == ruling.id)
        .join(row, row.id == ruling.conversation_id)
        .where(row.revision == ruling.revision, row.text_purged_at.is_(None))
    )


def rated_chats(session: Session, team_id: int, *, without: Collection[int], limit: int) -> list[RuledChat]:
    """The team's newest conversations that customers rated, without some."""
    row = ConversationRow
    asked = (
        select(row.id, row.customer_id, row.csat)
        .where(row.team_id == team_id, row.csat.is_not(None), row.text_purged_at.is_(None))
        .where(~among(session, row.id, without))
        .order_by(row.started_at.desc(), row.id.desc())
        .limit(limit)
    )
    return [RuledChat(id, customer, csat, None, None) for id, customer, csat in session.execute(asked)]


# --- models -------------------------------------------------------------------------------------------


_LINE = tuple(getattr(RiskModelRow, name) for name in ModelLine.__struct_fields__)


def models_of(session: Session, team_id: int) -> list[ModelLine]:
    """All versions of a team, newest first."""
    asked = select(*_LINE).where(RiskModelRow.team_id == team_id).order_by(RiskModelRow.version.desc())
    return [ModelLine(*values) for values in session.execute(asked)]


def newest_models(session: Session, team_ids: Collection[int] | None = None) -> dict[int, ModelLine]:
    """The newest version of each team that has one."""
    newest = select(func.max(RiskModelRow.id)).group_by(RiskModelRow.team_id)
    asked = select(*_LINE).where(RiskModelRow.id.in_(newest)).order_by(RiskModelRow.team_id)
    if team_ids is not None:
        asked = asked.where(RiskModelRow.team_id.in_(team_ids))
    return {values[1]: ModelLine(*values) for values in session.execute(asked)}


def active_models(session: Session, features_version: int) -> dict[int, int]:
    """Ids of the active models by team, those of another version of the features left out."""
    row = RiskModelRow
    asked = select(row.team_id, row.id).where(row.state == "active", row.features_version == features_version)
    return {int(team): int(id) for team, id in session.execute(asked)}


def body_of(session: Session, model_id: int) -> bytes | None:
    """A model's arrays."""
    return session.scalar(select(RiskModelRow.body).where(RiskModelRow.id == model_id))


def keep_model(session: Session, new: NewModel) -> int:
    """Keep a new version; its id. An active one supersedes the one before."""
    session.execute(select(Team.id).where(Team.id == new.team_id).with_for_update())
    version = session.scalar(select(func.max(RiskModelRow.version)).where(RiskModelRow.team_id == new.team_id)) or 0
    retire(session, new.team_id, state="superseded", why="newer")
    made = RiskModelRow(
        team_id=new.team_id, version=version + 1, trained_at=new.trained_at, user_id=new.user_id,
        ruled_count=new.ruled_count, example_count=new.example_count, wrong_count=new.wrong_count,
        features_version=new.features_version, engine_version=new.engine_version,
        state="active" if new.is_active else "off", why=new.why, figures=new.figures, signs=new.signs, body=new.body,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def retire(session: Session, team_id: int, *, state: str, why: str) -> int:
    """Take a team's active model out of use; how many there were (0 or 1)."""
    row = RiskModelRow
    done = session.execute(
        update(row).where(row.team_id == team_id, row.state == "active").values(state=state, why=why),
        execution_options={"synchronize_session": False},
    )
    return done.rowcount if isinstance(done, CursorResult) else 0


def teams_in(session: Session, scope: Scope) -> list[tuple[int, str]]:
    """Teams whose models somebody may see, by name: all of them, or those a role is held in."""
    asked = select(Team.id, Team.name).order_by(Team.name, Team.id)
    if not scope.everything:
        asked = asked.where(Team.id.in_(scope.team_ids))
    return [(id, name) for id, name in session.execute(asked)]


# --- what models speak of ------------------------------------------------------------------------------


def conversations_since(
    session: Session, team_id: int, since: datetime, *, after_id: int, limit: int
) -> list[int]:  # fmt: skip
    """Ids of a team's audited conversations that began since a moment and whose text is kept, from behind ``after_id``."""
    row = ConversationRow
    asked = select(row.id).where(
        row.team_id == team_id, row.started_at >= since, row.id > after_id, row.audit_id.is_not(None),
        row.text_purged_at.is_(None),
    )  # fmt: skip
    return list(session.scalars(asked.order_by(row.id).limit(limit)))


def learned_conversations(session: Session, team_id: int, *, after_id: int, limit: int) -> list[int]:
    """Ids of a team's conversations whose risk comes from a model, from behind ``after_id``."""
    row = ConversationRow
    asked = select(row.id).where(row.team_id == team_id, row.risk_model_id.is_not(None), row.id > after_id)
    return list(session.scalars(asked.order_by(row.id).limit(limit)))


def team_name(session: Session, team_id: int) -> str | None:
    """A team's name, if there is such a team."""
    return session.scalar(select(Team.name).where(Team.id == team_id))


def set_risks(session: Session, model_id: int, risks: Mapping[int, tuple[int, float, float]]) -> int:
    """Give conversations (id → revision, risk, priority) a model's risk, where the revision still is the newest.

    How many they were.
    """
    row = ConversationRow
    asked = select(row.id, row.revision).where(among(session, row.id, risks), row.audit_id.is_not(None))
    revisions = {id: revision for id, revision in session.execute(asked.order_by(row.id).with_for_update())}  # noqa: C416
    rows = [
        (risk, priority, model_id, id)
        for id, (revision, risk, priority) in sorted(risks.items())
        if revisions.get(id) == revision
    ]
    update_rows(session, row, ("risk", "priority", "risk_model_id"), rows)
    marks.refresh(session, [id for *_, id in rows])
    return len(rows)


def give_back(session: Session, ids: Sequence[int]) -> None:
    """Give conversations the risk and priority of the rules again, as their newest audits have them."""
    row = ConversationRow
    asked = select(row.id, AuditRow.risk, AuditRow.priority).join(AuditRow, AuditRow.id == row.audit_id)
    found = session.execute(asked.where(among(session, row.id, ids)).order_by(row.id)).all()
    rows = [(risk, priority, None, id) for id, risk, priority in found]
    update_rows(session, row, ("risk", "priority", "risk_model_id"), rows)
    marks.refresh(session, list(ids))
