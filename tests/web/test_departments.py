"""Departments in the browser."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import DepartmentRow
from tests.web.conftest import SignIn

FIELDS = {"name": "仓储部", "code": "warehouse", "contact_name": "周启明", "contact_way": "企业微信"}


def departments(store: Store) -> list[tuple[int, str, str | None]]:
    with store.reading() as session:
        return [(one.id, one.code, one.contact_name) for one in session.scalars(select(DepartmentRow))]


def test_a_department_lives_from_its_making_to_its_end(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    assert "还没有部门" in client.get("/admin/departments").text
    assert client.submit("/admin/departments/new", FIELDS).location == "/admin/departments"
    [(id, code, contact)] = departments(store)
    assert (code, contact) == ("warehouse", "周启明")
    assert "周启明" in client.get("/admin/departments").text
    assert client.submit(f"/admin/departments/{id}", {**FIELDS, "contact_name": ""}).status_code == 303
    assert "没有联系人" in client.get("/admin/departments").text
    assert "要删除部门“仓储部”吗？" in client.get(f"/admin/departments/{id}/remove").text
    assert client.submit(f"/admin/departments/{id}/remove").status_code == 303
    assert departments(store) == []
    assert client.get(f"/admin/departments/{id}").status_code == 404


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "请填写此项。"),
        ({"code": "taken"}, "另一个部门已使用这个编号，请换一个。"),
        ({"contact_way": "x" * 301}, "不能超过 300 个字符。"),
    ],
)
def test_a_department_that_cannot_be_says_why(
    signed_in: SignIn, store: Store, values: dict[str, str], said: str
) -> None:
    client = signed_in("admin")
    client.submit("/admin/departments/new", {**FIELDS, "code": "taken"})
    answer = client.submit("/admin/departments/new", {**FIELDS, **values})
    assert answer.status_code == 400
    assert said in answer.text
    assert len(departments(store)) == 1
