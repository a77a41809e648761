"""The focus of each week, and the rules of training with each mistake told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_rules as rules
from qaplatform.services.training import weekly_focus as service
from qaplatform.services.training.lessons import lessons_read
from qaplatform.services.training.settings import TrainingSettings, TrainingSettingsError, training_settings
from qaplatform.services.training.weekly_focus import NewFocus
from qaplatform.store.engine import Store
from qaplatform.store.tables import LlmEndpoint, User
from tests.stores import ONLY_SQLITE

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=1, name="带教", grants=(Grant("mentor"),))
DAY = date(2026, 11, 27)


@pytest.fixture
def house(store: Store) -> Store:
    with store.writing() as session:
        session.add(User(id=1, login="lead", name="主管", password_hash="", created_at=NOW))
    return store


def test_a_week_has_a_focus_once_it_is_published_in_ones_language_or_the_other(house: Store) -> None:
    with house.writing() as session:
        zh = NewFocus("2026-w48", "zh", " 四件套 ", "- 会起球吗\r\n- 多大")
        draft = service.save_focus(session, MENTOR, zh, seen_id=0, publishes=False, now=NOW)
        assert service.focus_of(session, DAY, "zh") is None
        assert service.focus_drafts(session, MENTOR) == [("2026-w48", "zh")]
        with pytest.raises(AccessError):
            service.save_focus(session, MENTOR, zh, seen_id=draft, publishes=True, now=NOW)
        with pytest.raises(service.FocusMovedOnError):
            service.save_focus(session, LEAD, zh, seen_id=0, publishes=True, now=NOW)
        service.save_focus(session, LEAD, zh, seen_id=draft, publishes=True, now=NOW)
        found = service.focus_of(session, DAY, "en", user_id=1)
        assert found is not None
        assert (found.language, found.title, found.body, found.read_at) == ("zh", "四件套", "- 会起球吗\n- 多大", None)
        assert (found.first_day, found.last_day) == (date(2026, 11, 23), date(2026, 11, 29))
        service.mark_focus_read(session, LEAD, "2026-w48", "not this one", now=NOW)
        service.mark_focus_read(session, LEAD, "2026-w48", found.content_hash, now=NOW)
        service.save_focus(
            session, LEAD, NewFocus("2026-w48", "en", "Bedding", "Size"), seen_id=0, publishes=True, now=NOW
        )
        service.save_focus(session, LEAD, NewFocus("2026-w05", "en", "Old", "Old"), seen_id=0, publishes=True, now=NOW)
        english = service.focus_seen(session, LEAD, "2026-w48", "en")
        assert (english.title, english.read_at) == ("Bedding", NOW)
        assert [(one.week, one.title, one.read_at) for one in service.focus_weeks(session, LEAD, "en")] == [
            ("2026-w48", "Bedding", NOW),
            ("2026-w05", "Old", None),
        ]
        assert service.focus_draft(session, LEAD, "2026-w48", "zh").reader_count == 1
        assert lessons_read(session, 1) == {}, "a focus is no lesson"
        service.withdraw_focus(session, LEAD, "2026-w48", now=NOW)
        assert service.focus_of(session, DAY, "zh") is None
        assert service.focus_draft(session, LEAD, "2026-w48", "zh").title == "四件套"
        for ask in (
            lambda: service.focus_seen(session, LEAD, "2026-w48", "zh"),
            lambda: service.withdraw_focus(session, LEAD, "2026-w48", now=NOW),
            lambda: service.mark_focus_read(session, LEAD, "2026-w48", "0", now=NOW),
        ):
            with pytest.raises(NotThereError):
                ask()


@ONLY_SQLITE
def test_a_focus_is_short_and_its_week_exists(house: Store) -> None:
    with house.writing() as session:
        for week, title, body, error in (
            ("2026-w54", "x", "x", NotThereError),
            ("w1", "x", "x", NotThereError),
            ("2026-w48", " ", "x", service.FocusFormError),
            ("2026-w48", "x", " ", service.FocusFormError),
            ("2026-w48", "x" * 61, "x", service.FocusFormError),
            ("2026-w48", "x", "x" * 3001, service.FocusFormError),
        ):
            with pytest.raises(error):
                service.save_focus(session, LEAD, NewFocus(week, "zh", title, body), seen_id=0, publishes=True, now=NOW)
    assert service.week_of(date(2027, 1, 1)) == "2026-w53"
    assert service.first_day_of("2026-w53") == date(2026, 12, 28)


def days_off(count: int) -> tuple[date, ...]:
    """From a Monday on."""
    return tuple(date(2026, 11, 2) + timedelta(days=n) for n in range(count))


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"exam_kinds": 4}, rules.RulesKindsError),
        ({"exams_to_pass": 21}, TrainingSettingsError),
        ({"timezone": "Mars"}, rules.RulesZoneError),
        ({"timezone": "../etc"}, rules.RulesZoneError),
        ({"free_weekdays": tuple(range(7))}, rules.RulesWeekError),
        ({"endpoint_id": 2}, rules.RulesEndpointError),
        ({"endpoint_id": 9}, rules.RulesEndpointError),
        ({"holidays": (DAY,), "extra_working_days": (DAY,)}, rules.RulesDaysError),
        ({"holidays": days_off(61)}, rules.RulesRestError),
        # With the weekend before it is too long all the same.
        ({"holidays": days_off(59)}, rules.RulesRestError),
        ({"holidays": days_off(30)}, None),
        ({"drill_seconds": 10}, TrainingSettingsError),
        ({"endpoint_id": 1, "holidays": (DAY,), "llm_customer": True}, None),
    ],
)
def test_rules_that_cannot_be_are_refused_each_for_its_reason(
    house: Store, changes: dict[str, Any], error: Any
) -> None:
    wanted = TrainingSettings(**changes)
    with house.writing() as session:
        for id, retired_at in ((1, None), (2, NOW)):
            session.add(
                LlmEndpoint(id=id, name=f"e{id}", base_url="http://x", model="m", created_at=NOW, retired_at=retired_at)
            )
        session.flush()
        assert rules.endpoint_choices(session, LEAD) == [(1, "e1")]
        if error is None:
            rules.change_rules(session, wanted, by=LEAD, now=NOW)
        else:
            with pytest.raises(error):
                rules.change_rules(session, wanted, by=LEAD, now=NOW)
        assert training_settings(session) == (wanted if error is None else TrainingSettings())
        with pytest.raises(AccessError):
            rules.change_rules(session, TrainingSettings(), by=MENTOR, now=NOW)
