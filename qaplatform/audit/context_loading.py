"""Context file → frozen context, every mistake at ``path:line:column``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from qaplatform.audit.context import (
    DAY_MINUTES,
    DEFAULT_BANDS,
    DEFAULT_LIMIT_SECONDS,
    Agent,
    ClockBand,
    Context,
    Department,
    RosterEntry,
)
from qaplatform.audit.problem import Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar, compose, describe, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values

_KEYS = (
    "timezone", "as_of", "clock_bands", "promotion_days", "holidays", "shifts", "roster", "agents",
    "return_addresses", "departments",
)  # fmt: skip
_BAND = ("from", "to", "limit_seconds", "promotion_limit_seconds", "on_duty")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ContextError(SourceError):
    """A context file cannot be used; see ``problems``."""


def load_context(path_name: str, text: str) -> Context:
    """The context a file describes; what it leaves out has its default.

    Raises:
        ContextError: with every mistake.
    """
    report = Report()
    context = Context()
    root = compose(path_name, text, report)
    if root is not None:
        context = _ContextReader(Values(report)).context(root)
    if report.failed:
        raise ContextError(report.problems)
    return context


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class _ContextReader:
    def __init__(self, values: Values) -> None:
        self._values, self._report = values, values.report

    def context(self, root: Node) -> Context:
        values = self._values
        fields = values.fields(root, say("a context"), _KEYS)
        if fields is None:
            return Context()
        zone = self._zone(fields.get("timezone"))
        as_of = values.moment(fields.get("as_of"), "as_of")
        agents = self._agents(fields.get("agents"))
        return Context(
            timezone=zone.key,
            as_of=as_of if as_of is None or as_of.tzinfo else as_of.replace(tzinfo=zone),
            clock_bands=self._bands(fields.get("clock_bands")),
            promotion_days=self._days(fields.get("promotion_days"), "promotion_days"),
            holidays=self._days(fields.get("holidays"), "holidays"),
            roster=self._roster(fields, agents),
            agents=agents,
            return_addresses={
                key.value: values.texts(node, say("the return addresses of {name!r}", name=key.value))
                for key, node in values.entries(fields.get("return_addresses"), "return_addresses")
            },
            departments=self._departments(fields.get("departments")),
        )

    def _zone(self, node: Node | None) -> ZoneInfo:
        name = self._values.text(node, "timezone", "Asia/Shanghai")
        try:
            return ZoneInfo(name)
        except (LookupError, ValueError, OSError):
            if node is not None:
                self._report.error(
                    node, say("there is no time zone {name!r}; write one such as Asia/Shanghai", name=name)
                )
            return ZoneInfo("Asia/Shanghai")

    def _days(self, node: Node | None, what: str) -> frozenset[date]:
        seen: set[date] = set()
        for item in self._values.items(node, what):
            day = self._values.day(item, say("an item of {what}", what=what))
            if day in seen:
                self._report.error(item, say("{day} stands twice in {what}", day=day, what=what))
            elif day is not None:
                seen.add(day)
        return frozenset(seen)

    def _bands(self, node: Node | None) -> tuple[ClockBand, ...]:
        """Bands in the order of the day; one that passes midnight is cut in two."""
        if node is None:
            return DEFAULT_BANDS
        placed: list[tuple[ClockBand, Node]] = []
        before = self._report.errors
        for item in self._values.items(node, "clock_bands"):
            placed += [(band, item) for band in self._band(item)]
        if self._report.errors > before:
            return DEFAULT_BANDS
        placed.sort(key=lambda pair: pair[0].start_minute)
        reached = 0
        for band, item in placed:
            if band.start_minute > reached:
                gap = f"{_clock_text(reached)}–{_clock_text(band.start_minute)}"
                self._report.error(item, say("gap: {gap} belongs to no clock band", gap=gap))
            elif band.start_minute < reached:
                twice = f"{_clock_text(band.start_minute)}–{_clock_text(min(reached, band.end_minute))}"
                self._report.error(item, say("overlap: {twice} also belongs to another clock band", twice=twice))
            reached = max(reached, band.end_minute)
        if reached < DAY_MINUTES:
            gap = f"{_clock_text(reached)}–24:00"
            self._report.error(node, say("gap: {gap} belongs to no clock band", gap=gap))
        return tuple(band for band, _ in placed)

    def _band(self, node: Node) -> Iterable[ClockBand]:
        values = self._values
        fields = values.fields(node, say("a clock band"), _BAND, ("from", "to"))
        if fields is None:
            return
        before = self._report.errors
        start, end = values.clock(fields.get("from"), "from"), values.clock(fields.get("to"), "to")
        if self._report.errors > before:
            return
        on_duty = values.flag(fields.get("on_duty"), "on_duty", default=True)
        limits = [name for name in ("limit_seconds", "promotion_limit_seconds") if name in fields]
        if not on_duty and limits:
            self._report.error(
                fields.place(limits[0]), say("{key} has no meaning where nobody is on duty", key=limits[0])
            )
        if start in (end, DAY_MINUTES):
            self._report.error(
                fields.place("to"),
                say("the band {start}–{end} is empty", start=_clock_text(start), end=_clock_text(end)),
            )
            return
        promotion = fields.get("promotion_limit_seconds")
        ordinary = values.seconds(fields.get("limit_seconds"), "limit_seconds", DEFAULT_LIMIT_SECONDS)
        special = values.seconds(promotion, "promotion_limit_seconds", ordinary) if promotion is not None else None
        for first, last in [(start, end)] if start < end else [(start, DAY_MINUTES), (0, end)]:
            if first < last:
                yield ClockBand(first, last, on_duty, ordinary, special)

    def _agents(self, node: Node | None) -> dict[str, Agent]:
        values = self._values
        agents: dict[str, Agent] = {}
        accounts: dict[str, str] = {}
        for key, value in values.entries(node, "agents"):
            what = say("agent {name!r}", name=key.value)
            if isinstance(value, Scalar) and value.empty:
                agents[key.value] = Agent(key.value)
                continue
            fields = values.fields(value, what, ("name", "team", "line", "level", "hired_on", "accounts"))
            if fields is None:
                continue
            names = {name: values.text(fields.get(name), name) or None for name in ("name", "team", "line", "level")}
            agent = Agent(
                key.value,
                hired_on=values.day(fields.get("hired_on"), "hired_on"),
                accounts=values.texts(fields.get("accounts"), "accounts"),
                **names,
            )
            for account in agent.accounts:
                if account in accounts:
                    place = fields.place("accounts")
                    self._report.error(
                        place,
                        say(
                            "account {account!r} also belongs to agent {name!r}",
                            account=account,
                            name=accounts[account],
                        ),
                    )
                accounts[account] = key.value
            agents[key.value] = agent
        return agents

    def _departments(self, node: Node | None) -> dict[str, Department]:
        departments: dict[str, Department] = {}
        for key, value in self._values.entries(node, "departments"):
            fields = self._values.fields(value, say("department {name!r}", name=key.value), ("name", "contact"))
            if fields is not None:
                departments[key.value] = Department(
                    key.value,
                    self._values.text(fields.get("name"), "name") or None,
                    self._values.text(fields.get("contact"), "contact") or None,
                )
        return departments

    def _hours(self, start: Node | None, end: Node | None) -> tuple[int, int]:
        """Working hours in minutes; an end at or before the start lies on the next day."""
        first, last = self._values.clock(start, "from"), self._values.clock(end, "to")
        return first, last if last > first else last + DAY_MINUTES

    def _shifts(self, node: Node | None) -> dict[str, tuple[int, int]]:
        shifts: dict[str, tuple[int, int]] = {}
        for key, value in self._values.entries(node, "shifts"):
            hours = self._values.items(value, say("shift {name!r}", name=key.value))
            if len(hours) == 2:
                shifts[key.value] = self._hours(hours[0], hours[1])
            else:
                self._report.error(
                    value, say('shift {name!r} must be two times such as ["09:00", "17:00"]', name=key.value)
                )
        return shifts

    def _roster(self, top: Fields, agents: dict[str, Agent]) -> tuple[RosterEntry, ...]:
        shifts = self._shifts(top.get("shifts"))
        entries: list[RosterEntry] = []
        for node in self._values.items(top.get("roster"), "roster"):
            entries += self._entry(node, shifts, agents)
        return tuple(entries)

    def _entry(self, node: Node, shifts: dict[str, tuple[int, int]], agents: dict[str, Agent]) -> list[RosterEntry]:
        values = self._values
        keys = ("day", "weekday", "shift", "from", "to", "agents")
        fields = values.fields(node, say("a roster entry"), keys, ("agents",))
        if fields is None:
            return []
        if ("day" in fields) == ("weekday" in fields):
            self._report.error(node, say("a roster entry is for a day or for a weekday"))
        shift = values.text(fields.get("shift"), "shift") or None
        hours = (0, DAY_MINUTES)
        if shift is not None:
            if "from" in fields or "to" in fields:
                self._report.error(fields.place("shift"), say("a roster entry has a shift, or from and to, not both"))
            if shift in shifts:
                hours = shifts[shift]
            else:
                self._report.error(
                    fields.place("shift"),
                    say("there is no shift {shift!r}{near}", shift=shift, near=did_you_mean(shift, shifts)),
                )
        elif fields.get("from") is None or fields.get("to") is None:
            self._report.error(node, say("a roster entry needs a shift, or from and to"))
        else:
            hours = self._hours(fields.get("from"), fields.get("to"))
        who = values.texts(fields.get("agents"), "agents")
        for name in who if agents else ():
            if name not in agents:
                self._report.error(
                    fields.place("agents"),
                    say("there is no agent {name!r}{near}", name=name, near=did_you_mean(name, agents)),
                )
        day = values.day(fields.get("day"), "day")
        weekdays = self._weekdays(fields.get("weekday"))
        if day is not None:
            return [RosterEntry(*hours, agents=who, day=day, shift=shift)]
        return [RosterEntry(*hours, agents=who, weekday=weekday, shift=shift) for weekday in weekdays]

    def _weekdays(self, node: Node | None) -> list[int]:
        """One weekday or a list of them, ``mon`` … ``sun``."""
        if node is None:
            return []
        found: dict[int, None] = {}
        for item in [node] if isinstance(node, Scalar) else self._values.items(node, "weekday"):
            if isinstance(item, Scalar) and item.value in _WEEKDAYS:
                found[_WEEKDAYS.index(item.value)] = None
            else:
                self._report.error(
                    item, say("weekday must be {names}, not {found}", names=_WEEKDAYS, found=describe(item))
                )
        return list(found)
