"""What the laws look at: the files that are, or are about to be, part of the project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

# What a checkout without git (an unpacked archive) may hold beside the project.
_NOT_OURS = {".git", ".venv", ".venv-test", ".cache", "__pycache__", "dist", "build", "out", "node_modules"}


def _without_git(top: Path) -> list[Path]:
    found = []
    for folder, subfolders, names in os.walk(top):
        subfolders[:] = [n for n in subfolders if n not in _NOT_OURS and not n.endswith(("_cache", ".egg-info"))]
        found += [Path(folder, name) for name in names]
    return found


@pytest.fixture(scope="session")
def project_files(repository: Path) -> list[Path]:
    """Every file git tracks or would track, as absolute paths, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [repository / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = _without_git(repository)
    return sorted(path for path in found if path.is_file())


@pytest.fixture(scope="session")
def documents(project_files: list[Path]) -> list[Path]:
    """All Markdown files."""
    return [path for path in project_files if path.suffix == ".md"]
