"""scikit-learn, the SDK of models and the tokenizer take a second each to load: only who learns or grades may do it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "modules",
    [
        "qaplatform.app",
        "qaplatform.worker",
        "qaplatform.cli.risk",
        "qaplatform.services.intake",
        "qaplatform.llm.calling, qaplatform.llm.retrying, qaplatform.llm.tokens",
    ],
)
def test_nothing_that_starts_loads_what_learns_or_grades(modules: str) -> None:
    late = ("sklearn", "scipy", "joblib", "openai", "httpx2", "httpcore2", "tiktoken")
    said = f"import sys, {modules}; print([n for n in {late} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
