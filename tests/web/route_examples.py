"""What the rows of ``routes.py`` are about, in the database: one of everything, out of the way of what else is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.marks import refresh
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    AuditRow,
    CalendarDay,
    ClockBandRow,
    ContextVersion,
    ConversationRow,
    Customer,
    DepartmentRow,
    GradeRow,
    Grading,
    GradingRun,
    Import,
    Job,
    LlmEndpoint,
    LlmTrust,
    MessageRow,
    PushToken,
    RubricDraft,
    RubricRelease,
    RubricReplay,
    RubricVersion,
    Sample,
    SamplePlan,
    Team,
    User,
    UserRole,
    WorkItem,
)
from tests.web.route_rows import OWN_AGENT, SPARE
from tests.web.training_routes import fill_training_examples


def fill_examples(session: Session, now: datetime) -> None:
    """The things the examples name, beside the people of ``tests/filled.py``."""
    session.add(User(id=SPARE, login="spare", name="备用", password_hash="", created_at=now))
    session.add_all(Team(id=SPARE + n, name=f"备用{n}组", created_at=now) for n in range(2))
    session.add_all(DepartmentRow(id=SPARE + n, code=f"spare{n}", name="备用") for n in range(2))
    session.add_all(Account(id=SPARE + n, shop_id=1, name=f"备用{n}") for n in range(2))
    session.add(AgentRow(id=SPARE, code="spare", name="备用", created_at=now))
    session.add(PushToken(id=SPARE, shop_id=1, name="备用", token_hash="0" * 64, hint="0000", created_at=now))
    session.add_all(
        # Its key is nowhere, so that trying it out calls nobody.
        LlmEndpoint(
            id=SPARE + n, name=f"备用{n}", base_url="http://127.0.0.1:9", model="spare", api_key="$SPARE_API_KEY", created_at=now
        )
        for n in range(2)
    )  # fmt: skip
    session.flush()
    session.add(UserRole(user_id=SPARE, role="inspector"))
    session.add_all(
        AccountHolder(id=SPARE + n, account_id=SPARE, agent_id=SPARE, start_minute=600 * n, end_minute=600 * n + 600)
        for n in range(2)
    )
    for n, agent_id in enumerate((OWN_AGENT, 5)):
        session.add(Customer(id=SPARE + n, shop_id=1 + n, source_key="spare", pseudonym=f"C-SPARE{n}", created_at=now))
        session.add(
            ConversationRow(
                id=SPARE + n, shop_id=1 + n, team_id=1 + n, agent_id=agent_id, source="test", source_id=f"spare{n}",
                content_hash="", message_count=1, started_at=now, ended_at=now, created_at=now, updated_at=now,
            )
        )  # fmt: skip
        session.add(
            Import(
                id=SPARE + n, shop_id=1 + n, origin="upload", file_name="spare.csv", file_bytes=1, file_hash="",
                options={}, state="done", created_at=now,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            MessageRow(conversation_id=SPARE + n, number=0, role="agent", agent_id=agent_id, text="您好", sent_at=None)
        )
    session.flush()
    for n in range(2):
        session.add(
            SamplePlan(
                id=SPARE + n, name=f"备用{n}", query=f"shop={1 + n}&team={1 + n}", method={"kind": "random"}, inspectors=[],
                cycle="daily", timezone="Asia/Shanghai", seed=1, due_days=3, next_at=now, user_id=SPARE, created_at=now,
            )
        )  # fmt: skip
        session.flush()
        session.add(Sample(id=SPARE + n, plan_id=SPARE + n, name=f"备用{n}", plan={}, seed=1, created_at=now))
        session.flush()
        session.add(
            WorkItem(
                id=SPARE + n, sample_id=SPARE + n, conversation_id=SPARE + n, revision=1, draw="random",
                why={"method": "random", "kind": "random", "rank": 1, "pool": 9, "score": 61.0}, due_at=now, created_at=now,
            )
        )  # fmt: skip
    session.flush()
    refresh(session, [SPARE, SPARE + 1])
    session.add(Job(id=SPARE, kind="tidy", payload={}, state="done", run_after=now, created_at=now))
    base = rubrics_in_force()[0]
    about = {"content_hash": base.rubric.content_hash, "files": dict(base.files)}
    session.add_all(
        RubricDraft(
            id=SPARE + n, code=base.rubric.id, base_hash=base.rubric.content_hash, files=dict(base.files), created_at=now,
            updated_at=now,
        )
        for n in range(2)
    )  # fmt: skip
    session.flush()
    session.add(RubricReplay(id=SPARE, draft_id=SPARE, started_since=now, started_until=now, created_at=now, **about))
    session.add(RubricVersion(id=SPARE, code=base.rubric.id, created_at=now, **about))
    session.flush()
    session.add(
        RubricRelease(
            id=SPARE, code=base.rubric.id, number=1, rubric_version_id=SPARE, effective_from=now, published_at=now
        )
    )
    _fill_graded(session, now)
    fill_training_examples(session, now)
    session.add(CalendarDay(shop_id=1, day=now.date(), kind="holiday"))
    session.add(ClockBandRow(shop_id=1, start_minute=0, end_minute=1440))
    session.flush()


def _fill_graded(session: Session, now: datetime) -> None:
    """A question that a model was asked."""
    session.add(
        ConversationRow(
            id=SPARE + 9, shop_id=1, source="test", source_id="graded", content_hash="", message_count=0, started_at=now,
            ended_at=now, created_at=now, updated_at=now,
        )
    )  # fmt: skip
    session.add(ContextVersion(id=SPARE, content_hash="", body={}, created_at=now))
    session.add(
        GradingRun(
            id=SPARE, user_id=SPARE, endpoint_id=SPARE, model="spare", kind="one", wanted={}, state="done", total_count=1,
            currency="CNY", created_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        AuditRow(
            id=SPARE, conversation_id=SPARE + 9, revision=1, rubric_version_id=SPARE, context_version_id=SPARE,
            engine_version="", scored_share=1, verdict="pass", risk=0, priority=0, reasons=[], observations={}, created_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        Grading(
            id=SPARE, run_id=SPARE, conversation_id=SPARE + 9, revision=1, audit_id=SPARE, language="zh", scored_share=1,
            verdict="pass", failed_count=0, most_change=0, counts=False, call_count=0, token_count=0, money_micros=0,
            currency="CNY", created_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        GradeRow(
            grading_id=SPARE, conversation_id=SPARE + 9, criterion="tone", prompt="tone", question_hash="0", model="spare",
            verdict="yes", created_at=now,
        )
    )  # fmt: skip
    session.add(LlmTrust(prompt="tone", question_hash="0", model="spare", changed_at=now))
    session.flush()
