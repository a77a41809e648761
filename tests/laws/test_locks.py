"""The locks hold what pyproject.toml asks for, with hashes, for every platform, and agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\n]*((?:\n {4}--hash=\S+[^\n]*)*)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Locked versions by package name."""
    return {canonicalize_name(name): version for name, version, _ in _PIN.findall(text)}


@pytest.fixture(scope="module")
def locks(repository: Path) -> dict[str, str]:
    """The lock files' texts."""
    return {
        name: (repository / name).read_text(encoding="utf-8")
        for name in ("requirements.lock", "requirements-test.lock")
    }


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, list[str]]:
    """What is asked for, by lock."""
    read = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    groups = read["dependency-groups"]
    build = [*groups["build"], *read["build-system"]["requires"]]
    test = [one for one in groups["test"] if isinstance(one, str)]
    own = read["project"]["dependencies"]
    return {"requirements.lock": [*own, *build], "requirements-test.lock": [*own, *build, *test]}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_satisfies_everything_that_is_asked_for(
    name: str, locks: dict[str, str], project: dict[str, list[str]]
) -> None:
    locked = pins(locks[name])
    for text in project[name]:
        wanted = Requirement(text)
        version = locked.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not locked: scripts/lock"
        assert wanted.specifier.contains(version, prereleases=True), f"{text} is locked at {version}: scripts/lock"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_every_line_of_a_lock_is_a_pin_with_hashes(name: str, locks: dict[str, str]) -> None:
    text = locks[name]
    assert all("--hash=sha256:" in hashes for _, _, hashes in _PIN.findall(text))
    left = [line for line in _PIN.sub("", text).splitlines() if line.strip() and not line.startswith("#")]
    assert not left


def test_tests_run_with_the_versions_that_users_get(locks: dict[str, str]) -> None:
    used, tested = pins(locks["requirements.lock"]), pins(locks["requirements-test.lock"])
    assert used
    assert used.items() <= tested.items()
