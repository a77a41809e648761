"""Teams' learned risks: learned from rulings as a job, used only where better than the rules, and taken back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.risk_training import (
    NoActiveModelError,
    TooFewRulingsError,
    announce_due,
    apply,
    ask_training,
    is_due,
    switch_off,
    train,
)
from qaplatform.store import risk_models
from qaplatform.store.engine import Store
from qaplatform.store.tables import AuditRow, ConversationRow, Job, RiskModelRow, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.ruled import planted_chats, rule_on
from tests.runs import NOW, Run
from tests.web.chats import take_in

CHATS = planted_chats(240)


def filled(store: Store, wrong: Mapping[str, bool]) -> Store:
    fill_once(store, _fill)
    rule_on(store, wrong)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    take_in(store, *(one for one, _ in CHATS.values()))


@pytest.fixture
def trained(store: Store) -> Store:
    """A team's chats with rulings from which something can be learned, and was."""
    fill_once(store, _train)
    return store


def _train(store: Store) -> None:
    filled(store, {name: wrong for name, (_, wrong) in CHATS.items()})
    announce_due(Run(store))
    train(Run(store, {"team_id": 1}))


def lead(store: Store) -> Viewer:
    with store.reading() as session:
        id = session.scalars(select(User.id).where(User.login == "lead")).one()
    return Viewer(user_id=id, name="", grants=(Grant("qa_lead"),))


def models(store: Store) -> list[Any]:
    with store.reading() as session:
        return risk_models.models_of(session, 1)


def rows(store: Store) -> list[tuple[int | None, float, float, float, float]]:
    """Model, risk and priority of conversations, and those of their audits."""
    row = ConversationRow
    asked = select(row.risk_model_id, row.risk, row.priority, AuditRow.risk, AuditRow.priority)
    with store.reading() as session:
        return [
            tuple(one) for one in session.execute(asked.join(AuditRow, AuditRow.id == row.audit_id).order_by(row.id))
        ]


def kinds(store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.reading() as session:
        return [(one.kind, one.payload) for one in session.scalars(select(Job).order_by(Job.id))]


def test_a_better_model_is_used_and_speaks_of_chats_old_and_new_until_it_is_switched_off(trained: Store) -> None:
    [one] = models(trained)
    assert (one.state, one.why, one.version, one.ruled_count, one.example_count) == ("active", "better", 1, 240, 240)
    assert one.figures["measured_on"] == "random"
    assert kinds(trained) == [("risk.train", {"team_id": 1}), ("risk.apply", {"team_id": 1})]
    apply(Run(trained, {"team_id": 1}))
    told = rows(trained)
    assert {model for model, *_ in told} == {one.id}
    assert all(priority >= risk for _, risk, priority, _, _ in told)
    assert any(risk != by_rule for _, risk, _, by_rule, _ in told)
    more = planted_chats(260)
    take_in(trained, *(chat for name, (chat, _) in more.items() if name not in CHATS))
    assert {model for model, *_ in rows(trained)[240:]} == {one.id}
    with trained.writing() as session:
        switch_off(session, lead(trained), 1, now=NOW)
    apply(Run(trained, {"team_id": 1}))
    assert all((model, risk, priority) == (None, *rule) for model, risk, priority, *rule in rows(trained))
    assert (models(trained)[0].state, models(trained)[0].why) == ("off", "switched_off")
    with trained.writing() as session, pytest.raises(NoActiveModelError):
        switch_off(session, lead(trained), 1, now=NOW)
    announce_due(Run(trained))
    assert [kind for kind, _ in kinds(trained)].count("risk.train") == 1


def test_a_model_of_chance_rulings_is_kept_switched_off(store: Store) -> None:
    chance = random.Random(11)
    filled(store, {name: chance.random() < 0.4 for name in CHATS})
    train(Run(store, {"team_id": 1}))
    [one] = models(store)
    assert one.state == "off"
    assert one.why in {"worse", "not_surely_better"}
    assert {model for model, *_ in rows(store)} == {None}


def test_a_newer_version_supersedes_the_one_before(trained: Store) -> None:
    train(Run(trained, {"team_id": 1}))
    assert [(one.version, one.state) for one in models(trained)] == [(2, "active"), (1, "superseded")]
    assert models(trained)[0].figures == models(trained)[1].figures


def test_a_model_of_other_features_is_not_used(trained: Store) -> None:
    with trained.writing() as session:
        session.scalars(select(RiskModelRow)).one().features_version = 0
    apply(Run(trained, {"team_id": 1}))
    assert {model for model, *_ in rows(trained)} == {None}


@pytest.mark.both_databases
def test_too_few_rulings_are_not_learned_from(store: Store) -> None:
    filled(store, {name: wrong for name, (_, wrong) in list(CHATS.items())[:199]})
    announce_due(Run(store))
    train(Run(store, {"team_id": 1}))
    assert models(store) == kinds(store) == []
    with store.writing() as session, pytest.raises(TooFewRulingsError):
        ask_training(session, lead(store), 1, now=NOW)


def test_who_may_not_steer_is_refused(store: Store) -> None:
    with store.writing() as session, pytest.raises(AccessError):
        ask_training(session, Viewer(user_id=1, name="", grants=(Grant("inspector"),)), 1, now=NOW)


@pytest.mark.parametrize(("ruled", "known", "due"), [(199, None, False), (200, None, True), (249, 200, False), (250, 200, True),
                                                     (1050, 1000, False), (1100, 1000, True)])  # fmt: skip
def test_learning_is_due_after_enough_new_rulings(ruled: int, known: int | None, *, due: bool) -> None:
    newest = None
    if known is not None:
        newest = risk_models.ModelLine(1, 1, 1, NOW, known, known, 50, 1, "", "active", "better", {}, [])
    assert is_due(ruled, newest) is due
