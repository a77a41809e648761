"""Whatever a model's server does, a run ends, and every conversation keeps the score that the audit gave it."""

from __future__ import annotations

import threading
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, GradeRow, LlmCall
from qaplatform.testing.fake_llm import FakeLLM, Fault
from qaplatform.testing.llm_faults import FAULT_NAMES
from tests.graded import answering, endpoint_at, run_job
from tests.graded_chats import with_questions
from tests.llm.test_calls_that_go_wrong import open_sockets
from tests.reviewed import viewer
from tests.services.test_grading_runs import ask_all, seen
from tests.stores import ONLY_SQLITE
from tests.web.chats import good, longer, said, take_in

pytestmark = pytest.mark.loopback


PLAYED = [name for name in FAULT_NAMES if name != "refused"]
"""After ``refused`` the server is gone, and nobody answers any more: that is tested with the runs."""


def scores(store: Store) -> dict[str, Any]:
    with store.reading() as session:
        row = ConversationRow
        found = session.execute(select(row.source_id, row.score, row.scored_share, row.verdict, row.failed_count))
        return {one[0]: tuple(one[1:]) for one in found}


@ONLY_SQLITE
def test_every_fault_in_turn_leaves_every_score_and_neither_thread_nor_socket(store: Store) -> None:
    with_questions(store)
    take_in(store, *(longer(good(n), said("customer", f"第{n}单也谢谢", 5000.0 * n)) for n in range(2, 36)))
    before, sockets, threads = scores(store), open_sockets(), set(threading.enumerate())
    # Between two faults something good, so that the circuit breaker, which has tests of its own, stays closed.
    model = answering()
    turns = iter(list(chain.from_iterable((Fault(name), None) for name in PLAYED)))
    played: list[str] = []
    lock = threading.Lock()

    def script(request: dict[str, Any]) -> Any:
        with lock:
            turn = next(turns, None)
        if turn is None:
            return model(request)
        played.append(turn.name)
        return turn

    with FakeLLM(script) as server:
        endpoint_at(store, server.base_url, at_once=4, options={"deadline_seconds": 0.7})
        lead = viewer(store, "lead", "qa_lead")
        run_id = ask_all(store, lead)
        run_job(store, run_id)
        view = seen(store, lead, run_id)
    assert sorted(played) == sorted(PLAYED)
    assert (view.run.state, view.run.done_count) == ("done", len(before))
    assert scores(store) == before
    assert set(threading.enumerate()) == threads
    assert open_sockets() == sockets
    with store.reading() as session:
        grades = session.execute(select(GradeRow.verdict, GradeRow.problem)).all()
        faults = set(session.scalars(select(LlmCall.fault)))
    assert all((verdict is None) == bool(problem) for verdict, problem in grades), (
        "a verdict, or the reason why there is none"
    )
    assert {problem for _, problem in grades if problem} <= {one for one in faults if one}
    assert sum(verdict is not None for verdict, _ in grades) > len(PLAYED) / 2
