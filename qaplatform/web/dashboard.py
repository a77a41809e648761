"""The dashboard: figures with their intervals, each with the way to its chats, and a table behind every chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast, get_args
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from qaplatform import clock
from qaplatform.services.dashboard import LENGTHS, MOST_SERIES, Asked, By, Dashboard, Period, Series, dashboard_of
from qaplatform.services.dashboard_people import MOST_PEOPLE
from qaplatform.services.statistics import Share
from qaplatform.web.access import permitted
from qaplatform.web.conversations.filters import WEEKDAYS
from qaplatform.web.conversations.vocabulary import Vocabulary, queue
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.numbers import number_in

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")

BY: Mapping[By, LazyText] = {
    "all": lazy("整体"),
    "shop": lazy("店铺"),
    "team": lazy("团队"),
    "agent": lazy("客服"),
    "topic": lazy("问题分类"),
    "criterion": lazy("质检项"),
}
HEAT = (0.6, 0.75, 0.85, 0.95)
"""Where the steps of the heat map begin, as shares of replies within their limits."""
LEAST_REPLIES = 20


@dashboard.get("")
@permitted("dashboard.see")
def show() -> str:
    """The page."""
    asked = _asked()
    with current_store().reading() as session:
        found = dashboard_of(session, current_viewer(), asked, now=clock.now(), zone=zone())
    return render_template("dashboard/show.html", **_shown(found, asked))


def _asked() -> Asked:
    given = request.args
    length = number_in(given, "days")
    by = given.get("by", "all")
    return Asked(
        first=_day(given.get("from")),
        last=_day(given.get("to")),
        length=length if length in LENGTHS else 30,
        shop_id=number_in(given, "shop"),
        team_id=number_in(given, "team"),
        agent_id=number_in(given, "agent"),
        topic=_word(given.get("topic")),
        queue=_word(given.get("queue")),
        by=cast("By", by) if by in get_args(By) else "all",
    )


def _word(text: str | None) -> str | None:
    """A word of an address; no database takes NUL."""
    return (text or "").replace("\0", "") or None


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    # What lies beyond has no midnight in some zone.
    return found if 1971 <= found.year <= 9000 else None


@dataclass(frozen=True, slots=True)
class Links:
    """Ways from a figure to exactly its chats."""

    found: Dashboard
    asked: Asked
    list: str
    """The address of the list of conversations: a page has hundreds of ways there."""

    def chats(self, **more: object) -> str:
        """The list of the chats that are looked at, narrowed further; a ``period`` narrows to its days."""
        period = cast("Period | None", more.pop("period", None))
        asked = self.asked
        arguments: dict[str, object] = {
            "from": (period.first if period else self.found.first).isoformat(),
            "to": (period.last if period else self.found.last).isoformat(),
            "shop": asked.shop_id,
            "team": asked.team_id,
            "first_agent": asked.agent_id,
            "topic": asked.topic,
            "queue": asked.queue,
            **more,
        }
        return f"{self.list}?{urlencode({name: value for name, value in arguments.items() if value is not None})}"

    def of(self, one: Series, by: By, **more: object) -> str:
        """The chats of a line of the chart, narrowed further."""
        if by == "criterion":
            return self.chats(failed=one.code, **more)
        if by == "topic":
            return self.chats(topic=one.code, **more)
        name = {"shop": "shop", "team": "team", "agent": "first_agent"}.get(by)
        return self.chats(**({name: one.id} if name else {}), **more)


class Naming:
    """How things are called on the page."""

    def __init__(self, found: Dashboard, vocabulary: Vocabulary) -> None:
        self._names, self._vocabulary = found.names, vocabulary

    def shop(self, id: int) -> str:
        """A shop."""
        return self._names.shops.get(id, str(id))

    def team(self, id: int) -> str:
        """A team."""
        return self._names.teams.get(id, "") if id else ""

    def agent(self, id: int) -> str:
        """An agent."""
        return self._names.agents.get(id, str(id))

    def topic(self, code: str) -> str:
        """A topic."""
        return self._vocabulary.topic(code)

    def criterion(self, code: str) -> str:
        """A criterion."""
        return self._vocabulary.criterion(code)

    def queue(self, code: str) -> str:
        """A queue."""
        return queue(code)

    def series(self, one: Series, by: By) -> str:
        """A line of the chart."""
        if by == "criterion":
            return self.criterion(one.code or "")
        if by == "topic":
            return self.topic(one.code or "")
        named = {"shop": self.shop, "team": self.team, "agent": self.agent}.get(by)
        return named(one.id or 0) if named else _("整体")


def _shown(found: Dashboard, asked: Asked) -> dict[str, object]:
    naming, links = Naming(found, Vocabulary(language())), Links(found, asked, url_for("conversations.index"))
    labels = [_label(one) for one in found.periods]
    choices = found.choices
    return {
        "dash": found,
        "asked": asked,
        "naming": naming,
        "links": links,
        "labels": labels,
        "by_names": BY,
        "weekdays": list(WEEKDAYS.values()),
        "heat": heat,
        "most_series": MOST_SERIES,
        "most_rows": MOST_PEOPLE,
        "trend": _trend(found, asked, naming, links, labels),
        "satisfied": _satisfied(found, links, labels),
        "inflow": {
            "kind": "bar", "labels": [_label(one) for one, _count in found.inflow], "unit": "count",
            "series": [
                {"name": _("会话"), "values": [count for _period, count in found.inflow],
                 "urls": [links.chats(period=one) for one, _count in found.inflow]}
            ],
        },
        "by_hour": {
            "kind": "bar", "labels": [f"{hour:02d}" for hour in range(24)], "unit": "count",
            "series": [
                {"name": _("会话"), "values": [sum(day[hour].begun for day in found.week) for hour in range(24)],
                 "urls": [links.chats(hour=hour) for hour in range(24)]}
            ],
        },
        "choices": {
            "shop": _sorted((id, naming.shop(id)) for id in choices.shop_ids),
            "team": _sorted((id, naming.team(id)) for id in choices.team_ids),
            "agent": _sorted((id, naming.agent(id)) for id in choices.agent_ids),
            "topic": [(code, naming.topic(code)) for code in choices.topics],
            "queue": [(code, naming.queue(code)) for code in choices.queues],
        },
        "lengths": LENGTHS,
        "has_days": asked.first is not None or asked.last is not None,
    }  # fmt: skip


def _sorted(pairs: object) -> list[tuple[str, str]]:
    return sorted(((str(id), name) for id, name in cast("Sequence[tuple[int, str]]", pairs)), key=lambda one: one[1])


def _label(one: Period) -> str:
    first = one.first.strftime("%m-%d")
    return f"{first}–{one.last.strftime('%m-%d')}" if one.first != one.last else first


def _trend(found: Dashboard, asked: Asked, naming: Naming, links: Links, labels: Sequence[str]) -> dict[str, object]:
    """The chart of quality over time: mean scores, or of criteria the shares that missed them; too few make no point."""
    is_criterion = asked.by == "criterion"
    lines = []
    for one in found.series[:MOST_SERIES]:
        if is_criterion:
            values = [it.ratio if it.is_enough else None for it in one.missed_points]
            low: list[float | None] = []
            high: list[float | None] = []
        else:
            known = [it.score if it.score.is_enough else None for it in one.points]
            values = [_rounded(it.mean) if it else None for it in known]
            low = [_rounded(it.low) if it else None for it in known]
            high = [_rounded(it.high) if it else None for it in known]
        urls = [links.of(one, asked.by, period=period) for period in found.periods]
        lines.append(
            {
                "name": naming.series(one, asked.by),
                "values": values,
                "urls": urls,
                **({"low": low, "high": high} if low else {}),
            }
        )
    if not any(value is not None for line in lines for value in cast("Sequence[object]", line["values"])):
        lines = []
    return {"kind": "line", "labels": labels, "unit": "percent" if is_criterion else "score", "series": lines}


def _satisfied(found: Dashboard, links: Links, labels: Sequence[str]) -> dict[str, object]:
    """The chart of satisfaction over time; too few ratings make no point."""
    known = [one.csat if one.csat.is_enough else None for one in found.whole_points]
    series: list[dict[str, object]] = [
        {
            "name": _("满意度"),
            "values": [_rounded(it.mean) if it else None for it in known],
            "low": [_rounded(it.low) if it else None for it in known],
            "high": [_rounded(it.high) if it else None for it in known],
            "urls": [links.chats(period=period, csat_from=0) for period in found.periods],
        }
    ]
    return {"kind": "line", "labels": labels, "unit": "rating", "series": series if any(known) else []}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def heat(one: Share) -> str:
    """The step of the heat map; empty where there are too few replies."""
    if one.ratio is None or one.of < LEAST_REPLIES:
        return ""
    return f"heat-{sum(one.ratio >= step for step in HEAT)}"
