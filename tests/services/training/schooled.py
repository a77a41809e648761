"""A small school: a lead, a mentor of team 1, a new hire (agent 1), a colleague (agent 2), and agent 3 of another team."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training.enrolments import enrol
from qaplatform.services.training.learners import Learner, oneself
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    ConversationRow,
    ExamDialogue,
    ExamSitting,
    LearningVersion,
    RubricVersion,
    User,
    UserRole,
)
from tests.copies import fill_once
from tests.people import open_company

FIRST = date(2026, 11, 2)
"""A Monday."""
NOW = datetime(2026, 11, 11, 8, tzinfo=UTC)
"""Wednesday afternoon in Shanghai, the eighth working day."""
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor", team_id=1),))
NEW = Viewer(user_id=3, name="新人", agent_id=1, grants=(Grant("new_hire"),))
ELSEWHERE = Viewer(user_id=5, name="组长", grants=(Grant("team_lead", team_id=2),))


def at(day: int, hour: int = 3) -> datetime:
    """An hour of a day of November."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def open_school(store: Store) -> None:
    """The people, agents 1 and 2 on the path for new hires since ``FIRST``, and a chat of each agent."""
    fill_once(store, _fill)


def _fill(store: Store) -> None:
    open_company(store)
    with store.writing() as session:
        for id, name, agent_id in (
            (1, "主管", None),
            (2, "带教", None),
            (3, "新人", 1),
            (4, "同事", 2),
            (5, "组长", None),
        ):
            session.add(User(id=id, login=f"u{id}", name=name, password_hash="", agent_id=agent_id, created_at=NOW))
        session.flush()
        for viewer in (LEAD, MENTOR, NEW, ELSEWHERE):
            (grant,) = viewer.grants
            session.add(UserRole(user_id=viewer.user_id, role=grant.role, team_id=grant.team_id))
        session.add(RubricVersion(id=1, code="r", content_hash="", files={}, created_at=NOW))
        session.add(LearningVersion(id=1, kind="scenario", code="s", content_hash="", content={}, created_at=NOW))
        session.flush()
        for agent_id in (1, 2):
            enrol(session, LEAD, agent_id, path="new-hire", hired_on=FIRST, now=NOW)
        for agent_id in (1, 2, 3):
            add_chat(session, agent_id, agent_id)


def add_chat(session: Session, id: int, agent_id: int, started_at: datetime = NOW, **values: Any) -> None:
    """A real chat of an agent."""
    session.add(
        ConversationRow(
            id=id, shop_id=1, agent_id=agent_id, source="test", source_id=str(id), content_hash="", message_count=0,
            started_at=started_at, ended_at=started_at, created_at=NOW, updated_at=NOW, **values,
        )
    )  # fmt: skip


def take_exam(
    session: Session,
    verdict: str | None,
    *dialogues: tuple[str, str],
    ended_at: datetime,
    user_id: int = 3,
    **values: Any,
) -> None:
    """An exam with these (scenario, kind), all with the verdict of the whole; ``values`` of sitting or dialogues."""
    of_sitting = {key: values.pop(key) for key in ("purpose", "step") if key in values}
    sitting = ExamSitting(
        user_id=user_id, rubric_version_id=1, started_at=ended_at, ended_at=ended_at, verdict=verdict,
        **{"purpose": "exam", **of_sitting},
    )  # fmt: skip
    session.add(sitting)
    session.flush()
    for place, (scenario, kind) in enumerate(dialogues, 1):
        about = {"sitting_id": sitting.id, "place": place, "scenario": scenario, "kind": kind, **values}
        session.add(
            ExamDialogue(
                version_id=1, level="easy", seed=1, opens_at=ended_at, deadline_at=ended_at, state={}, ended_at=ended_at,
                ending="solved", verdict=verdict, machine_verdict=verdict, **about,
            )
        )  # fmt: skip
    session.flush()


def newcomer(session: Session) -> Learner:
    """The new hire, as they learn."""
    return oneself(session, NEW)
