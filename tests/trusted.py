"""Two hundred and forty conversations that a model graded and people ruled on: for tests of trust and its pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from qaplatform.store.engine import Store
from qaplatform.store.llm_trust import Asked
from qaplatform.store.tables import ConversationRow, GradeRow, Grading, GradingRun, LlmEndpoint, Review, Ruling, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.graded_chats import EMPATHY, MODEL, files, new_grade, publish
from tests.web.chats import NOW, chat, said, take_in

MANY = 240
WEEK = timedelta(days=7)
OTHER_MODEL = "acme/Judge-3B:q4"
PROMPT = "empathy_sincere"
HASH = new_grade(EMPATHY, "yes").question_hash
OLD_HASH = "0123456789abcdef"
ASKED = Asked(PROMPT, HASH, MODEL)


def people_say(number: int) -> str:
    """No of every sixth."""
    return "no" if number % 6 == 0 else "yes"


def model_says(number: int) -> str:
    """The same, but of every twentieth."""
    return "no" if number % 20 == 1 else people_say(number)


def with_trust(store: Store) -> Store:
    """The database with all of it, and two conversations more that were graded only; before anything else is in it.

    The lead ruled on all 240, blind on every third; the inspector ruled on the first 25 before, twice otherwise. The other
    model was asked about 30 of them and was unsure of ten, and an earlier wording about five.
    """
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    publish(store, files())
    take_in(
        store,
        *(
            chat(
                f"t-{n}",
                said("customer", "这款还有货吗", 60.0 * n),
                said("agent", "您好，我是小苏，有现货的，今天下午6点前发出", 60.0 * n + 20),
                said("customer", "好的谢谢", 60.0 * n + 40),
            )
            for n in range(MANY + 2)
        ),
    )
    graded(store, {n: model_says(n) for n in range(MANY // 2)}, at=NOW - WEEK)
    graded(store, {n: model_says(n) for n in range(MANY // 2, MANY + 2)})
    graded(store, {n: "unsure" if n < 10 else people_say(n) for n in range(30)}, model=OTHER_MODEL)
    graded(store, dict.fromkeys(range(5), "yes"), question_hash=OLD_HASH)
    ruled(
        store, {n: "yes" if n < 2 else people_say(n) for n in range(25)}, login="inspector", at=NOW + timedelta(hours=1)
    )
    ruled(store, {n: people_say(n) for n in range(MANY) if n % 3}, at=NOW + timedelta(hours=2))
    ruled(store, {n: people_say(n) for n in range(MANY) if n % 3 == 0}, at=NOW + timedelta(hours=2), blind=True)


def graded(store: Store, verdicts: Mapping[int, str], *, at: datetime = NOW, **more: Any) -> None:
    """What a model said of conversations, by their numbers."""
    with store.writing() as session:
        lead = session.scalars(select(User.id).where(User.login == "lead")).one()
        endpoint = session.scalars(select(LlmEndpoint.id)).first() or _added(
            session, LlmEndpoint(name="本地模型", base_url="http://127.0.0.1:9/v1", model=MODEL, created_at=NOW)
        )
        run = _added(
            session,
            GradingRun(
                user_id=lead, endpoint_id=endpoint, model=MODEL, kind="list", wanted={}, total_count=len(verdicts),
                currency="CNY", created_at=at,
            ),
        )  # fmt: skip
        for number, row in _rows(session, verdicts):
            grading = Grading(
                run_id=run, conversation_id=row.id, revision=row.revision, audit_id=row.audit_id, language="zh",
                score=None, scored_share=1, verdict="pass", failed_count=0, most_change=0, counts=False, call_count=1,
                token_count=900, money_micros=90, currency="CNY", created_at=at,
            )  # fmt: skip
            one = msgspec.structs.asdict(new_grade(EMPATHY, verdicts[number]))
            # Of every tenth one quote of two was nowhere to be found.
            values = {**one, "evidence": [[1, 0, 2]], "dropped_count": int(number % 10 == 1), **more}
            id = _added(session, grading)
            session.execute(insert(GradeRow).values(grading_id=id, conversation_id=row.id, created_at=at, **values))


def ruled(
    store: Store,
    verdicts: Mapping[int, str],
    *,
    login: str = "lead",
    blind: bool = False,
    at: datetime = NOW,
    **more: Any,
) -> None:
    """What somebody ruled on conversations, by their numbers: ``yes`` is a pass, and ``no`` a failure."""
    with store.writing() as session:
        user = session.scalars(select(User.id).where(User.login == login)).one()
        for number, row in _rows(session, verdicts):
            outcome = {"yes": "pass", "no": "fail"}.get(verdicts[number], verdicts[number])
            review = Review(
                conversation_id=row.id, revision=row.revision, audit_id=row.audit_id, user_id=user, draw="random",
                was_blind=blind, scored_share=1, verdict="pass", failed_count=0, machine_verdict="pass", created_at=at,
            )  # fmt: skip
            row.review_id = _added(session, review)
            values = {"kind": "answer", "from_outcome": "unscored", "to_outcome": outcome, **more}
            session.add(
                Ruling(
                    review_id=review.id, conversation_id=row.id, audit_id=row.audit_id, criterion=EMPATHY, user_id=user,
                    decided_at=at, **values,
                )
            )  # fmt: skip


def _rows(session: Session, numbers: Iterable[int]) -> list[tuple[int, ConversationRow]]:
    wanted = {f"t-{number}": number for number in numbers}
    rows = session.scalars(
        select(ConversationRow).where(ConversationRow.source_id.in_(wanted)).order_by(ConversationRow.id)
    )
    return [(wanted[row.source_id], row) for row in rows]


def _added(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return int(row.id)
