"""Pseudonyms: the same for the same customer, told by nobody without the key, and never one for two."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select

from qaplatform.store.customers import cases_of, customers_of, pseudonym, pseudonym_key
from qaplatform.store.engine import Store
from qaplatform.store.tables import Case, Customer, Shop

NOW = datetime(2026, 11, 11, tzinfo=UTC)


def make_shops(store: Store) -> None:
    with store.writing() as session:
        session.add_all(Shop(id=number, code=f"s{number}", name="x", created_at=NOW) for number in (1, 2))


def test_a_customer_keeps_the_pseudonym_and_gets_the_newest_tier(store: Store) -> None:
    make_shops(store)
    with store.writing() as session:
        first = customers_of(session, {(1, "u1"): None, (1, "u2"): "gold", (2, "u1"): None}, now=NOW)
    with store.writing() as session:
        again = customers_of(session, {(1, "u2"): None, (1, "u1"): "silver", (1, "u3"): None}, now=NOW)
    assert [again[key].pseudonym for key in ((1, "u1"), (1, "u2"))] == [
        first[key].pseudonym for key in ((1, "u1"), (1, "u2"))
    ]
    shown = {one.pseudonym for one in (*first.values(), *again.values())}
    assert len(shown) == 4
    assert all(re.fullmatch("C-[0-9A-HJKMNP-TV-Z]{7}", one) for one in shown)
    with store.reading() as session:
        tiers = session.execute(select(Customer.source_key, Customer.tier).where(Customer.shop_id == 1)).all()
    assert dict(tiers) == {"u1": "silver", "u2": "gold", "u3": None}


def test_the_key_is_this_databases_own_and_stays(store: Store) -> None:
    with store.writing() as session:
        key = pseudonym_key(session)
    with store.writing() as session:
        assert pseudonym_key(session) == key
    assert len(key) == 32
    assert pseudonym(key, (1, "u1")) != pseudonym(b"another", (1, "u1"))
    assert pseudonym(key, (1, "u1")) != pseudonym(key, (2, "u1"))


def test_a_pseudonym_that_is_taken_is_not_given_twice(store: Store) -> None:
    make_shops(store)
    with store.writing() as session:
        taken = pseudonym(pseudonym_key(session), (1, "u1"))
        # A customer who was erased: nothing but the pseudonym is left.
        session.add(Customer(shop_id=2, source_key=None, pseudonym=taken, created_at=NOW, erased_at=NOW))
    with store.writing() as session:
        made = customers_of(session, {(1, "u1"): None, (1, "u2"): None}, now=NOW)
        assert made[1, "u1"].pseudonym == pseudonym(pseudonym_key(session), (1, "u1"), 1)
    with store.writing() as session:
        assert customers_of(session, {(1, "u1"): None}, now=NOW) == {(1, "u1"): made[1, "u1"]}


def test_cases_are_made_once(store: Store) -> None:
    make_shops(store)
    with store.writing() as session:
        first = cases_of(session, [(1, "order:1"), (2, "order:1"), (1, "order:2")], now=NOW)
        assert cases_of(session, [(1, "order:1")], now=NOW) == {(1, "order:1"): first[1, "order:1"]}
        assert len(set(first.values())) == len(session.scalars(select(Case.id)).all()) == 3


def test_more_customers_than_one_statement_takes(store: Store) -> None:
    make_shops(store)
    keys = {(1, f"u{number}"): None for number in range(12_000)}
    with store.writing() as session:
        made = customers_of(session, keys, now=NOW)
    assert len({one.pseudonym for one in made.values()}) == 12_000
