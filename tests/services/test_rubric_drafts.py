"""The rubric desk: drafts, releases from a date, and which version judges what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.intake import work_off
from qaplatform.services.reauditing import run_reaudit
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_drafts import draft_seen, drop_draft, open_draft, publish_draft, rubric_line, save_files
from qaplatform.services.rubric_faults import (
    DraftClosedError,
    DraftFileError,
    DraftMovedOnError,
    FaultyRubricError,
    OtherRubricError,
    PastDayError,
    RubricMovedOnError,
    SameRubricError,
    UnknownDraftError,
    UnknownRubricError,
)
from qaplatform.services.rubric_notices import notices_of
from qaplatform.services.rubric_releases import Publication, history, roll_back, shipped
from qaplatform.store.engine import Store
from qaplatform.store.rubric_drafts import Draft
from qaplatform.store.tables import AgentRow, AuditRow, ConversationAgent, ConversationRow, RubricVersion, User
from tests.runs import NOW, Run, chat, make_shops, register, write_jsonl

CODE = "ecommerce-service"
ROOT = f"{CODE}.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = NOW.astimezone(ZONE).date()
LEAD = Viewer(1, "主管", grants=(Grant("qa_lead"),))
OTHER = Viewer(2, "副主管", grants=(Grant("qa_lead"),))
INSPECTOR = Viewer(2, "质检", grants=(Grant("inspector"),))


@pytest.fixture
def desk(store: Store) -> Store:
    """Two leads and a shop."""
    make_shops(store, "s1")
    with store.writing() as session:
        session.add_all(
            User(id=n, login=f"u{n}", name=name, password_hash="", created_at=NOW)
            for n, name in ((1, "主管"), (2, "副主管"))
        )
    return store


def root_with(change: tuple[str, str] = ("pass_mark: 80", "pass_mark: 90")) -> dict[str, str]:
    base = shipped(CODE)
    assert base is not None
    assert change[0] in base.files[ROOT]
    return {ROOT: base.files[ROOT].replace(*change)}


def drafted(store: Store, changes: Mapping[str, str] | None = None, *, now: datetime = NOW) -> Draft:
    with store.writing() as session:
        return open_draft(session, LEAD, CODE, now=now, changes=changes)


def newest(store: Store) -> str:
    with store.reading() as session:
        found = rubric_book(session).newest(CODE)
    assert found is not None
    return found.rubric.content_hash


def published(store: Store, draft: Draft, day: date = TODAY, *, against: str | None = None, now: datetime = NOW) -> str:
    """Publish a draft; the hash of what holds in the end."""
    said = Publication(day, ZONE, against or newest(store), "从今天起，及格线 90 分")
    with store.writing() as session:
        publish_draft(session, LEAD, draft.id, said, seen_version=draft.version, now=now)
    return newest(store)


def test_a_draft_is_the_newest_version_with_the_changes_it_was_opened_with(desk: Store) -> None:
    draft = drafted(desk, root_with())
    base = shipped(CODE)
    assert base is not None
    assert draft.files == {**base.files, **root_with()}
    assert (draft.base_hash, draft.version, draft.state, draft.author) == (base.rubric.content_hash, 1, "open", "主管")


def test_two_leads_cannot_overwrite_each_other_unseen(desk: Store) -> None:
    draft = drafted(desk)
    with desk.writing() as session:
        mine = save_files(session, LEAD, draft.id, root_with(), seen_version=draft.version, now=NOW)
    with desk.writing() as session, pytest.raises(DraftMovedOnError):
        save_files(session, OTHER, draft.id, {ROOT: "id: x"}, seen_version=draft.version, now=NOW)
    with desk.reading() as session:
        seen = draft_seen(session, OTHER, draft.id)
    assert seen.draft == mine
    assert mine.version == 2


def test_mistakes_are_saved_and_said_at_their_place(desk: Store) -> None:
    draft = drafted(desk)
    with desk.writing() as session:
        save_files(session, LEAD, draft.id, root_with(("pass_mark: 80", "pass_mark: 800")), seen_version=1, now=NOW)
    with desk.reading() as session:
        seen = draft_seen(session, LEAD, draft.id)
    assert seen.rubric is None
    assert [(one.path, one.line, one.column) for one in seen.checked.errors] == [(ROOT, 5, 12)]
    with pytest.raises(FaultyRubricError):
        published(desk, seen.draft)
    with desk.reading() as session:
        assert draft_seen(session, LEAD, draft.id).draft.state == "open"


def test_a_pattern_that_hyperscan_refuses_is_a_mistake_at_its_place(desk: Store) -> None:
    base = shipped(CODE)
    assert base is not None
    path = "phrases/reviews.yaml"
    lines = base.files[path].split("\n")
    place = next(number for number, line in enumerate(lines) if line == "    patterns:")
    lines.insert(place + 1, "      - '(?:好评.{1,1000}){900}'")
    draft = drafted(desk, {path: "\n".join(lines)})
    with desk.reading() as session:
        errors = draft_seen(session, LEAD, draft.id).checked.errors
    assert [(one.path, one.line) for one in errors] == [(path, place + 2)]


def test_what_is_published_judges_from_its_day_on_and_nothing_before(desk: Store, tmp_path: Path) -> None:
    before = newest(desk)
    tomorrow = TODAY + timedelta(days=1)
    after = published(desk, drafted(desk, root_with()), tomorrow)
    assert after != before
    said = ("customer 23:59:30 有货吗", "agent:店:01 23:59:50 您好，有的")
    given = [chat("old", *said, day=str(TODAY)), chat("new", *said, day=str(tomorrow))]
    later = NOW + timedelta(days=3)
    work_off(Run(desk, now=later), register(desk, write_jsonl(tmp_path / "a.jsonl", given)))
    assert judged_by(desk) == {"old": [before], "new": [after]}
    run_reaudit(Run(desk, {}, now=later))
    assert judged_by(desk) == {"old": [before] * 2, "new": [after] * 2}  # by now they are over, which counts


def judged_by(store: Store) -> dict[str, list[str]]:
    asked = (
        select(ConversationRow.source_id, RubricVersion.content_hash)
        .join(AuditRow, AuditRow.conversation_id == ConversationRow.id)
        .join(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .order_by(AuditRow.id)
    )
    found: dict[str, list[str]] = {}
    with store.reading() as session:
        for name, content in session.execute(asked):
            found.setdefault(name, []).append(content)
    return found


def test_a_published_version_judges_in_other_processes_too(desk: Store, tmp_path: Path) -> None:
    after = published(desk, drafted(desk, root_with()))
    later = NOW + timedelta(days=3)
    given = [
        chat(f"c{n}", "customer 10:00:00 有货吗", "agent:店:01 10:00:20 您好，有的", day=str(TODAY + timedelta(days=1)))
        for n in range(3)
    ]
    work_off(Run(desk, now=later), register(desk, write_jsonl(tmp_path / "a.jsonl", given)), workers=2)
    assert judged_by(desk) == {f"c{n}": [after] for n in range(3)}


def test_from_today_is_from_this_moment_and_no_earlier_day_is_taken(desk: Store) -> None:
    with pytest.raises(PastDayError):
        published(desk, drafted(desk, root_with()), TODAY - timedelta(days=1))
    published(desk, drafted(desk, root_with()))
    with desk.reading() as session:
        (release,) = history(session, LEAD, CODE)
        line = rubric_line(session, LEAD, CODE, now=NOW)
        earlier = rubric_line(session, LEAD, CODE, now=NOW - timedelta(seconds=1))
    assert (release.effective_from, release.published_by, release.note) == (NOW, "主管", "从今天起，及格线 90 分")
    assert line.release == release
    assert (earlier.release, earlier.coming) == (None, (release,))


def test_nobody_publishes_over_what_they_have_not_compared_with(desk: Store) -> None:
    first, second = drafted(desk, root_with()), drafted(desk, root_with(("pass_mark: 80", "pass_mark: 70")))
    seen = newest(desk)
    published(desk, first, against=seen)
    with pytest.raises(RubricMovedOnError):
        published(desk, second, against=seen)
    published(desk, second)
    with desk.reading() as session:
        assert [one.number for one in history(session, LEAD, CODE)] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, SameRubricError),
        (root_with(("id: ecommerce-service", "id: another")), OtherRubricError),
    ],
)
def test_what_changes_nothing_or_too_much_is_not_published(
    desk: Store, changes: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        published(desk, drafted(desk, changes))


def test_comments_and_examples_can_be_published_alone_and_judge_the_same(desk: Store) -> None:
    before, first = newest(desk), drafted(desk)
    with pytest.raises(SameRubricError):
        published(desk, drafted(desk))
    assert published(desk, drafted(desk, root_with(("# The shipped", "# A shipped")))) == before
    second = drafted(desk)
    assert second.files[ROOT].startswith("# A shipped")
    with pytest.raises(SameRubricError):
        published(desk, second)
    assert published(desk, first) == before
    assert drafted(desk).files == first.files


def test_a_draft_says_that_only_examples_were_published_meanwhile(desk: Store) -> None:
    def is_behind() -> bool:
        with desk.reading() as session:
            return draft_seen(session, LEAD, mine.id).is_behind

    before, mine, theirs = newest(desk), drafted(desk, root_with()), drafted(desk, root_with(("# The", "# Their")))
    later = NOW + timedelta(minutes=1)
    assert not is_behind()
    assert published(desk, theirs, now=later) == before
    assert is_behind()
    # Whoever had the page open before is not let over it unseen, though both judge the same.
    with pytest.raises(RubricMovedOnError), desk.writing() as session:
        publish_draft(session, LEAD, mine.id, Publication(TODAY, ZONE, before, "", 0), seen_version=1, now=later)
    with desk.writing() as session:
        publish_draft(session, LEAD, mine.id, Publication(TODAY, ZONE, before, "", 1), seen_version=1, now=later)


def test_agents_are_told_of_rubrics_that_judge_what_they_serve(desk: Store) -> None:
    with desk.writing() as session:
        for n, queue in ((1, "pre_sale"), (2, "after_sale"), (3, None)):
            session.add(AgentRow(id=n, code=f"a{n}", name=f"客服{n}", created_at=NOW))
            session.flush()
            if queue:
                session.add(
                    ConversationRow(
                        id=n, shop_id=1, source_id=str(n), content_hash="", agent_id=n, queue=queue, message_count=1,
                        started_at=NOW, ended_at=NOW, created_at=NOW, updated_at=NOW,
                    )
                )  # fmt: skip
                session.flush()
                session.add(ConversationAgent(conversation_id=n, agent_id=n, started_at=NOW))
    narrow = "pass_mark: 80\napplies: {queue: [pre_sale]}"
    published(desk, drafted(desk, root_with(("pass_mark: 80", narrow))))
    narrowed = drafted(desk)
    changes = {ROOT: narrowed.files[ROOT].replace("pass_mark: 80", "pass_mark: 90")}
    published(desk, drafted(desk, changes, now=NOW), now=NOW + timedelta(hours=1))
    agents = [Viewer(1, "客服", agent_id=n, grants=(Grant("agent"),)) for n in (1, 2, 3)]
    with desk.reading() as session:
        told = [[one.release.number for one in notices_of(session, who, now=NOW)] for who in agents]
    # The first took the rubric away from one of them; the second is nothing to them any more.
    assert told == [[2, 1], [1], [2, 1]]


def test_a_rollback_is_a_release_of_an_old_version(desk: Store) -> None:
    before = newest(desk)
    after = published(desk, drafted(desk, root_with()))
    later = NOW + timedelta(hours=1)
    with desk.writing() as session:
        roll_back(session, LEAD, CODE, before, Publication(TODAY, ZONE, after), now=later)
    with desk.reading() as session:
        book = rubric_book(session)
        assert [line.is_rollback for line in history(session, LEAD, CODE)] == [True, False]
    assert [book.on(moment)[0].rubric.content_hash for moment in (NOW, later)] == [after, before]
    with desk.writing() as session, pytest.raises(UnknownRubricError):
        roll_back(session, LEAD, CODE, "0" * 12, Publication(TODAY, ZONE, before), now=later)


def test_a_closed_draft_is_left_alone(desk: Store) -> None:
    draft = drafted(desk)
    with desk.writing() as session:
        drop_draft(session, LEAD, draft.id, seen_version=1, now=NOW)
    with desk.writing() as session, pytest.raises(DraftClosedError):
        save_files(session, LEAD, draft.id, {}, seen_version=2, now=NOW)
    with desk.writing() as session, pytest.raises(UnknownDraftError):
        save_files(session, LEAD, 99, {}, seen_version=2, now=NOW)


@pytest.mark.parametrize("changes", [{"../x.yaml": ""}, {ROOT: "x" * 400_001}])
def test_only_files_of_the_rubric_are_taken(desk: Store, changes: dict[str, str]) -> None:
    with pytest.raises(DraftFileError):
        drafted(desk, changes)


def test_inspectors_see_and_leads_change(desk: Store) -> None:
    draft = drafted(desk)
    with desk.writing() as session:
        assert draft_seen(session, INSPECTOR, draft.id).draft == draft
        with pytest.raises(AccessError):
            save_files(session, INSPECTOR, draft.id, {}, seen_version=1, now=NOW)
        with pytest.raises(AccessError):
            open_draft(session, INSPECTOR, CODE, now=NOW)
