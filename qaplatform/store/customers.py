"""Customers and cases: who wrote, and about which matter. Both are made when they are first heard of.

People see a customer by a pseudonym such as C-7K3F9QM. It is made of a key that only this database has and of what the
platform calls the customer, so that nobody can work it out, and the same customer always gets the same.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from qaplatform.store.rows import Row, among, insert_new, insert_unknown, update_rows
from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import Case, ConversationRow, Customer, Setting, Shop

_KEY = "pseudonym_key"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is mistaken for a digit."""
_LENGTH = 7
_TRIES = 20

ShopKey = tuple[int, str]
"""A shop's id, and what the source calls the thing in it."""


class CustomerLine(NamedTuple):
    """A customer among others, to be told from them."""

    id: int
    pseudonym: str
    shop_name: str
    conversations: int
    last_at: datetime | None
    """When the newest conversation began."""
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerSeen:
    """A customer as rows refer to it and people see it."""

    id: int
    pseudonym: str
    tier: str | None


def pseudonym_key(session: Session) -> bytes:
    """The key of this database's pseudonyms; made by whoever needs it first."""
    known = session.get(Setting, _KEY)
    if known is None:
        insert_new(session, Setting, [{"name": _KEY, "value": secrets.token_hex(32)}])
        known = session.get_one(Setting, _KEY)
    return bytes.fromhex(str(known.value))


def pseudonym(key: bytes, customer: ShopKey, attempt: int = 0) -> str:
    """A customer's pseudonym; another one for each ``attempt``, should one be taken."""
    said = f"{customer[0]}\n{attempt}\n{customer[1]}".encode()
    number = int.from_bytes(hmac.digest(key, said, "sha256")[:8])
    letters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "C-" + "".join(letters)


def customers_of(
    session: Session, tiers: Mapping[ShopKey, str | None], *, now: datetime
) -> dict[ShopKey, CustomerSeen]:
    """The customers of these keys, made where they are new, with the newest tier that is known."""
    known = _known_customers(session, tiers)
    for attempt in range(_TRIES):
        missing = [customer for customer in tiers if customer not in known]
        if not missing:
            break
        # One whose pseudonym another customer has is passed over, and tries the next.
        key = pseudonym_key(session)
        rows: list[Row] = [(*one, pseudonym(key, one, attempt), tiers[one], now) for one in missing]
        insert_unknown(session, Customer, ("shop_id", "source_key", "pseudonym", "tier", "created_at"), rows)
        known |= _known_customers(session, missing)
    changed = [(tier, known[customer].id) for customer, tier in tiers.items() if tier and known[customer].tier != tier]
    update_rows(session, Customer, ("tier",), changed)
    return known


def _known_customers(session: Session, keys: Collection[ShopKey]) -> dict[ShopKey, CustomerSeen]:
    found: dict[ShopKey, CustomerSeen] = {}
    columns = (Customer.shop_id, Customer.source_key, Customer.id, Customer.pseudonym, Customer.tier)
    for shop_id, names in _by_shop(keys).items():
        asked = select(*columns).where(Customer.shop_id == shop_id, among(session, Customer.source_key, names))
        for shop, name, id, shown, tier in session.execute(asked):
            found[(shop, str(name))] = CustomerSeen(id, shown, tier)
    return found


def cases_of(session: Session, keys: Collection[ShopKey], *, now: datetime) -> dict[ShopKey, int]:
    """The ids of the cases of these keys, made where they are new."""
    known = _known_cases(session, keys)
    missing = [key for key in keys if key not in known]
    if missing:
        insert_unknown(session, Case, ("shop_id", "key", "created_at"), [(*key, now) for key in missing])
        known |= _known_cases(session, missing)
    return known


def _known_cases(session: Session, keys: Collection[ShopKey]) -> dict[ShopKey, int]:
    found: dict[ShopKey, int] = {}
    for shop_id, names in _by_shop(keys).items():
        asked = select(Case.key, Case.id).where(Case.shop_id == shop_id, among(session, Case.key, names))
        found |= {(shop_id, key): id for key, id in session.execute(asked)}
    return found


def _by_shop(keys: Collection[ShopKey]) -> dict[int, list[str]]:
    out: dict[int, list[str]] = {}
    for shop_id, name in keys:
        out.setdefault(shop_id, []).append(name)
    return out


def customers_known_as(session: Session, scope: Scope, said: str, *, limit: int) -> list[CustomerLine]:
    """Customers in a scope with this pseudonym, this name on the platform, or this order number."""
    row, shops = ConversationRow, within(select(Shop.id), scope, shop=Shop.id)
    ids: Any = union(
        select(Customer.id).where(Customer.pseudonym == said.upper()),
        # By shop, since that is how the index has them.
        select(Customer.id).where(Customer.shop_id.in_(shops), Customer.source_key == said),
        select(row.customer_id).where(row.order_id == said, row.customer_id.is_not(None)),
    )
    asked = (
        select(
            Customer.id, Customer.pseudonym, Shop.name, func.count(row.id), func.max(row.started_at), Customer.erased_at
        )
        .join(Shop, Customer.shop_id == Shop.id)
        .outerjoin(row, row.customer_id == Customer.id)
        .where(Customer.id.in_(ids))
        .group_by(Customer.id, Shop.name)
        .order_by(Customer.id)
        .limit(limit)
    )
    return [CustomerLine(*values) for values in session.execute(within(asked, scope, shop=Customer.shop_id))]
