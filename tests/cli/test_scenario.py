"""``qaplatform scenario``: what ships is in order, a mistake is shown at its place; dialogues are played in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

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


def played(*arguments: str, written: Sequence[str] = ()) -> Result:
    return CliRunner().invoke(main, ["scenario", "play", *arguments], input="".join(f"{one}\n" for one in written))


def test_a_dialogue_is_played_by_hand_in_simulated_time() -> None:
    written = [
        "您好，我是小周，孩子在旁边一定吓坏了，真的很抱歉",
        "/panel",
        "",
        "+45",
        "麻烦拍张底座的照片给我",
        "+5 可以给您换一台新的，明天18:00前送到",
        "催什么催",
        "/end",
    ]
    result = played("defective-fryer", "--show-mood", written=written)
    assert result.exit_code == 0, result.output
    for said in (
        "00:00 林女士 (心情 3): ",
        "[订单] 订单: 2610130087",
        "[图片：",
        "… 0",
        "未通过 · 服务分 ",
        "您结束了对话",
        "✓ 应做 · 先安抚 15/15",
        "催什么催",
        "更好的说法: ",
    ):
        assert said in result.output
    assert result.output == played("defective-fryer", "--show-mood", written=written).output
    other = played("defective-fryer", "--show-mood", "--seed", "4", written=written)
    assert other.output != result.output


def test_the_end_of_the_input_is_the_end_of_the_dialogue() -> None:
    result = played("wrong-parcel", "--language", "en", written=["+900"])
    assert result.exit_code == 0
    assert "the customer left" in result.output
    assert "you ended it" in played("wrong-parcel", "--language", "en").output


@pytest.mark.parametrize(("reference", "verdict"), [("good", "通过 · 服务分 "), ("bad", "未通过 · 服务分 ")])
def test_reference_dialogues_are_played(reference: str, verdict: str) -> None:
    result = played("bad-review", "--reference", reference)
    assert result.exit_code == 0
    assert f"\n{verdict}" in result.output


def test_what_a_criterion_costs_stands_once_however_many_places_it_has() -> None:
    result = played("defective-fryer", "--reference", "bad")
    costs = [line for line in result.output.splitlines() if line.startswith("  -") and "#" in line]
    places = [line for line in result.output.splitlines() if line.startswith("     ") and "#" in line]
    titles = [line.split()[1] for line in costs]
    assert len(titles) == len(set(titles))
    assert places


def test_a_file_of_ones_own_is_played_and_its_mistakes_are_shown(tmp_path: Path) -> None:
    own = tmp_path / "small.yaml"
    own.write_text(SMALL, encoding="utf-8")
    assert "小甲: " in played(str(own), written=["您好"]).output
    assert played(str(own), "--reference", "good").exit_code == 2
    own.write_text(SMALL.replace("goto: done", "goto: dome"), encoding="utf-8")
    faulty = played(str(own))
    assert faulty.exit_code != 0
    assert "small.yaml:22:77: error: there is no step 'dome'" in faulty.output
    assert "no such scenario" in played("nowhere").output
