"""Plans that draw in the same moment, and many who draw one."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from qaplatform.audit.sampling import Method
from qaplatform.errors import QAPlatformError
from qaplatform.services import sampling
from qaplatform.store.engine import Store
from qaplatform.store.tables import Sample, WorkItem
from tests.sampled import AGENT_3, FREE, NOW, drafted, open_sampled
from tests.services.test_sampling import drawn, made

pytestmark = pytest.mark.both_databases


def test_many_plans_that_draw_at_once_give_no_conversation_to_two(store: Store) -> None:
    open_sampled(store)
    plan_ids = [made(store, drafted(Method("random", count=25), [FREE, AGENT_3])) for _ in range(8)]
    faults: list[BaseException] = []

    def act(plan_id: int) -> None:
        try:
            drawn(store, plan_id)
        except BaseException as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=act, args=[plan_id]) for plan_id in plan_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with store.reading() as session:
        ids = session.scalars(select(WorkItem.conversation_id).where(WorkItem.sample_id.is_not(None))).all()
    assert len(ids) == len(set(ids)) == 200


def test_many_who_draw_one_plan_at_once_draw_it_once(store: Store) -> None:
    open_sampled(store)
    plan_id = made(store, drafted(cycle="weekly"))
    ended: list[str] = []

    def act() -> None:
        try:
            with store.writing() as session:
                ended.append(str(sampling.draw_due_plan(session, plan_id, NOW + timedelta(days=8)) is not None))
        except QAPlatformError as error:
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(ended) == {"True": 1, "False": 7}
    with store.reading() as session:
        assert len(session.scalars(select(Sample.id)).all()) == 1
