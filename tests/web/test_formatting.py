"""Text of times, numbers, shares, durations and sizes, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, g

from qaplatform import clock
from qaplatform.web import formatting as f

AT = datetime(2026, 11, 11, 16, 3, 5, tzinfo=UTC)


CASES: list[tuple[Callable[[], str], str, str]] = [
    (lambda: f.moment(AT), "2026-11-12 00:03", "2026-11-12 00:03"),
    (lambda: f.moment(AT, seconds=True), "2026-11-12 00:03:05", "2026-11-12 00:03:05"),
    (lambda: f.moment(None), "—", "—"),
    (lambda: f.clock_time(AT), "00:03:05", "00:03:05"),
    (lambda: f.day(AT), "2026-11-12", "2026-11-12"),
    (lambda: f.day(date(2026, 1, 2)), "2026-01-02", "2026-01-02"),
    (lambda: f.day_name(AT), "11月12日周四", "Thu 12 Nov"),
    (lambda: f.number(6817), "6,817", "6,817"),
    (lambda: f.number(0), "0", "0"),
    (lambda: f.number(None), "—", "—"),
    (lambda: f.number(2.5, 1), "2.5", "2.5"),
    (lambda: f.number(3.0, 1), "3", "3"),
    (lambda: f.score(81.75), "81.8", "81.8"),
    (lambda: f.score(100), "100.0", "100.0"),
    (lambda: f.score(None), "—", "—"),
    (lambda: f.percent(0.558), "56%", "56%"),
    (lambda: f.percent(0.558, 1), "55.8%", "55.8%"),
    (lambda: f.percent(None), "—", "—"),
    (lambda: f.duration(24.4), "24 秒", "24 s"),
    (lambda: f.duration(200), "3 分 20 秒", "3 min 20 s"),
    (lambda: f.duration(179.6), "3 分钟", "3 min"),
    (lambda: f.duration(7500), "2 小时 5 分", "2 h 5 min"),
    (lambda: f.duration(2 * 3600 + 59), "2 小时", "2 h"),
    (lambda: f.duration(3 * 86400 + 4 * 3600), "3 天 4 小时", "3 d 4 h"),
    (lambda: f.duration(3 * 86400 + 59), "3 天", "3 d"),
    (lambda: f.duration(None), "—", "—"),
    (lambda: f.minute_of_day(1110), "18:30", "18:30"),
    (lambda: f.minute_of_day(1440), "24:00", "24:00"),
    (lambda: f.size(512), "512 B", "512 B"),
    (lambda: f.size(1234567), "1.2 MB", "1.2 MB"),
    (lambda: f.size(200 * 1024), "200 KB", "200 KB"),
    (lambda: f.size(5 * 1024**5), "5,120 TB", "5,120 TB"),
    (lambda: f.ago(clock.now() - timedelta(seconds=5)), "刚刚", "just now"),
    (lambda: f.ago(clock.now() - timedelta(minutes=5, seconds=1)), "5 分钟前", "5 min ago"),
    (lambda: f.ago(clock.now() - timedelta(hours=3, seconds=1)), "3 小时前", "3 h ago"),
    (lambda: f.ago(AT), "2026-11-12 00:03", "2026-11-12 00:03"),
]


@pytest.mark.parametrize(("made", "zh", "en"), CASES, ids=[f"{n}-{zh}" for n, (_, zh, _) in enumerate(CASES)])
def test_a_value_reads_in_both_languages(bare_app: Flask, made: Callable[[], str], zh: str, en: str) -> None:
    said = []
    for language in ("zh", "en"):
        with bare_app.test_request_context():
            g.language = language
            said.append(made())
    assert said == [zh, en]


def test_a_page_of_a_shop_has_the_shops_zone(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        g.zone = "Asia/Tokyo"
        assert f.moment(AT) == "2026-11-12 01:03"


def test_a_time_can_be_read_by_programs(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        assert f.time_tag(AT) == (
            '<time datetime="2026-11-11T16:03:05+00:00" title="2026-11-12 00:03:05">2026-11-12 00:03</time>'
        )
        assert "—" in f.time_tag(None)
