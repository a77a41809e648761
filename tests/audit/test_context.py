"""The context: what loads, where each mistake is shown, and who answers within how many seconds."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform.audit.context import DEFAULT_BANDS, ClockBand, Context, RosterEntry
from qaplatform.audit.context_loading import ContextError, load_context
from qaplatform.audit.local_time import NO_DAY, local_days_and_seconds
from qaplatform.audit.problem import Problem

CARET = "‸"
SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = """\
timezone: Asia/Shanghai
as_of: 2026-10-20T10:00:00
promotion_days: ["2026-10-31", 2026-11-11]
holidays: [2026-10-01]
clock_bands:
  - {from: "09:00", to: "20:00", limit_seconds: 60}
  - {from: "20:00", to: "23:00", limit_seconds: 60, promotion_limit_seconds: 30}
  - {from: 23:00, to: 09:00, on_duty: false}
shifts: {early: ["09:00", "17:00"], late: ["14:30", "22:30"], night: ["22:00", "02:00"]}
roster:
  - {day: 2026-10-12, shift: early, agents: [a1]}
  - {day: 2026-10-12, shift: late, agents: [a2, a1]}
  - {day: 2026-10-13, shift: night, agents: [a2]}
  - {day: 2026-10-15, from: "10:00", to: "12:00", agents: [a1]}
agents:
  a1: {name: 小林, team: 一组, line: 1, level: junior, hired_on: 2026-08-03, accounts: [shop:lin, 林林]}
  a2:
return_addresses: {旗舰店: [某省某市某路1号]}
departments: {warehouse: {name: 仓库, contact: 老周}}
"""


def test_the_default_context_is_the_service_standard() -> None:
    context = Context()
    night, day, evening = (datetime.fromisoformat(f"2026-11-11T{hour}:30") for hour in ("03", "12", "21"))
    assert context.limit_seconds(night) is None
    assert not context.on_duty(night)
    assert context.limit_seconds(day) == 60.0
    assert context.on_duty(day)
    assert context.limit_seconds(evening) == 60.0
    sale = Context(promotion_days=frozenset({date(2026, 11, 11)}))
    assert (sale.limit_seconds(evening), sale.limit_seconds(day)) == (30.0, 60.0)
    assert sale.limit_seconds(evening + timedelta(days=1)) == 60.0


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("08:59:59", None), ("09:00:00", 60.0), ("19:59:59", 60.0), ("20:00:00", 30.0), ("23:59:59", 30.0)],
)
def test_a_band_begins_at_its_first_second_and_ends_before_its_last(clock: str, expected: float | None) -> None:
    context = Context(promotion_days=frozenset({date(2026, 11, 11)}))
    assert context.limit_seconds(datetime.fromisoformat(f"2026-11-11T{clock}")) == expected


def test_a_context_carries_everything_that_was_written() -> None:
    context = load_context("c.yaml", FILE)
    assert context.as_of == datetime(2026, 10, 20, 2, tzinfo=UTC)
    assert context.promotion_days == {date(2026, 10, 31), date(2026, 11, 11)}
    assert context.clock_bands == (
        ClockBand(0, 540, on_duty=False),
        ClockBand(540, 1200),
        ClockBand(1200, 1380, promotion_limit_seconds=30.0),
        ClockBand(1380, 1440, on_duty=False),
    )
    assert context.roster[2] == RosterEntry(1320, 1560, ("a2",), day=date(2026, 10, 13), shift="night")
    agent = context.agent_of("林林")
    assert agent is not None
    assert (agent.id, agent.line, agent.level, agent.hired_on) == ("a1", "1", "junior", date(2026, 8, 3))
    assert context.agent_of("小林") is agent
    assert context.agent_of("a1") is agent
    assert context.agent_of("谁") is None
    assert context.return_addresses["旗舰店"] == ("某省某市某路1号",)
    assert context.departments["warehouse"].contact == "老周"
    assert context.is_workday(date(2026, 10, 2))
    assert not context.is_workday(date(2026, 10, 1))
    assert not context.is_workday(date(2026, 10, 3))
    assert pickle.loads(pickle.dumps(context)) == context  # noqa: S301 (our own bytes)


def test_a_file_may_leave_everything_to_the_defaults() -> None:
    assert load_context("c.yaml", "timezone: Asia/Shanghai\n") == Context()


@pytest.mark.parametrize(
    ("moment", "limit", "agents"),
    [
        ("2026-10-12T08:59", None, ()),
        ("2026-10-12T15:00", 60.0, ("a1", "a2")),
        ("2026-10-12T22:29", 60.0, ("a2", "a1")),
        ("2026-10-12T22:30", None, ()),
        ("2026-10-13T21:59", None, ()),
        ("2026-10-13T23:30", 60.0, ("a2",)),  # the band has nobody on duty, the roster has: the default limit
        ("2026-10-14T01:59", 60.0, ("a2",)),
        ("2026-10-14T02:00", None, ()),
        ("2026-10-14T12:00", None, ()),  # no entry of its own between the first and the last: a day off
        ("2026-10-15T11:00", 60.0, ("a1",)),
        ("2026-10-16T15:00", 60.0, None),  # the roster does not reach so far: the bands
        ("2026-10-11T08:00", None, None),
    ],
)
def test_who_is_on_duty_follows_the_roster_on_the_days_it_speaks_of(
    moment: str, limit: float | None, agents: tuple[str, ...] | None
) -> None:
    context = load_context("c.yaml", FILE)
    local = datetime.fromisoformat(moment)
    assert context.limit_seconds(local) == limit
    assert context.on_duty(local) == (limit is not None)
    assert context.agents_on_duty(local) == agents


def test_a_weekly_roster_yields_to_the_entries_of_a_day() -> None:
    text = """\
roster:
  - {weekday: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00", agents: [a1]}
  - {weekday: sun, from: "22:00", to: "02:00", agents: [a3]}
  - {day: 2026-10-14, from: "12:00", to: "13:00", agents: [a2]}
"""
    context = load_context("c.yaml", text)
    monday = datetime.fromisoformat("2026-10-12T10:00")
    assert context.agents_on_duty(monday) == ("a1",)
    assert context.agents_on_duty(monday.replace(hour=1)) == ("a3",)
    assert context.agents_on_duty(monday + timedelta(days=2)) == ()
    assert context.agents_on_duty(datetime.fromisoformat("2026-10-14T12:30")) == ("a2",)
    assert context.agents_on_duty(datetime.fromisoformat("2026-10-17T10:00")) == ()


BANDS = "clock_bands:\n"
MISTAKES = [
    ("", "the file is empty", ":1:1"),
    ("‸- a", "a context must be a mapping, not a list"),
    ("‸timzone: UTC", "unknown key 'timzone' in a context; did you mean 'timezone'?"),
    ("timezone: ‸Mars/Base", "there is no time zone 'Mars/Base'"),
    ("timezone: ‸../../x", "there is no time zone '../../x'"),
    ("timezone: ‸America", "there is no time zone 'America'"),
    ("as_of: ‸2026-10-20", "as_of must be a moment such as 2026-11-11T20:00:00+08:00, not '2026-10-20'"),
    ("promotion_days: [‸2026-2-3]", "an item of promotion_days must be a day such as 2026-11-11"),
    ("holidays: [2026-02-03, ‸2026-02-03]", "2026-02-03 stands twice in holidays"),
    (
        BANDS + "  - {from: 00:00, to: 09:00}\n  - ‸{from: 10:00, to: 24:00}",
        "gap: 09:00–10:00 belongs to no clock band",
    ),
    ("clock_bands:\n  ‸- {from: 00:00, to: 23:00}", "gap: 23:00–24:00 belongs to no clock band"),
    (
        BANDS + "  - {from: 00:00, to: 12:00}\n  - ‸{from: 11:00, to: 24:00}",
        "overlap: 11:00–12:00 also belongs to another clock band",
    ),
    (BANDS + "  - {from: ‸25:00, to: 24:00}", "from must be a time of day such as \"09:00\", not '25:00'"),
    (BANDS + "  - {from: 09:00, to: ‸09:00}", "the band 09:00–09:00 is empty"),
    (BANDS + "  - ‸{from: 09:00}", "a clock band needs 'to'"),
    (BANDS + "  - {from: 00:00, to: 24:00, limit_seconds: ‸0}", "limit_seconds must be above 0, not '0'"),
    (BANDS + "  - {from: 00:00, to: 24:00, on_duty: false, limit_seconds: ‸6}", "limit_seconds has no meaning"),
    (BANDS + "  - {from: 00:00, to: 24:00, on_duty: ‸no}", "on_duty must be true or false, not 'no'"),
    ("shifts: {early: ‸" + '["09:00"]}', "shift 'early' must be two times"),
    (
        'shifts: {early: ["09:00", "17:00"]}\nroster:\n  - {day: 2026-10-12, shift: ‸' + "erly, agents: [a]}",
        "there is no shift 'erly'; did you mean 'early'?",
    ),
    ("roster:\n  - ‸" + '{from: "09:00", to: "17:00", agents: [a]}', "a roster entry is for a day or for a weekday"),
    ("roster:\n  - ‸{day: 2026-10-12, agents: [a]}", "a roster entry needs a shift, or from and to"),
    ("roster:\n  - {weekday: ‸" + 'monday, from: "09:00", to: "17:00", agents: [a]}', "weekday must be mon, tue"),
    (
        "agents: {anna: {}}\nroster:\n  - {day: 2026-10-12, from: 09:00, to: 10:00, agents: ‸[ana]}",
        "there is no agent 'ana'; did you mean 'anna'?",
    ),
    ("agents: {a: {accounts: [x]}, b: {accounts: ‸[x]}}", "account 'x' also belongs to agent 'a'"),
    ("agents: {a: {hired_on: ‸last year}}", "hired_on must be a day"),
    ("return_addresses: {s: ‸a street}", "the return addresses of 's' must be a list, not 'a street'"),
    ("departments: {w: {‸kontact: x}}", "unknown key 'kontact' in department 'w'; did you mean 'contact'?"),
]


@pytest.mark.parametrize("case", MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_an_error_at_its_own_line_and_column(case: tuple[str, ...]) -> None:
    text, message = case[0], case[1]
    before = text.partition(CARET)[0]
    where = case[2] if len(case) > 2 else f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    with pytest.raises(ContextError) as caught:
        load_context("c.yaml", text.replace(CARET, ""))
    said = str(caught.value).splitlines()
    assert any(line.startswith(f"c.yaml{where}: error: {message}") for line in said), said


def _slowly(context: Context, epoch: float) -> float:
    """The same answer, one moment at a time through the standard library."""
    local = datetime.fromtimestamp(epoch, context.zone)
    limit = context.limit_seconds(local)
    return float("nan") if limit is None else limit


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"])
@settings(max_examples=40, deadline=None)
@given(epochs=st.lists(st.floats(0, 4e9), min_size=1, max_size=30))
def test_a_column_of_moments_gets_what_each_moment_gets(zone: str, epochs: list[float]) -> None:
    context = Context(timezone=zone, promotion_days=frozenset({date(2026, 11, 1), date(2026, 3, 8)}))
    found = context.limits(np.asarray(epochs))
    np.testing.assert_array_equal(found, [_slowly(context, epoch) for epoch in epochs])


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ],
)
def test_local_time_is_right_on_both_sides_of_a_clock_change(zone: str, change: datetime) -> None:
    moments = change.timestamp() + np.arange(-40_000.0, 40_000.0, 613.0)
    days, seconds = local_days_and_seconds(moments, ZoneInfo(zone))
    for moment, day, second in zip(moments.tolist(), days.tolist(), seconds.tolist(), strict=True):
        local = datetime.fromtimestamp(moment, ZoneInfo(zone))
        assert date(1970, 1, 1) + timedelta(days=day) == local.date()
        assert second == local.hour * 3600 + local.minute * 60 + local.second


def test_unknown_and_absurd_moments_have_no_limit() -> None:
    moments = np.asarray(
        [np.nan, np.inf, -np.inf, 1e300, -1e15, datetime(2026, 11, 11, 12, tzinfo=SHANGHAI).timestamp()]
    )
    np.testing.assert_array_equal(Context().limits(moments), [np.nan] * 5 + [60.0])
    days, _ = local_days_and_seconds(moments, SHANGHAI)
    assert days.tolist()[:5] == [NO_DAY] * 5
    assert Context().limits(np.empty(0)).shape == (0,)


def test_days_years_apart_are_told_apart() -> None:
    moments = np.asarray([datetime(year, 6, 1, 12, tzinfo=SHANGHAI).timestamp() for year in (1975, 2026, 2090)])
    np.testing.assert_array_equal(Context().limits(moments), [60.0, 60.0, 60.0])


def test_the_default_bands_cover_the_day() -> None:
    assert [band.start_minute for band in DEFAULT_BANDS] == [0, *(band.end_minute for band in DEFAULT_BANDS[:-1])]
    assert DEFAULT_BANDS[-1].end_minute == 1440


_JUNK = st.text(alphabet=":-[]{}'\"|>&*!#, \t\n0129中～\x00\ud800", max_size=10)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FILE)), st.integers(0, 6), _JUNK)
def test_a_damaged_context_raises_nothing_but_our_error(begin: int, length: int, junk: str) -> None:
    problems: tuple[Problem, ...] = ()
    context = Context()
    try:
        context = load_context("c.yaml", FILE[:begin] + junk + FILE[begin + length :])
    except ContextError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
    assert context.limits(np.asarray([1.8e9])).shape == (1,)
