"""Scenarios at the author's desk, on both databases: who may do what, versions, drafts put aside, how often they were taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.training import scenario_drafts as desk
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.scenario_drafts import ScenarioFilter, shipped_text
from qaplatform.services.training.scenario_faults import (
    ScenarioMovedOnError,
    ScenarioNotReadyError,
    ScenarioSameError,
    UnknownScenarioError,
)
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamDialogue, ExamSitting, LearningVersion, RubricVersion, User
from qaplatform.store.training.scenarios import Taken

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=1, name="带教", grants=(Grant("mentor"),))
AGENT = Viewer(user_id=1, name="客服", grants=(Grant("agent"),))
CODE = "wrong-parcel"


@pytest.fixture
def desked(store: Store) -> Store:
    with store.writing() as session:
        session.add(User(id=1, login="lead", name="主管", password_hash="", created_at=NOW))
    return store


def test_drafts_append_are_published_and_put_aside(desked: Store) -> None:
    text = shipped_text(CODE)
    with desked.writing() as session:
        first = desk.save_draft(session, MENTOR, CODE, text + "# eins\n", seen_version=0, now=NOW)
        assert desk.save_draft(session, MENTOR, CODE, text + "# eins\n", seen_version=first, now=NOW) == first
        with pytest.raises(ScenarioMovedOnError):
            desk.save_draft(session, LEAD, CODE, text, seen_version=0, now=NOW)
        with pytest.raises(AccessError):
            desk.publish_scenario(session, MENTOR, CODE, seen_version=first, is_invented=True, now=NOW)
        with pytest.raises(AccessError):
            desk.scenario_seen(session, AGENT, CODE)
        with pytest.raises(UnknownScenarioError):
            desk.save_draft(session, LEAD, "nowhere", text, seen_version=0, now=NOW)
        todo = text.replace("summary: {zh: ", "summary: {zh: TODO ", 1)
        second = desk.save_draft(session, LEAD, CODE, todo, seen_version=first, now=NOW)
        with pytest.raises(ScenarioNotReadyError):
            desk.publish_scenario(session, LEAD, CODE, seen_version=second, is_invented=True, now=NOW)
        third = desk.save_draft(session, LEAD, CODE, text.replace("zh: ", "zh: 新", 1), seen_version=second, now=NOW)
        stands = desk.publish_scenario(session, LEAD, CODE, seen_version=third, is_invented=False, now=NOW)
        fourth = desk.save_draft(session, LEAD, CODE, "id: [", seen_version=stands, now=NOW)
    with desked.reading() as session:
        seen = desk.scenario_seen(session, MENTOR, CODE)
        assert [one.state for one in seen.versions] == ["draft", "published", "draft", "draft", "draft"]
        assert (seen.origin, seen.state, seen.version) == ("changed", "standing", fourth)
        assert seen.checked.errors
        assert scenarios_now(session)[CODE].title.zh.startswith("新")
    with desked.writing() as session:
        assert desk.drop_draft(session, MENTOR, CODE, seen_id=fourth, now=NOW)
        assert desk.scenario_seen(session, MENTOR, CODE).version == stands
        with pytest.raises(ScenarioSameError):
            desk.publish_scenario(session, LEAD, CODE, seen_version=stands, is_invented=True, now=NOW)
        gone = desk.withdraw_scenario(session, LEAD, CODE, seen_version=stands, now=NOW)
        with pytest.raises(ScenarioSameError):
            desk.withdraw_scenario(session, LEAD, CODE, seen_version=gone, now=NOW)
        assert CODE not in scenarios_now(session)
        desk.copy_scenario(session, MENTOR, CODE, "copy-1", now=NOW)
        copied = desk.scenario_seen(session, MENTOR, "copy-1")
        assert (copied.origin, copied.state, copied.checked.errors) == ("own", "unborn", ())
        assert not desk.drop_draft(session, MENTOR, "copy-1", seen_id=copied.version, now=NOW)


def test_exams_are_counted_practice_and_what_was_void_are_not(desked: Store) -> None:
    cases = (("exam", "passed"), ("exam", "failed"), ("exam", "void"), ("practice", "passed"), ("exam", None))
    with desked.writing() as session:
        session.add(RubricVersion(id=1, code="r", content_hash="h", files={}, created_at=NOW))
        session.add(LearningVersion(id=1, kind="scenario", code=CODE, content_hash="h", content={}, created_at=NOW))
        session.flush()
        for number, (purpose, verdict) in enumerate(cases, 1):
            sitting = ExamSitting(
                id=number,
                user_id=1,
                purpose=purpose,
                rubric_version_id=1,
                started_at=NOW,
                ended_at=NOW,
                verdict=verdict,
            )
            session.add(sitting)
            session.flush()
            session.add(
                ExamDialogue(
                    sitting_id=number, place=0, version_id=1, scenario=CODE, kind="wrong-goods", level="easy", seed=1,
                    opens_at=NOW, deadline_at=NOW, state={}, verdict=verdict,
                )
            )  # fmt: skip
        session.flush()
        lines, kinds = desk.scenario_lines(session, LEAD, ScenarioFilter(text="parcel", origin="shipped"))
    assert [(one.code, one.taken) for one in lines] == [(CODE, Taken(2, 1))]
    assert "order" in kinds
