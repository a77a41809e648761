"""What the subjects of the activity log are called today: the log itself holds ids only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qaplatform.store.tables import (
    Account,
    AgentRow,
    Certificate,
    DepartmentRow,
    ExamDialogue,
    Import,
    LearningText,
    LlmEndpoint,
    PushToken,
    SamplePlan,
    Shop,
    Team,
    User,
)

_Column = InstrumentedAttribute[Any]
_NAMES: Mapping[str, tuple[_Column, _Column]] = {
    "user": (User.id, User.name),
    "shop": (Shop.id, Shop.name),
    "team": (Team.id, Team.name),
    "agent": (AgentRow.id, AgentRow.name),
    "department": (DepartmentRow.id, DepartmentRow.name),
    "account": (Account.id, Account.name),
    "push_token": (PushToken.id, PushToken.name),
    "import": (Import.id, Import.file_name),
    "endpoint": (LlmEndpoint.id, LlmEndpoint.name),
    "plan": (SamplePlan.id, SamplePlan.name),
    "learning_text": (LearningText.id, LearningText.code),
    "exam_dialogue": (ExamDialogue.id, ExamDialogue.scenario),
    "certificate": (Certificate.id, Certificate.number),
}


def names_of(session: Session, subjects: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """Names by kind and id, one query a kind; what is gone, or has no name, is left out."""
    by_kind: dict[str, set[int]] = {}
    for kind, id in subjects:
        by_kind.setdefault(kind, set()).add(id)
    found: dict[tuple[str, int], str] = {}
    for kind, (key, name) in _NAMES.items():
        if kind in by_kind:
            rows = session.execute(select(key, name).where(key.in_(sorted(by_kind[kind]))))
            found.update(((kind, id), text) for id, text in rows)
    return found
