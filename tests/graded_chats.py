"""Conversations whose rubric asks questions, and what a model said of them: for tests of graded scores and their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from qaplatform.audit.rubric import Rubric
from qaplatform.llm.asking import asked_of, question_hash
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.graded_scores import official_by_grading, score_with_grades
from qaplatform.services.grader_settings import GraderSettings, keep_settings
from qaplatform.services.rubric_books import rubric_book, rubric_in
from qaplatform.services.rubric_drafts import open_draft, publish_draft
from qaplatform.services.rubric_releases import Publication
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.grades import NewGrade, NewGrading, write_grading
from qaplatform.store.reviews import judged_audit
from qaplatform.store.tables import ConversationRow, GradingRun, LlmEndpoint, SentText, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.web.chats import NOW, good, quarrel, take_in

CODE = "ecommerce-service"
ROOT = f"{CODE}.yaml"
EMPATHY, SOLUTION = "empathy_real", "solution_fits"
MODEL = "judge-7b"
BEGINNING = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
"""Before all conversations of ``tests/web/chats.py``."""
QUESTIONS = """
  - id: judgement
    title: {zh: 判断, en: Judgement}
    criteria:
      - {id: empathy_real, kind: question, title: {zh: 共情真诚, en: Real empathy}, weight: 6,
         question: {prompt: empathy_sincere}}
      - {id: solution_fits, kind: question, title: {zh: 方案合适, en: Solution fits}, weight: 4,
         question: {prompt: solution_fits}}
"""
SENT = "masked words as they were sent [手机号1] <b>"
SENT_HASH = "a" * 64


@lru_cache(maxsize=1)
def files() -> dict[str, str]:
    """The shipped rubric's files with two questions more."""
    found = dict(next(one.files for one in rubrics_in_force() if one.rubric.id == CODE))
    return {**found, ROOT: found[ROOT].rstrip() + QUESTIONS}


@lru_cache(maxsize=1)
def rubric() -> Rubric:
    """The shipped rubric with two questions more."""
    return rubric_in(CODE, files())


def with_questions(store: Store) -> Store:
    """The database with people and a quarrel and two good conversations whose rubric asks; before anything else is in it."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    publish_and_take_in(store)


def publish_and_take_in(store: Store) -> None:
    """The same where there are people already."""
    publish(store, files())
    take_in(store, quarrel(), good(0), good(1))


def publish(store: Store, changed: Mapping[str, str], *, now: datetime = BEGINNING) -> None:
    """Publish a version of the rubric, in force from today on."""
    with store.writing() as session:
        user_id = session.scalars(select(User.id).where(User.login == "lead")).one()
        lead = Viewer(user_id, "lead", grants=(Grant("qa_lead"),))
        held = rubric_book(session).newest(CODE)
        assert held is not None
        draft = open_draft(session, lead, CODE, now=now, changes={ROOT: changed[ROOT]})
        zone = ZoneInfo("Asia/Shanghai")
        said = Publication(now.astimezone(zone).date(), zone, held.rubric.content_hash, "更新判断题")
        publish_draft(session, lead, draft.id, said, seen_version=draft.version, now=now)


def endpoint(store: Store, base_url: str = "http://127.0.0.1:9/v1") -> int:
    """A model that can be asked; its id."""
    with store.writing() as session:
        row = LlmEndpoint(name="本地模型", base_url=base_url, model=MODEL, created_at=NOW)
        session.add(row)
        session.flush()
        keep_settings(session, GraderSettings(endpoint_id=row.id))
        return row.id


def new_grade(criterion: str, verdict: str | None, **more: Any) -> NewGrade:
    """An answer in the words of the rubric's question."""
    asked = next(one for one in rubric().criteria if one.id == criterion)
    prompts = shipped_prompts()
    values: dict[str, Any] = {
        "criterion": criterion, "prompt": asked.question.prompt if asked.question else "",
        "question_hash": question_hash(prompts.frame, asked_of(asked, prompts, "zh"), "zh"),
        "model": MODEL, "verdict": verdict, "problem": None, "reason": "客服只说了规定。<i>", "evidence": ((3, 0, 9),),
        "part_count": 1, "parts_read": 1, "dropped_count": 0, "is_recalled": False, "is_trusted": False,
    }  # fmt: skip
    return NewGrade(**{**values, **more})


def grade(store: Store, grades: Sequence[NewGrade], source_id: str = "quarrel", **more: Any) -> int:
    """Write what a model said of a conversation as a run does; the grading's id."""
    with store.writing() as session:
        row = session.scalars(select(ConversationRow).where(ConversationRow.source_id == source_id)).one()
        user_id = session.scalars(select(User.id).where(User.login == "lead")).one()
        known = session.scalars(select(LlmEndpoint.id)).first()
        if known is None:
            made = LlmEndpoint(name="本地模型", base_url="http://127.0.0.1:9/v1", model=MODEL, created_at=NOW)
            session.add(made)
            session.flush()
            known = made.id
        run = GradingRun(
            user_id=user_id, endpoint_id=known, model=MODEL, kind="one", wanted={}, total_count=1, currency="CNY", created_at=NOW,
        )  # fmt: skip
        session.add(run)
        session.flush()
        assert row.audit_id is not None
        audit = judged_audit(session, row.audit_id)
        assert audit is not None
        score = score_with_grades(audit, rubric(), grades)
        values: dict[str, Any] = {
            "run_id": run.id, "conversation_id": row.id, "revision": row.revision, "audit_id": row.audit_id,
            "language": "zh", "score": score.score, "scored_share": score.scored_share, "verdict": score.verdict,
            "failed_count": score.failed_count, "most_change": score.most_change,
            "counts": any(one.is_trusted for one in grades), "signs": (), "text_hashes": (SENT_HASH,),
            "call_count": 2, "token_count": 2750, "money_micros": 12_300, "currency": "CNY", "grades": tuple(grades),
        }  # fmt: skip
        id = write_grading(session, NewGrading(**{**values, **more}), now=NOW)
        if session.get(SentText, (row.id, SENT_HASH)) is None:
            session.add(SentText(conversation_id=row.id, hash=SENT_HASH, text=SENT, created_at=NOW))
        official_by_grading(session, row.id)
        return id
