"""Rows of ``routes.py``: the exam room, results and reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.tables import AccountHolder, ExamDialogue, ExamSitting, LearningVersion, RubricVersion, User
from tests.web.route_rows import SPARE, Example, Row, plain

# Exam pages
_NO_SITTING = {"sitting_id": SPARE}
_ROOM = {
    **{
        f"exams.{name}": Row("training.learn", (Example(_NO_SITTING, is_absent=True),))
        for name in ("room", "news", "leave", "ask_to_leave")
    },
    **{
        f"exams.{name}": Row("training.learn", (Example({**_NO_SITTING, "dialogue_id": SPARE}, is_absent=True),))
        for name in ("send", "keep_draft", "hang_up")
    },
    "exams.result": Row("training.learn", (Example({"dialogue_id": SPARE + 9}, is_absent=True),)),
}  # fmt: skip
"""Somebody's own room: it is nobody else's, whatever they may."""
_REVIEWED = (
    Example({"dialogue_id": SPARE}, shop_id=1, team_id=1, agent_id=1),
    Example({"dialogue_id": SPARE + 1}, shop_id=2, team_id=2, agent_id=5),
)

ROUTES: Mapping[str, Row] = {
    # Exam pages
    **plain("training.learn", "exams.index", "exams.begin"),
    **_ROOM,
    **plain("training.see", "exam_reviews.index"),
    **plain("training.coach", "exam_reviews.statistics"),
    "exam_reviews.scenario": Row("training.coach", (Example({"scenario": "defective-fryer"}),)),
    **{f"exam_reviews.{name}": Row("training.coach", _REVIEWED) for name in ("show", "rule", "calls")},
}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    _fill_exams(session, now)


def _fill_exams(session: Session, now: datetime) -> None:
    """B: exams of agent 1 (team 1) and of agent 5 (team 2), which ended without a result."""
    rubric_id = session.scalars(select(RubricVersion.id).order_by(RubricVersion.id)).first()
    session.add(
        LearningVersion(id=SPARE, kind="scenario", code="spare", content_hash="0" * 12, content={}, created_at=now)
    )
    # Agent 1 writes for shop 1.
    session.add(AccountHolder(id=SPARE + 60, account_id=SPARE + 1, agent_id=1))
    session.flush()
    for n, agent_id in enumerate((1, 5)):
        user_id = session.scalars(select(User.id).where(User.agent_id == agent_id)).one_or_none()
        if user_id is None:
            user_id = SPARE + 50 + n
            session.add(
                User(id=user_id, login=f"examined{n}", name="考生", password_hash="", agent_id=agent_id, created_at=now)
            )
            session.flush()
        session.add(
            ExamSitting(
                id=SPARE + n, user_id=user_id, purpose="exam", rubric_version_id=rubric_id, started_at=now, ended_at=now,
                verdict="void",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            ExamDialogue(
                id=SPARE + n, sitting_id=SPARE + n, place=0, version_id=SPARE, scenario="spare", kind="spare", level="easy",
                seed=1, opens_at=now, deadline_at=now, state={}, ended_at=now, ending="void", verdict="void",
                machine_verdict="void",
            )
        )  # fmt: skip
