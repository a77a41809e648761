"""Rows of ``routes.py``: drills and their library, skills, criteria."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import Account, AccountHolder, DrillAnswer, DrillCard, LearningText, User
from tests.web.route_rows import SPARE, Example, Row, plain

# Drills, skills, criteria. User 7 is agent 1 (``tests/filled.py``), SPARE + 21 is agent 5.
_SKILLED = (
    Example({"user_id": 7}, shop_id=1, team_id=1, agent_id=1),
    Example({"user_id": SPARE + 21}, shop_id=2, team_id=2, agent_id=5),
)
_DRILLS: Mapping[str, Row] = {
    **plain("training.learn", "drills.index", "drills.start", "drills.history", "skills.own"),
    **{
        f"drills.{name}": Row("training.learn", (Example({"answer_id": SPARE}, is_absent=True),))
        for name in ("show", "answer", "again")
    },
    "drills.give": Row("training.learn", (Example(is_absent=True),)),
    **{f"skills.{name}": Row("training.see", _SKILLED) for name in ("show", "answers")},
    **plain("training.see", "training_criteria.index"),
    "training_criteria.show": Row("training.see", (Example({"id": "empathy_first"}),)),
}

_ONE = (Example({"code": "empathy-five-days"}),)
_LIBRARY: Mapping[str, Row] = {
    **plain("training.edit", "drill_library.index", "drill_library.new", "drill_library.create"),
    **{
        f"drill_library.{name}": Row("training.edit", _ONE)
        for name in ("show", "edit", "save", "edit_yaml", "save_yaml", "try_out", "answer")
    },
    # A draft: see below.
    **{f"drill_library.{name}": Row("training.edit", (Example({"code": "spare"}),)) for name in ("ask_drop", "drop")},
    **{f"drill_library.{name}": Row("training.publish", _ONE) for name in ("ask_withdraw", "withdraw")},
    # What was written here in the place of a shipped one: see below.
    **{
        f"drill_library.{name}": Row("training.publish", (Example({"code": "greeting-first-words"}),))
        for name in ("ask_put_back", "put_back")
    },
}

ROUTES: Mapping[str, Row] = {**_DRILLS, **_LIBRARY}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    _fill_drills(session, now)


def _fill_drills(session: Session, now: datetime) -> None:
    for n, agent_id in enumerate((1, 5)):
        number = SPARE + 20 + n
        session.add(Account(id=number, shop_id=1 + n, name=f"练习{n}"))
        session.flush()
        session.add(AccountHolder(id=number, account_id=number, agent_id=agent_id))
    session.add(User(id=SPARE + 21, login="skilled", name="学员", password_hash="", agent_id=5, created_at=now))
    session.add(DrillCard(id=SPARE, user_id=SPARE, code="empathy-five-days", criterion="empathy_first", origin="shipped",
                          situation={}, scheduled={}, due_at=now, created_at=now))  # fmt: skip
    session.flush()
    session.add(LearningText(id=SPARE + 20, kind="drill", code="greeting-first-words", text="drills: []", content_hash="",
                             state="published", user_id=SPARE, created_at=now))  # fmt: skip
    session.add(LearningText(id=SPARE + 71, kind="drill", code="spare", text="drills: []", content_hash="",
                             state="draft", user_id=SPARE, created_at=now))  # fmt: skip
    session.add(DrillAnswer(id=SPARE, card_id=SPARE, user_id=SPARE, shown_at=now, deadline_at=now))
    session.flush()
