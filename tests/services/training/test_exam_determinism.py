"""Same scenarios, seeds, replies and times: the same dialogues and results, in every process and both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qaplatform.store.engine import Store
from tests.services.training.examined import with_people

DIALOGUES, PROCESSES = 50, 20
_said: set[str] = set()
"""By both databases."""


@pytest.mark.full
def test_every_process_and_database_holds_the_same_dialogues(store_url: str, repository: Path) -> None:
    store = Store(store_url)
    with_people(store)
    store.close()
    for hash_seed in range(1, PROCESSES // 2 + 1):
        environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(repository)}
        command = [sys.executable, "-m", "tests.services.training.stored_dialogues", store_url, str(DIALOGUES)]
        done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=True)
        _said.add(done.stdout)
    assert len(_said) == 1
    assert len(next(iter(_said))) == 64
