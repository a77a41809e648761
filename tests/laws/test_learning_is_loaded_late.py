"""scikit-learn takes a second to load: only learning itself may do it, never the start of a command, the web or a worker."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["qaplatform.app", "qaplatform.worker", "qaplatform.cli.risk", "qaplatform.services.intake"]
)
def test_nothing_that_starts_loads_what_learns(module: str) -> None:
    said = f"import sys, {module}; print([n for n in ('sklearn', 'scipy', 'joblib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
