"""``qaplatform scenario lint``: what ships is in order, a mistake is shown at its place."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from qaplatform.cli import main
from tests.exam.small import SMALL


def test_what_ships_has_no_mistakes() -> None:
    result = CliRunner().invoke(main, ["scenario", "lint"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("scenarios, 0 warnings\n")


def test_a_mistake_of_ones_own_is_shown_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.replace("goto: done", "goto: dome"), encoding="utf-8")
    result = CliRunner().invoke(main, ["scenario", "lint", str(tmp_path)])
    assert result.exit_code == 1
    assert "small.yaml:22:77: error: there is no step 'dome'; did you mean 'done'?" in result.stderr
    assert CliRunner().invoke(main, ["scenario", "lint", str(tmp_path / "nowhere")]).exit_code == 2
