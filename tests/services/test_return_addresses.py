"""Return addresses are given as a whole, one a line."""

from __future__ import annotations

import pytest

from qaplatform.services import return_addresses
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.return_addresses import AddressFormError, TooManyAddressesError
from qaplatform.services.shops import UnknownShopError
from qaplatform.store.engine import Store
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of

FIRST, SECOND, THIRD = "浙江省湖州市竹海路218号3号仓", "江西省赣州市木匠大道66号B区", "广东省东莞市兴莞路37号"


def put(store: Store, admin: Viewer, text: str, shop_id: int = 1) -> None:
    with store.writing() as session:
        return_addresses.set_addresses(session, shop_id, text, by=admin, now=NOW)


def seen(store: Store, admin: Viewer, shop_id: int = 1) -> list[str]:
    with store.reading() as session:
        return list(return_addresses.addresses_of(session, admin, shop_id))


def test_lines_become_addresses_in_their_order(company: Store, admin: Viewer) -> None:
    put(company, admin, f"\n {FIRST} \r\n\n{SECOND}\n{FIRST}\n")
    assert seen(company, admin) == [FIRST, SECOND]
    put(company, admin, THIRD, shop_id=2)
    put(company, admin, f"{SECOND}\n{THIRD}")
    assert seen(company, admin) == [SECOND, THIRD]
    put(company, admin, f"{SECOND}\n{THIRD}\n")
    put(company, admin, "")
    assert seen(company, admin) == []
    assert seen(company, admin, 2) == [THIRD]
    assert [details for _, _, shop, details in log_of(company, "shop.") if shop == 1] == [
        {"added": 2, "removed": 0},
        {"added": 1, "removed": 1},
        {"added": 0, "removed": 2},
    ]


def test_lines_that_are_no_addresses_are_named(company: Store, admin: Viewer) -> None:
    with pytest.raises(AddressFormError) as refused:
        put(company, admin, f"{FIRST}\n仓库\n\n{SECOND}\n{'x' * 501}")
    assert refused.value.lines == (2, 5)
    with pytest.raises(TooManyAddressesError):
        put(company, admin, "\n".join(f"某省某市某路{n}号" for n in range(201)))
    assert seen(company, admin) == []


def test_only_who_may_manage_shops_does(company: Store, admin: Viewer) -> None:
    with pytest.raises(AccessError):
        put(company, OUTSIDER, FIRST)
    with pytest.raises(AccessError):
        seen(company, OUTSIDER)
    with pytest.raises(UnknownShopError):
        put(company, admin, FIRST, shop_id=99)
