"""Where somebody stands on a learning path: today, next, late, and why not graduated."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qaplatform.audit.phrases import Words
from qaplatform.training.path_loading import shipped_paths
from qaplatform.training.paths import (
    Done,
    Graduation,
    Missing,
    NoWorkingDaysError,
    Path,
    Progress,
    Stage,
    Standing,
    Step,
    WeekCalendar,
    progress,
)

NAME = Words("名", "name")
MONDAY = date(2026, 11, 2)
CALENDAR = WeekCalendar()
READ = Done(times=1)
AGREES = Standing(mentor_agrees=True)


def step(id: str, due: int, kind: str = "lesson", **more) -> Step:
    return Step(id, kind, NAME, due, **more)


PATH = Path(
    "p",
    NAME,
    NAME,
    "1",
    (
        Stage(
            "one",
            NAME,
            (
                step("read", 1),
                step("test", 3, "theory_test", pass_ratio=0.8, draw=10, after=("read",)),
                step("chats", 7, "accompanied_chats", times=2, chats_a_day=5, after=("read",)),
                step("extra", 4, optional=True),
            ),
        ),
        Stage("two", NAME, (step("exam", 10, "mock_exam", times=3, scenario_kinds=2),)),
    ),
    Graduation(not_before_working_day=10, exams_passed=3, exam_kinds=2),
)


def on(day: date, standing: Standing | None = None, **done: Done) -> Progress:
    return progress(PATH, done, hired_on=MONDAY, today=day, calendar=CALENDAR, standing=standing)


def ids(steps) -> list[str]:
    return [one.step.id for one in steps]


def test_on_the_first_day_what_is_due_is_today_and_the_rest_follows_by_due_date() -> None:
    found = on(MONDAY)
    assert ids(found.today) == ["read"]
    assert ids(found.next) == ["test", "extra", "chats", "exam"]
    assert (found.working_day, found.late, found.done_ratio, found.graduated) == (1, (), 0.0, False)
    assert {one.step.id: (one.state, one.waits_for) for one in found.steps} == {
        "read": ("open", ()),
        "test": ("locked", ("read",)),
        "chats": ("locked", ("read",)),
        "extra": ("open", ()),
        "exam": ("locked", ("read", "test", "chats")),
    }


def test_due_dates_count_working_days_and_a_holiday_moves_them() -> None:
    assert [one.due_on.isoformat()[5:] for one in on(MONDAY).steps] == ["11-02", "11-04", "11-10", "11-05", "11-13"]
    calendar = WeekCalendar(
        holidays=frozenset({MONDAY + timedelta(days=1)}), extra_working_days=frozenset({MONDAY + timedelta(days=5)})
    )
    found = progress(PATH, {}, hired_on=MONDAY, today=MONDAY, calendar=calendar)
    assert [one.due_on.isoformat()[5:] for one in found.steps] == ["11-02", "11-05", "11-10", "11-06", "11-13"]


def test_who_is_hired_on_a_day_off_begins_on_the_next_working_day() -> None:
    found = progress(PATH, {}, hired_on=MONDAY - timedelta(days=2), today=MONDAY - timedelta(days=1), calendar=CALENDAR)
    assert (found.working_day, found.steps[0].due_on) == (0, MONDAY)
    assert ids(found.today) == ["read"]


def test_what_is_late_comes_first_and_says_by_how_many_working_days() -> None:
    found = on(MONDAY + timedelta(days=7), read=READ)  # the next Monday, working day 6
    assert ids(found.today) == ["test", "extra", "chats"]
    assert [(one.step.id, one.late_days) for one in found.late] == [("test", 3)]
    assert ids(on(MONDAY + timedelta(days=8)).late) == ["read", "test"]


def test_accompanied_chats_count_by_full_days_and_ask_for_the_rest_of_todays() -> None:
    tuesday = MONDAY + timedelta(days=1)
    found = on(tuesday, read=READ, chats=Done(by_day={MONDAY: 5, tuesday: 3}))
    chats = next(one for one in found.steps if one.step.id == "chats")
    assert (chats.state, chats.reached, chats.left_today) == ("open", 1, 2)
    assert ids(found.today) == ["chats"]
    saturday = MONDAY + timedelta(days=5)
    assert all(one.left_today == 0 for one in on(saturday, read=READ).steps)
    full = on(tuesday, read=READ, chats=Done(by_day={MONDAY: 5, tuesday: 6}))
    assert next(one for one in full.steps if one.step.id == "chats").state == "done"


@pytest.mark.parametrize(("ratio", "state"), [(None, "open"), (0.79, "open"), (0.8, "done")])
def test_a_theory_test_is_done_when_it_is_passed(ratio: float | None, state: str) -> None:
    found = on(MONDAY, read=READ, test=Done(times=2, best_ratio=ratio))
    assert next(one for one in found.steps if one.step.id == "test").state == state


def test_graduating_needs_every_required_step_the_time_the_exams_no_critical_and_the_mentor() -> None:
    chats = Done(by_day={MONDAY: 5, MONDAY + timedelta(days=1): 5})
    most = {"read": READ, "test": Done(best_ratio=1.0), "chats": chats}
    friday = MONDAY + timedelta(days=11)
    exam = Done(times=3, kinds=frozenset({"defect", "delay"}))
    assert on(friday, AGREES, exam=exam, **most).graduated
    early = on(
        MONDAY + timedelta(days=2), Standing(open_criticals=1), exam=Done(times=3, kinds=frozenset({"a"})), **most
    )
    assert early.missing == (
        Missing("step", "exam", 3, 3),
        Missing("too_early", on=friday),
        Missing("exam_kinds", needed=2, have=1),
        Missing("criticals", have=1),
        Missing("mentor"),
    )
    assert [one.code for one in on(friday, AGREES, **most).missing] == ["step", "exams", "exam_kinds"]


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(NoWorkingDaysError):
        progress(PATH, {}, hired_on=MONDAY, today=MONDAY, calendar=WeekCalendar(frozenset(range(7))))


@pytest.mark.parametrize("id", ["new-hire", "refresher"])
def test_a_shipped_path_can_be_walked_day_by_day_without_ever_being_late(id: str) -> None:
    path, done, day = shipped_paths()[id], {}, MONDAY
    for _ in range(200):
        found = progress(path, done, hired_on=MONDAY, today=day, calendar=CALENDAR, standing=AGREES)
        assert found.late == ()
        if found.graduated:
            break
        while due := [one.step for one in found.today if one.left_today or one.due_on <= day]:
            for wanted in due:
                chats = {**done.get(wanted.id, Done()).by_day, day: wanted.chats_a_day}
                done[wanted.id] = Done(times=wanted.times, best_ratio=1.0, kinds=frozenset({"a", "b"}), by_day=chats)
            found = progress(path, done, hired_on=MONDAY, today=day, calendar=CALENDAR, standing=AGREES)
            assert found.late == ()
        day += timedelta(days=1)
    assert found.graduated
    assert found.done_ratio == 1.0
