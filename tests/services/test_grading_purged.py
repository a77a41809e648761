"""What a model was sent and wrote goes with the conversation's words, also when they are purged while it is asked."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.services.grading_runs import run_seen
from qaplatform.store import erasing, llm_calls
from qaplatform.store.engine import Store
from qaplatform.store.tables import GradeRow, Grading, LlmAnswer, LlmCall, LlmSpending, SentText
from qaplatform.testing.fake_llm import FakeLLM
from tests.graded import answering, endpoint_at, run_job
from tests.graded_chats import with_questions
from tests.reviewed import conversation, viewer
from tests.services.test_grading_runs import ask, ask_all
from tests.stores import ONLY_POSTGRESQL
from tests.web.chats import NOW

pytestmark = pytest.mark.loopback


def test_words_go_and_figures_stay(store: Store) -> None:
    with_questions(store)
    with FakeLLM(answering(reason="客服的原话在这里")) as server:
        endpoint_at(store, server.base_url)
        run_job(store, ask_all(store, viewer(store, "lead", "qa_lead")))
        gone = conversation(store).id
        with store.writing() as session:
            erasing.purge(session, [gone], now=NOW)
        with store.reading() as session:
            assert set(session.scalars(select(SentText.conversation_id))).isdisjoint({gone})
            assert len(session.scalars(select(SentText.hash)).all()) == 2
            assert set(session.scalars(select(LlmAnswer.conversation_id))).isdisjoint({gone})
            calls = session.execute(select(LlmCall.conversation_id, LlmCall.raw, LlmCall.prompt_tokens)).all()
            grades = session.execute(select(GradeRow.conversation_id, GradeRow.reason, GradeRow.verdict)).all()
            spent = session.scalars(select(LlmSpending.prompt_tokens)).all()
        assert {id for id, raw, _ in calls if not raw} == {gone} == {id for id, reason, _ in grades if not reason}
        assert sum(tokens for _, _, tokens in calls) == sum(spent) > 0
        assert all(verdict == "yes" for _, _, verdict in grades)


@pytest.mark.both_databases
def test_what_is_purged_while_it_is_asked_about_is_neither_sent_on_nor_kept(store: Store) -> None:
    with_questions(store)
    who = viewer(store, "inspector")
    id = conversation(store).id
    model = answering()

    def purging(request: dict[str, Any]) -> str:
        with store.writing() as session:
            erasing.purge(session, [id], now=NOW)
        return model(request)

    with FakeLLM(purging) as server:
        endpoint_at(store, server.base_url)
        run_id = ask(store, who)
        run_job(store, run_id)
    with store.reading() as session:
        assert session.scalars(select(SentText.hash)).all() == []
        assert session.scalars(select(LlmAnswer.key)).all() == []
        assert session.scalars(select(Grading.id)).all() == []
        assert set(session.scalars(select(LlmCall.raw))) == {b""}
        assert run_seen(session, who, run_id, now=NOW).skipped_by == {"purged": 1}
    assert len(server.received) == 1


@pytest.mark.both_databases
@ONLY_POSTGRESQL
def test_what_is_just_being_written_down_when_the_words_are_purged_goes_too(store: Store) -> None:
    with_questions(store)
    id = conversation(store).id

    def purge() -> None:
        with store.writing() as session:
            erasing.purge(session, [id], now=NOW)

    thread = threading.Thread(target=purge)
    with store.writing() as session:
        assert llm_calls.has_words(session, id)
        llm_calls.note_sent(session, id, "a" * 64, "文字", now=NOW)
        thread.start()
        thread.join(0.5)
    thread.join(30)
    with store.reading() as session:
        assert session.scalars(select(SentText.hash)).all() == []
