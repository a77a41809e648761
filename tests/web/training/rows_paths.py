"""Rows of ``routes.py``: learning paths, the board, people and their mentors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import Account, AccountHolder, Enrolment, LearningText, Mentorship
from tests.web.route_rows import OWN_AGENT, SPARE, Example, Row, plain


# Paths, board, mentors
def _people(permission: str, *names: str) -> dict[str, Row]:
    """Routes about one person who learns: the viewer who is an agent, and one of another shop and team."""
    here = Example({"agent_id": OWN_AGENT}, shop_id=1, team_id=1, agent_id=OWN_AGENT)
    elsewhere = Example({"agent_id": 5}, shop_id=2, team_id=2, agent_id=5)
    return {f"training.{name}": Row(permission, (here, elsewhere)) for name in names}


def _paths(permission: str, *names: str, code: str = "new-hire", **values: str) -> dict[str, Row]:
    example = Example({"code": code, **values})
    return {f"learning_paths.{name}": Row(permission, (example,)) for name in names}


ROUTES: Mapping[str, Row] = {
    # Paths, board, mentors
    **plain("training.learn", "learning.show"),
    **plain("training.see", "training.index", "learning_paths.index"),
    **_people("training.see", "person"),
    **_people("training.lead", "choose_path", "choose_mentor", "ask_graduate", "graduate", "ask_stop", "stop"),
    **_people("training.coach", "add_talk", "add_case", "agree"),
    **_paths("training.see", "show"),
    **_paths("training.edit", "versions", "edit", "save", "ask_copy", "copy"),
    **_paths("training.edit", "edit_step", "save_step", step="values"),
    **_paths("training.edit", "ask_drop", "drop", code="spare"),
    **_paths("training.publish", "publish", "ask_withdraw", "withdraw"),
}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    # Paths, board, mentors: by these accounts the two lie in their shops.
    for n, agent_id in enumerate((OWN_AGENT, 5)):
        session.add(Account(id=SPARE + 50 + n, shop_id=1 + n, name=f"学员{n}"))
        session.flush()
        session.add(AccountHolder(id=SPARE + 50 + n, account_id=SPARE + 50 + n, agent_id=agent_id))
        session.add(
            Enrolment(
                id=SPARE + n, agent_id=agent_id, path="new-hire", hired_on=now.date(), user_id=SPARE, created_at=now
            )
        )
        session.add(
            Mentorship(
                id=SPARE + n, agent_id=agent_id, mentor_id=SPARE, from_day=now.date(), user_id=SPARE, created_at=now
            )
        )
    session.add(LearningText(id=SPARE + 173, kind="path", code="spare", text="id: spare", content_hash="",
                             state="draft", user_id=SPARE, created_at=now))  # fmt: skip
    session.flush()
