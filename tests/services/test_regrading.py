"""A grading computed again from the replies that were kept says the same, and what counts does so from the run on."""

from __future__ import annotations

import pytest

from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.grading_runs import ask_one
from qaplatform.services.regrading import regraded
from qaplatform.store.engine import Store
from qaplatform.store.tables import GradeRow, LlmTrust
from qaplatform.testing.fake_llm import FakeLLM
from tests.graded import CAUSE, EMPATHY, answering, endpoint_at, graded, run_job, with_questions
from tests.reviewed import conversation, viewer
from tests.web.chats import NOW

pytestmark = pytest.mark.loopback


def test_the_kept_replies_give_the_same_verdicts_evidence_and_score_again(store: Store) -> None:
    with_questions(store)
    before, who = conversation(store, "good-0"), viewer(store, "inspector")

    def ask() -> None:
        with store.writing() as session:
            run_id = ask_one(session, who, before.id, now=NOW)
        run_job(store, run_id)

    with FakeLLM(answering({EMPATHY: "yes", CAUSE: "no"})) as server:
        endpoint_at(store, server.base_url)
        ask()
        calls = len(server.received)
        untrusted = graded(store, "good-0")
        with store.writing() as session:
            for one in untrusted.grades:
                made = {"prompt": one.prompt, "question_hash": one.question_hash, "model": one.model}
                session.add(LlmTrust(**made, is_earned=True, changed_at=NOW))
        assert conversation(store, "good-0").score == before.score
        ask()
        assert len(server.received) == calls, "an unchanged conversation makes no call"
    after = conversation(store, "good-0")
    kept = graded(store, "good-0")
    assert before.score is not None
    assert after.score is not None
    assert 0 < before.score - after.score <= kept.most_change + 0.01
    assert (after.score, after.verdict, after.failed_count) == (kept.score, kept.verdict, kept.failed_count)
    with store.reading() as session:
        again = regraded(session, before.id, shipped_prompts())
        assert again.differences == []
        assert {id: one.verdict for id, one in again.questions.items()} == {EMPATHY: "yes", CAUSE: "no"}
        assert all(one.evidence for one in again.questions.values())
        assert again.score.score == after.score
    with store.writing() as session:
        grade = session.query(GradeRow).order_by(GradeRow.id.desc()).first()
        assert grade is not None
        grade.reason, broken = "something else", grade.criterion
    with store.reading() as session:
        assert regraded(session, before.id, shipped_prompts()).differences == [broken]
