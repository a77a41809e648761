"""Rows of ``routes.py``: the mentors' daily logs, problem points, weeks, and the new hire's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from qaplatform.store.tables import DailyLog, LogAnswer, LogChat, ProblemPoint
from tests.web.route_rows import OWN_AGENT, SPARE, Example, Row, plain

_LOG_DAY = date(2026, 11, 2)
"""A Monday."""


def _about(permission: str, names: str, argument: str, here: int, elsewhere: int, **more: str) -> dict[str, Row]:
    """Routes about something of the agent of shop 1 and team 1, and of one of shop 2 and team 2."""
    examples = (
        Example({argument: here, **more}, shop_id=1, team_id=1, agent_id=OWN_AGENT),
        Example({argument: elsewhere, **more}, shop_id=2, team_id=2, agent_id=5),
    )
    return {f"daily_logs.{name}": Row(permission, examples) for name in names.split()}


ROUTES: Mapping[str, Row] = {
    **plain("training.see", "daily_logs.index"),
    **plain("training.learn", "daily_logs.own"),
    **{
        f"daily_logs.{name}": Row("training.learn", (Example({"day": "2020-01-01"}, is_absent=True),))
        for name in ("own_day", "own_answer")
    },
    **_about("training.see", "person", "agent_id", OWN_AGENT, 5),
    **_about("training.see", "show", "agent_id", OWN_AGENT, 5, day=str(_LOG_DAY)),
    **_about("training.see", "week", "agent_id", OWN_AGENT, 5, monday=str(_LOG_DAY)),
    **_about("training.coach", "save pick new_point add_point", "agent_id", OWN_AGENT, 5, day=str(_LOG_DAY)),
    **_about("training.coach", "decide", "agent_id", OWN_AGENT, 5, day=str(_LOG_DAY)),
    **_about("training.coach", "edit_point change_point withdraw_point set_next_done", "point_id", SPARE, SPARE + 1),
    **_about("training.coach", "answer", "log_id", SPARE, SPARE + 1),
    **_about("training.coach", "coach", "id", SPARE, SPARE + 1),
}


def fill(session: Session, now: datetime) -> None:
    """The things the examples name; whose shop an agent's is, ``rows_paths.py`` says."""
    made = {"user_id": SPARE, "created_at": now}
    for n, agent_id in enumerate((OWN_AGENT, 5)):
        session.add(DailyLog(id=SPARE + n, agent_id=agent_id, day=_LOG_DAY, summary="小结", changed_at=now, **made))
        session.flush()
        session.add(LogChat(log_id=SPARE + n, conversation_id=SPARE + n, **made))
        session.add(
            ProblemPoint(
                id=SPARE + n, log_id=SPARE + n, conversation_id=SPARE + n, message=0, what="问题", cause="process",
                severity="minor", changed_at=now, **made,
            )
        )  # fmt: skip
        session.flush()
        session.add(LogAnswer(log_id=SPARE + n, point_id=SPARE + n, text="回复", **made))
    session.flush()


def fill_more(session: Session, now: datetime, numbers: Sequence[int]) -> None:
    """More of it, for the people and chats of these numbers: see ``test_query_counts.py``."""
    made = {"user_id": SPARE, "created_at": now}
    for n in numbers:
        day = _LOG_DAY - timedelta(days=n - numbers[0] + 1)
        session.add(DailyLog(id=n, agent_id=OWN_AGENT, day=day, summary=f"多{n}", changed_at=now, **made))
        session.add(DailyLog(id=n + 100, agent_id=n, day=now.date(), changed_at=now, **made))
        session.add(LogChat(log_id=SPARE, conversation_id=n, **made))
        session.flush()
        for log_id in (SPARE, n, n + 100):
            session.add(
                ProblemPoint(
                    log_id=log_id, conversation_id=n, message=0, what="问题", cause="system", severity="major",
                    next_step="下一步", next_due_on=_LOG_DAY, criterion="curt_reply", changed_at=now, **made,
                )
            )  # fmt: skip
            session.add(LogAnswer(log_id=log_id, text="回复", **made))
    session.flush()
