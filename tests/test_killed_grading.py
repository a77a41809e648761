"""Workers that ask a model are killed at any moment: nothing is lost, nothing doubled, and hardly anything paid twice."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Grading, GradingItem, GradingRun, LlmAnswer, LlmCall, LlmSpending
from qaplatform.testing.fake_llm import FakeLLM
from tests.forked_commands import forked
from tests.graded import answering, endpoint_at
from tests.graded_chats import with_questions
from tests.reviewed import viewer
from tests.services.test_grading_runs import ask_all
from tests.stores import ONLY_SQLITE
from tests.web.chats import good, take_in
from tests.working import until

pytestmark = pytest.mark.loopback
# One an hour of a day: chats in the same words at the same time of day would be asked about once.
CHATS, QUESTIONS, AT_ONCE = 24, 2, 3


@ONLY_SQLITE
def test_killed_workers_lose_no_answer_and_ask_hardly_anything_twice(
    store: Store, store_url: str, repository: Path
) -> None:
    kill_again_and_again(store, store_url, repository, kills=2)


@pytest.mark.full
def test_the_same_for_longer_and_on_both_databases(store: Store, store_url: str, repository: Path) -> None:
    kill_again_and_again(store, store_url, repository, kills=10)


def kill_again_and_again(store: Store, store_url: str, repository: Path, *, kills: int) -> None:
    with_questions(store)
    take_in(store, *(good(number) for number in range(2, CHATS - 1)))
    chance, model = random.Random(5), answering()

    def slow(request: dict[str, Any]) -> str:
        time.sleep(0.05)
        return model(request)

    with FakeLLM(slow) as server:
        endpoint_at(store, server.base_url, at_once=AT_ONCE)
        run_id = ask_all(store, viewer(store, "lead", "qa_lead"))
        command = ("worker", "--database", store_url, "--lease-seconds", "2", "--quiet")
        for number in range(kills):
            with forked(*command, cwd=repository) as worker:
                wanted = len(server.received) + chance.randrange(1, CHATS * QUESTIONS // (kills + 1))
                until(lambda wanted=wanted: len(server.received) >= wanted)  # type: ignore[misc]
                worker.send_signal(signal.SIGKILL)
            assert state(store, run_id) == "running", f"kill {number} came too late"
        with forked(*command, cwd=repository) as worker:
            until(lambda: state(store, run_id) == "done")
            worker.send_signal(signal.SIGTERM)
            worker.ended()
        asked_twice = len(server.received) - CHATS * QUESTIONS
        assert 0 <= asked_twice <= kills * AT_ONCE, "only what was under way when a worker was killed"
    with store.reading() as session:
        assert Counter(session.scalars(select(Grading.conversation_id))).most_common(1)[0][1] == 1
        assert set(session.scalars(select(GradingItem.state))) == {"done"}
        assert session.scalar(select(func.count()).select_from(LlmAnswer)) == CHATS * QUESTIONS
        sums = session.execute(
            select(
                func.count(),
                func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens),
                func.sum(LlmCall.money_micros),
            )
        ).one()
        ledger = session.execute(
            select(
                func.sum(LlmSpending.call_count), func.sum(LlmSpending.prompt_tokens + LlmSpending.completion_tokens),
                func.sum(LlmSpending.money_micros),
            )
        ).one()  # fmt: skip
        run = session.get_one(GradingRun, run_id)
        assert tuple(map(int, ledger)) == tuple(map(int, sums)) == (run.call_count, run.token_count, run.money_micros)
        assert (run.done_count, run.skipped_count) == (CHATS, 0)


def state(store: Store, run_id: int) -> str:
    with store.reading() as session:
        return session.get_one(GradingRun, run_id).state
