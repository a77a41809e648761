"""Rows of ``routes.py``: theory tests, the question bank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import LearningText
from tests.web.route_rows import SPARE, Example, Row, plain

# Question bank and theory tests: attempts are of whoever takes them, so that nobody else finds one.
_NO_ATTEMPT = Example({"attempt_id": 999}, is_absent=True)
_NO_ANSWER = Example({"attempt_id": 999, "number": 1}, is_absent=True)
_QUESTION, _PAPER = Example({"code": "empathy-01"}), Example({"code": "red-lines"})
_PAPERS: Mapping[str, Row] = {
    **plain("training.learn", "papers.index"),
    **{f"papers.{name}": Row("training.learn", [Example({"paper": "red-lines"})]) for name in ("show", "begin")},
    **{f"papers.{name}": Row("training.learn", [_NO_ATTEMPT]) for name in ("sheet", "ask_end", "end", "result")},
    **{f"papers.{name}": Row("training.learn", [_NO_ANSWER]) for name in ("answer", "keep")},
    **plain("training.coach", "papers.waiting"),
    "papers.rule": Row("training.coach", [_NO_ATTEMPT]),
    **plain("training.edit", "papers.authored", "papers.new"),
    **{f"papers.{name}": Row("training.edit", [_PAPER]) for name in ("edit", "save")},
    # Drafts: see below.
    **{f"papers.{name}": Row("training.edit", [Example({"code": "spare"})]) for name in ("ask_drop", "drop")},
    **{f"papers.{name}": Row("training.publish", [_PAPER]) for name in ("ask_withdraw", "withdraw")},
    **plain(
        "training.edit", *(f"questions.{name}" for name in ("index", "all_figures", "new", "choose", "preview", "take"))
    ),
    **{f"questions.{name}": Row("training.edit", [_QUESTION]) for name in ("show", "edit", "save")},
    **{f"questions.{name}": Row("training.edit", [Example({"code": "spare"})]) for name in ("ask_drop", "drop")},
    "questions.export": Row("training.edit", [Example({"form": "xlsx"}), Example({"form": "gift"})]),
    **{f"questions.{name}": Row("training.publish", [_QUESTION]) for name in ("ask_withdraw", "withdraw")},
}

ROUTES: Mapping[str, Row] = {**_PAPERS}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    for id, kind, text in ((SPARE + 172, "question", "questions: []"), (SPARE + 174, "paper", "id: spare")):
        session.add(LearningText(id=id, kind=kind, code="spare", text=text, content_hash="",
                                 state="draft", user_id=SPARE, created_at=now))  # fmt: skip
