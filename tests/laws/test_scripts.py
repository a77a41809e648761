"""Scripts are run by hand and rarely: that they still find what they call is looked at here."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))
NEEDS_MORE = {"build_fold_tables", "build_word_table"}
"""Those whose first lines say what else must be installed for them."""


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in NEEDS_MORE])
def test_a_script_finds_all_it_imports(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    before = set(sys.modules)
    try:
        importlib.import_module(name)
    finally:
        for module in set(sys.modules) - before:
            if module in SCRIPTS:
                del sys.modules[module]
