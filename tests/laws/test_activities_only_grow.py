"""Nothing in the package changes or removes a line of the activity log; triggers in the database refuse it as well."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_SQL = re.compile(
    r"\b(?:update|delete\s+from|truncate(?:\s+table)?|replace\s+into|drop\s+trigger)\s+\"?activities", re.IGNORECASE
)
_CHANGES = {"update", "delete"}


def changes_of_activities(source: str) -> list[int]:
    """The lines of a module that change or remove rows of the table, by a statement, by the table or in SQL."""
    if "activit" not in source.lower():
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            found.append(node.lineno)
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        about = list(node.args) + ([called.value] if isinstance(called, ast.Attribute) else [])
        if name in _CHANGES and any(
            "Activity" in {n.id for n in ast.walk(a) if isinstance(n, ast.Name)} for a in about
        ):
            found.append(node.lineno)
    return found


def test_the_package_only_adds_to_the_activity_log(repository: Path) -> None:
    modules = sorted((repository / "qaplatform").rglob("*.py"))
    assert modules
    found = {str(path): changes_of_activities(path.read_text(encoding="utf-8")) for path in modules}
    assert not {path: lines for path, lines in found.items() if lines}


def test_every_line_goes_through_the_one_door_that_looks_at_it(repository: Path) -> None:
    makes = re.compile(r"\bActivity\(|\binsert\(Activity\b|\binsert\s+into\s+activities\b", re.IGNORECASE)
    modules = (path.relative_to(repository) for path in sorted((repository / "qaplatform").rglob("*.py")))
    making = [path.as_posix() for path in modules if makes.search((repository / path).read_text(encoding="utf-8"))]
    assert making == ["qaplatform/store/activity.py", "qaplatform/store/tables/users.py"]


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(update(Activity).values(action='x'))",
        "session.execute(sa.delete(Activity))",
        "session.execute(Activity.__table__.delete())",
        "session.query(Activity).delete()",
        "session.execute(text('DELETE FROM activities WHERE id = 1'))",
        "op = 'update activities set action = 1'",
        "x = 'DROP TRIGGER activities_no_update'",
    ],
)
def test_a_change_is_seen(source: str) -> None:
    assert changes_of_activities(source)


@pytest.mark.parametrize(
    "source", ["session.add(Activity(at=now))", "select(Activity.id)", "session.execute(delete(UserSession))"]
)
def test_adding_and_reading_are_let_be(source: str) -> None:
    assert not changes_of_activities(source)
