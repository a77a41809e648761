"""The report's colours against WCAG 2.1: text 4.5 : 1, graphics 3 : 1, in both colour schemes."""

import re
from importlib.resources import files

import pytest

STYLE = (files("qaplatform.formats.writing.report") / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
)
SCHEMES = pytest.mark.parametrize("colours", [LIGHT, {**LIGHT, **DARK}], ids=["light", "dark"])
TEXTS = ["ink", "quiet", "link", *(f"{name}-ink" for name in ("pass", "fail", "critical", "unscored"))]
HEAT = [14, 28, 43, 58, 74, 90]


def channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour: str) -> float:
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, percent: int, ground: str) -> str:
    pairs = zip(channels(colour), channels(ground), strict=True)
    return "#" + "".join(f"{round((a * percent + b * (100 - percent)) / 100):02x}" for a, b in pairs)


@SCHEMES
@pytest.mark.parametrize("text", [*TEXTS, *(f"h{hue}" for hue in range(8))])
@pytest.mark.parametrize("ground", ["bg", "card", "soft", "agent"])
def test_text_can_be_read_on_every_ground(colours, text, ground):
    assert contrast(colours[text], colours[ground]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("bar", ["pass", "slow", "fail", "critical", "unscored", "count"])
def test_bars_stand_out_from_the_card(colours, bar):
    assert contrast(colours[bar], colours["card"]) >= 3


@SCHEMES
@pytest.mark.parametrize("step", range(6))
def test_figures_can_be_read_on_every_step_of_the_heat_map(colours, step):
    assert f".heat .s{step + 1} {{ background: color-mix(in srgb, var(--heat) {HEAT[step]}%, var(--card));" in STYLE
    assert contrast(colours["heat-ink"], mixed(colours["heat"], HEAT[step], colours["card"])) >= 4.5
