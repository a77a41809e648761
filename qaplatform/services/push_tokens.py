"""Managing the tokens that shops push conversations with, and telling whose a token is.

A token is shown once, when it is made; kept are its hash and its last characters. It holds for one shop, and only
for pushing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.shops import UnknownShopError
from qaplatform.services.typed_lines import line_of
from qaplatform.store import push_tokens
from qaplatform.store.push_tokens import TokenLine, TokenSeen
from qaplatform.store.shops import locked_shop
from qaplatform.store.tables import PushToken

USED_EVERY = timedelta(minutes=1)
_BEGINNING = "qap_"
"""So that people and programs that look for leaked secrets know one when they see it."""
_SECRET_BYTES = 32
_HINT_CHARS = 4
_MOST_NAME_CHARS = 100


class UnknownTokenError(QAPlatformError):
    """There is no such token; load the page again."""

    code: ClassVar[str] = "push_tokens.unknown"


class TokenNameFormError(QAPlatformError):
    """A token's name is one line of 1 to 100 characters."""

    code: ClassVar[str] = "push_tokens.name_form"


class NewToken(msgspec.Struct, frozen=True):
    """A token to be shown once; ``token`` is kept nowhere."""

    token_id: int
    name: str
    token: str


def create_token(session: Session, shop_id: int, name: str, *, by: Viewer, now: datetime) -> NewToken:
    """Make a token for a shop.

    Raises:
        AccessError: ``by`` may not manage tokens.
        UnknownShopError: there is no such shop.
        TokenNameFormError: the name cannot be one.
        TokenNameTakenError: the shop has one of this name in use.
    """
    by.demand("tokens.manage")
    checked = line_of(name, _MOST_NAME_CHARS, TokenNameFormError)
    if locked_shop(session, shop_id) is None:
        raise UnknownShopError
    token = _BEGINNING + secrets.token_urlsafe(_SECRET_BYTES)
    row = PushToken(shop_id=shop_id, name=checked, token_hash=hash_of(token), hint=token[-_HINT_CHARS:], created_at=now)
    token_id = push_tokens.add_token(session, row)
    note(session, by, now, "push_token.created", ("push_token", token_id), shop_id=shop_id)
    return NewToken(token_id, checked, token)


def revoke_token(session: Session, shop_id: int, token_id: int, *, by: Viewer, now: datetime) -> None:
    """Take a token out of use for good.

    Raises:
        AccessError: ``by`` may not manage tokens.
        UnknownTokenError: the shop has no such token in use.
    """
    by.demand("tokens.manage")
    if not push_tokens.revoke_token(session, shop_id, token_id, now=now):
        raise UnknownTokenError
    note(session, by, now, "push_token.revoked", ("push_token", token_id), shop_id=shop_id)


def tokens_of(session: Session, viewer: Viewer, shop_id: int) -> Sequence[TokenLine]:
    """A shop's tokens, those in use first.

    Raises:
        AccessError: the viewer may not manage tokens.
    """
    viewer.demand("tokens.manage")
    return push_tokens.tokens_of(session, shop_id)


def token_line(session: Session, viewer: Viewer, shop_id: int, token_id: int) -> TokenLine:
    """One token of a shop that is in use.

    Raises:
        AccessError: the viewer may not manage tokens.
        UnknownTokenError: the shop has no such token in use.
    """
    for line in tokens_of(session, viewer, shop_id):
        if line.id == token_id and line.revoked_at is None:
            return line
    raise UnknownTokenError


def token_of(session: Session, token: str) -> TokenSeen | None:
    """Whose token a request brings; ``None`` if it is none, was revoked, or its shop is closed."""
    return push_tokens.token_of(session, hash_of(token))


def note_used(session: Session, seen: TokenSeen, *, now: datetime) -> None:
    """Keep when a token was last used, to the minute; in a writing transaction."""
    if seen.last_used_at is None or seen.last_used_at + USED_EVERY <= now:
        push_tokens.used(session, seen.id, now=now, last_before=now - USED_EVERY)


def hash_of(token: str) -> str:
    """What is kept of a token. It is long and random: a slow hash would add nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
