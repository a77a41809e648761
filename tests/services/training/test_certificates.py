"""Certificates: when exams earn one, that each is given once, who sees them, and what a number says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.audit.phrases import Words
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import certificates as service
from qaplatform.services.training.certificate_words import paper_of
from qaplatform.services.training.settings import TrainingSettings, keep_training_settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Activity,
    AgentRow,
    Certificate,
    ExamDialogue,
    ExamRuling,
    ExamSitting,
    LearningVersion,
    RubricVersion,
    Team,
    User,
)
from tests.copies import fill_once
from tests.stores import ONLY_SQLITE, count

NOW = datetime(2026, 12, 31, 20, tzinfo=UTC)
"""In Shanghai the next year has begun."""
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
TEAM_LEAD = Viewer(user_id=4, name="组长", grants=(Grant("team_lead", team_id=1),))
NEW_HIRE = Viewer(user_id=2, name="小禾", agent_id=1, grants=(Grant("new_hire"),))
OTHER = Viewer(user_id=3, name="小李", agent_id=2, grants=(Grant("agent"),))


def fill(store: Store) -> None:
    with store.writing() as session:
        session.add_all(Team(id=id, name=f"{id}组", created_at=NOW) for id in (1, 2))
        session.flush()
        session.add_all(
            AgentRow(id=id, code=f"a{id}", name=name, team_id=id, created_at=NOW)
            for id, name in ((1, "小禾"), (2, "小李"))
        )
        session.flush()
        for id, login, agent_id in ((1, "lead", None), (2, "he", 1), (3, "li", 2), (4, "team", None)):
            name = {2: "小禾", 3: "小李"}.get(id, login)
            session.add(User(id=id, login=login, name=name, password_hash="", agent_id=agent_id, created_at=NOW))
        session.add(RubricVersion(id=1, code="r", content_hash="0", files={}, created_at=NOW))
        session.add(LearningVersion(id=1, kind="scenario", code="s", content_hash="0", content={}, created_at=NOW))


@pytest.fixture
def people(store: Store) -> Store:
    fill_once(store, fill)
    return store


def exam(store: Store, scenario: str, kind: str, *, days_ago: float, **about: Any) -> int:
    """A dialogue of user 2 that ended; its id."""
    ended_at = NOW - timedelta(days=days_ago)
    of_sitting = {name: about.pop(name) for name in ("purpose", "customer") if name in about}
    ruled = about.pop("ruled", None)
    with store.writing() as session:
        sitting = ExamSitting(
            **{"user_id": 2, "purpose": "exam", "rubric_version_id": 1, "started_at": ended_at, "ended_at": ended_at}
            | of_sitting
        )
        session.add(sitting)
        session.flush()
        dialogue = ExamDialogue(
            **{
                "sitting_id": sitting.id, "place": 0, "version_id": 1, "scenario": scenario, "kind": kind, "level": "easy",
                "seed": 1, "opens_at": ended_at, "deadline_at": ended_at, "state": {}, "ended_at": ended_at, "verdict": "passed",
            }
            | about
        )  # fmt: skip
        session.add(dialogue)
        session.flush()
        for decision in ruled or ():
            session.add(
                ExamRuling(
                    dialogue_id=dialogue.id, kind="verdict", decision=decision, reason="", user_id=1, created_at=NOW
                )
            )
        return dialogue.id


def three(store: Store, **about: Any) -> None:
    for number, (scenario, kind) in enumerate((("a", "delay"), ("b", "refund"), ("c", "delay"))):
        exam(store, scenario, kind, days_ago=5 - number, **about)


def settings(store: Store, **changes: Any) -> None:
    with store.writing() as session:
        keep_training_settings(session, TrainingSettings(**changes), by=LEAD, now=NOW)


def issue(store: Store, now: datetime = NOW) -> list[int]:
    with store.writing() as session:
        return service.issue_earned(session, 2, now=now)


def test_three_scenarios_of_two_kinds_earn_one_certificate_once(people: Store) -> None:
    exam(people, "a", "delay", days_ago=9)
    exam(people, "b", "refund", days_ago=8)
    exam(people, "a", "delay", days_ago=7)
    assert issue(people) == [], "a scenario counts once"
    exam(people, "c", "delay", days_ago=6, verdict="failed")
    exam(people, "c", "delay", days_ago=5, purpose="practice")
    exam(people, "d", "delay", days_ago=5, verdict=None)
    assert issue(people) == []
    last = exam(people, "c", "delay", days_ago=4)
    (given,) = issue(people)
    assert issue(people) == []
    with people.reading() as session:
        (one,) = service.own_certificates(session, 2)
        noted = session.scalars(select(Activity).where(Activity.action == "training.certificate_issued")).all()
    assert (one.id, one.holder, one.kind, one.team_name) == (given, "小禾", "mock_exam", "1组")
    assert one.number == service.numbered(2027, given)
    assert one.basis["scenarios"] == ["a", "b", "c"]
    assert one.basis["dialogues"][-1] == last
    assert one.basis["rules"]["exams_to_pass"] == 3
    assert "3 个场景" in paper_of(one).text.zh
    assert "3 scenarios of 2 kinds" in paper_of(one).text.en
    assert [(row.subject_id, row.user_id, row.details) for row in noted] == [(given, None, {})]


@pytest.mark.both_databases
def test_two_at_the_same_time_give_one(people: Store) -> None:
    three(people)
    with ThreadPoolExecutor(4) as pool:
        given = [id for ids in pool.map(lambda _: issue(people), range(4)) for id in ids]
    assert len(given) == 1 == count(people, Certificate)


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("rules", "more", "is_given"),
    [
        ({"exams_to_pass": 4}, {}, False),
        ({"exam_kinds": 3}, {}, False),
        ({"exams_to_pass": 2, "exam_kinds": 1}, {}, True),
        ({}, {"customer": "llm"}, False),
        ({"llm_customer_certifies": True}, {"customer": "llm"}, True),
        ({"mentor_must_agree": True}, {}, False),
        ({"mentor_must_agree": True}, {"ruled": ("passed",)}, True),
        ({"mentor_must_agree": True}, {"ruled": ("failed", "passed")}, True),
        ({"mentor_must_agree": True}, {"ruled": ("passed", "failed")}, False),
    ],
)
def test_the_rules_decide(people: Store, rules: dict[str, Any], more: dict[str, Any], is_given: bool) -> None:
    settings(people, **rules)
    three(people, **more)
    assert bool(issue(people)) is is_given


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("critical", "rules", "is_given"),
    [
        ({"days_ago": 9, "verdict": "failed"}, {}, True),
        ({"days_ago": 4.5, "verdict": "failed"}, {}, False),
        ({"days_ago": 1, "verdict": "failed"}, {}, False),
        ({"days_ago": 1, "verdict": "failed"}, {"no_critical": False}, True),
        ({"days_ago": 1, "verdict": "passed"}, {}, True),
        ({"days_ago": 1, "verdict": "void"}, {}, True),
        ({"days_ago": 1, "verdict": "failed", "purpose": "practice"}, {}, True),
    ],
)
def test_after_a_critical_finding_the_count_starts_anew(
    people: Store, critical: dict[str, Any], rules: dict[str, Any], is_given: bool
) -> None:
    settings(people, **rules)
    three(people)
    exam(people, "x", "abuse", has_critical=True, **critical)
    assert bool(issue(people)) is is_given


@ONLY_SQLITE
def test_after_a_certificate_or_its_revocation_new_exams_are_needed(people: Store) -> None:
    three(people)
    (first,) = issue(people, NOW - timedelta(days=2))
    assert issue(people) == []
    number = service.numbered(2026, first)
    with people.writing() as session:
        service.revoke(session, LEAD, number, " 有人代答 ", now=NOW - timedelta(days=1))
    assert issue(people) == [], "what came before the revocation counts no more"
    for place, scenario in enumerate("abc"):
        exam(people, scenario, "delay" if place else "refund", days_ago=0.5)
    assert len(issue(people)) == 1
    with people.reading() as session:
        old = service.own_certificates(session, 2)[-1]
    assert (old.revoked_why, old.revoker_name) == ("有人代答", "lead")


@ONLY_SQLITE
def test_paths_and_rubric_practice_earn_one_each_once(people: Store) -> None:
    title = Words("新人", "New hires")
    with people.writing() as session:
        assert service.issue_for_path(session, LEAD, 2, "new-hire", title=title, now=NOW)
        assert service.issue_for_path(session, LEAD, 2, "new-hire", title=title, now=NOW) is None
        assert service.issue_for_path(session, LEAD, 2, "refresher", title=title, now=NOW)
        assert service.issue_for_rubric(session, 4, "basics", title=title, now=NOW)
        assert service.issue_for_rubric(session, 4, "basics", title=title, now=NOW) is None
        assert service.issue_for_rubric(session, 99, "basics", title=title, now=NOW) is None
        path = service.own_certificates(session, 2)[0]
        service.revoke(session, LEAD, path.number, "弄错了", now=NOW)
        assert service.issue_for_path(session, LEAD, 2, "refresher", title=title, now=NOW), "after it was taken back"
        papers = [
            paper_of(one) for one in (*service.own_certificates(session, 2), *service.own_certificates(session, 4))
        ]
    assert all("新人" in one.text.zh and "New hires" in one.text.en for one in papers)


@pytest.mark.both_databases
def test_one_sees_ones_own_and_those_within_reach(people: Store) -> None:
    with people.writing() as session:
        for user_id in (2, 3, 4):
            service.issue_for_path(session, LEAD, user_id, "p", title=Words("一", "one"), now=NOW)

    def seen(viewer: Viewer, **asked: Any) -> list[str]:
        with people.reading() as session:
            found, total = service.certificates_page(session, viewer, **asked)
        assert total == len(found)
        return [one.holder for one in found]

    assert seen(LEAD) == ["team", "小李", "小禾"]
    assert seen(TEAM_LEAD) == ["team", "小禾"]
    assert seen(NEW_HIRE) == ["小禾"]
    assert seen(LEAD, text="小") == ["小李", "小禾"]
    assert seen(LEAD, text=service.numbered(2027, 1).lower()) == ["小禾"]
    assert seen(LEAD, text="%") == []
    number = service.numbered(2027, 2)
    with people.reading() as session:
        assert service.certificate_seen(session, LEAD, number).holder == "小李"
        assert service.certificate_seen(session, OTHER, number).holder == "小李"
        for viewer in (TEAM_LEAD, NEW_HIRE):
            with pytest.raises(NotThereError):
                service.certificate_seen(session, viewer, number)
        verified = service.verify(session, TEAM_LEAD, f" {number.lower()} ")
        assert verified is not None
        assert (verified.holder, verified.is_within_reach) == ("小李", False)
        assert service.verify(session, NEW_HIRE, number) is None, "whoever sees only themselves asks for nobody else"
        assert service.verify(session, LEAD, service.numbered(2027, 77)) is None
    assert not service.may_verify(NEW_HIRE)
    with people.writing() as session:
        for viewer, reason, error in (
            (TEAM_LEAD, "x", AccessError),
            (LEAD, " ", service.RevokingReasonError),
            (LEAD, "x" * 501, service.RevokingReasonError),
        ):
            with pytest.raises(error):
                service.revoke(session, viewer, number, reason, now=NOW)
        service.revoke(session, LEAD, number, "x", now=NOW)
        with pytest.raises(service.AlreadyRevokedError):
            service.revoke(session, LEAD, number, "x", now=NOW)


def test_a_mistyped_number_is_none() -> None:
    number = service.numbered(2026, 123)
    assert service.read_number(number.replace("-", "\u2013").lower()) == number
    digits = [place for place, char in enumerate(number) if char.isdigit()]
    wrong = {
        number[:place] + other + number[place + 1 :]
        for place in digits
        for other in "0123456789"
        if other != number[place]
    }
    wrong |= {
        number[:a] + number[b] + number[a + 1 : b] + number[a] + number[b + 1 :]
        for a, b in pairwise(digits)
        if number[a] != number[b]
    }
    for text in (*wrong, "", "QA", number + "0", number[:-2]):
        with pytest.raises(service.CertificateNumberError):
            service.read_number(text)
    assert service.check_digit("572") == "4", "the example of Damm's paper"
