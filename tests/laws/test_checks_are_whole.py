"""Every check explains itself, and its explanation is true: what it says fires, fires; what it says is silent, is."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import FAIL, NOT_APPLICABLE, OUTCOMES, PASS, Check, checks
from qaplatform.audit.context import Context
from qaplatform.audit.example_loading import read_example
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet, observers
from qaplatform.audit.problem import Report
from qaplatform.audit.rubric import Example, Rubric
from qaplatform.audit.rubric_loading import load_rubric
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_values import Values
from qaplatform.resources import rubric_source, shipped_rubrics
from qaplatform.services.matcher_cache import compiled_auditor

ROOT = Path(__file__).resolve().parents[2]
CHECKS = sorted(path.stem for path in (ROOT / "qaplatform/audit/checks").glob("*.py") if not path.stem.startswith("_"))
OBSERVERS = sorted(
    path.stem for path in (ROOT / "qaplatform/audit/observers").glob("*.py") if not path.stem.startswith("_")
)

_SOURCE = re.compile(r"\[(?:H[0-4]|[or])(?:,\s*(?:H[0-4]|[or]))*\]|\bD\d{1,2}\b")
_UNITS = {
    "seconds", "minutes", "hours", "days", "chars", "letters", "ratio", "share", "points", "yuan",
    "messages", "turns", "times", "agents", "episodes", "transfers", "words", "clauses",
}  # fmt: skip


@dataclass(frozen=True)
class Explained:
    """A block of a docstring: the transcript, and what its ``# key: value`` lines say of the conversation."""

    chat: str
    about: dict[str, object]


def block(docstring: str, title: str) -> Explained | None:
    """The indented block under a line ``Title:``."""
    match = re.search(rf"^{title}:[ ]*\n((?:[ ]+\S.*\n?|[ ]*\n)+)", docstring + "\n", re.MULTILINE)
    if match is None:
        return None
    lines = textwrap.dedent(match[1]).strip().splitlines()
    settings = [line.lstrip("# ") for line in lines if re.match(r"#\s*\w+:\s", line)]
    return Explained("\n".join(lines), yaml.safe_load("\n".join(settings)) or {})


def faults_of(docstring: str | None) -> list[str]:
    """What a check's docstring lacks."""
    if not docstring:
        return ["no docstring"]
    faults = []
    if not re.search(r"[?\uff1f]$", docstring.strip().split("\n\n")[0].strip()):
        faults.append("does not begin with the question it answers")
    if not re.search(r"^Why: \S", docstring, re.MULTILINE):
        faults.append("does not say why (Why: …)")
    if not _SOURCE.search(docstring):
        faults.append("names no source ([H0]…[H4], [o], [r] or a row such as D3)")
    for title in ("Fires", "Silent"):
        shown = block(docstring, title)
        if shown is None or not parse_messages(shown.chat):
            faults.append(f"has no {title}: transcript")
    return faults


@pytest.fixture(scope="module")
def rubrics() -> list[Rubric]:
    """The shipped rubrics, and the one of the benchmarks for the general checks."""
    known = {name: one.params for name, one in observers().items()}
    benchmark = str(ROOT / "benchmarks/five_rules.yaml")
    return [load_rubric(*rubric_source(name), checks(), known) for name in (*shipped_rubrics(), benchmark)]


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_says_what_it_asks_why_and_on_whose_word(name: str) -> None:
    source = (ROOT / f"qaplatform/audit/checks/{name}.py").read_text(encoding="utf-8")
    assert not faults_of(ast.get_docstring(ast.parse(source)))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_has_frozen_parameters_codes_and_one_function(name: str) -> None:
    check = checks()[name]
    config = check.params.__struct_config__
    assert config.frozen
    assert config.forbid_unknown_fields
    assert check.params.__doc__
    assert check.codes
    assert len(set(check.codes)) == len(check.codes)
    assert list(inspect.signature(check.check).parameters) == ["batch", "params"]
    assert inspect.getdoc(check.check)


@pytest.mark.parametrize("name", CHECKS)
def test_figures_among_a_checks_parameters_carry_their_unit(name: str) -> None:
    params = checks()[name].params
    bare = [
        field
        for field, default in ((f, getattr(params(), f)) for f in params.__struct_fields__)
        if isinstance(default, (int, float)) and not isinstance(default, bool) and not _UNITS & set(field.split("_"))
    ]
    assert not bare


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_has_a_test_file(name: str) -> None:
    path = ROOT / f"tests/audit/checks/test_{name}.py"
    assert path.is_file()
    assert re.search(r"^def test_", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", CHECKS)
def test_what_a_check_explains_is_true(name: str, rubrics: list[Rubric]) -> None:
    docstring = inspect.getdoc(importlib.import_module(f"qaplatform.audit.checks.{name}")) or ""
    judged = False
    for rubric in rubrics:
        for criterion in rubric.criteria:
            if criterion.check != name:
                continue
            judged = True
            for title, wanted in (("Fires", {FAIL}), ("Silent", {PASS, NOT_APPLICABLE})):
                outcome = run(rubric, checks()[name], criterion.params, docstring, title)
                assert outcome in wanted, f"{rubric.id}: {title}: is {OUTCOMES[outcome]}"
    assert judged, "no criterion of a shipped rubric uses this check"


def run(rubric: Rubric, check: Check, params: object, docstring: str, title: str) -> int:
    """The outcome of a check alone, without the criterion's gates, on one of the docstring's transcripts."""
    shown = block(docstring, title)
    assert shown is not None
    example = example_of(shown)
    context = Context(as_of=example.as_of)
    matcher = compiled_auditor(rubric, context).matcher
    batch = Batch([example.conversation], matcher, context, ObserverSet(rubric.observe))
    return int(check.check(batch, params or check.params()).outcome[0])


def example_of(shown: Explained) -> Example:
    """The block as a rubric's example, so that ``# conversation: {…}`` and ``# as_of: …`` mean the same in both."""
    text = yaml.safe_dump({"outcome": "pass", "chat": shown.chat, **shown.about}, allow_unicode=True, sort_keys=False)
    report = Report()
    node = compose("docstring", text, report)
    assert node is not None, report.problems
    example = read_example(Values(report), node, ())
    assert not report.problems
    assert example is not None
    return example


@pytest.mark.parametrize("name", OBSERVERS)
def test_an_observer_explains_itself_and_has_frozen_parameters(name: str) -> None:
    observer = observers()[name]
    module = importlib.import_module(f"qaplatform.audit.observers.{name}")
    docstring = inspect.getdoc(module) or ""
    assert docstring
    assert _SOURCE.search(docstring)
    assert observer.params.__struct_config__.frozen
    assert list(inspect.signature(observer.observe).parameters) == ["batch", "params"]


GOOD = """Does the agent greet?

Why: it is polite. Source: D9 [H4].

Fires:
    customer 10:00:00 在吗
    agent    10:00:12 有
Silent:
    # conversation: {queue: pre_sale}
    customer 10:00:00 在吗
    agent    10:00:12 您好
"""


def test_a_whole_docstring_has_no_fault() -> None:
    assert not faults_of(GOOD)


@pytest.mark.parametrize(
    "docstring",
    [
        "",
        GOOD.replace("Does the agent greet?", "Looks for greetings."),
        GOOD.replace("Why:", "Because:"),
        GOOD.replace("D9 [H4]", "experience"),
        GOOD.replace("Fires:", "Example:"),
        GOOD.replace("Silent:", "Else:"),
    ],
)
def test_a_docstring_that_lacks_something_is_seen(docstring: str) -> None:
    assert faults_of(docstring)


def test_comment_lines_of_a_transcript_say_what_is_known_of_the_conversation() -> None:
    shown = block(GOOD, "Silent")
    assert shown is not None
    assert example_of(shown).conversation.queue == "pre_sale"
