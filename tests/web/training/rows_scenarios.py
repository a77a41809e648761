"""Rows of ``routes.py``: scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.store.tables import LearningText
from tests.web.route_rows import OWN_AGENT, SPARE, Example, Row, plain


def _scenarios(permission: str, *names: str, code: str = "wrong-parcel") -> dict[str, Row]:
    """Routes about one scenario, which lies nowhere."""
    return {f"scenarios.{name}": Row(permission, (Example({"code": code}),)) for name in names}


# Scenarios
_SCENARIOS: Mapping[str, Row] = {
    **plain("training.edit", "scenarios.index", "scenarios.guide"),
    **_scenarios("training.edit", "show", "versions", "edit", "save", "try_out", "move", "keep", "ask_copy", "copy"),
    **_scenarios("training.publish", "ask_publish", "publish", "ask_withdraw", "withdraw"),
    **_scenarios("training.edit", "ask_drop", "drop", code="spare"),
    "scenarios.reopen": Row("training.edit", (Example({"code": "wrong-parcel", "version_id": 0}),)),
    "scenarios.from_chat": Row(
        "training.edit",
        (
            Example({"id": SPARE}, shop_id=1, team_id=1, agent_id=OWN_AGENT),
            Example({"id": SPARE + 1}, shop_id=2, team_id=2, agent_id=5),
        ),
        reach="conversations.see",
    ),
}
ROUTES: Mapping[str, Row] = {**_SCENARIOS}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; people, chats and rubrics are those of ``route_examples.py``."""
    # Scenarios
    session.add(
        LearningText(
            id=SPARE, kind="scenario", code="spare", text="id: spare", content_hash="", state="draft", user_id=SPARE, created_at=now
        )
    )  # fmt: skip
