"""Minutes of the day as people write them."""

from __future__ import annotations

import re

from qaplatform.audit.context import DAY_MINUTES

_CLOCK = re.compile(r"(\d{1,2})\s*[:：.点时]\s*(\d{2})分?|(\d{1,2})[点时]?|(\d{2})(\d{2})")


def minute_in(text: str) -> int | None:
    """The minute of the day that a text names, 0 to 1440; ``None`` if it names none.

    ``9:30``, ``09:30`` (full width as well), ``9点30分``, ``0930``, ``9``, ``24:00``.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = found[1] or found[3] or found[4], found[2] or found[5] or "0"
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= DAY_MINUTES else None
