"""Tokens that shops push conversations with; their hashes only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.tables import PushToken, Shop


class TokenNameTakenError(QAPlatformError):
    """A token of this name is in use; revoke it first, or choose another name."""

    code: ClassVar[str] = "push_tokens.name_taken"


class TokenLine(msgspec.Struct, frozen=True):
    """A token in a list."""

    id: int
    shop_id: int
    name: str
    hint: str
    """Its last characters."""
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenSeen(msgspec.Struct, frozen=True):
    """The token of a request."""

    id: int
    shop_id: int
    shop_code: str
    last_used_at: datetime | None


def tokens_of(session: Session, shop_id: int) -> Sequence[TokenLine]:
    """A shop's tokens: those in use first, then the newest."""
    columns = (
        PushToken.id,
        PushToken.shop_id,
        PushToken.name,
        PushToken.hint,
        PushToken.created_at,
        PushToken.last_used_at,
        PushToken.revoked_at,
    )
    found = select(*columns).where(PushToken.shop_id == shop_id)
    in_order = (PushToken.revoked_at.is_not(None), PushToken.created_at.desc(), PushToken.id.desc())
    return [TokenLine(*row) for row in session.execute(found.order_by(*in_order))]


def add_token(session: Session, token: PushToken) -> int:
    """Add a token; its id.

    Raises:
        TokenNameTakenError: the shop has one of this name in use.
    """
    with plain_conflicts(session, {"push_tokens_shop_id_name": TokenNameTakenError}):
        session.add(token)
    return token.id


def revoke_token(session: Session, shop_id: int, token_id: int, *, now: datetime) -> bool:
    """Take a token out of use for good; whether it was in use."""
    revoked = (
        update(PushToken)
        .where(PushToken.id == token_id, PushToken.shop_id == shop_id, PushToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(PushToken.id)
    )
    return session.scalar(revoked) is not None


def token_of(session: Session, token_hash: str) -> TokenSeen | None:
    """The token of a hash, if it is in use and so is its shop."""
    found = session.execute(
        select(PushToken.id, PushToken.shop_id, Shop.code, PushToken.last_used_at)
        .join(Shop, Shop.id == PushToken.shop_id)
        .where(PushToken.token_hash == token_hash, PushToken.revoked_at.is_(None), Shop.active.is_(True))
    ).one_or_none()
    return None if found is None else TokenSeen(*found)


def used(session: Session, token_id: int, *, now: datetime, last_before: datetime) -> None:
    """Note that a token is in use, unless somebody has just noted it."""
    session.execute(
        update(PushToken)
        .where(PushToken.id == token_id, or_(PushToken.last_used_at.is_(None), PushToken.last_used_at <= last_before))
        .values(last_used_at=now)
    )
