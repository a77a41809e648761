"""Managing departments and their contacts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services import departments
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.departments import (
    ContactFormError,
    DepartmentCodeFormError,
    DepartmentFields,
    DepartmentNameFormError,
    UnknownDepartmentError,
)
from qaplatform.store.departments import DepartmentCodeTakenError
from qaplatform.store.engine import Store
from tests.people import NOW
from tests.services.admins import OUTSIDER, boss, log_of

FIELDS = DepartmentFields("warehouse", "仓储部", "周启明", "企业微信群")


@pytest.fixture
def admin(store: Store) -> Viewer:
    return boss(store)


def make(store: Store, admin: Viewer, **fields: Any) -> int:
    with store.writing() as session:
        wanted = msgspec.structs.replace(FIELDS, **fields)
        return departments.create_department(session, wanted, by=admin, now=NOW)


def change(store: Store, admin: Viewer, id: int, **fields: Any) -> None:
    with store.writing() as session:
        wanted = msgspec.structs.replace(FIELDS, **fields)
        departments.change_department(session, id, wanted, by=admin, now=NOW)


def test_a_department_lives_from_its_making_to_its_end(store: Store, admin: Viewer) -> None:
    id = make(store, admin, name=" 仓储部 ", contact_way=" ")
    with store.reading() as session:
        line = departments.department_line(session, admin, id)
    assert (line.code, line.name, line.contact_name, line.contact_way) == ("warehouse", "仓储部", "周启明", None)
    change(store, admin, id, contact_name="", contact_way=None)
    change(store, admin, id, contact_name=None, contact_way="")
    with store.writing() as session:
        departments.remove_department(session, id, by=admin, now=NOW)
    with store.reading() as session, pytest.raises(UnknownDepartmentError):
        departments.department_line(session, admin, id)
    assert log_of(store, "department.") == [
        ("department.created", id, None, {}),
        ("department.changed", id, None, {"fields": ["contact_name"]}),
        ("department.removed", id, None, {}),
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": ""}, DepartmentCodeFormError),
        ({"name": "x" * 201}, DepartmentNameFormError),
        ({"contact_name": "x" * 201}, ContactFormError),
        ({"contact_way": "a\nb"}, ContactFormError),
        ({"code": "taken"}, DepartmentCodeTakenError),
    ],
)
def test_what_cannot_be_is_refused(
    store: Store, admin: Viewer, fields: dict[str, Any], error: type[QAPlatformError]
) -> None:
    make(store, admin, code="taken")
    id = make(store, admin)
    with pytest.raises(error):
        make(store, admin, **{"code": "new", **fields})
    with pytest.raises(error):
        change(store, admin, id, **fields)


def test_the_list_is_paged_by_code(store: Store, admin: Viewer) -> None:
    for code in ("c", "a", "b"):
        make(store, admin, code=code)
    with store.reading() as session:
        lines, total = departments.departments_page(session, admin, page=1, page_size=2)
        assert ([line.code for line in lines], total) == (["a", "b"], 3)
        assert [line.code for line in departments.departments_page(session, admin, page=2, page_size=2)[0]] == ["c"]


def test_only_who_may_manage_shops_does(store: Store, admin: Viewer) -> None:
    id = make(store, admin)
    for act in (lambda: make(store, OUTSIDER), lambda: change(store, OUTSIDER, id)):
        with pytest.raises(AccessError):
            act()
    with store.writing() as session:
        with pytest.raises(AccessError):
            departments.remove_department(session, id, by=OUTSIDER, now=NOW)
        with pytest.raises(AccessError):
            departments.department_line(session, OUTSIDER, id)
    with pytest.raises(UnknownDepartmentError):
        change(store, admin, 99)
