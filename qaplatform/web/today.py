"""The day it is."""

from __future__ import annotations

from datetime import date

from qaplatform import clock
from qaplatform.web.formatting import zone


def today() -> date:
    """The local day of this moment, in the zone of this page's times."""
    return clock.now().astimezone(zone()).date()
