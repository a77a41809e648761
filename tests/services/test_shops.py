"""Managing shops."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services import shops
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.shops import (
    PurgeNotAcceptedError,
    RetentionError,
    ShopClassError,
    ShopCodeFormError,
    ShopFields,
    ShopNameFormError,
    TimezoneError,
    UnknownShopError,
)
from qaplatform.services.watched_folders import FolderTakenError
from qaplatform.store.engine import Store
from qaplatform.store.shops import ShopCodeTakenError, ShopFilter
from qaplatform.store.tables import Account, AccountHolder, ConversationRow, Shop
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of

FIELDS = ShopFields(code="s9", name="暖橙母婴")


def make(store: Store, admin: Viewer, data_folder: Path, **fields: Any) -> int:
    with store.writing() as session:
        return shops.create_shop(
            session, msgspec.structs.replace(FIELDS, **fields), by=admin, now=NOW, data_folder=data_folder
        )


def change(store: Store, admin: Viewer, id: int, folder: Path, *, accepts_purge: bool = False, **fields: Any) -> None:
    with store.writing() as session:
        shops.change_shop(
            session,
            id,
            msgspec.structs.replace(FIELDS, **fields),
            by=admin,
            now=NOW,
            data_folder=folder,
            accepts_purge=accepts_purge,
        )


def shop(store: Store, id: int) -> Shop:
    with store.reading() as session:
        return session.get_one(Shop, id)


def test_a_shop_is_made_as_it_was_written(company: Store, admin: Viewer, tmp_path: Path) -> None:
    data, watched = tmp_path / "data", tmp_path / "in"
    data.mkdir()
    watched.mkdir()
    id = make(company, admin, data, code=" s9 ", shop_class="A", timezone="Asia/Tokyo", text_retention_days=30,
              watched_folder=f"{watched}/", active=False)  # fmt: skip
    made = shop(company, id)
    assert (made.code, made.name, made.shop_class, made.timezone) == ("s9", "暖橙母婴", "A", "Asia/Tokyo")
    assert (made.text_retention_days, made.watched_folder, made.active) == (30, str(watched), False)
    assert log_of(company, "shop.") == [("shop.created", id, id, {})]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": " "}, ShopCodeFormError),
        ({"code": "x" * 101}, ShopCodeFormError),
        ({"code": "a\nb"}, ShopCodeFormError),
        ({"name": ""}, ShopNameFormError),
        ({"name": "x" * 201}, ShopNameFormError),
        ({"shop_class": "E"}, ShopClassError),
        ({"timezone": "Asia/Nowhere"}, TimezoneError),
        ({"timezone": "../etc/passwd"}, TimezoneError),
        ({"timezone": "Asia"}, TimezoneError),
        ({"timezone": ""}, TimezoneError),
        ({"timezone": "x" * 300}, TimezoneError),
        ({"text_retention_days": 0}, RetentionError),
        ({"text_retention_days": 3651}, RetentionError),
        ({"code": "s1"}, ShopCodeTakenError),
    ],
)
def test_a_shop_that_cannot_be_is_refused_and_leaves_nothing(
    company: Store, admin: Viewer, tmp_path: Path, fields: dict[str, Any], error: type[QAPlatformError]
) -> None:
    with pytest.raises(error):
        make(company, admin, tmp_path, **fields)
    with pytest.raises(error):
        change(company, admin, 2, tmp_path, **fields)
    assert log_of(company, "shop.") == []
    assert shop(company, 2).name == "店铺2"


@pytest.mark.both_databases
def test_a_change_notes_what_was_changed_and_no_text(company: Store, admin: Viewer, tmp_path: Path) -> None:
    change(company, admin, 2, tmp_path, code="s2", name="新名字", text_retention_days=90)
    assert log_of(company, "shop.") == [
        ("shop.changed", 2, 2, {"fields": ["name", "text_retention_days"], "retention_days": 90})
    ]
    change(company, admin, 2, tmp_path, code="s2", name="新名字", text_retention_days=90)
    assert len(log_of(company, "shop.")) == 1


def test_one_folder_is_watched_by_one_shop(company: Store, admin: Viewer, tmp_path: Path) -> None:
    watched = tmp_path / "in"
    watched.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    change(company, admin, 1, data, code="s1", watched_folder=str(watched))
    with pytest.raises(FolderTakenError):
        change(company, admin, 2, data, code="s2", watched_folder=f"{watched}/../in/")
    change(company, admin, 1, data, code="s1", name="另一个", watched_folder=str(watched))


@pytest.mark.both_databases
def test_a_folder_that_is_gone_today_lets_the_rest_be_changed(company: Store, admin: Viewer, tmp_path: Path) -> None:
    watched = tmp_path / "in"
    watched.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    change(company, admin, 1, data, code="s1", watched_folder=str(watched))
    watched.rmdir()
    change(company, admin, 1, data, code="s1", name="另一个", watched_folder=str(watched))
    assert shop(company, 1).name == "另一个"


def converse(store: Store, shop_id: int, days_ago: int, *, purged: bool = False) -> None:
    at = NOW - timedelta(days=days_ago)
    with store.writing() as session:
        session.add(
            ConversationRow(
                shop_id=shop_id, source_id=f"{days_ago}{purged}", content_hash="", message_count=1, started_at=at,
                ended_at=at, created_at=at, updated_at=at, text_purged_at=NOW if purged else None,
            )
        )  # fmt: skip


def test_a_shorter_retention_must_be_accepted_where_it_removes_text(
    company: Store, admin: Viewer, tmp_path: Path
) -> None:
    for days in (10, 40, 50):
        converse(company, 1, days)
    converse(company, 1, 60, purged=True)
    converse(company, 2, 99)
    with pytest.raises(PurgeNotAcceptedError) as refused:
        change(company, admin, 1, tmp_path, code="s1", text_retention_days=30)
    assert refused.value.conversation_count == 2
    assert shop(company, 1).text_retention_days is None
    change(company, admin, 1, tmp_path, code="s1", text_retention_days=30, accepts_purge=True)
    change(company, admin, 1, tmp_path, code="s1", text_retention_days=45)
    change(company, admin, 1, tmp_path, code="s1", text_retention_days=None)
    change(company, admin, 1, tmp_path, code="s1", text_retention_days=55)
    with pytest.raises(PurgeNotAcceptedError):
        change(company, admin, 1, tmp_path, code="s1", text_retention_days=49)


def test_the_list_has_open_shops_first_and_counts_accounts(company: Store, admin: Viewer) -> None:
    with company.writing() as session:
        session.add_all(
            Shop(code=code, name=code, active=active, created_at=NOW) for code, active in (("a", False), ("z", True))
        )
        session.add_all(Account(id=n, shop_id=1, name=f"x{n}") for n in (1, 2, 3))
        session.flush()
        session.add(AccountHolder(account_id=2, agent_id=1))
    with company.reading() as session:
        lines, total = shops.shops_page(session, admin, ShopFilter())
        assert [line.code for line in lines] == ["s1", "s2", "z", "a"]
        assert total == 4
        assert (lines[0].account_count, lines[0].free_account_count) == (3, 2)
        assert [line.code for line in shops.shops_page(session, admin, ShopFilter(), page=2, page_size=3)[0]] == ["a"]
        assert [line.code for line in shops.shops_page(session, admin, ShopFilter(text="铺2"))[0]] == ["s2"]
        assert [line.code for line in shops.shops_page(session, admin, ShopFilter(active=False))[0]] == ["a"]


def test_only_who_may_manage_shops_does(company: Store, tmp_path: Path) -> None:
    with company.writing() as session:
        with pytest.raises(AccessError):
            shops.create_shop(session, FIELDS, by=OUTSIDER, now=NOW, data_folder=tmp_path)
        with pytest.raises(AccessError):
            shops.change_shop(session, 1, FIELDS, by=OUTSIDER, now=NOW, data_folder=tmp_path)
        with pytest.raises(AccessError):
            shops.shop_line(session, OUTSIDER, 1)


def test_an_unknown_shop_is_said_to_be(company: Store, admin: Viewer, tmp_path: Path) -> None:
    with pytest.raises(UnknownShopError):
        change(company, admin, 99, tmp_path)
    with company.reading() as session, pytest.raises(UnknownShopError):
        shops.shop_line(session, admin, 99)


@pytest.mark.parametrize(
    ("grants", "codes"),
    [
        ((Grant("qa_lead"),), ["s1", "s2"]),
        ((Grant("qa_lead", shop_id=2),), ["s2"]),
        ((Grant("inspector"),), []),
    ],
)
def test_shops_to_choose_from_are_those_one_may_do_it_with(
    company: Store, grants: tuple[Grant, ...], codes: list[str]
) -> None:
    viewer = Viewer(user_id=0, name="", grants=grants)
    with company.reading() as session:
        assert [one.code for one in shops.shop_choices(session, viewer, "activity.see")] == codes
