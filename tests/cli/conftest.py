"""What several commands are tried with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.small import write_rubric


@pytest.fixture
def rubric(tmp_path: Path) -> str:
    """The path of a small rubric."""
    folder = tmp_path / "rubric"
    folder.mkdir()
    return str(write_rubric(folder))
