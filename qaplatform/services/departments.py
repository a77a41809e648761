"""Managing departments that can end a problem, each with a named contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.typed_lines import line_of, line_or_none
from qaplatform.store import departments
from qaplatform.store.departments import DepartmentLine
from qaplatform.store.tables import DepartmentRow

_MOST_CODE_CHARS = 100
_MOST_NAME_CHARS = 200
_MOST_WAY_CHARS = 300


class UnknownDepartmentError(QAPlatformError):
    """There is no such department; load the page again."""

    code: ClassVar[str] = "departments.unknown"


class DepartmentCodeFormError(QAPlatformError):
    """A department's code is one line of 1 to 100 characters."""

    code: ClassVar[str] = "departments.code_form"


class DepartmentNameFormError(QAPlatformError):
    """A department's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "departments.name_form"


class ContactFormError(QAPlatformError):
    """A contact is a name of at most 200 characters and a way of at most 300, each on one line."""

    code: ClassVar[str] = "departments.contact_form"


class DepartmentFields(msgspec.Struct, frozen=True):
    """All that can be said of a department."""

    code: str
    name: str
    contact_name: str | None = None
    contact_way: str | None = None
    """Telephone, chat group, address: however one reaches them."""


def create_department(session: Session, fields: DepartmentFields, *, by: Viewer, now: datetime) -> int:
    """Make a department; its id.

    Raises:
        AccessError: ``by`` may not manage shops.
        DepartmentCodeFormError, DepartmentNameFormError, ContactFormError: it cannot be so.
        DepartmentCodeTakenError: another one has the code.
    """
    by.demand("shops.manage")
    department_id = departments.add_department(session, DepartmentRow(**_checked(fields)))
    note(session, by, now, "department.created", ("department", department_id))
    return department_id


def change_department(
    session: Session, department_id: int, fields: DepartmentFields, *, by: Viewer, now: datetime
) -> None:
    """Change a department.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownDepartmentError: there is none.
        DepartmentCodeFormError, DepartmentNameFormError, ContactFormError: it cannot be so.
        DepartmentCodeTakenError: another one has the code.
    """
    held = _held(session, department_id, by)
    changed = {name: value for name, value in _checked(fields).items() if value != getattr(held, name)}
    if changed:
        departments.change_department(session, held, changed)
        note(session, by, now, "department.changed", ("department", department_id), fields=sorted(changed))


def remove_department(session: Session, department_id: int, *, by: Viewer, now: datetime) -> None:
    """Remove a department.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownDepartmentError: there is none.
    """
    departments.remove_department(session, _held(session, department_id, by))
    note(session, by, now, "department.removed", ("department", department_id))


def departments_page(
    session: Session, viewer: Viewer, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[DepartmentLine], int]:
    """A page of departments by code, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    return departments.departments_page(session, page=page, page_size=page_size)


def department_line(session: Session, viewer: Viewer, department_id: int) -> DepartmentLine:
    """One department.

    Raises:
        AccessError: the viewer may not manage shops.
        UnknownDepartmentError: there is none.
    """
    viewer.demand("shops.manage")
    found = departments.department_line(session, department_id)
    if found is None:
        raise UnknownDepartmentError
    return found


def _held(session: Session, department_id: int, by: Viewer) -> DepartmentRow:
    by.demand("shops.manage")
    held = departments.locked_department(session, department_id)
    if held is None:
        raise UnknownDepartmentError
    return held


def _checked(fields: DepartmentFields) -> dict[str, str | None]:
    return {
        "code": line_of(fields.code, _MOST_CODE_CHARS, DepartmentCodeFormError),
        "name": line_of(fields.name, _MOST_NAME_CHARS, DepartmentNameFormError),
        "contact_name": line_or_none(fields.contact_name, _MOST_NAME_CHARS, ContactFormError),
        "contact_way": line_or_none(fields.contact_way, _MOST_WAY_CHARS, ContactFormError),
    }
