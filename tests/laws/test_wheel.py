"""What is built is whole: code, shipped folders, licence and the command are in the wheel and found from there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SHIPPED = ("rubrics", "packs", "prompts", "scenarios", "samples")


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked backend and no network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_package_and_of_the_shipped_folders(
    wheel: Path, project_files: list[Path], repository: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = set()
    for path in (path.relative_to(repository) for path in project_files):
        if path.parts[0] == "qaplatform":
            wanted.add(path.as_posix())
        elif path.parts[0] in SHIPPED:
            wanted.add(f"qaplatform/_data/{path.as_posix()}")
    assert {name.split("/")[2] for name in wanted if name.startswith("qaplatform/_data/")} == set(SHIPPED)
    assert not wanted - inside
    assert any(name.endswith("/licenses/LICENSE") for name in inside)


def test_an_unpacked_wheel_finds_its_own_folders_and_not_the_checkouts(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from qaplatform.resources import rubric_source, shipped_folder, shipped_rubrics\n"
        f"for name in {SHIPPED!r}: print(shipped_folder(name))\n"
        "for name in shipped_rubrics(): print(rubric_source(name)[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = [Path(line) for line in done.stdout.splitlines()]
    assert len(found) > len(SHIPPED)
    assert all(path.is_relative_to(tmp_path / "qaplatform" / "_data") for path in found)


def test_the_command_of_the_wheel_starts(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        [entry] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "qaplatform = qaplatform.cli:main" in archive.read(entry).decode()
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from qaplatform.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "audit" in done.stdout
