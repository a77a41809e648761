"""The dashboard's page: a table behind every chart, links that lead to what they count, colours that can be told apart."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import combinations
from math import dist

import pytest
from flask import Flask

from qaplatform import clock
from qaplatform.services.figure_days import count_all
from qaplatform.services.statistics import share
from qaplatform.store import figure_days
from qaplatform.store.engine import Store
from qaplatform.web.assets import STATIC
from qaplatform.web.current import store_of
from qaplatform.web.dashboard import heat
from tests import filled
from tests.copies import fill_once
from tests.queries import counted_statements
from tests.web.conftest import SignIn

LINK = re.compile(r'<a href="(/conversations\?[^"]+)">([0-9,]+)</a>')


@pytest.fixture
def full(app: Flask, store: Store) -> Store:  # noqa: ARG001 - people come with the application
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        filled.fill_conversations(session, clock.now())
        for shop_id in filled.SHOPS:
            figure_days.note_shop(session, shop_id)
    count_all(store, now=clock.now())


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("login", "by"),
    [("lead", "all"), ("lead", "shop"), ("teamlead", "agent"), ("manager", "team"), ("inspector", "criterion")],
)
def test_every_figure_opens_as_many_chats_as_it_counts(signed_in: SignIn, login: str, by: str) -> None:
    client = signed_in(login)
    page = client.get(f"/dashboard?by={by}&days=30").text
    links = {unescape(address): int(count.replace(",", "")) for address, count in LINK.findall(page)}
    assert len(links) >= 4
    for address, count in list(links.items())[:: max(1, len(links) // 6)]:
        listed = client.get(address).text
        if count:
            assert re.search(rf"共 {count:,} 通会话", listed), address


@pytest.mark.usefixtures("full")
def test_an_hour_of_the_list_is_said_on_its_chip_and_in_its_form(signed_in: SignIn) -> None:
    client = signed_in("lead")
    hours = [address for address in LINK.findall(client.get("/dashboard?days=30").text) if "hour=" in address[0]]
    assert len(hours) == 24
    listed = client.get(
        max(hours, key=lambda one: int(one[1]))[0].replace("&amp;", "&") + "&wait_weekday=3&wait_hour=8"
    ).text
    for words in ("开始于（时段）", "客户开始等待（星期）", "客户开始等待（时段）", "周三", "08:00–09:00"):
        assert words in listed
    assert re.search(r'<option value="8" selected>08:00–09:00', listed)


QUERIES = (
    "days=7", "days=nonsense&by=nothing", "from=2020-01-01&to=2020-01-31", "from=9999-12-31", "to=0001-01-01",
    "from=2026-12-31&to=2026-01-01", "shop=999999999999&agent=-5", "topic=%00&queue=x", "agent=1&by=agent",
)  # fmt: skip


@pytest.mark.usefixtures("full")
def test_whatever_is_asked_for_there_is_a_page(signed_in: SignIn) -> None:
    client = signed_in("lead")
    assert {query: client.get(f"/dashboard?{query}").status_code for query in QUERIES} == dict.fromkeys(QUERIES, 200)


@pytest.mark.usefixtures("full")
def test_the_page_asks_the_database_as_often_however_much_it_shows(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("lead")
    for query in ("days=7", "days=90&by=agent", "by=criterion"):
        with counted_statements(store_of(app)) as seen:
            client.get(f"/dashboard?{query}")
        assert len(seen) <= 12, query


def test_a_workplace_without_chats_says_so(signed_in: SignIn) -> None:
    assert "这段时间没有会话" in signed_in("lead").get("/dashboard").text


@pytest.mark.usefixtures("full")
def test_every_chart_is_data_that_can_be_read_and_has_a_table(signed_in: SignIn) -> None:
    page = signed_in("lead").get("/dashboard").text
    charts = [json.loads(unescape(one)) for one in re.findall(r"data-chart='([^']+)'", page)]
    assert [one["kind"] for one in charts] == ["line", "bar", "bar"]
    for one in charts:
        assert all(len(line["values"]) == len(one["labels"]) for line in one["series"])
    # Satisfaction by day has a table alone: there are too few ratings a day for a chart.
    assert page.count('<details class="as-table"') == len(charts) + 1


@pytest.mark.usefixtures("full")
def test_only_the_dashboard_brings_the_library_of_charts(signed_in: SignIn) -> None:
    client = signed_in("lead")
    assert "echarts" in client.get("/dashboard").text
    assert "echarts" not in client.get("/").text


@pytest.mark.parametrize(
    ("good", "of", "step"),
    [
        (19, 19, ""),
        (0, 0, ""),
        (20, 20, "heat-4"),
        (95, 100, "heat-4"),
        (94, 100, "heat-3"),
        (75, 100, "heat-2"),
        (59, 100, "heat-0"),
    ],
)
def test_the_heat_of_an_hour_is_left_open_where_there_is_little(good: int, of: int, step: str) -> None:
    assert heat(share(good, of)) == step


def light(colour: str) -> list[float]:
    """The three parts of a colour as light."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def written(part: float) -> float:
    """Light as it is written in colours, where equal steps look about equal."""
    part = min(1.0, max(0.0, part))
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def luminance(colour: str) -> float:
    return sum(part * weight for part, weight in zip(light(colour), (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes 2009, at full strength: who lacks the cones for red, or for green.
SIGHTS = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "without green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
}


def palettes() -> list[tuple[dict[str, str], str]]:
    """The colours of lines in light and dark, each with the ground they stand on."""
    css = (STATIC / "css" / "dashboard.css").read_text(encoding="utf-8")
    bright, _, dark = css.partition("@media screen and (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--(chart-\d|heat-[\w-]+): (#[0-9a-f]{3,6});", one)) for one in (bright, dark)]
    return [(found[0], "#ffffff"), (found[1], "#1a2128")]


def test_lines_stand_out_from_the_page_and_from_each_other_whoever_looks() -> None:
    for colours, ground in palettes():
        lines = [colour for name, colour in colours.items() if name.startswith("chart")]
        assert len(lines) == 6
        assert min(contrast(one, ground) for one in lines) >= 3
        for sight, rows in SIGHTS.items():
            seen = [
                [written(sum(w * p for w, p in zip(row, light(one), strict=True))) for row in rows] for one in lines
            ]
            assert min(dist(x, y) for x, y in combinations(seen, 2)) > 0.25, (ground, sight)


def test_figures_in_the_heat_map_can_be_read() -> None:
    colours = palettes()[0][0]
    assert contrast(colours["heat-0"], "#ffffff") >= 4.5
    assert all(contrast(colours[f"heat-{n}"], colours["heat-ink"]) >= 4.5 for n in range(1, 5))
