"""People who take tests, and tests of a few questions of which the answers are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training import paper_attempts, paper_grading
from qaplatform.services.training.paper_answers import Given, right_answer, shown_answer
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import User
from qaplatform.store.training import papers as stored
from qaplatform.training.drawing import PaperItem
from qaplatform.training.questions import AnyQuestion
from tests.people import open_company

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor", team_id=1),))
AUTHOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor"),))
"""The same without a team: who writes for everybody."""
NEW = Viewer(user_id=3, name="新人", agent_id=1, grants=(Grant("new_hire"),))
OTHER = Viewer(user_id=4, name="别组", agent_id=3, grants=(Grant("new_hire"),))
IDS = ("wording-02", "empathy-07", "empathy-04", "empathy-08", "closing-11", "empathy-09", "empathy-10", "judging-01")
"""One of every kind and task, but for dialogues to mark."""

Answering = Callable[[AnyQuestion, Given], Given]


def fill(store: Store) -> None:
    """Four people, and the test ``all`` of ten minutes and two attempts an hour apart."""
    open_company(store)
    with store.writing() as session:
        for viewer in (LEAD, MENTOR, NEW, OTHER):
            session.add(
                User(
                    id=viewer.user_id, login=f"u{viewer.user_id}", name=viewer.name, password_hash="",
                    agent_id=viewer.agent_id, created_at=NOW,
                )
            )  # fmt: skip
    publish(store, "all", sections=[f"{{count: {len(IDS)}, questions: [{', '.join(IDS)}]}}"])


def publish(store: Store, code: str, *, sections: list[str], **rules: object) -> None:
    """Publish a test."""
    given = {"time_limit_minutes": 10, "attempts": 2, "wait_hours": 1, "pass_ratio": 0.9, **rules}
    lines = [f"id: {code}", "title: {zh: 全, en: All}", *(f"{key}: {value}" for key, value in given.items() if value)]
    text = "\n".join([*lines, "sections:", *(f"  - {one}" for one in sections)])
    with store.writing() as session:
        write_text(session, LEAD, Writing(kind="paper", code=code, text=text), state="published", now=NOW)


def begun(store: Store, viewer: Viewer, paper: str = "all", now: datetime = NOW) -> int:
    """An attempt."""
    with store.writing() as session:
        return paper_attempts.begin(session, viewer, paper, now=now)


def questions_of(store: Store, attempt_id: int) -> list[tuple[PaperItem, AnyQuestion]]:
    """What an attempt asks, in its order."""
    with store.reading() as session:
        attempt = stored.attempt_of(session, attempt_id)
        assert attempt is not None
        bank = paper_attempts.kept_bank(session, stored.answers_of(session, attempt_id))
    return [(item, bank.questions[item.question]) for item in paper_attempts.paper_of(attempt).items]


def answered(
    store: Store, viewer: Viewer, attempt_id: int, change: Answering = lambda _, given: given, now: datetime = NOW
) -> None:
    """Answer all of it right, but for what ``change`` makes of it."""
    for number, (item, question) in enumerate(questions_of(store, attempt_id), start=1):
        given = change(question, shown_answer(item, right_answer(question)))
        with store.writing() as session:
            paper_attempts.save(session, viewer, attempt_id, number, given, seen="", now=now)


def handed_in(store: Store, viewer: Viewer, attempt_id: int, now: datetime = NOW) -> stored.StoredAttempt:
    """An attempt, handed in."""
    with store.writing() as session:
        paper_grading.hand_in(session, viewer, attempt_id, now=now)
        found = stored.attempt_of(session, attempt_id)
    assert found is not None
    return found


def later(**ago: float) -> datetime:
    """A moment after :data:`NOW`."""
    return NOW + timedelta(**ago)
