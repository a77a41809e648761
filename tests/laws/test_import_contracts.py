"""The import contracts are able to fail: each planted breach breaks the contract that forbids it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def copy(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts."""
    top = tmp_path_factory.mktemp("copy")
    shutil.copytree(repository / "qaplatform", top / "qaplatform", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repository / "pyproject.toml", top)
    return top


def broken_contracts(top: Path) -> list[str]:
    """Names of the contracts that a checkout breaks."""
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=top,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "300", "PYTHONUTF8": "1"},
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return [line.partition(" BROKEN")[0].strip() for line in done.stdout.splitlines() if " BROKEN" in line]


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
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
    ],
)
def test_a_breach_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / "qaplatform" / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert any(name.startswith(contract) for name in broken_contracts(copy))
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
