"""Who reads the activity log, and how much of it."""

from __future__ import annotations

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.activity import actions, activity_page
from qaplatform.store.activity import ActivityFilter, note_down
from qaplatform.store.engine import Store
from tests.people import NOW, open_company


@pytest.fixture
def filled(store: Store) -> Store:
    open_company(store)
    with store.writing() as session:
        for shop_id in (1, 2, None):
            note_down(
                session,
                now=NOW,
                user_id=None,
                action="import.made",
                subject_kind="import",
                subject_id=7,
                shop_id=shop_id,
            )
    return store


@pytest.mark.parametrize(
    ("grant", "shops"),
    [
        (Grant("admin"), [None, 2, 1]),
        (Grant("qa_lead"), [None, 2, 1]),
        (Grant("qa_lead", shop_id=2), [2]),
    ],
)
def test_the_log_is_read_as_far_as_the_role_reaches(filled: Store, grant: Grant, shops: list[int | None]) -> None:
    viewer = Viewer(user_id=1, name="", grants=(grant,))
    with filled.reading() as session:
        lines = activity_page(session, viewer, ActivityFilter()).lines
        assert actions(session, viewer) == ["import.made"]
    assert [line.shop_id for line in lines] == shops


@pytest.mark.parametrize(
    "grant",
    [Grant("inspector"), Grant("team_lead"), Grant("store_manager"), Grant("agent"), Grant("qa_lead", team_id=1)],
)
def test_nobody_else_reads_it(filled: Store, grant: Grant) -> None:
    viewer = Viewer(user_id=1, name="", agent_id=1, grants=(grant,))
    with filled.reading() as session:
        for ask in (lambda: activity_page(session, viewer, ActivityFilter()), lambda: actions(session, viewer)):
            with pytest.raises(AccessError):
                ask()
