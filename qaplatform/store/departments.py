"""Departments and the person in each who is named as its contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.tables import DepartmentRow


class DepartmentCodeTakenError(QAPlatformError):
    """Another department has this code; choose another one."""

    code: ClassVar[str] = "departments.code_taken"


class DepartmentLine(msgspec.Struct, frozen=True):
    """A department in a list."""

    id: int
    code: str
    name: str
    contact_name: str | None
    contact_way: str | None


_COLUMNS = (
    DepartmentRow.id,
    DepartmentRow.code,
    DepartmentRow.name,
    DepartmentRow.contact_name,
    DepartmentRow.contact_way,
)
_CODE_TAKEN = {"departments_code": DepartmentCodeTakenError}


def departments_page(session: Session, *, page: int = 1, page_size: int = 50) -> tuple[Sequence[DepartmentLine], int]:
    """A page of departments by code, and how many there are on all pages."""
    rows: Any = session.execute(page_of(select(*_COLUMNS).order_by(DepartmentRow.code), page, page_size))
    return [DepartmentLine(*row) for row in rows], count_of(session, select(DepartmentRow.id))


def department_line(session: Session, department_id: int) -> DepartmentLine | None:
    """One department."""
    found = session.execute(select(*_COLUMNS).where(DepartmentRow.id == department_id)).one_or_none()
    return None if found is None else DepartmentLine(*found)


def add_department(session: Session, department: DepartmentRow) -> int:
    """Add a department; its id.

    Raises:
        DepartmentCodeTakenError: another one has the code.
    """
    with plain_conflicts(session, _CODE_TAKEN):
        session.add(department)
    return department.id


def locked_department(session: Session, department_id: int) -> DepartmentRow | None:
    """A department as it stands now, held until the transaction ends."""
    held = select(DepartmentRow).where(DepartmentRow.id == department_id).with_for_update()
    return session.scalar(held.execution_options(populate_existing=True))


def change_department(session: Session, department: DepartmentRow, values: dict[str, Any]) -> None:
    """Set columns of a department that is held.

    Raises:
        DepartmentCodeTakenError: another one has the code.
    """
    with plain_conflicts(session, _CODE_TAKEN):
        for name, value in values.items():
            setattr(department, name, value)


def remove_department(session: Session, department: DepartmentRow) -> None:
    """Remove a department that is held."""
    session.delete(department)
    session.flush()
