"""A real small model behind a real server, for the tests that are asked for with ``--real-model``."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from qaplatform.llm.endpoint import Abilities, Endpoint

_SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "real_model.py"


def real_model() -> ModuleType:
    """What says where the model is and how it is started."""
    spec = importlib.util.spec_from_file_location("real_model_script", _SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def real_model_url() -> Iterator[str]:
    """The address of a real model, started for these tests and stopped after them; fetched if it is not there yet."""
    script = real_model()
    script.fetch()
    with subprocess.Popen(script.command(1), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        try:
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "the server of the real model did not start"
            yield f"{address}/v1"
        finally:
            server.kill()


def real_endpoint(url: str, abilities: Abilities) -> Endpoint:
    """The model as an endpoint; slow, for it runs on one thread."""
    return Endpoint(
        name="real", base_url=url, model="qwen2.5-coder-1.5b", abilities=abilities, deadline_seconds=900.0,
        context_tokens=16_384,
    )  # fmt: skip
