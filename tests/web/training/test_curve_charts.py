"""The curves of new hires, as they are drawn."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from qaplatform.services.training.curves import NOTHING, Curve, Curves, Figure
from qaplatform.web.training.skills import _charts


@pytest.mark.parametrize(("metric", "ceiling"), [("score", 100), ("csat", 5), ("handling", None)])
def test_no_axis_goes_above_what_can_be_reached(bare_app: Flask, metric: str, ceiling: int | None) -> None:
    pair = (Figure(9, 96.0, 91.0, 101.0), NOTHING)
    one = Curve(metric, (pair,), pair, pair)
    week = (date(2026, 11, 2), date(2026, 11, 8))
    with bare_app.test_request_context():
        [drawn] = _charts(Curves(week[0], (week,), 1, 3, (one,), ()))
    chart = drawn["chart"]
    assert isinstance(chart, dict)
    assert chart["ceiling"] == ceiling
    assert [len(line["values"]) for line in chart["series"]] == [1]
