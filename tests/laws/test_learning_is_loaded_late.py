"""scikit-learn, the SDK of models and the tokenizer take a second each to load: only who learns or grades may do it."""

from __future__ import annotations

import subprocess
import sys

_START = (
    "qaplatform.llm.calling", "qaplatform.llm.retrying", "qaplatform.llm.tokens", "qaplatform.services.intake",
    "qaplatform.cli.risk", "qaplatform.worker", "qaplatform.app",
)  # fmt: skip
_LATE = ("sklearn", "scipy", "joblib", "openai", "httpx2", "httpcore2", "tiktoken")
_PROGRAM = f"""
import importlib, sys
for name in {_START}:
    importlib.import_module(name)
    print(name, *(late for late in {_LATE} if late in sys.modules))
"""


def test_nothing_that_starts_loads_what_learns_or_grades() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == [*_START, ""]
