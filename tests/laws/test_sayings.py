"""What is said of mistakes in files can be said in every language: it is made of literal templates, with values by name."""

from __future__ import annotations

import ast
import importlib.util
import pickle
import sys
from pathlib import Path
from string import Formatter

import pytest

from qaplatform.audit.problem import Mark, Report
from qaplatform.audit.saying import Saying, either, said_in, say

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "qaplatform"
OWN = PACKAGE / "audit" / "saying.py"


def _rooms() -> tuple[str, ...]:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["translations"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rooms: tuple[str, ...] = module.ROOMS
    return rooms


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def faults_of(source: str) -> list[str]:
    """Sayings that nobody could translate."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name, where = _called(node), f"line {node.lineno}"
        if name == "Saying":
            found.append(f"{where}: say(…) makes sayings")
        if name != "say" or isinstance(node.func, ast.Attribute):
            continue
        template = node.args[0] if len(node.args) == 1 else None
        if not isinstance(template, ast.Constant) or not isinstance(template.value, str):
            found.append(f"{where}: the template is no literal")
            continue
        given = {one.arg for one in node.keywords}
        wanted = {name for _, name, _, _ in Formatter().parse(template.value) if name is not None}
        if given != wanted:
            found.append(f"{where}: the values are not those of the template")
        if any(isinstance(one.value, ast.JoinedStr) for one in node.keywords):
            found.append(f"{where}: a value that is itself a sentence in one language")
    return found


def _with_sayings() -> list[Path]:
    return [
        path for path in sorted(PACKAGE.rglob("*.py")) if "qaplatform.audit.saying import" in path.read_text("utf-8")
    ]


def test_every_saying_has_a_literal_template_and_its_values() -> None:
    paths = _with_sayings()
    assert len(paths) > 25
    faults = {path.name: faults_of(path.read_text("utf-8")) for path in paths if path != OWN}
    assert {name: found for name, found in faults.items() if found} == {}


def test_sayings_are_made_only_where_their_templates_are_looked_for() -> None:
    rooms = (*_rooms(), "web")
    assert {path.relative_to(PACKAGE).parts[0] for path in _with_sayings()} <= set(rooms)


def test_no_mistake_is_reported_as_a_plain_text() -> None:
    """``mypy`` asks for sayings as well; this says at which line."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in _with_sayings()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _called(node) in ("error", "warning") and len(node.args) == 2
        if isinstance(node.args[1], (ast.Constant, ast.JoinedStr))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('say("there is no {what}", what=x)', 0),
        ('say(f"there is no {x}")', 1),
        ("say(x)", 1),
        ('say("there is no {what}", name=x)', 1),
        ('say("{wrong}", wrong=f"no {x}")', 1),
        ('Saying("a", {})', 1),
    ],
)  # fmt: skip
def test_a_saying_that_cannot_be_translated_is_found(source: str, count: int) -> None:
    assert len(faults_of(source)) == count


def test_a_saying_is_its_english_text_and_can_be_sent_to_another_process() -> None:
    said = say(
        "{what} needs {names!r}{near}, {{not}} {number:g}", what=say("a step"), names=("a", "b"), near="", number=2.0
    )
    assert said == "a step needs 'a', 'b', {not} 2"
    assert either(("x", say("a list"), "z")) == "x or a list or z"
    again = pickle.loads(pickle.dumps(said))  # noqa: S301 - our own
    assert (again, again.template, again.values) == (said, said.template, said.values)


def test_an_error_says_what_was_said_where_it_was_raised() -> None:
    said = say("the file is empty")
    assert said_in(ValueError(said)) is said
    assert said_in(ValueError("plain")) == "plain"
    report = Report()
    report.error(Mark("a.yaml", 2, 3), said)
    assert [str(one) for one in report.problems] == ["a.yaml:2:3: error: the file is empty"]
    assert isinstance(report.problems[0].message, Saying)
