"""The audit core gives the same answer to the same question: no files, no clock, no environment, no unseeded chance.

What it may import is held by the import contracts in pyproject.toml; this law reads what it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

# The fold tables are part of the program and are read once, through importlib.resources.
MAY_READ_ITS_TABLES = {"normalise.py"}

_FORBIDDEN_IMPORTS = {"os", "time", "io", "pathlib", "socket", "subprocess", "secrets", "uuid", "getpass", "platform"}
_FORBIDDEN_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
_CLOCK = {"now", "utcnow", "today"}
_FILES = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "load", "save", "savez", "fromfile", "tofile"}
_STREAMS = {"argv", "stdin", "stdout", "stderr", "exit"}


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
        if node.module == "random":
            yield from (f"from random import {a.name}" for a in node.names if a.name != "Random")
    else:
        return
    yield from (f"import {name}" for name in names if name.split(".")[0] in _FORBIDDEN_IMPORTS)


def _calls(node: ast.AST, *, reads_tables: bool) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and _dotted(node) in {f"sys.{name}" for name in _STREAMS}:
        yield _dotted(node)
    if not isinstance(node, ast.Call):
        return
    name = _dotted(node.func)
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    seeded = bool(node.args) or bool(node.keywords)
    if name in _FORBIDDEN_CALLS or method in _CLOCK or (method in _FILES and not reads_tables):
        yield f"{name or method}()"
    unseeded = (
        (name.startswith("random.") and not (method == "Random" and seeded))
        or (".random." in name and not (method in ("default_rng", "Generator", "PCG64") and seeded))
        or (name in ("Random", "default_rng") and not seeded)
    )
    if unseeded:
        yield f"{name}() without a seed"


def impurities(source: str, file_name: str = "") -> list[str]:
    """What a module does that the core must not, as ``line: what``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        problems = [*_imports(node), *_calls(node, reads_tables=file_name in MAY_READ_ITS_TABLES)]
        found += [f"{getattr(node, 'lineno', 0)}: {problem}" for problem in problems]
    return found


def test_the_core_reads_no_file_clock_environment_or_chance(repository: Path) -> None:
    modules = sorted((repository / "qaplatform" / "audit").rglob("*.py"))
    assert modules
    found = {str(path): impurities(path.read_text(encoding="utf-8"), path.name) for path in modules}
    assert not {path: problems for path, problems in found.items() if problems}


@pytest.mark.parametrize(
    "source",
    [
        "x = open('f')",
        "import os",
        "from os import environ",
        "import time",
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.date.today()",
        "import random\nx = random.random()",
        "import random\nx = random.Random()",
        "from random import choice",
        "import numpy as np\nx = np.random.default_rng()",
        "import numpy as np\nx = np.random.rand(3)",
        "import numpy as np\nx = np.load('f')",
        "def f(path):\n    return path.read_text()",
        "import sys\nx = sys.argv",
        "print(1)",
    ],
)
def test_an_impurity_is_seen(source: str) -> None:
    assert impurities(source)


@pytest.mark.parametrize(
    "source",
    [
        "import random\nx = random.Random(7)",
        "import numpy as np\nx = np.random.default_rng(7)",
        "from datetime import datetime\nx = datetime.fromisoformat('2026-09-01')",
        "import json\nx = json.loads('1')",
    ],
)
def test_what_is_pure_is_let_be(source: str) -> None:
    assert not impurities(source)
