"""A language model in the customer's part: against a real server that plays it, well and badly."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from qaplatform.exam.dialogue import State
from qaplatform.services.grader_settings import grader_settings, keep_settings
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_beginning import NoLlmCustomerError
from qaplatform.services.training.exam_clock import ASKS_MODEL, pause
from qaplatform.services.training.exam_ending import END_KIND, end_due
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.exam_wording import WORDING_KIND, run_wording
from qaplatform.services.training.settings import TrainingSettings, keep_training_settings
from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamCall, ExamDialogue, ExamMessage, ExamPause, Job, LlmSpending
from qaplatform.store.training.exam_calls import calls_of
from qaplatform.testing.fake_llm import FakeLLM, Fault
from qaplatform.worker import Worker
from tests.graded import endpoint_at
from tests.runs import Run
from tests.services.training.examined import (
    DONE,
    GOOD,
    KIND,
    LEAD,
    NEW_HIRE,
    NOW,
    SCENARIO,
    at,
    begun,
    held,
    only_dialogue,
    row,
    seen,
    with_people,
    write,
)
from tests.stores import ONLY_SQLITE

pytestmark = pytest.mark.loopback
WANTED = SittingWanted(purpose="practice", scenarios=(SCENARIO,), customer="llm")
LINE = re.compile(r"^\d+\. (.+)$", re.MULTILINE)


def asked_lines(request: dict[str, Any]) -> list[str]:
    """What the script was about to say."""
    said = request["messages"][1]["content"]
    return LINE.findall(said[: said.index("=====CHAT")])


def obedient(request: dict[str, Any]) -> str:
    """The same with other words around it."""
    return json.dumps({"messages": [f"嗯，{one}" for one in asked_lines(request)]}, ensure_ascii=False)


def adding(words: str) -> Callable[[dict[str, Any]], str]:
    """A model that puts in something of its own."""
    return lambda request: json.dumps({"messages": [one + words for one in asked_lines(request)]}, ensure_ascii=False)


def open_to_models(store: Store, url: str, **settings: Any) -> None:
    endpoint_at(store, url, options=settings.pop("options", {}), **settings)
    with store.writing() as session:
        keep_training_settings(session, TrainingSettings(llm_customer=True), by=LEAD, now=NOW)


def work(store: Store, dialogue_id: int, *, now: datetime | None = None) -> None:
    """What the worker does: every announced job when it is due, or later."""
    while True:
        with store.reading() as session:
            job = session.scalars(
                select(Job).where(Job.kind == WORDING_KIND, Job.state == "waiting").order_by(Job.id)
            ).first()
        if job is None:
            return
        assert job.payload["dialogue_id"] == dialogue_id
        run_wording(Run(store, job.payload, now=now or job.run_after))
        with store.writing() as session:
            session.delete(session.get_one(Job, job.id))


def played(store: Store) -> int:
    """A dialogue with a model in the customer's part, to its end."""
    sitting_id = begun(store, wanted=WANTED)
    dialogue_id = only_dialogue(store, sitting_id)
    for second, text in GOOD:
        write(store, dialogue_id, text, second)
        work(store, dialogue_id)
    with store.writing() as session:
        exam_room.hang_up(session, NEW_HIRE, dialogue_id, now=at(DONE))
    return dialogue_id


def said(store: Store, dialogue_id: int) -> list[str]:
    with store.reading() as session:
        asked = select(ExamMessage.text).where(ExamMessage.dialogue_id == dialogue_id, ExamMessage.by == "customer")
        return list(session.scalars(asked.order_by(ExamMessage.number)))


def coming(store: Store, dialogue_id: int, second: float) -> list[Any]:
    """What the customer says in answer, once it is said."""
    lines = seen(store, row(store, dialogue_id).sitting_id, second).dialogues[0].lines
    last = max(one.number for one in lines if one.by == "candidate")
    return [one for one in lines if one.number > last]


def everything(store: Store, kind: Any) -> list[Any]:
    with store.reading() as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def test_obedient_words_are_used_and_nothing_else_changes(store: Store) -> None:
    with_people(store)
    by_script = held(store, wanted=SittingWanted(purpose="practice", scenarios=(SCENARIO,)))
    with FakeLLM(obedient) as server:
        open_to_models(store, server.base_url)
        by_model = played(store)
        prompt = server.received[-1].asked["messages"][1]["content"]
    script, model = row(store, by_script), row(store, by_model)
    assert [said(store, one)[3:] != [] for one in (by_script, by_model)] == [True, True]
    expected = [one if one.startswith("[") else f"嗯，{one}" for one in said(store, by_script)]
    spoken = said(store, by_model)
    opening = next(place for place, one in enumerate(spoken) if one.startswith(("嗯，", "[")))
    assert spoken[opening:] == expected[opening:], "pictures are the script's, and so is the opening"
    assert (model.verdict, model.task_score, model.ending) == (script.verdict, script.task_score, script.ending)
    assert model.service_score == script.service_score
    calls = everything(store, ExamCall)
    assert {one.fault for one in calls} == {""}
    assert all(one.prompt_tokens and one.money_micros for one in calls)
    assert "客服: 您好，我是云朵母婴" in prompt
    with store.reading() as session:
        spent = session.scalars(select(LlmSpending)).one()
        assert (spent.rubric, spent.question, round(spent.call_count)) == ("exam", SCENARIO, len(calls))
        assert len(calls_of(session, by_model)) == len(calls)
    # A release that cannot read the state plays it again, with the words that were said.
    with store.writing() as session:
        kept = session.get_one(ExamDialogue, by_model)
        before = msgspec.convert(kept.state, State).lines
        kept.state = {"of": "another release"}
    shown = seen(store, model.sitting_id, DONE).dialogues[0]
    assert [one.text for one in shown.lines] == [one.text for one in before]


FAULTS = {
    "words:number": adding("，我等了45天"),
    "words:leak": adding("，订单2610190044587"),
    "words:language": lambda _request: json.dumps({"messages": ["Please just send it again"] * 1}),
    "words:system_talk": adding("，这是剧本"),
    "words:garbage": "好的！我来改写。",
    "words:question": lambda request: json.dumps({"messages": ["哦"] * len(asked_lines(request))}, ensure_ascii=False),
    "call:http_5xx": Fault("500"),
    "call:not_json": Fault("truncated_json"),
}


@ONLY_SQLITE
def test_a_model_that_leaves_its_part_costs_nobody_anything(store: Store) -> None:
    with_people(store)
    says: list[Any] = []
    with FakeLLM(lambda request: says[-1](request) if callable(says[-1]) else says[-1]) as server:
        open_to_models(store, server.base_url)
        for fault, answer in FAULTS.items():
            says.append(answer)
            sitting_id = begun(store, wanted=WANTED)
            dialogue_id = only_dialogue(store, sitting_id)
            write(store, dialogue_id, GOOD[0][1], 22)
            soon = [one.text for one in coming(store, dialogue_id, 40)]
            work(store, dialogue_id)
            with store.reading() as session:
                assert [one.fault for one in calls_of(session, dialogue_id)] == [fault]
            assert [one.text for one in coming(store, dialogue_id, 40)] == soon != []
            with store.writing() as session:
                exam_room.leave(session, NEW_HIRE, sitting_id, now=at(60))


def answered_at(store: Store, dialogue_id: int) -> datetime:
    """When the script's next words are due."""
    moment: datetime = coming(store, dialogue_id, 60)[0].at
    return moment


def announced(store: Store) -> dict[str, Any]:
    with store.reading() as session:
        return (
            session.scalars(select(Job.payload).where(Job.kind == WORDING_KIND).order_by(Job.id.desc())).first() or {}
        )


@ONLY_SQLITE
def test_the_clock_stands_while_a_slow_model_is_waited_for(store: Store) -> None:
    with_people(store)
    run = Run(store)

    def slow(request: dict[str, Any]) -> str:
        while row(store, dialogue_id).paused_at is None:
            time.sleep(0.01)
        room = seen(store, sitting_id, 300).dialogues[0]
        assert (room.is_paused, room.ended) == (True, False), "no time is lost, however long it takes"
        write(store, dialogue_id, GOOD[1][1], 300)
        run.moment += timedelta(seconds=3)
        return obedient(request)

    with FakeLLM(slow) as server:
        open_to_models(store, server.base_url)
        sitting_id = begun(store, wanted=WANTED)
        dialogue_id = only_dialogue(store, sitting_id)
        before = row(store, dialogue_id)
        write(store, dialogue_id, GOOD[0][1], 22)
        due = answered_at(store, dialogue_id)
        run.payload, run.moment = announced(store), due - timedelta(seconds=1.05)
        run_wording(run)
    after = row(store, dialogue_id)
    assert (after.paused_at, after.paused_seconds) == (None, 3.0)
    assert after.deadline_at - before.deadline_at == timedelta(seconds=3)
    noted = everything(store, ExamPause)
    assert [(one.why, (one.until_at - one.from_at).total_seconds()) for one in noted] == [("llm", 3.0)]
    words = [one for one in seen(store, sitting_id, 60).dialogues[0].lines if one.text.startswith("嗯，")]
    assert words[0].at == due + timedelta(seconds=3)
    # The job of what was written meanwhile was announced for a second that comes later now: it looks again.
    again = Run(store, announced(store), now=due - timedelta(seconds=1))
    run_wording(again)
    assert announced(store)["looks"] == 1


@ONLY_SQLITE
def test_who_stopped_a_clock_and_died_keeps_nobody_waiting(store: Store) -> None:
    with_people(store)
    open_to_models(store, "http://127.0.0.1:9/v1")
    for look in (True, False):
        sitting_id = begun(store, wanted=WANTED)
        dialogue_id = only_dialogue(store, sitting_id)
        with store.writing() as session:
            assert pause(session, dialogue_id, ASKS_MODEL, now=at(30))
        assert not seen(store, sitting_id, 45).needs_recording
        assert seen(store, sitting_id, 55).needs_recording
        if look:
            with store.writing() as session:
                exam_room.record_ends(session, NEW_HIRE, sitting_id, now=at(55))
        else:
            with store.writing() as session:
                jobs.announce(session, END_KIND, {}, now=NOW)
            Worker(store, {END_KIND: end_due}, clock=lambda: at(55)).run_one()
        assert (row(store, dialogue_id).paused_at, row(store, dialogue_id).paused_seconds) == (None, 25.0)
        with store.writing() as session:
            exam_room.leave(session, NEW_HIRE, sitting_id, now=at(60))


@ONLY_SQLITE
def test_too_late_too_slow_or_too_dear_it_is_the_script(store: Store) -> None:
    with_people(store)
    with FakeLLM(obedient) as server, FakeLLM(Fault("hang")) as hanging:
        cases: dict[str, tuple[str, bool, dict[str, Any], dict[str, Any]]] = {
            "late": (server.base_url, True, {}, {}),
            "call:deadline": (hanging.base_url, False, {"deadline_seconds": 0.2}, {}),
            "budget:day_tokens": (server.base_url, False, {}, {"day_tokens": 10}),
            "budget:conversation_tokens": (server.base_url, False, {}, {"conversation_tokens": 10}),
            "budget:other_currency": (server.base_url, False, {}, {"day_money_micros": 10, "currency": "USD"}),
        }
        for fault, (url, is_late, options, caps) in cases.items():
            open_to_models(store, url, name=fault, options=options)
            sitting_id = begun(store, wanted=WANTED)
            dialogue_id = only_dialogue(store, sitting_id)
            write(store, dialogue_id, GOOD[0][1], 22)
            script = coming(store, dialogue_id, 60)
            with store.writing() as session:
                keep_settings(session, replace(grader_settings(session), **caps))
            late = (script[0].at - NOW).total_seconds() - 0.5 if is_late else None
            work(store, dialogue_id, now=at(late) if late else None)
            with store.reading() as session:
                assert [one.fault for one in calls_of(session, dialogue_id)] == [fault]
            assert coming(store, dialogue_id, 60) == script
            with store.writing() as session:
                exam_room.leave(session, NEW_HIRE, sitting_id, now=at(70))
            if caps:
                with pytest.raises(NoLlmCustomerError):
                    begun(store, wanted=WANTED, second=80)


@ONLY_SQLITE
def test_a_model_plays_only_where_the_rules_let_it(store: Store) -> None:
    with_people(store)
    exam = SittingWanted(kind=KIND, customer="llm")
    with pytest.raises(NoLlmCustomerError):
        begun(store, wanted=WANTED)
    open_to_models(store, "http://127.0.0.1:9/v1")
    with pytest.raises(NoLlmCustomerError):
        begun(store, wanted=exam)
    with store.writing() as session:
        rules = TrainingSettings(llm_customer=True, llm_customer_certifies=True)
        keep_training_settings(session, rules, by=LEAD, now=NOW)
    sitting_id = begun(store, wanted=exam)
    assert seen(store, sitting_id, 1).customer == "llm"
    dialogue_id = only_dialogue(store, sitting_id)
    write(store, dialogue_id, GOOD[0][1], 22)
    # Nobody works, and the customer answers all the same. What was kept is then not what the state says: nobody's fault.
    assert coming(store, dialogue_id, 60)
    with store.writing() as session:
        session.execute(update(ExamMessage).where(ExamMessage.number == 0).values(text="别的话"))
        exam_room.hang_up(session, NEW_HIRE, dialogue_id, now=at(61))
    assert (row(store, dialogue_id).verdict, row(store, dialogue_id).void_why) == ("void", "simulator")
