"""Processes that are kept running, and end with whoever keeps them running."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qaplatform.worker import BESIDE
from tests.copies import migrated
from tests.workplaces import children_of, kill, runs, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are found as on Linux")
_SUPERVISOR = """
import sys
from qaplatform.cli.supervising import Child, Supervisor
url = sys.argv[1]
Supervisor([Child(f"worker {n}", ["worker", "--database", url]) for n in (1, 2)], lambda text: print(text, flush=True)).run()
"""


@contextmanager
def supervised(repository: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor with two workers."""
    url = f"sqlite:///{folder / 'a.sqlite'}"
    migrated(folder / "a.sqlite").close()
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    with (folder / "log.txt").open("wb") as log, subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, url], env=environment, stdout=log, stderr=log
    ) as process:  # fmt: skip
        children: list[int] = []
        try:
            until(
                lambda: (folder / "log.txt").read_text().count(" started\n") == 2 * (1 + len(BESIDE)),
                "both workers work",
            )
            children = children_of(process.pid)
            yield process
        finally:
            kill(process.pid, *children)


def test_children_that_are_killed_come_back_and_all_end_together(repository: Path, tmp_path: Path) -> None:
    with supervised(repository, tmp_path) as supervisor:
        first, second = children_of(supervisor.pid)
        kill(first)
        until(lambda: len(set(children_of(supervisor.pid)) - {first}) == 2, "another has taken its place")
        assert second in children_of(supervisor.pid)
        children = children_of(supervisor.pid)
        log = tmp_path / "log.txt"
        until(lambda: log.read_text().count(" started\n") == 3 * (1 + len(BESIDE)), "it works too")
        supervisor.terminate()
        assert supervisor.wait(60) == 0
        assert not any(map(runs, children))
    assert "ended with code -9; starting it again" in log.read_text()
    _have_given_back(log)


def test_nobody_outlives_a_supervisor_that_is_killed(repository: Path, tmp_path: Path) -> None:
    with supervised(repository, tmp_path) as supervisor:
        children = children_of(supervisor.pid)
        kill(supervisor.pid)
        supervisor.wait(60)
        until(lambda: not any(map(runs, children)), "the workers have ended")
    _have_given_back(tmp_path / "log.txt")


def _have_given_back(log: Path) -> None:
    """What they had in hand, both workers that were there at the end."""
    said = log.read_text()
    assert said.count(" stopped\n") == 2 * (1 + len(BESIDE))
    assert "Traceback" not in said
