"""Rows of ``routes.py``: lessons, the weekly focus, rules of exams, certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import Certificate, LearningText
from tests.web.route_rows import SPARE, Example, Row, plain

# Lessons, weekly focus, rules, certificates
_LESSON = "empathy-first"
_WEEK = "2026-w47"
_NUMBER = "QA-2026-001000-0"


def _of(permission: str, blueprint: str, *names: str, **values: str) -> dict[str, Row]:
    """Routes about something that everybody who may at all may see."""
    return {f"{blueprint}.{name}": Row(permission, (Example(values),)) for name in names}


_LESSONS: Mapping[str, Row] = {
    **plain("training.learn", "lessons.index", "weekly_focus.index", "certificates.index"),
    **_of("training.learn", "lessons", "show", "read", id=_LESSON),
    **plain("training.edit", "lesson_drafts.new", "lesson_drafts.create"),
    **_of("training.edit", "lesson_drafts", "edit", "save", "versions", id=_LESSON, lang="zh"),
    **_of("training.edit", "lesson_drafts", "ask_drop", "drop", id="spare", lang="zh"),
    **_of("training.publish", "lesson_drafts", "ask_withdraw", "withdraw", id="vip-customers", lang="en"),
    **_of("training.learn", "weekly_focus", "show", "read", week=_WEEK),
    **_of("training.edit", "weekly_focus", "edit", "save", week=_WEEK, lang="zh"),
    **_of("training.edit", "weekly_focus", "ask_drop", "drop", week="2026-w45", lang="zh"),
    **_of("training.publish", "weekly_focus", "ask_withdraw", "withdraw", week="2026-w46"),
    **plain("training.publish", "training_settings.show", "training_settings.change"),
    # Whose certificates one sees, their own tests know; nobody has this one.
    "certificates.show": Row("training.learn", (Example({"number": "QA-2026-999999-0"}, is_absent=True),)),
    **_of("training.publish", "certificates", "ask_revoke", "revoke", number=_NUMBER),
}


def _fill_lessons(session: Session, now: datetime) -> None:
    texts = (("focus", _WEEK, "published"), ("focus", "2026-w46", "published"),
             ("focus", "2026-w45", "draft"), ("lesson", "spare", "draft"))  # fmt: skip
    for kind, code, state in texts:
        session.add(
            LearningText(
                kind=kind, code=code, language="zh", text="# 重点\n\n内容\n", content_hash="0", state=state,
                user_id=SPARE, created_at=now,
            )
        )  # fmt: skip
    session.add(
        Certificate(
            id=SPARE, number=_NUMBER, kind="path", user_id=SPARE, holder="备用", issued_at=now,
            basis={"path": "spare", "title_zh": "备用", "title_en": "Spare"},
        )
    )  # fmt: skip
    session.flush()


ROUTES: Mapping[str, Row] = {**_LESSONS}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    _fill_lessons(session, now)
