"""Same scenario, seed, inputs and times: the same dialogue, byte for byte, in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def printed(dialogues: int, hash_seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.exam.dialogues", str(dialogues)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("processes", "dialogues"), [(2, 4), pytest.param(20, 50, marks=pytest.mark.full)], ids=["quick", "long"]
)
def test_every_process_says_the_same(processes: int, dialogues: int) -> None:
    said = {printed(dialogues, seed) for seed in range(1, processes + 1)}
    assert len(said) == 1
    assert len(said.pop()) == 64
