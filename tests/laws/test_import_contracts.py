"""The import contracts are able to fail: each planted breach breaks the contract that forbids it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_BREACHES = (
    ("audit/scoring.py", "import qaplatform.formats", "Rooms"),
    ("audit/scoring.py", "import qaplatform.resources", "The audit core knows only itself"),
    ("audit/scoring.py", "import socket", "The audit core is pure"),
    ("audit/scoring.py", "import sqlalchemy", "The audit core is pure"),
    ("audit/scoring.py", "import urllib.request", "The audit core is pure"),
    ("formats/__init__.py", "import flask", "Readers and writers"),
    ("formats/__init__.py", "import qaplatform.cli", "Rooms"),
    ("llm/budget.py", "import httpx2", "The grader asks through one door"),
    ("llm/budget.py", "import qaplatform.testing", "Rooms"),
    ("llm/asking.py", "import flask", "The grader knows no web"),
    ("llm/asking.py", "import qaplatform.services", "Rooms"),
    ("training/scoring.py", "import random", "Training is pure"),
    ("training/scoring.py", "import qaplatform.store", "Training is pure"),
    ("web/home.py", "from sqlalchemy import select", "The web holds no SQL"),
    ("services/home.py", "import qaplatform.web", "Rooms"),
    ("audit/checks/greeting.py", "import qaplatform.audit.checks.response_time", "Checks don't know each other"),
    ("audit/observers/promises.py", "import qaplatform.audit.observers.topic", "Observers meet only"),
    ("attic.py", "", "Rooms"),
)
"""A file, what is written at its end, and the contract that forbids it."""


def _planted(file: str, line: str) -> str:
    """What a report names of a breach: the import, or the module that no contract knows."""
    module = f"qaplatform.{file.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"
    imported = line.split()[1] if line else ""
    if not imported.startswith("qaplatform."):
        imported = imported.partition(".")[0]  # Other packages are named as a whole.
    return f"{module} -> {imported} " if line else f"- {module}\n"


@pytest.fixture(scope="module")
def report(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each broken contract of a copy in which all breaches were planted."""
    top = tmp_path_factory.mktemp("copy")
    shutil.copytree(repository / "qaplatform", top / "qaplatform", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repository / "pyproject.toml", top)
    for file, line, _contract in _BREACHES:
        with (top / "qaplatform" / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=top,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "300", "PYTHONUTF8": "1"},
    )
    _, _, broken = done.stdout.partition("Broken contracts\n")
    assert broken, done.stdout + done.stderr
    lines = broken.splitlines()
    heads = [number for number, line in enumerate(lines[1:]) if line and set(line) == {"-"}]
    ends = [*heads[1:], len(lines)]
    return {lines[head]: "\n".join(lines[head + 2 : end]) for head, end in zip(heads, ends, strict=True)}


@pytest.mark.parametrize(("file", "line", "contract"), _BREACHES)
def test_a_breach_breaks_its_contract(report: dict[str, str], file: str, line: str, contract: str) -> None:
    [said] = [text for name, text in report.items() if name.startswith(contract)]
    assert _planted(file, line) in said, said
