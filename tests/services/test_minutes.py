"""Times of day as people write them."""

from __future__ import annotations

import pytest

from qaplatform.services.minutes import minute_in


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("09:30", 570), ("9:30", 570), (" 09：30 ", 570), ("9.30", 570), ("9点30分", 570), ("9点30", 570), ("9时30分", 570),
        ("0930", 570), ("9", 540), ("9点", 540), ("00:00", 0), ("0", 0), ("24:00", 1440), ("24", 1440), ("23:59", 1439),
        ("24:01", None), ("25:00", None), ("9:60", None), ("9:3", None), ("", None), ("九点", None), ("930", None),
        ("9:30:00", None), ("-1:00", None),
    ],
)  # fmt: skip
def test_a_minute_is_read_or_is_none(text: str, minute: int | None) -> None:
    assert minute_in(text) == minute
