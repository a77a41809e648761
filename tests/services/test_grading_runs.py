"""Runs of the grader over stored conversations: against a real server that plays the model, on both databases."""

from __future__ import annotations

import hashlib
import re
import threading
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.grader_settings import NoEndpointError, grader_settings, keep_settings
from qaplatform.services.grading_foreseen import foresee
from qaplatform.services.grading_job import NobodyAnswersError, run_grading
from qaplatform.services.grading_runs import (
    GraderForbiddenError,
    NoQuestionsError,
    RunCaps,
    RunNotToGoOnError,
    ask_about,
    ask_one,
    chosen_of_list,
    go_on,
    items_page,
    run_seen,
    runs_page,
    stop_run,
)
from qaplatform.services.jobs import JobCancelledError
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.grades import sent_text
from qaplatform.store.grading_runs import can_ask_about
from qaplatform.store.jobs import JobState
from qaplatform.store.llm_calls import calls_of
from qaplatform.store.tables import ConversationRow, Job, LlmAnswer, LlmCall, LlmSpending, Shop
from qaplatform.testing.fake_llm import FakeLLM, Fault, in_turn
from qaplatform.worker import BESIDE, Worker
from tests.graded import answering, endpoint_at, graded, run_job
from tests.graded_chats import EMPATHY, SOLUTION, with_questions
from tests.reviewed import conversation, viewer
from tests.runs import Run
from tests.stores import ONLY_POSTGRESQL
from tests.web.chats import ACCOUNT, NOW, PHONE, good, take_in

pytestmark = pytest.mark.loopback
EVERYTHING = ConversationFilter()


@pytest.fixture
def asked(store: Store) -> Store:
    return with_questions(store)


def ask(store: Store, who: Viewer, source_id: str = "quarrel") -> int:
    with store.writing() as session:
        return ask_one(session, who, conversation(store, source_id).id, now=NOW)


def ask_all(store: Store, who: Viewer, **more: Any) -> int:
    with store.writing() as session:
        chosen = chosen_of_list(session, who, EVERYTHING, most=100, seed=1)
        return ask_about(session, who, chosen, now=NOW, **more)


def seen(store: Store, who: Viewer, run_id: int) -> Any:
    with store.reading() as session:
        return run_seen(session, who, run_id, now=NOW)


def test_one_conversation_is_asked_about_and_all_of_it_is_written_down(asked: Store) -> None:
    who = viewer(asked, "inspector")
    row = conversation(asked)
    with FakeLLM(answering({EMPATHY: "no", SOLUTION: "yes"})) as server:
        endpoint_at(asked, server.base_url)
        run_id = ask(asked, who)
        assert ask(asked, who) == run_id, "one that is under way is not begun again"
        run_job(asked, run_id)
    assert len(server.received) == 2
    found = graded(asked)
    assert {one.criterion: one.verdict for one in found.grades} == {EMPATHY: "no", SOLUTION: "yes"}
    assert not any(one.is_trusted or one.is_recalled for one in found.grades)
    assert (found.counts, found.most_change, found.score) == (False, 0.0, row.score)
    with asked.reading() as session:
        calls = calls_of(session, row.id)
        [text_hash] = found.text_hashes
        text = sent_text(session, row.id, text_hash)
        spent = session.execute(select(func.sum(LlmSpending.money_micros), func.sum(LlmSpending.call_count))).one()
    assert text is not None
    assert hashlib.sha256(text.encode()).hexdigest() == text_hash
    sent = server.received[0].asked["messages"][-1]["content"]
    assert all(line in sent for line in text.splitlines()), "what is kept is what was sent"
    plain = re.sub(r"CHAT [0-9a-f]+", "", sent)  # The fence is drawn by lot, and may hold an account's few characters.
    for secret in (PHONE, "buyer-quarrel", "苏晓棠", "注意安抚", ACCOUNT):
        assert secret not in plain
    assert [(one.criteria, one.fault, one.text_hash) for one in calls] == [
        ((EMPATHY,), "", text_hash),
        ((SOLUTION,), "", text_hash),
    ]
    assert all(b"choices" in one.raw for one in calls)
    view = seen(asked, who, run_id)
    assert (view.run.state, view.run.done_count, view.run.call_count) == ("done", 1, 2)
    assert view.run.money_micros == spent[0] == sum(one.money_micros for one in calls) > 0
    assert spent[1] == 2


def test_a_run_over_a_list_asks_each_and_an_unchanged_one_again_nothing(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    with FakeLLM(answering()) as server:
        endpoint_at(asked, server.base_url, at_once=2)
        with asked.reading() as session:
            chosen = chosen_of_list(session, lead, EVERYTHING, most=100, seed=1)
        before = foresee(asked, lead, chosen, now=NOW)
        assert (before.conversation_count, before.asked_count, before.calls) == (3, 3, 6)
        assert before.money_micros is not None
        first = ask_all(asked, lead)
        run_job(asked, first)
        assert len(server.received) == 6
        assert seen(asked, lead, first).run.call_count == before.calls
        again = foresee(asked, lead, chosen, now=NOW)
        assert (again.known_count, again.calls, again.money_micros) == (3, 0, 0)
        second = ask_all(asked, lead, questions=("tone",))
        run_job(asked, second)
        assert len(server.received) == 9, "one question more, of each conversation"
    assert {one.criterion: one.is_recalled for one in graded(asked).grades} == {
        EMPATHY: True, SOLUTION: True, "tone": False,
    }  # fmt: skip
    with asked.reading() as session:
        runs, total = runs_page(session, lead, page=1, page_size=1)
        items, count = items_page(session, lead, second, page=1, page_size=2)
        assert session.scalar(select(func.count()).select_from(LlmAnswer)) == 9
    assert ([one.id for one in runs], total) == ([second], 2)
    assert ([one.state for one in items], count) == (["done", "done"], 3)


@pytest.mark.both_databases
def test_what_may_not_be_sent_is_not(asked: Store) -> None:
    who = viewer(asked, "inspector")
    with FakeLLM(answering()) as server:
        with pytest.raises(NoEndpointError):
            ask(asked, who)
        endpoint_at(asked, server.base_url)
        with asked.writing() as session:
            session.execute(
                update(ConversationRow).where(ConversationRow.source_id == "good-0").values(text_purged_at=NOW)
            )
        with pytest.raises(NoQuestionsError):
            ask(asked, who, "good-0")
        with asked.writing() as session:
            session.execute(update(Shop).values(forbids_llm=True))
        with pytest.raises(GraderForbiddenError):
            ask(asked, who)
        lead = viewer(asked, "lead", "qa_lead")
        run_id = ask_all(asked, lead)
        run_job(asked, run_id)
        with asked.writing() as session, pytest.raises(NotThereError):
            ask_one(session, viewer(asked, "mentor", "mentor"), conversation(asked).id, now=NOW)
        with asked.reading() as session, pytest.raises(AccessError):
            runs_page(session, viewer(asked, "admin", "admin"), page=1, page_size=10)
    assert server.received == []
    view = seen(asked, lead, run_id)
    assert (view.run.state, view.run.skipped_count) == ("done", 3)
    assert view.skipped_by == {"forbidden": 2, "purged": 1}


def test_a_cap_stops_the_run_which_goes_on_under_another_and_pays_nothing_twice(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    with FakeLLM(answering()) as server:
        endpoint_at(asked, server.base_url, at_once=1)
        with asked.reading() as session:
            chosen = chosen_of_list(session, lead, EVERYTHING, most=100, seed=1)
        enough = foresee(asked, lead, chosen, now=NOW)
        cap = (enough.prompt_tokens + enough.completion_tokens) // 2
        run_id = ask_all(asked, lead, caps=RunCaps(tokens=cap))
        run_job(asked, run_id)
        view = seen(asked, lead, run_id)
        assert (view.run.state, view.run.ended_why) == ("stopped", "budget:run_tokens")
        assert 0 < view.run.call_count < 6
        assert view.run.token_count <= cap
        with asked.writing() as session:
            go_on(session, lead, run_id, caps=RunCaps(), now=NOW)
        run_job(asked, run_id)
        with asked.writing() as session, pytest.raises(RunNotToGoOnError):
            go_on(session, lead, run_id, now=NOW)
    assert len(server.received) == 6
    assert seen(asked, lead, run_id).run.state == "done"


def test_the_cap_of_a_day_counts_what_others_spent(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    with FakeLLM(answering()) as server:
        endpoint_at(asked, server.base_url)
        run_job(asked, ask(asked, lead))
        with asked.reading() as session:
            spent = session.scalar(select(func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens)))
        with asked.writing() as session:
            keep_settings(session, msgspec.structs.replace(grader_settings(session), day_tokens=spent + 100))
        run_id = ask(asked, lead, "good-0")
        run_job(asked, run_id)
    assert len(server.received) == 2
    assert seen(asked, lead, run_id).run.ended_why == "budget:day_tokens"


@pytest.mark.both_databases
def test_a_model_that_names_itself_as_nobody_should_and_counts_nothing_is_held_to_the_caps_all_the_same(
    asked: Store,
) -> None:
    lead = viewer(asked, "lead", "qa_lead")

    def script(request: dict[str, Any]) -> dict[str, Any]:
        said = {"role": "assistant", "content": answering()(request)}
        body = {"model": "m\x00" + "x" * 1000, "choices": [{"message": said, "finish_reason": "stop"}]}
        return {**body, "usage": {"prompt_tokens": 10**30, "completion_tokens": 1}}

    with FakeLLM(script) as server:
        endpoint_at(asked, server.base_url, at_once=1)
        with asked.reading() as session:
            chosen = chosen_of_list(session, lead, EVERYTHING, most=100, seed=1)
        enough = foresee(asked, lead, chosen, now=NOW)
        cap = (enough.prompt_tokens + enough.completion_tokens) // 2
        with asked.writing() as session:
            keep_settings(session, msgspec.structs.replace(grader_settings(session), day_tokens=cap))
        run_id = ask_all(asked, lead)
        run_job(asked, run_id)
    view = seen(asked, lead, run_id)
    assert view.run.ended_why == "budget:day_tokens"
    with asked.reading() as session:
        summed = session.scalar(select(func.sum(LlmSpending.prompt_tokens + LlmSpending.completion_tokens)))
        models = set(session.scalars(select(LlmSpending.model)))
    assert cap >= summed == view.run.token_count > 0
    assert models == {"m" + "x" * 199}


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_conversation_whose_job_has_ended_without_it_can_be_asked_about_again(asked: Store, state: JobState) -> None:
    who, id = viewer(asked, "inspector"), conversation(asked).id
    endpoint_at(asked, "http://127.0.0.1:9/v1")
    first = ask(asked, who)
    with asked.writing() as session:
        assert can_ask_about(session, id) == (True, True)
        session.execute(update(Job).where(Job.kind == "grader.ask").values(state=state))
    with asked.reading() as session:
        assert can_ask_about(session, id) == (True, False)
        assert [one.state for one in runs_page(session, who, page=1, page_size=9)[0]] != ["waiting"]
    assert ask(asked, who) != first


@pytest.mark.both_databases
@ONLY_POSTGRESQL
def test_two_who_ask_at_once_are_answered_by_one_run(asked: Store) -> None:
    who, id = viewer(asked, "inspector"), conversation(asked).id
    endpoint_at(asked, "http://127.0.0.1:9/v1")
    second: list[int] = []
    thread = threading.Thread(target=lambda: second.append(ask(asked, who)))
    with asked.writing() as session:
        first = ask_one(session, who, id, now=NOW)
        thread.start()
        thread.join(0.5)
    thread.join(30)
    assert second == [first]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("401", "call:http_4xx"),
        pytest.param("redirect", "call:redirect", marks=pytest.mark.full),
        ("500", None),
        ("refusal", "done"),
    ],
)
def test_an_endpoint_that_does_not_serve_costs_no_conversation_its_answer(
    asked: Store, fault: str, why: str | None
) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    take_in(asked, *(good(number) for number in range(2, 6)))
    answers: list[Any] = [Fault(fault)]
    with FakeLLM(lambda request: answers[0] if isinstance(answers[0], Fault) else answers[0](request)) as server:
        endpoint_at(asked, server.base_url, at_once=1)
        run_id = ask_all(asked, lead)
        if why is None:
            with pytest.raises(NobodyAnswersError):
                run_job(asked, run_id)
        else:
            run_job(asked, run_id)
        view = seen(asked, lead, run_id)
        if fault == "refusal":
            assert (view.run.state, view.run.done_count) == ("done", 7), (
                "a model that will not say is an answer of a kind"
            )
            assert {one.problem for one in graded(asked).grades} == {"call:refusal"}
            assert graded(asked).score == conversation(asked).score
            return
        assert view.run.done_count == 0
        assert view.faults
        answers[0] = answering()
        if why:
            assert (view.run.state, view.run.ended_why) == ("stopped", why)
            with asked.writing() as session:
                go_on(session, lead, run_id, now=NOW)
        run_job(asked, run_id)
        assert seen(asked, lead, run_id).run.done_count == 7


@pytest.mark.both_databases
def test_a_run_is_stopped_and_goes_on_where_it_was(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    entered, leave = threading.Event(), threading.Event()
    model = answering()

    def slow(request: dict[str, Any]) -> str:
        entered.set()
        leave.wait(5)
        return model(request)

    with FakeLLM(slow) as server:
        endpoint_at(asked, server.base_url, at_once=1)
        run_id = ask_all(asked, lead)
        worker = Worker(asked, {kind: do for one in BESIDE for kind, do in one.items()}, clock=lambda: NOW)
        thread = threading.Thread(target=worker.run_one)
        thread.start()
        assert entered.wait(10)
        with asked.writing() as session:
            stop_run(session, lead, run_id, now=NOW)
        leave.set()
        thread.join(30)
        assert not thread.is_alive()
        with asked.reading() as session:
            assert session.scalars(select(Job.state).where(Job.kind == "grader.run")).all() == ["cancelled"]
        view = seen(asked, lead, run_id)
        assert (view.run.state, view.is_live) == ("cancelled", False)
        before = len(server.received)
        assert before < 6
        with asked.writing() as session:
            go_on(session, lead, run_id, now=NOW)
        run_job(asked, run_id)
    assert len(server.received) == 6
    assert seen(asked, lead, run_id).run.state == "done"


def test_a_cancelled_run_lets_nobody_wait_for_another_try(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    with FakeLLM(in_turn(Fault("429_seconds"))) as server:
        endpoint_at(asked, server.base_url, at_once=2)
        run_id = ask_all(asked, lead)
        run = Run(asked, {"run_id": run_id})
        run.is_to_stop = True
        with pytest.raises(JobCancelledError):
            run_grading(run)
    assert seen(asked, lead, run_id).run.state == "cancelled"
