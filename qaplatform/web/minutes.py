"""Minutes of the day as people write them: a form field and its reading."""

from __future__ import annotations

import re
from wtforms import StringField

from qaplatform.web.formatting import minute_of_day
from qaplatform.web.i18n import _

_CLOCK = re.compile(r"(\d{1,2})[:：.](\d{2})|(\d{1,2})点?|(\d{2})(\d{2})")
_LAST = 24 * 60


class MinuteField(StringField):  # type: ignore[misc]
    """A time of day; ``data`` is minutes since midnight, ``None`` where nothing stands. 24:00 is one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written; full-width marks and ``9点`` as well."""
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
            return
        self.data = minute_in(text)
        if self.data is None:
            raise ValueError(_("请按 09:30 的写法填写，最晚 24:00。"))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else minute_of_day(self.data)


def minute_in(text: str) -> int | None:
    """The minute of the day that a text names, 0 to 1440; ``None`` if it names none."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = found[1] or found[3] or found[4], found[2] or found[5] or "0"
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= _LAST else None
