"""Removing what has had its time, so many rows a call; each function returns how many rows went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qaplatform.store.jobs import ENDED
from qaplatform.store.tables.jobs import Job
from qaplatform.store.tables.users import LoginFailure, UserSession


def remove_ended_sessions(session: Session, *, before: datetime, limit: int) -> int:
    """Sessions of users whose absolute end came before a moment."""
    return _remove(session, UserSession.id, UserSession.ends_at < before, limit=limit)


def remove_login_failures(session: Session, *, before: datetime, limit: int) -> int:
    """Failed logins of before a moment."""
    return _remove(session, LoginFailure.id, LoginFailure.at < before, limit=limit)


def remove_ended_jobs(session: Session, *, before: datetime, limit: int) -> int:
    """Jobs that ended before a moment, however they ended."""
    return _remove(session, Job.id, Job.state.in_(ENDED), Job.finished_at < before, limit=limit)


def _remove(session: Session, key: InstrumentedAttribute[int], *which: ColumnElement[bool], limit: int) -> int:
    chosen = select(key).where(*which).order_by(key).limit(limit).scalar_subquery()
    statement: Any = delete(key.class_).where(key.in_(chosen)).returning(key)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())
