"""One conversation at one revision, with what belongs to it and no more, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from qaplatform.store import marks
from qaplatform.store.engine import Store
from qaplatform.store.reading_conversations import MOST_OTHERS, ReadConversation, read_conversation
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import (
    AuditRow,
    ConversationRow,
    CriterionResult,
    FindingRow,
    MessageRow,
    Note,
    WorkItem,
)
from tests.listed_world import FIRST, open_business, random_conversation, write
from tests.queries import counted_statements

EVERYTHING = Scope(everything=True)
MOST_STATEMENTS = 10


def _conversation(id: int, **values: object) -> ConversationRow:
    return ConversationRow(
        id=id, shop_id=1, source="t", source_id=str(id), content_hash="", message_count=3, ended_at=FIRST,
        created_at=FIRST, updated_at=FIRST, **{"started_at": FIRST, **values},
    )  # fmt: skip


def _audit(id: int, revision: int, engine: str) -> AuditRow:
    return AuditRow(
        id=id, conversation_id=1, revision=revision, rubric_version_id=1, context_version_id=1, engine_version=engine,
        score=10.0 * id, scored_share=0.8, verdict="fail", risk=0.2, priority=0.3, reasons=["threat"],
        observations={"closed": "open"}, created_at=FIRST,
    )  # fmt: skip


def _fill(session: Session) -> None:
    """Conversation 1 has two revisions: its second message was changed and a fourth came; audits 1, 2 and then 3."""
    open_business(session)
    session.add(_conversation(1, revision=2, customer_id=5, case_id=4, agent_id=2, team_id=1, audit_id=3))
    session.flush()
    said = (
        (0, 1, None, "customer", None, "退款到了吗"), (1, 1, 1, "agent", 2, "稍等"), (1, 2, None, "agent", 2, "稍等一下"),
        (2, 1, None, "customer", None, "好"), (3, 2, None, "agent", 3, "已到账"),
    )  # fmt: skip
    session.add_all(
        MessageRow(
            conversation_id=1, number=number, first_revision=first, last_revision=last, role=role, agent_id=agent, text=text
        )
        for number, first, last, role, agent, text in said
    )  # fmt: skip
    session.add_all((_audit(1, 1, "1"), _audit(2, 2, "1"), _audit(3, 2, "2")))
    session.flush()
    for audit_id in (1, 2, 3):
        session.add_all(
            CriterionResult(
                audit_id=audit_id, criterion=name, conversation_id=1, outcome="fail", points=0, max_points=5, agent_id=2
            )
            for name in ("greeting", "curt_reply")
        )
        session.add_all(
            FindingRow(
                audit_id=audit_id, criterion="curt_reply", place=place, message_number=number, start=0, end=2,
                code=f"c{audit_id}", facts={},
            )
            for place, number in ((0, 3), (1, 1))
        )  # fmt: skip
    session.add_all(
        Note(
            conversation_id=1, message_number=number, text=text, user_id=2, created_at=FIRST + timedelta(minutes=place)
        )
        for place, (number, text) in enumerate(((None, "看过"), (1, "太短")))
    )
    session.add_all(
        WorkItem(conversation_id=1, revision=1, audit_id=1, user_id=user, state=state, created_at=FIRST)
        for user, state in ((1, "done"), (1, "draft"), (2, "done"))
    )
    hours = {2: (5, None, 2), 3: (None, 4, 3), 4: (5, 4, 2), 5: (6, 5, 2)}
    session.add_all(
        _conversation(id, customer_id=customer, case_id=case, agent_id=agent, started_at=FIRST + timedelta(hours=id))
        for id, (customer, case, agent) in hours.items()
    )
    session.flush()
    session.add_all(
        MessageRow(conversation_id=id, number=0, role="agent", agent_id=agent, text="在")
        for id, (_, _, agent) in hours.items()
    )
    session.flush()
    marks.refresh(session, [1, *hours])


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    with store.writing() as writing:
        _fill(writing)
    with store.reading() as reading:
        yield reading


def read(session: Session, scope: Scope = EVERYTHING, **asked: int) -> ReadConversation:
    found = read_conversation(session, 1, scope, **asked)
    assert found is not None
    return found


def test_the_newest_revision_is_shown_with_its_newest_audit(session: Session) -> None:
    found = read(session)
    assert [(one.number, one.text, one.agent) for one in found.messages] == [
        (0, "退款到了吗", None), (1, "稍等一下", "客服2"), (2, "好", None), (3, "已到账", "客服3"),
    ]  # fmt: skip
    assert (found.revision, found.has_newer, [one.id for one in found.audits]) == (2, False, [3, 2, 1])
    assert found.audit is not None
    assert (found.audit.line.id, found.audit.line.engine_version, found.audit.line.rubric) == (3, "2", "r")
    assert [(one.criterion, one.agent) for one in found.audit.results] == [
        ("curt_reply", "客服2"),
        ("greeting", "客服2"),
    ]
    assert [(one.message_number, one.code) for one in found.audit.findings] == [(1, "c3"), (3, "c3")]
    assert (found.audit.reasons, found.audit.observations) == (["threat"], {"closed": "open"})
    assert (found.listed.customer, found.case, found.listed.team) == ("客户5", "case-4", "1组")


@pytest.mark.parametrize(
    ("asked", "revision", "audit", "texts"),
    [
        ({"revision": 1}, 1, 1, ["退款到了吗", "稍等", "好"]),
        ({"audit_id": 1}, 1, 1, ["退款到了吗", "稍等", "好"]),
        ({"audit_id": 2}, 2, 2, ["退款到了吗", "稍等一下", "好", "已到账"]),
        ({"audit_id": 2, "revision": 2}, 2, 2, ["退款到了吗", "稍等一下", "好", "已到账"]),
    ],
)
def test_an_older_state_can_be_asked_for(session: Session, asked, revision, audit, texts) -> None:
    found = read(session, **asked)
    assert found.audit is not None
    assert (found.revision, found.audit.line.id, found.has_newer) == (revision, audit, revision < 2)
    assert [one.text for one in found.messages] == texts


@pytest.mark.parametrize("asked", [{"revision": 0}, {"revision": 3}, {"audit_id": 9}, {"audit_id": 1, "revision": 2}])
def test_a_state_that_there_is_not_is_none(session: Session, asked: dict[str, int]) -> None:
    assert read_conversation(session, 1, EVERYTHING, **asked) is None


def test_notes_are_in_the_order_they_were_written(session: Session) -> None:
    assert [(one.text, one.message_number, one.user) for one in read(session).notes] == [
        ("看过", None, "质检2"), ("太短", 1, "质检2"),
    ]  # fmt: skip


def test_the_readers_own_open_work_says_what_it_is_pinned_to(session: Session) -> None:
    work = read(session, reader_id=1).open_work
    assert work is not None
    assert (work.revision, work.audit_id, work.state) == (1, 1, "draft")
    assert read(session, reader_id=2).open_work is None
    assert read(session).open_work is None


def test_other_conversations_of_customer_and_case_are_the_newest_the_reader_may_see(session: Session) -> None:
    found = [(one.id, one.is_of_customer, one.is_of_case) for one in read(session).others]
    assert found == [(4, True, True), (3, False, True), (2, True, False)]
    assert [one.id for one in read(session, Scope(agent_id=2)).others] == [4, 2]
    # Of one that the reader has still to review blind nothing of the machine's is told.
    session.add(WorkItem(conversation_id=3, revision=1, user_id=1, draw="random", is_blind=True, created_at=FIRST))
    session.flush()
    assert [(one.id, one.is_blind, one.verdict) for one in read(session, reader_id=1).others if one.id == 3] == [
        (3, True, None)
    ]
    assert not any(one.is_blind for one in read(session, reader_id=2).others)


@pytest.mark.parametrize(
    ("scope", "is_seen"),
    [
        (Scope(), False),
        (Scope(shop_ids=frozenset({1})), True),
        (Scope(shop_ids=frozenset({2})), False),
        (Scope(team_ids=frozenset({1})), True),
        (Scope(agent_id=3), True),
        (Scope(agent_id=4), False),
        (Scope(shop_ids=frozenset({2}), agent_id=3), True),
    ],
)
def test_only_what_lies_in_the_scope_is_there(session: Session, scope: Scope, is_seen: bool) -> None:
    assert (read_conversation(session, 1, scope) is not None) == is_seen


def test_a_conversation_that_was_not_audited_has_no_audit(session: Session) -> None:
    found = read_conversation(session, 2, EVERYTHING)
    assert found is not None
    assert (found.audit, found.audits, found.case) == (None, (), None)


def test_a_page_takes_a_fixed_number_of_statements_however_much_there_is(store: Store) -> None:
    with store.writing() as session:
        _fill(session)
    counts = []
    for many in (False, True):
        if many:
            with store.writing() as session:
                random = Random(1)
                write(session, [random_conversation(random, id) for id in range(100, 400)])
                session.add_all(
                    MessageRow(conversation_id=1, number=number, role="agent", agent_id=2, text="在")
                    for number in range(4, 300)
                )
                session.add_all(
                    _conversation(id, customer_id=5, case_id=4, started_at=FIRST + timedelta(minutes=id))
                    for id in range(1000, 1100)
                )
        with store.reading() as session, counted_statements(store) as seen:
            found = read(session, reader_id=1)
        counts.append(len(seen))
    assert (len(found.messages), len(found.others)) == (300, MOST_OTHERS)
    assert counts == [MOST_STATEMENTS] * 2
