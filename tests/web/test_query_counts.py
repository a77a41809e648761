"""What a page asks of the database does not grow with what there is: every page, once with a little and once with much more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask, url_for
from sqlalchemy.orm import Session

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.marks import refresh
from qaplatform.store.tables import (
    Account,
    AccountHolder,
    Activity,
    AgentRow,
    CalendarDay,
    Case,
    ConversationRow,
    Customer,
    DepartmentRow,
    Enrolment,
    Import,
    ImportProblem,
    Job,
    LlmEndpoint,
    LlmSpending,
    LlmTrust,
    Mentorship,
    MessageRow,
    Note,
    PushToken,
    ReturnAddress,
    Sample,
    SamplePlan,
    Shop,
    Team,
    User,
    UserRole,
    WorkItem,
)
from qaplatform.web.current import store_of
from tests import filled
from tests.queries import counted_statements
from tests.web.conftest import PageClient, SignIn
from tests.web.route_examples import fill_examples
from tests.web.route_rows import SPARE
from tests.web.routes import ROUTES
from tests.web.test_access import asked_routes
from tests.web.training import rows_daily_logs

MOST = 20
"""More than this no page asks."""
_NUMBERS = range(SPARE + 100, SPARE + 115)


def more_of_everything(session: Session, now: datetime) -> None:
    """Fifteen more of all that lists show, most of it hanging together."""
    made = {"created_at": now}
    for n in _NUMBERS:
        day = n - SPARE - 99
        session.add_all(
            [
                Shop(id=n, code=f"m{n}", name=f"多{n}店", **made),
                Team(id=n, name=f"多{n}组", **made),
                DepartmentRow(id=n, code=f"m{n}", name=f"多{n}部"),
                User(id=n, login=f"m{n}", name=f"多{n}", password_hash="", **made),
                Job(id=n, kind="import", payload={"import_id": n}, state="done", run_after=now, **made),
                LlmEndpoint(id=n, name=f"多{n}", base_url="http://127.0.0.1:9", model="more", **made),
                LlmSpending(
                    day=now.date() - timedelta(days=n % 3),
                    endpoint=f"多{n}",
                    model="more",
                    rubric=f"m{n}",
                    question=f"m{n}",
                    currency="CNY",
                    call_count=1,
                    fault_count=0,
                    prompt_tokens=n,
                    completion_tokens=1,
                    money_micros=n,
                ),
            ]
        )
        session.flush()
        session.add_all(
            [
                AgentRow(id=n, code=f"m{n}", name=f"多{n}", team_id=n, **made),
                UserRole(user_id=n, role="inspector", shop_id=n),
                UserRole(user_id=n, role="team_lead", team_id=n),
                Account(id=n, shop_id=1, name=f"多{n}"),
                Account(id=n + 100, shop_id=n, name=f"多{n}"),
                PushToken(id=n, shop_id=1, name=f"多{n}", token_hash=str(n), hint=str(n), **made),
                ReturnAddress(shop_id=1, text=f"多{n}路1号"),
                CalendarDay(shop_id=1, day=date(2027, 1, day), kind="promotion"),
                CalendarDay(shop_id=None, day=date(2027, 1, day), kind="holiday"),
                Customer(id=n, shop_id=1, source_key=f"m{n}", pseudonym=f"C-MORE{n}", **made),
                Case(id=n, shop_id=1, key=f"order:m{n}", **made),
                Import(
                    id=n, shop_id=n, origin="upload", file_name=f"{n}.csv", file_bytes=1, file_hash="", options={},
                    state="done", user_id=n, **made,
                ),
            ]
        )  # fmt: skip
        session.flush()
        session.add_all(
            [
                AccountHolder(account_id=n, agent_id=n),
                AccountHolder(
                    account_id=SPARE, agent_id=n, from_day=date(2020, 1, day), until_day=date(2020, 1, day + 1)
                ),
                ImportProblem(import_id=SPARE, place=n, rejected=True, line=n, field="", code="wrong_value", reason="falsch"),
                Activity(at=now, user_id=n, action="shop.changed", subject_kind="shop", subject_id=n, shop_id=n, details={}),
                ConversationRow(
                    id=n, shop_id=1 if n % 2 else n, team_id=n, agent_id=n, customer_id=SPARE, case_id=n, source="test",
                    source_id=f"m{n}", content_hash="", import_id=SPARE, tags=[f"标签{n}"], message_count=1,
                    started_at=now - timedelta(hours=n - SPARE), ended_at=now, updated_at=now, verdict="fail", priority=0.5,
                    **made,
                ),
            ]
        )  # fmt: skip
        session.flush()
        session.add(Note(conversation_id=SPARE, text=f"多{n}", user_id=n, **made))
        session.add(
            SamplePlan(
                id=n, name=f"多{n}", query=f"shop=1&agent={n}", method={"kind": "random"},
                inspectors=[{"user_id": n, "quota": None}], cycle="daily", timezone="Asia/Shanghai", seed=1, due_days=3,
                next_at=now, user_id=n, **made,
            )
        )  # fmt: skip
        session.flush()
        session.add(Enrolment(agent_id=n, path="new-hire", hired_on=now.date(), user_id=n, created_at=now))
        session.add(Mentorship(agent_id=n, mentor_id=n, from_day=now.date(), user_id=n, created_at=now))
        session.add(LlmTrust(prompt="tone", question_hash=f"m{n}", model=f"多{n}", changed_at=now))
        session.add(Sample(id=n, plan_id=SPARE, cycle_key=str(n), name=f"多{n}", plan={}, seed=1, user_id=n, **made))
        session.flush()
        session.add(WorkItem(id=n, sample_id=SPARE, conversation_id=n, revision=1, user_id=n, draw="random", **made))
        session.add(MessageRow(conversation_id=n, number=0, role="agent", agent_id=n, text="您好", sent_at=None))
        session.add(MessageRow(conversation_id=SPARE, number=n, role="agent", agent_id=n, text="您好", sent_at=None))
    session.flush()
    refresh(session, list(_NUMBERS))
    rows_daily_logs.fill_more(session, now, list(_NUMBERS))


def addresses(app: Flask) -> list[str]:
    """Every page the matrix has an example of, but downloads and what is not there."""
    found = []
    for rule, method in asked_routes(app):
        example = ROUTES[rule.endpoint].examples[0]
        if method == "GET" and not example.is_absent:
            with app.test_request_context():
                found.append(url_for(rule.endpoint, **example.values))
    return found


def counts(app: Flask, client: PageClient, pages: Iterable[str], *, first: bool = True) -> dict[str, int]:
    """How many statements each page costs, once what is kept between pages is there: it is opened before, unless it was."""
    found = {}
    for address in pages:
        if first:
            client.get(address).close()
        with counted_statements(store_of(app)) as seen:
            answer = client.get(address)
            answer.close()
        found[address] = len(seen)
        assert answer.status_code in {200, 303, 404}, address
    return found


@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
def test_no_page_asks_more_where_there_is_more(app: Flask, store: Store, signed_in: SignIn) -> None:
    with store.writing() as session:
        now = clock.now()
        fill_examples(session, now)
        filled.fill_conversations(session, now, count=5)
        session.add(
            ImportProblem(
                import_id=SPARE, place=1, rejected=True, line=1, field="", code="wrong_value", reason="falsch"
            )
        )
        session.add(Note(conversation_id=SPARE, text="备注", user_id=SPARE, created_at=now))
        session.add(
            Activity(at=now, user_id=SPARE, action="shop.changed", subject_kind="shop", subject_id=1, details={})
        )
    client = signed_in("boss")
    assert isinstance(client, PageClient)
    client.looks = False  # Faults of pages are for other tests; these are opened twice.
    pages = addresses(app)
    little = counts(app, client, pages)
    assert len(little) > 30
    with store.writing() as session:
        more_of_everything(session, clock.now())
    much = counts(app, client, pages, first=False)
    # Once a minute a page also notes that somebody is there, and what is new is kept at its first page.
    much |= counts(app, client, [at for at in pages if much[at] > little[at]])
    assert {at: (little[at], much[at]) for at in little if much[at] > little[at]} == {}
    assert {at: count for at, count in much.items() if count > MOST} == {}
