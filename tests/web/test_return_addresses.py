"""Return addresses in the browser."""

from __future__ import annotations

from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import ReturnAddress
from tests.web.conftest import SignIn

PAGE = "/admin/shops/1/addresses"
FIRST, SECOND = "浙江省湖州市竹海路218号3号仓", "江西省赣州市木匠大道66号B区"


def test_addresses_are_one_a_line(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    assert client.submit(PAGE, {"addresses": f"{FIRST}\r\n\r\n{SECOND}\r\n"}).location == PAGE
    assert f"{FIRST}\n{SECOND}" in client.get(PAGE).text
    refused = client.submit(PAGE, {"addresses": f"{FIRST}\n仓库"})
    assert refused.status_code == 400
    assert "第 2 行不像地址" in refused.text
    with store.reading() as session:
        assert session.scalars(select(ReturnAddress.text).order_by(ReturnAddress.id)).all() == [FIRST, SECOND]
