"""Tokens that shops push with: shown once, kept as hashes, revoked for good."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from qaplatform.services import push_tokens
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.push_tokens import NewToken, TokenNameFormError, UnknownTokenError
from qaplatform.services.shops import UnknownShopError
from qaplatform.store.engine import Store
from qaplatform.store.push_tokens import TokenNameTakenError
from qaplatform.store.tables import PushToken, Shop
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of


def make(store: Store, admin: Viewer, name: str = "同步脚本", shop_id: int = 1) -> NewToken:
    with store.writing() as session:
        return push_tokens.create_token(session, shop_id, name, by=admin, now=NOW)


def revoke(store: Store, admin: Viewer, token_id: int, shop_id: int = 1) -> None:
    with store.writing() as session:
        push_tokens.revoke_token(session, shop_id, token_id, by=admin, now=NOW)


def test_of_a_token_only_its_hash_and_its_end_are_kept(company: Store, admin: Viewer) -> None:
    made = make(company, admin)
    assert made.token.startswith("qap_")
    assert len(made.token) > 40
    with company.reading() as session:
        row = session.scalars(select(PushToken)).one()
        kept = [str(value) for key, value in vars(row).items() if not key.startswith("_")]
    assert row.token_hash == hashlib.sha256(made.token.encode()).hexdigest()
    assert row.hint == made.token[-4:]
    assert not any(made.token in one or made.token[4:20] in one for one in kept)
    assert log_of(company, "push_token.") == [("push_token.created", made.token_id, 1, {})]
    assert made.token != make(company, admin, "另一个").token


def test_a_token_says_whose_it_is_until_it_is_revoked(company: Store, admin: Viewer) -> None:
    made = make(company, admin, shop_id=2)
    with company.reading() as session:
        seen = push_tokens.token_of(session, made.token)
        assert seen is not None
        assert (seen.shop_id, seen.shop_code, seen.last_used_at) == (2, "s2", None)
        for other in ("", made.token[:-1], made.token.upper(), "qap_", "\udc80"):
            assert push_tokens.token_of(session, other) is None
    revoke(company, admin, made.token_id, shop_id=2)
    with company.reading() as session:
        assert push_tokens.token_of(session, made.token) is None
    with pytest.raises(UnknownTokenError):
        revoke(company, admin, made.token_id, shop_id=2)
    assert log_of(company, "push_token.")[1:] == [("push_token.revoked", made.token_id, 2, {})]


def test_a_closed_shop_takes_no_pushes(company: Store, admin: Viewer) -> None:
    made = make(company, admin)
    with company.writing() as session:
        session.execute(update(Shop).where(Shop.id == 1).values(active=False))
    with company.reading() as session:
        assert push_tokens.token_of(session, made.token) is None


def test_its_use_is_noted_to_the_minute(company: Store, admin: Viewer) -> None:
    made = make(company, admin)
    for seconds, noted in ((0, 0), (30, 0), (59, 0), (60, 60), (61, 60)):
        with company.writing() as session:
            seen = push_tokens.token_of(session, made.token)
            assert seen is not None
            push_tokens.note_used(session, seen, now=NOW + timedelta(seconds=seconds))
        with company.reading() as session:
            [line] = push_tokens.tokens_of(session, admin, 1)
            assert line.last_used_at == NOW + timedelta(seconds=noted)


def test_two_tokens_in_use_have_two_names(company: Store, admin: Viewer) -> None:
    first = make(company, admin)
    with pytest.raises(TokenNameTakenError):
        make(company, admin, " 同步脚本 ")
    make(company, admin, shop_id=2)
    revoke(company, admin, first.token_id)
    second = make(company, admin)
    with company.reading() as session:
        assert [one.id for one in push_tokens.tokens_of(session, admin, 1)] == [second.token_id, first.token_id]
        assert push_tokens.token_line(session, admin, 1, second.token_id).name == "同步脚本"
        for shop_id, token_id in ((1, first.token_id), (2, second.token_id), (1, 999)):
            with pytest.raises(UnknownTokenError):
                push_tokens.token_line(session, admin, shop_id, token_id)


def test_a_token_is_revoked_under_its_own_shop_only(company: Store, admin: Viewer) -> None:
    made = make(company, admin)
    with pytest.raises(UnknownTokenError):
        revoke(company, admin, made.token_id, shop_id=2)
    with company.reading() as session:
        assert push_tokens.token_of(session, made.token) is not None


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb"])
def test_a_name_is_one_line(company: Store, admin: Viewer, name: str) -> None:
    with pytest.raises(TokenNameFormError):
        make(company, admin, name)


def test_only_who_may_manage_tokens_does(company: Store, admin: Viewer) -> None:
    made = make(company, admin)
    with pytest.raises(AccessError):
        make(company, OUTSIDER)
    with pytest.raises(AccessError):
        revoke(company, OUTSIDER, made.token_id)
    with company.reading() as session, pytest.raises(AccessError):
        push_tokens.tokens_of(session, OUTSIDER, 1)
    with pytest.raises(UnknownShopError):
        make(company, admin, shop_id=99)
