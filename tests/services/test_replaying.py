"""Replaying a draft: what is merged from stored audits is what a full audit says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.services.check_contexts import pattern_of
from qaplatform.services.intake import work_off
from qaplatform.services.jobs import JobCancelledError
from qaplatform.services.replay_plans import replay_plan
from qaplatform.services.replaying import (
    NothingToReplayError,
    Period,
    ask_replay,
    replay_seen,
    run_replay,
    usual_period,
)
from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.rubric_drafts import open_draft
from qaplatform.services.rubric_faults import FaultyRubricError
from qaplatform.services.rubric_marks import with_exemption, with_hint
from qaplatform.services.rubric_releases import shipped
from qaplatform.store.engine import Store
from qaplatform.store.tables import AuditRow, ConversationRow, Job, User
from tests.copies import fill_once
from tests.runs import NOW, Run, chat, make_shops, register, write_jsonl
from tests.services.test_rubric_drafts import CODE, LEAD, root_with

LATER = NOW + timedelta(days=1)
ATTITUDE, RESPONSE = "sections/attitude.yaml", "sections/response.yaml"
SAID = (
    ("您好，我是小苏，有现货的", "不客气，请问还有其他可以帮您的吗？"),
    ("哦", "这是规定，我也没办法"),
    ("您好，非常抱歉，非常理解您着急的心情，今天下午6点前给您答复", "您放心"),
    ("尽快给您处理", "加我微信 wx_sunny88 说"),
    ("不知道", "自己看详情页"),
)
ASKED = ("怎么还没发货？急死了", "这款还有货吗", "我要投诉你们", "好的谢谢")


def _lines(number: int) -> list[str]:
    first, second = SAID[number % len(SAID)]
    return [
        f"customer 10:00:00 {ASKED[number % 4]}",
        f"agent:店:0{1 + number % 3} 10:0{number % 5}:20 {first}",
        f"customer 10:08:00 {ASKED[(number // 2) % 4]}",
        f"agent:店:0{1 + number % 3} 10:08:{10 + number % 50:02d} {second}",
    ]


@pytest.fixture
def past(store: Store) -> Store:
    """Forty conversations of two days, taken in when they were over."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    make_shops(store, "s1")
    with store.writing() as session:
        session.add(User(id=1, login="u1", name="主管", password_hash="", created_at=NOW))
    given = [
        chat(f"c{n}", *_lines(n), day=f"2026-11-{10 + n % 2}", queue=("pre_sale", "after_sale")[n % 2])
        for n in range(40)
    ]
    with TemporaryDirectory() as folder:
        work_off(Run(store), register(store, write_jsonl(Path(folder) / "a.jsonl", given)))


def changed(path: str, *pairs: tuple[str, str]) -> dict[str, str]:
    base = shipped(CODE)
    assert base is not None
    text = base.files[path]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {path: text}


def phrase_added(path: str, group: str, phrase: str) -> dict[str, str]:
    base = shipped(CODE)
    assert base is not None
    head, tail = base.files[path].split(f"\n  {group}:", 1)
    return {path: f"{head}\n  {group}:" + tail.replace("phrases: [", f"phrases: [{phrase}, ", 1)}


def as_one_click_does(what: str) -> dict[str, str]:
    """A critical check made a hint, or a context exempted from a list."""
    base = shipped(CODE)
    assert base is not None
    if what == "a hint":
        return with_hint(base.files, "off_platform")
    return with_exemption(base.files, "blunt/self_service", pattern_of("自己看详情页"), "自己看详情页")


CHANGES: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "the pass mark": (root_with(), False),
    "a weight": (changed(RESPONSE, ("weight: 14", "weight: 40")), False),
    "a criterion is critical": (changed(RESPONSE, ("    weight: 14\n", "    weight: 14\n    critical: true\n")), False),
    "a deduction": (changed(RESPONSE, ("    weight: 14\n", "    weight: 14\n    deduction: 3\n")), True),
    "a gate": (changed(RESPONSE, ("    weight: 14\n", "    weight: 14\n    when: {queue: [pre_sale]}\n")), True),
    "a hint": (as_one_click_does("a hint"), True),
    "an exemption": (as_one_click_does("an exemption"), True),
    "words of a check": (phrase_added("phrases/service.yaml", "greeting", "不知道"), True),
    "wording only": (changed(RESPONSE, ("首轮人工回复先问候", "首轮回复先问候")), False),
}


def replayed(store: Store, changes: Mapping[str, str]) -> dict[str, Any]:
    with store.writing() as session:
        draft = open_draft(session, LEAD, CODE, now=LATER, changes=changes)
        period = usual_period(session)
        assert period is not None
        replay_id = ask_replay(session, LEAD, draft.id, period, now=LATER)
    run_replay(Run(store, {"replay_id": replay_id}, now=LATER))
    with store.reading() as session:
        result = replay_seen(session, LEAD, replay_id).result
    assert result is not None
    return dict(result)


def without_audits(store: Store) -> None:
    """Make the stored audits unusable, so that everything is audited by both versions."""
    with store.writing() as session:
        session.query(AuditRow).update({"engine_version": "old"})


_ALWAYS = {"a hint", "an exemption"}
"""Of those that judge a criterion anew and those that judge all of them, one each; every other one compiles a rubric again."""


@pytest.mark.parametrize(
    "what", [what if what in _ALWAYS else pytest.param(what, marks=pytest.mark.full) for what in CHANGES]
)
def test_what_is_merged_is_what_a_full_audit_says(past: Store, what: str) -> None:
    changes, is_judged = CHANGES[what]
    merged = replayed(past, changes)
    without_audits(past)
    full = replayed(past, changes)
    assert (merged["reused"], full["reused"]) == (40, 0)
    assert bool(merged["judged"]) == is_judged
    if what in _ALWAYS:
        assert merged["is_whole"] == (what == "an exemption"), "observers look at the words, at a hint nobody does"
        assert merged["whole"]["moved"] > 0
        assert merged["flips"] or what == "an exemption", "of which some points are left"
    for one in (merged, full):
        for name in ("reused", "seed", "added_seconds"):
            del one[name]
    assert merged == full
    assert merged["count"] == merged["of"] == 40


def test_a_stricter_pass_mark_turns_verdicts_to_the_worse(past: Store) -> None:
    result = replayed(past, root_with(("pass_mark: 80", "pass_mark: 100")))
    assert {(one["old"], one["new"]) for one in result["flips"]} == {("pass", "fail")}
    with past.reading() as session:
        passed = session.scalars(
            select(ConversationRow.id).where(ConversationRow.verdict == "pass", ConversationRow.score < 100)
        ).all()
    assert sorted(id for id, _, _ in result["flips"][0]["shown"]) == sorted(passed)
    assert result["whole"]["moved"] == 0


def test_a_changed_range_of_application_is_judged_by(past: Store) -> None:
    only = replayed(past, root_with(("pass_mark: 80", "pass_mark: 80\napplies: {queue: [pre_sale]}")))
    assert (only["count"], only["left"], only["joined"]) == (20, 20, 0)


def test_nothing_stored_is_changed_by_a_replay(past: Store) -> None:
    def stored() -> list[tuple[Any, ...]]:
        with past.reading() as session:
            return [tuple(one) for one in session.execute(select(AuditRow.id, AuditRow.score).order_by(AuditRow.id))]

    before = stored()
    replayed(past, root_with())
    assert stored() == before


def test_a_changed_observer_means_judging_everything() -> None:
    base = shipped(CODE)
    assert base is not None
    old = base.rubric
    files = {**base.files}
    path = "phrases/emotion.yaml"
    before = "  feel/angry:\n    who: customer\n    title: {zh: 不满, en: Displeasure}\n    phrases:\n"
    assert before in files[path]
    head, tail = files[path].split(before, 1)
    files[path] = head + before + tail.replace("[生气,", "[生气, 甲乙丙丁,", 1)
    assert replay_plan(old, rubric_in(CODE, files)).is_whole


def test_what_cannot_be_replayed_says_so(past: Store) -> None:
    with past.writing() as session:
        draft = open_draft(session, LEAD, CODE, now=LATER)
        faulty = open_draft(session, LEAD, CODE, now=LATER, changes=root_with(("pass_mark: 80", "pass_mark: 800")))
        with pytest.raises(NothingToReplayError):
            ask_replay(session, LEAD, draft.id, Period(LATER, LATER + timedelta(days=1)), now=LATER)
        with pytest.raises(FaultyRubricError):
            ask_replay(session, LEAD, faulty.id, Period(NOW, LATER), now=LATER)


def test_a_replay_stops_where_it_is_asked_to(past: Store) -> None:
    with past.writing() as session:
        draft = open_draft(session, LEAD, CODE, now=LATER, changes=root_with())
        period = usual_period(session)
        assert period is not None
        replay_id = ask_replay(session, LEAD, draft.id, period, now=LATER)
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.total_count) == ("rubrics.replay", 40)
    run = Run(past, {"replay_id": replay_id}, now=LATER)
    run.is_to_stop = True
    with pytest.raises(JobCancelledError):
        run_replay(run)
    with past.reading() as session:
        assert replay_seen(session, LEAD, replay_id).result is None
