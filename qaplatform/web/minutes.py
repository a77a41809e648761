"""A form field for a time of day."""

from __future__ import annotations

from wtforms import StringField

from qaplatform.services.minutes import minute_in
from qaplatform.web.formatting import minute_of_day
from qaplatform.web.i18n import _


class MinuteField(StringField):  # type: ignore[misc]
    """A time of day; ``data`` is minutes since midnight, ``None`` where nothing stands. 24:00 is one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = minute_in(text) if text else None
        if text and self.data is None:
            raise ValueError(_("请按 09:30 的写法填写，最晚 24:00。"))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else minute_of_day(self.data)
