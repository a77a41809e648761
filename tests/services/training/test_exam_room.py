"""The exam room: the server's clock and nobody else's, nothing lost, nothing twice, whoever looks and from however many tabs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import msgspec
import pytest
from sqlalchemy import select

from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import State
from qaplatform.exam.playing import played
from qaplatform.services.training import exam_clock, exam_ending, exam_room
from qaplatform.services.training.exam_hearing import listener_of
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    ExamDialogue,
    ExamDraft,
    ExamMessage,
    ExamPause,
    LearningVersion,
    TrainingMark,
)
from qaplatform.worker import Worker
from tests.exam.small import SMALL
from tests.exam.standing import shipped_auditor
from tests.services.training.examined import (
    GOOD,
    LEAD,
    NEW_HIRE,
    NOW,
    at,
    begun,
    held,
    only_dialogue,
    row,
    scenario,
    seen,
    sitting_row,
    with_people,
    write,
)
from tests.stores import ONLY_SQLITE, count
from tests.working import HandClock, announce

ENDS = 900


@pytest.fixture
def opened(store: Store) -> Store:
    return with_people(store)


def by_the_core(seed: int, texts: tuple[tuple[int, str], ...], until: int) -> State:
    """The dialogue as the pure customer holds it."""
    one = Customer(scenario(), seed, listener_of(shipped_auditor().rubric, scenario()))
    return played(one, texts, until_seconds=until)


def lines(store: Store, dialogue_id: int) -> list[tuple[int, str, str, int]]:
    with store.reading() as session:
        message = ExamMessage
        asked = select(message.number, message.by, message.text, message.at_seconds)
        return [
            tuple(one)  # type: ignore[misc]
            for one in session.execute(asked.where(message.dialogue_id == dialogue_id).order_by(message.number))
        ]


def test_a_whole_exam_is_the_same_dialogue_in_every_database(opened: Store) -> None:
    dialogue_id = held(opened)
    done = row(opened, dialogue_id)
    pure = by_the_core(done.seed, GOOD, 150)
    assert lines(opened, dialogue_id) == [
        (number, line.by, line.text, line.at_seconds) for number, line in enumerate(pure.lines)
    ]
    assert msgspec.convert(done.state, State) == pure
    assert (done.ending, done.verdict, done.machine_verdict) == ("solved", "passed", "passed")
    assert (done.service_score, done.task_score, done.has_critical, done.needs_mentor) == (100, 100, False, False)
    assert done.ended_at == at(pure.ended_at_seconds or 0) < at(150), "the customer has said goodbye by then"
    sitting = sitting_row(opened, done.sitting_id)
    assert (sitting.verdict, sitting.ended_at) == ("passed", done.ended_at)
    with opened.reading() as session:
        marks = session.scalars(select(TrainingMark).where(TrainingMark.dialogue_id == dialogue_id)).all()
    assert len(marks) > 5
    assert {(mark.user_id, mark.passed, mark.at) for mark in marks} == {(8, True, done.ended_at)}


def test_looking_writes_nothing_and_shows_what_happened_by_now(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    first = seen(opened, sitting_id, 0.9).dialogues[0]
    assert [(one.number, one.by, one.at) for one in first.lines] == [(0, "customer", NOW)]
    assert (first.elapsed_seconds, first.left_seconds, first.waits_since_seconds) == (0, ENDS, 0)
    assert first.limit_seconds == 60
    assert first.begins is not None
    assert [one.on_the_day for one in first.lines] == [first.begins]
    assert first.begins.year == 2026, "the day of the scenario, whatever the server's clock says"
    assert not first.is_promotion
    assert first.panel.order
    assert "{" not in str(first.panel)
    later = seen(opened, sitting_id, 21).dialogues[0]
    assert len(later.lines) == 3
    assert later.waits_since_seconds == 21 - (later.lines[-1].at - NOW).seconds
    assert count(opened, ExamMessage) == 0
    write(opened, dialogue_id, GOOD[0][1], 22)
    assert [one[1] for one in lines(opened, dialogue_id)] == ["customer"] * 3 + ["candidate"]
    answered = seen(opened, sitting_id, 23).dialogues[0]
    assert (answered.waits_since_seconds, answered.limit_seconds) == (None, None)
    assert seen(opened, sitting_id, 21) == seen(opened, sitting_id, 21)
    assert count(opened, ExamMessage) == 4


@pytest.mark.both_databases
def test_two_tabs_at_once_lose_nothing_and_say_nothing_twice(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    keys = [f"key{number % 6}" for number in range(10)]
    start = Barrier(len(keys))

    def send(key: str) -> tuple[str, exam_room.Sent]:
        start.wait()
        return key, write(opened, dialogue_id, f"您好，我在为您查询{key}", 20, key=key)

    with ThreadPoolExecutor(len(keys)) as pool:
        sent = list(pool.map(send, keys))
    by_key = {key: one.number for key, one in sent}
    assert all(by_key[key] == one.number for key, one in sent)
    assert sum(one.is_new for _, one in sent) == len(set(keys)) == len(set(by_key.values()))
    kept = [one for one in lines(opened, dialogue_id) if one[1] == "candidate"]
    assert sorted(one[0] for one in kept) == sorted(by_key.values())
    assert {one[2] for one in kept} == {f"您好，我在为您查询{key}" for key in set(keys)}
    stored = row(opened, dialogue_id)
    texts = tuple((second, text) for _, _, text, second in kept)
    assert msgspec.convert(stored.state, State) == played(
        Customer(scenario(), stored.seed, listener_of(shipped_auditor().rubric, scenario())), texts
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["the worker", "the next look"])
def test_a_restart_over_the_deadline_gives_no_time(opened: Store, who: str) -> None:
    short = SMALL.replace("ends_after_seconds: 600", "ends_after_seconds: 90")
    with opened.writing() as session:
        write_text(session, LEAD, Writing(kind="scenario", code="small", text=short), state="published", now=NOW)
    sitting_id = begun(opened, wanted=SittingWanted(kind="small"))
    dialogue_id = only_dialogue(opened, sitting_id)
    write(opened, dialogue_id, GOOD[0][1], 20)
    write(opened, dialogue_id, GOOD[1][1], 89.9, key="last")
    url = opened.engine.url.render_as_string(hide_password=False)
    after = Store(url)
    with pytest.raises(exam_room.ExamEndedError):
        write(after, dialogue_id, GOOD[2][1], 90)
    room = seen(after, sitting_id, 3600)
    assert (room.ended, room.needs_recording, room.dialogues[0].ending) == (True, True, "time_out")
    if who == "the worker":
        clock = HandClock()
        clock.time = at(3600)
        announce(after, exam_ending.END_KIND)
        Worker(after, {exam_ending.END_KIND: exam_ending.end_due}, clock=clock).run_one()
    else:
        with after.writing() as session:
            assert exam_room.record_ends(session, NEW_HIRE, sitting_id, now=at(3600)) == 1
    done = row(after, dialogue_id)
    assert (done.ended_at, done.ending, done.verdict) == (at(90), "time_out", "failed")
    assert sitting_row(after, sitting_id).ended_at == at(90)
    assert not seen(after, sitting_id, 3600).needs_recording
    assert [line[2:] for line in lines(after, dialogue_id)][-1] == (GOOD[1][1], 89), "what was there is what is judged"
    with pytest.raises(exam_room.ExamEndedError):
        write(after, dialogue_id, GOOD[1][1], 30, key="late")
    assert not write(after, dialogue_id, GOOD[1][1], 95, key="last").is_new, (
        "it was sent in time, whenever that is heard"
    )
    after.close()


def test_a_stopped_clock_costs_nothing_and_gives_nothing(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    write(opened, dialogue_id, GOOD[0][1], 22)
    with opened.writing() as session:
        assert exam_clock.pause(session, dialogue_id, "endpoint", now=at(25.25))
        assert not exam_clock.pause(session, dialogue_id, "endpoint", now=at(26))
    paused = [seen(opened, sitting_id, second).dialogues[0] for second in (25.5, 400, 5000)]
    assert {(one.elapsed_seconds, one.left_seconds, one.is_paused, one.ended) for one in paused} == {
        (25, ENDS - 25, True, False)
    }
    with pytest.raises(exam_room.ExamPausedError):
        write(opened, dialogue_id, GOOD[1][1], 400)
    with opened.writing() as session:
        exam_room.keep_draft(session, NEW_HIRE, dialogue_id, "麻烦", now=at(4000))
        assert exam_clock.resume(session, dialogue_id, now=at(5025.5))
        assert not exam_clock.resume(session, dialogue_id, now=at(5026))
    stood = 5000.25
    assert seen(opened, sitting_id, 25.74 + stood).dialogues[0].elapsed_seconds == 25
    assert seen(opened, sitting_id, 26 + stood).dialogues[0].elapsed_seconds == 26
    for second, text in GOOD[1:]:
        write(opened, dialogue_id, text, second + stood)
    assert seen(opened, sitting_id, 30 + stood).dialogues[0].lines[4].at == at(30 + stood)
    stored = row(opened, dialogue_id)
    assert (stored.deadline_at, stored.paused_seconds) == (at(ENDS + stood), stood)
    with opened.writing() as session:
        exam_room.leave(session, NEW_HIRE, sitting_id, now=at(150 + stood))
    done = row(opened, dialogue_id)
    pure = by_the_core(done.seed, GOOD, 150)
    assert msgspec.convert(done.state, State) == pure
    assert (done.ended_at, done.verdict) == (at((pure.ended_at_seconds or 0) + stood), "passed")


@pytest.mark.both_databases
def test_who_leaves_while_the_clock_stands_leaves_at_that_second(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    with opened.writing() as session:
        exam_clock.pause(session, dialogue_id, "endpoint", now=at(30))
        exam_room.leave(session, NEW_HIRE, sitting_id, now=at(2000))
    assert row(opened, dialogue_id).ended_at == at(30)
    with opened.reading() as session:
        assert session.scalars(select(ExamPause.until_at)).one() == at(2000)


@pytest.mark.both_databases
def test_drafts_stay_until_they_are_sent_or_the_dialogue_ends(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)

    def draft(text: str, second: int) -> str:
        with opened.writing() as session:
            exam_room.keep_draft(session, NEW_HIRE, dialogue_id, text, now=at(second))
        return seen(opened, sitting_id, second).dialogues[0].draft

    assert draft("您好，我", 10) == "您好，我"
    assert draft("您好，我是小云\0", 12) == "您好，我是小云"
    write(opened, dialogue_id, "您好，我是小云，请说", 14)
    assert seen(opened, sitting_id, 15).dialogues[0].draft == ""
    assert draft("另一个窗口里的话", 16) == "另一个窗口里的话"
    write(opened, dialogue_id, "请问订单号是多少", 18)
    assert seen(opened, sitting_id, 19).dialogues[0].draft == "另一个窗口里的话"
    assert draft("", 20) == ""
    assert count(opened, ExamDraft) == 0
    with pytest.raises(exam_room.ExamEndedError):
        draft("还想说", ENDS)


def test_several_customers_write_in_one_after_the_other(opened: Store) -> None:
    sitting_id = begun(opened, wanted=SittingWanted(at_once=3))
    first = seen(opened, sitting_id, 0)
    opens = [one.opens_in_seconds for one in first.dialogues]
    assert (first.at_once, opens[0]) == (3, 0)
    assert 8 <= opens[1] <= 25
    assert 8 <= opens[2] - opens[1] <= 25
    assert [bool(one.lines) for one in first.dialogues] == [True, False, False]
    assert len({one.scenario for one in first.dialogues}) == 3
    with pytest.raises(exam_room.NotOpenError):
        write(opened, first.dialogues[2].id, "您好", 5)
    write(opened, first.dialogues[1].id, "您好，请说", opens[1] + 3)
    assert seen(opened, sitting_id, 60).dialogues[2].elapsed_seconds == 60 - opens[2]
    with opened.writing() as session:
        exam_room.hang_up(session, NEW_HIRE, first.dialogues[0].id, now=at(30))
    assert (sitting_row(opened, sitting_id).ended_at, seen(opened, sitting_id, 40).ended) == (None, False)
    with opened.writing() as session:
        exam_room.leave(session, NEW_HIRE, sitting_id, now=at(60))
    left = sitting_row(opened, sitting_id)
    assert (left.ended_at, left.verdict) == (at(60), "failed")
    silent = row(opened, first.dialogues[2].id)
    assert (silent.verdict, silent.needs_mentor, silent.ending) == ("failed", False, "stopped")


def test_a_dialogue_whose_scenario_is_gone_is_void_and_not_failed(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    with opened.writing() as session:
        for version in session.scalars(select(LearningVersion)):
            version.content, version.content_hash = {}, "gone"
    room = seen(opened, sitting_id, 10)
    assert (room.dialogues[0].ending, room.needs_recording) == ("void", True)
    with opened.writing() as session:
        assert exam_room.record_ends(session, NEW_HIRE, sitting_id, now=at(10)) == 1
    done = row(opened, dialogue_id)
    assert (done.verdict, done.void_why, sitting_row(opened, sitting_id).verdict) == ("void", "unreadable", "void")
    assert begun(opened, second=20), "nobody waits after what was void"


@ONLY_SQLITE
def test_a_dialogue_at_which_the_program_fails_is_void_and_holds_up_no_other(
    opened: Store, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good_one = begun(opened), begun(opened, LEAD)
    with opened.writing() as session:
        broken = session.scalars(select(ExamDialogue).where(ExamDialogue.sitting_id == bad)).one()
        # A step that the scenario does not have.
        broken.state = {**broken.state, "step": "nowhere", "unheard": [0], "coming": [], "reads_at_seconds": 5}
    clock = HandClock()
    clock.time = at(ENDS + 60)
    announce(opened, exam_ending.END_KIND)
    Worker(opened, {exam_ending.END_KIND: exam_ending.end_due}, clock=clock).run_one()
    assert "could not be ended" in caplog.text
    assert (sitting_row(opened, bad).verdict, sitting_row(opened, good_one).verdict) == ("void", "failed")
    with opened.reading() as session:
        assert set(session.scalars(select(ExamDialogue.void_why))) == {"simulator", None}


@ONLY_SQLITE
def test_a_state_that_cannot_be_read_is_played_again_from_the_messages(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    for second, text in GOOD[:3]:
        write(opened, dialogue_id, text, second)
    before = seen(opened, sitting_id, 80)
    with opened.writing() as session:
        session.get_one(ExamDialogue, dialogue_id).state = {"of": "another release"}
    assert seen(opened, sitting_id, 80) == before
