"""scripts/environment.sh: when an environment counts as made, and what becomes of one that does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """A folder with what the script looks at, its name with a space."""
    top = tmp_path / "a checkout"
    top.mkdir()
    shutil.copytree(repository / "scripts", top / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (top / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.ruff]\nline-length = 1\n[tool.hatch.build]\nx = 1\n', encoding="utf-8"
    )
    (top / "some.lock").write_text("a==1\n", encoding="utf-8")
    return top


def bash(checkout: Path, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail; HERE=$PWD; . scripts/environment.sh; {program}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def fingerprint(checkout: Path) -> str:
    done = bash(checkout, "fingerprint some.lock")
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_ready(checkout: Path) -> bool:
    return bash(checkout, 'is_ready "$HERE/env" "$(fingerprint some.lock)"').returncode == 0


@pytest.fixture
def made(checkout: Path) -> Path:
    """An environment without packages, stamped as made."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / "env"], check=True)
    (checkout / "env" / ".stamp").write_text(fingerprint(checkout), encoding="utf-8")
    return checkout / "env"


def test_a_stamped_environment_is_taken_as_it_is(checkout: Path, made: Path) -> None:
    assert made.is_dir()
    assert is_ready(checkout)
    done = bash(checkout, "make_environment env some.lock")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["some.lock", "pyproject.toml"])
def test_a_changed_lock_or_package_table_makes_it_stale(checkout: Path, made: Path, name: str) -> None:
    path = checkout / name
    path.write_text(path.read_text(encoding="utf-8").replace("x", "y").replace("a==1", "a==2"), encoding="utf-8")
    assert made.is_dir()
    assert not is_ready(checkout)


def test_the_settings_of_a_linter_do_not_make_it_stale(checkout: Path, made: Path) -> None:
    path = checkout / "pyproject.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("line-length = 1", "line-length = 2"), encoding="utf-8")
    assert made.is_dir()
    assert is_ready(checkout)


def test_an_environment_without_a_stamp_is_half_made(checkout: Path, made: Path) -> None:
    (made / ".stamp").unlink()
    assert not is_ready(checkout)


def test_an_environment_that_was_moved_is_stale(checkout: Path, made: Path) -> None:
    assert made.is_dir()
    moved = checkout.with_name("elsewhere")
    checkout.rename(moved)
    assert not is_ready(moved)


def test_an_environment_whose_python_went_away_is_stale(checkout: Path, made: Path) -> None:
    (made / "bin" / "python").unlink()
    (made / "bin" / "python").symlink_to(checkout / "gone")
    assert not is_ready(checkout)


def test_an_environment_under_which_python_moved_on_is_stale(checkout: Path, made: Path) -> None:
    [folder] = (made / "lib").glob("python3*")
    folder.rename(made / "lib" / "python3.0")
    assert not is_ready(checkout)


def test_somebody_elses_environment_is_put_aside(checkout: Path) -> None:
    (checkout / "env").mkdir()
    (checkout / "env" / "mine").touch()
    (checkout / ".cache").mkdir()
    done = bash(checkout, 'clear_the_place "$HERE/env"')
    assert "put-aside" in done.stderr
    [aside] = checkout.glob("env-put-aside-*")
    assert (aside / "mine").exists()
    assert not (checkout / "env" / "mine").exists()


def test_our_own_half_made_environment_is_cleared(checkout: Path) -> None:
    (checkout / "env").mkdir()
    (checkout / "env" / ".made-by-qaplatform").touch()
    (checkout / "env" / "half").touch()
    (checkout / ".cache").mkdir()
    assert bash(checkout, 'clear_the_place "$HERE/env"').returncode == 0
    assert [path.name for path in (checkout / "env").iterdir()] == [".made-by-qaplatform"]
    assert not list((checkout / ".cache").iterdir())


def test_without_any_means_the_way_out_is_said(checkout: Path) -> None:
    done = bash(
        checkout, "pythons() { :; }; uv() { false; }; install_venv_package() { false; }; make_environment env some.lock"
    )
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (checkout / "env" / ".stamp").exists()


def test_the_second_of_two_calls_waits_for_the_first(checkout: Path) -> None:
    program = """
      mkdir .cache
      create_environment() { echo begin; sleep 1; echo end; return 1; }
      install_venv_package() { return 1; }
      (make_environment env some.lock || true) & (make_environment env some.lock || true) & wait
    """
    done = bash(checkout, program)
    steps = [line for line in done.stderr.splitlines() if line in ("begin", "end")]
    assert steps == ["begin", "end", "begin", "end"]
    assert done.stderr.count("waiting for it") == 1
