"""The only place that makes text of times, numbers, shares, durations and sizes. Unknown is a dash, never a zero."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from flask import Flask, g
from markupsafe import Markup

from qaplatform import clock
from qaplatform.web.current import current_settings
from qaplatform.web.i18n import Language, _, language

UNKNOWN = "—"
_LOCALES = {"zh": Locale("zh", "CN", script="Hans"), "en": Locale("en", "GB")}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SIZES = ("KB", "MB", "GB", "TB")
_SIGNS = {"CNY": "¥", "USD": "$"}


def set_up(app: Flask) -> None:
    """Give templates all of these as filters."""
    filters = (
        ago,
        clock_time,
        day,
        day_name,
        duration,
        minute_of_day,
        moment,
        money,
        number,
        percent,
        score,
        size,
        time_tag,
    )
    app.jinja_env.filters.update({function.__name__: function for function in filters})


def zone() -> ZoneInfo:
    """The zone of this page's times: a shop's, where the view has set ``g.zone``, else the installation's."""
    return ZoneInfo(g.get("zone") or current_settings().timezone)


def _locale() -> Locale:
    return _LOCALES[language()]


def moment(value: datetime | None, *, seconds: bool = False) -> str:
    """``2026-11-11 20:03``: the same in all languages, and it sorts."""
    if value is None:
        return UNKNOWN
    return value.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def clock_time(value: datetime | None, *, seconds: bool = True) -> str:
    """``20:03:05``, beside a day that is said elsewhere."""
    if value is None:
        return UNKNOWN
    return value.astimezone(zone()).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(value: date | datetime | None) -> str:
    """``2026-11-11``."""
    if value is None:
        return UNKNOWN
    return (value.astimezone(zone()) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def day_name(value: date | datetime | None) -> str:
    """``11月11日周三``, ``Wed, 11 Nov``."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(zone()).date() if isinstance(value, datetime) else value
    return format_skeleton("MMMEd", local, locale=_locale())


def ago(value: datetime | None) -> str:
    """How long ago, up to a day; the moment itself before that."""
    if value is None:
        return UNKNOWN
    seconds = (clock.now() - value).total_seconds()
    if not 0 <= seconds < _DAY:
        return moment(value)
    if seconds < _MINUTE:
        return _("刚刚")
    if seconds < _HOUR:
        return _("%(minutes)s 分钟前", minutes=int(seconds // _MINUTE))
    return _("%(hours)s 小时前", hours=int(seconds // _HOUR))


def time_tag(value: datetime | None, *, relative: bool = False) -> Markup:
    """The moment in a ``<time>`` element that programs can read; relative ones show the full moment on hovering."""
    if value is None:
        return Markup('<span class="text-secondary">{}</span>').format(UNKNOWN)
    shown, full = (ago(value) if relative else moment(value)), moment(value, seconds=True)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(timespec="seconds"), full, shown)


def number(value: float | None, digits: int = 0) -> str:
    """``6,817``; with so many digits behind the point, if there are any."""
    if value is None:
        return UNKNOWN
    return _decimal(round(value, digits), "#,##0" + ("." + "#" * digits if digits else ""), language())


def money(micros: int | None, currency: str) -> str:
    """``¥12.34`` of millionths; small sums with the digits that tell them from nothing. No currency: not known."""
    if micros is None or not currency:
        return UNKNOWN
    value = Decimal(micros) / 1_000_000
    pattern = "#,##0.00" if value >= 1 or round(value, 4) == round(value, 2) else "0.0000"
    if 0 < value < Decimal("0.0001"):
        return f"<{_SIGNS.get(currency, currency + ' ')}0.0001"
    return _SIGNS.get(currency, f"{currency} ") + _decimal(round(value, 4), pattern, language())


def score(value: float | None) -> str:
    """Points of a score, ``81.8``; always one digit, so that columns line up."""
    return UNKNOWN if value is None else _decimal(_rounded(value, 1), "0.0", language())


def _rounded(value: float, digits: int) -> Decimal:
    """As it will be shown, so that few different ones need remembering."""
    return round(Decimal(str(float(value))), digits)


@lru_cache(maxsize=10_000)
def _decimal(value: float | Decimal, pattern: str, name: Language) -> str:
    """Remembered: a list shows the same few hundred numbers again and again."""
    return format_decimal(value, format=pattern, locale=_LOCALES[name])


def percent(ratio: float | None, digits: int = 0) -> str:
    """``56%`` of a ratio from 0 to 1."""
    if ratio is None:
        return UNKNOWN
    return _percent(_rounded(ratio, digits + 2), digits, language())


@lru_cache(maxsize=10_000)
def _percent(ratio: Decimal, digits: int, name: Language) -> str:
    return format_percent(ratio, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=_LOCALES[name])


def duration(seconds: float | None) -> str:
    """``24 秒``, ``3 分 20 秒``, ``3 分钟``, ``2 小时 5 分``, ``3 天 4 小时``: the two largest parts that are not nothing."""
    if seconds is None:
        return UNKNOWN
    whole = round(seconds)
    if whole < _MINUTE:
        return _("%(seconds)s 秒", seconds=whole)
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        if not rest:
            return _("%(minutes)s 分钟", minutes=minutes)
        return _("%(minutes)s 分 %(seconds)s 秒", minutes=minutes, seconds=rest)
    if whole < _DAY:
        hours, rest = divmod(whole // _MINUTE, _HOUR // _MINUTE)
        return (
            _("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest) if rest else _("%(hours)s 小时", hours=hours)
        )
    days, rest = divmod(whole // _HOUR, _DAY // _HOUR)
    return _("%(days)s 天 %(hours)s 小时", days=days, hours=rest) if rest else _("%(days)s 天", days=days)


def minute_of_day(minute: int | None) -> str:
    """``18:30`` of minutes since midnight, up to ``24:00`` and, for shifts past midnight, beyond."""
    return UNKNOWN if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def size(count_bytes: float | None) -> str:
    """``1.2 MB``, in steps of 1024."""
    if count_bytes is None:
        return UNKNOWN
    value = float(count_bytes)
    if value < 1024:
        return f"{number(value)} B"
    for unit in _SIZES:
        value /= 1024
        if value < 1024 or unit == _SIZES[-1]:
            break
    return f"{number(value, 0 if value >= 100 else 1)} {unit}"
