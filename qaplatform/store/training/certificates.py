"""Certificates, and the exam dialogues they are given for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from qaplatform.store.rows import new_ids
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, Certificate, ExamDialogue, ExamRuling, ExamSitting, Team, User
from qaplatform.store.training.learners import in_scope


class StoredCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as it stands in its row, with the names of today around it."""

    id: int
    number: str
    kind: str
    user_id: int
    holder: str
    basis: dict[str, Any]
    issued_at: datetime
    issued_by: int | None
    revoked_at: datetime | None
    revoked_why: str
    issuer_name: str | None = None
    revoker_name: str | None = None
    agent_id: int | None = None
    team_name: str | None = None


class NewCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate to be added."""

    id: int
    number: str
    kind: str
    user_id: int
    holder: str
    basis: dict[str, Any]
    issued_at: datetime
    issued_by: int | None = None


class ExamPassed(msgspec.Struct, frozen=True):
    """An ended dialogue of an exam as far as certificates go by it."""

    id: int
    scenario: str
    kind: str
    ended_at: datetime
    is_passed: bool
    """Whether the verdict that stands says so."""
    is_critical: bool
    """A critical finding that nobody overruled."""
    customer: str
    """``script`` or ``llm``."""


def next_id(session: Session) -> int:
    """The id of the next certificate, which its number is made of; in a writing transaction only."""
    return new_ids(session, Certificate, 1)[0]


def add_certificate(session: Session, new: NewCertificate) -> None:
    """Add a certificate."""
    session.add(Certificate(**msgspec.structs.asdict(new)))
    session.flush()


def certificate_numbered(session: Session, number: str) -> StoredCertificate | None:
    """The certificate of a number."""
    found = session.execute(_asked().where(Certificate.number == number)).one_or_none()
    return None if found is None else _stored(found)


def certificates_of(session: Session, user_id: int) -> list[StoredCertificate]:
    """Somebody's certificates, the newest first."""
    asked = _asked().where(Certificate.user_id == user_id).order_by(Certificate.id.desc())
    return [_stored(row) for row in session.execute(asked)]


def certificates_within(
    session: Session, scope: Scope, user_id: int, *, text: str = "", offset: int, limit: int
) -> tuple[list[StoredCertificate], int]:
    """Those of whoever lies in a scope, and one's own, the newest first, and how many there are."""
    where: list[Any] = []
    if not scope.everything:
        where.append(or_(Certificate.user_id == user_id, AgentRow.id.is_not(None) & in_scope(scope)))
    if text:
        where.append(or_(Certificate.holder.contains(text, autoescape=True), Certificate.number == text.upper()))
    total = session.scalar(select(func.count()).select_from(_asked().where(*where).subquery())) or 0
    asked = _asked().where(*where).order_by(Certificate.id.desc()).offset(offset).limit(limit)
    return [_stored(row) for row in session.execute(asked)], total


def revoke(session: Session, id: int, *, by: int, why: str, now: datetime) -> None:
    """Take a certificate back; one that was taken back stays as it is."""
    row = session.get_one(Certificate, id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by, row.revoked_why = now, by, why
        session.flush()


def exams_of(session: Session, user_id: int, since: datetime | None, *, agreed_only: bool) -> list[ExamPassed]:
    """The exam dialogues of somebody that ended after a moment, in the order in which they ended.

    ``agreed_only``: one counts as passed only where the newest ruling on its verdict says so as well.
    """
    row, sitting = ExamDialogue, ExamSitting
    asked = (
        select(row.id, row.scenario, row.kind, row.ended_at, row.verdict, row.has_critical, sitting.customer)
        .join(sitting, sitting.id == row.sitting_id)
        .where(sitting.user_id == user_id, sitting.purpose == "exam", row.ended_at.is_not(None))
        .order_by(row.ended_at, row.id)
    )
    if since is not None:
        asked = asked.where(row.ended_at > since)
    found = session.execute(asked).all()
    agreed = _agreed(session, [one.id for one in found if one.verdict == "passed"]) if agreed_only else None
    return [
        ExamPassed(
            one.id, one.scenario, one.kind, one.ended_at,
            one.verdict == "passed" and (agreed is None or one.id in agreed),
            one.has_critical and one.verdict not in ("passed", "void"), one.customer,
        )
        for one in found
    ]  # fmt: skip


def _agreed(session: Session, dialogue_ids: Sequence[int]) -> frozenset[int]:
    ruling = ExamRuling
    newest = (
        select(func.max(ruling.id))
        .where(ruling.dialogue_id.in_(dialogue_ids), ruling.kind == "verdict")
        .group_by(ruling.dialogue_id)
    )
    asked = select(ruling.dialogue_id).where(ruling.id.in_(newest), ruling.decision == "passed")
    return frozenset(session.scalars(asked))


def _asked() -> Select[*tuple[Any, ...]]:
    issuer, revoker = aliased(User), aliased(User)
    return (
        select(
            Certificate.id, Certificate.number, Certificate.kind, Certificate.user_id, Certificate.holder, Certificate.basis,
            Certificate.issued_at, Certificate.issued_by, Certificate.revoked_at, Certificate.revoked_why,
            issuer.name.label("issuer_name"), revoker.name.label("revoker_name"), AgentRow.id.label("agent_id"),
            Team.name.label("team_name"),
        )
        .join(User, User.id == Certificate.user_id)
        .outerjoin(AgentRow, AgentRow.id == User.agent_id)
        .outerjoin(Team, Team.id == AgentRow.team_id)
        .outerjoin(issuer, issuer.id == Certificate.issued_by)
        .outerjoin(revoker, revoker.id == Certificate.revoked_by)
    )  # fmt: skip


def _stored(row: Any) -> StoredCertificate:
    return StoredCertificate(**row._asdict())
