"""Drafts of all kinds of texts are put aside in one way: what stands stays, and nothing goes that others refer to."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import learning_paths, lesson_drafts, papers, weekly_focus
from qaplatform.services.training.draft_dropping import DraftMovedOnError, TextInUseError, drop_text_draft
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.services.training.weekly_focus import NewFocus
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Activity,
    DrillCard,
    Enrolment,
    LearningText,
    LearningVersion,
    LessonReading,
    PaperAttempt,
)
from qaplatform.store.training.texts import TextKind
from qaplatform.training.path_names import names_in_path
from tests.services.training.schooled import LEAD, NEW, NOW, open_school, take_exam
from tests.stores import ONLY_SQLITE

AUTHOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor"),))
KINDS: tuple[TextKind, ...] = get_args(TextKind)


@pytest.fixture
def school(store: Store) -> Store:
    open_school(store)
    return store


def drafted(session: Session, kind: TextKind, code: str, text: str = "half", language: str = "") -> int:
    return write_text(
        session, AUTHOR, Writing(kind=kind, code=code, text=text, language=language), state="draft", now=NOW
    )


def drop(session: Session, kind: TextKind, code: str, seen_id: int, by: Viewer = AUTHOR) -> bool:
    return drop_text_draft(session, by, kind, code, seen_id=seen_id, is_elsewhere=False, now=NOW)


def test_what_was_never_published_goes_with_its_draft_unless_somebody_has_a_record_of_it(school: Store) -> None:
    with school.writing() as session:
        for kind in KINDS:
            id = drafted(session, kind, "spare")
            with pytest.raises(AccessError):
                drop(session, kind, "spare", id, by=NEW)
            with pytest.raises(DraftMovedOnError):
                drop(session, kind, "spare", id - 1)
            assert drop(session, kind, "spare", id) is False
            assert session.scalars(select(LearningText.id).where(LearningText.kind == kind)).all() == []
            with pytest.raises(NotThereError):
                drop(session, kind, "spare", id)
        noted = select(Activity).where(Activity.action == "training.text_dropped")
        rows = session.scalars(noted).all()
        assert [(one.user_id, one.subject_kind) for one in rows] == [(2, "learning_text")] * len(KINDS)

    with school.writing() as session:
        ids = {kind: drafted(session, kind, "spare") for kind in KINDS}
        add_records(session)
    with school.writing() as session:
        for kind, id in ids.items():
            with pytest.raises(TextInUseError):
                drop(session, kind, "spare", id)
            assert drop_text_draft(session, AUTHOR, kind, "spare", seen_id=id, is_elsewhere=True, now=NOW), "shipped"


def add_records(session: Session) -> None:
    """Of people who did something by the texts ``spare``, as where one was shipped once and is no more."""
    session.add(
        Enrolment(agent_id=3, path="spare", hired_on=NOW.date(), user_id=1, ended_on=NOW.date(), ended_why="stopped", created_at=NOW)
    )  # fmt: skip
    for code in ("spare", "focus/spare"):
        session.add(LessonReading(user_id=3, lesson=code, content_hash="h", read_at=NOW))
    session.add(LearningVersion(id=2, kind="question", code="spare", content_hash="h", content={}, created_at=NOW))
    session.add(
        PaperAttempt(
            user_id=3, paper="spare", language="zh", rules={}, drawn={}, started_at=NOW, deadline_at=None, ended_at=NOW
        )
    )  # fmt: skip
    session.add(
        DrillCard(
            user_id=3, code="spare", origin="shipped", criterion="greeting", situation={}, scheduled={}, created_at=NOW, due_at=NOW
        )
    )  # fmt: skip
    take_exam(session, "passed", ("spare", "k"), ended_at=NOW)


@ONLY_SQLITE
def test_a_trial_of_ones_own_draft_is_nobodys_record(school: Store) -> None:
    with school.writing() as session:
        id = drafted(session, "scenario", "spare")
        take_exam(session, None, ("spare", "k"), ended_at=NOW, purpose="trial")
        assert drop(session, "scenario", "spare", id) is False


@ONLY_SQLITE
def test_what_a_path_names_as_it_is_being_written_stays_until_the_path_names_it_no_more(school: Store) -> None:
    text = (
        "id: half\nstages:\n  - steps:\n    - {id: a, kind: lesson, lesson: own-lesson}\n"
        "    - {id: b, kind: mock_exam, scenarios: [x, own-scenario]}\n    - {id: c, questions: [own-question]}\n    - 7\n"
    )
    named: tuple[tuple[TextKind, str, str], ...] = (
        ("lesson", "own-lesson", "zh"),
        ("scenario", "own-scenario", ""),
        ("question", "own-question", ""),
    )
    with school.writing() as session:
        path = drafted(session, "path", "half", text)
        ids = {code: drafted(session, kind, code, language=language) for kind, code, language in named}
        for kind, code, language in named:
            with pytest.raises(TextInUseError):
                drop_text_draft(
                    session, AUTHOR, kind, code, seen_id=ids[code], language=language, is_elsewhere=False, now=NOW
                )
        assert not learning_paths.drop_draft(session, AUTHOR, "half", seen_id=path, now=NOW)
        assert not lesson_drafts.drop_draft(session, AUTHOR, "own-lesson", "zh", seen_id=ids["own-lesson"], now=NOW)
    assert names_in_path("id: [") == {}
    assert names_in_path("") == {}


@ONLY_SQLITE
def test_what_stands_stays_when_a_draft_goes(school: Store) -> None:
    paper = "red-lines"
    with school.writing() as session:
        draft = papers.save_paper(session, AUTHOR, paper, "id: [", base_id=0, publish=False, now=NOW)
        assert not papers.paper_seen(session, AUTHOR, paper, now=NOW).is_unborn
        assert papers.drop_draft(session, AUTHOR, paper, seen_id=draft, now=NOW)
        seen = papers.paper_seen(session, AUTHOR, paper, now=NOW)
        assert (seen.text.versions, seen.problems, seen.is_standing) == ((), (), True)
        text = seen.text.text.replace(f"id: {paper}", "id: own-1")
        first = papers.save_paper(session, AUTHOR, "own-1", text, base_id=0, publish=False, now=NOW)
        assert papers.paper_seen(session, AUTHOR, "own-1", now=NOW).is_unborn
        stands = papers.save_paper(session, LEAD, "own-1", text, base_id=first, publish=True, now=NOW)
        second = papers.save_paper(session, AUTHOR, "own-1", "half", base_id=stands, publish=False, now=NOW)
        assert not papers.paper_seen(session, AUTHOR, "own-1", now=NOW).is_unborn
        assert papers.drop_draft(session, AUTHOR, "own-1", seen_id=second, now=NOW)
        seen = papers.paper_seen(session, AUTHOR, "own-1", now=NOW)
        assert (seen.text.text, [one.id for one in seen.text.versions]) == (text, [stands, first])

    with school.writing() as session:
        lesson = lesson_drafts.save_draft(session, AUTHOR, "red-lines", "zh", "half", seen_id=0, now=NOW)
        assert lesson_drafts.drop_draft(session, AUTHOR, "red-lines", "zh", seen_id=lesson, now=NOW)
        found = lesson_drafts.lesson_text(session, AUTHOR, "red-lines", "zh")
        assert (found.versions, found.draft, found.is_unborn) == ((), None, False)
        zh = lesson_drafts.new_lesson(session, AUTHOR, "gifts", "礼品", "Gifts", now=NOW)
        en = lesson_drafts.save_draft(session, AUTHOR, "gifts", "en", "half", seen_id=0, now=NOW)
        assert lesson_drafts.drop_draft(session, AUTHOR, "gifts", "zh", seen_id=zh, now=NOW), "it is there in English"
        assert lesson_drafts.lesson_text(session, AUTHOR, "gifts", "en").is_unborn
        assert not lesson_drafts.drop_draft(session, AUTHOR, "gifts", "en", seen_id=en, now=NOW)
        with pytest.raises(NotThereError):
            lesson_drafts.lesson_text(session, AUTHOR, "gifts", "zh")

        path = learning_paths.save_draft(session, AUTHOR, "refresher", "id: [", seen=0, now=NOW)
        assert learning_paths.drop_draft(session, AUTHOR, "refresher", seen_id=path, now=NOW)
        written = learning_paths.path_text(session, "refresher", now=NOW)
        assert (written.seen, written.state, written.problems, written.is_unborn) == (0, "shipped", (), False)
        copy = learning_paths.copy_path(session, AUTHOR, "refresher", "again", now=NOW)
        assert learning_paths.path_text(session, "again", now=NOW).is_unborn
        assert not learning_paths.drop_draft(session, AUTHOR, "again", seen_id=copy, now=NOW)

        focus = NewFocus("2026-w48", "zh", "四件套", "会起球吗")
        draft = weekly_focus.save_focus(session, AUTHOR, focus, seen_id=0, publishes=False, now=NOW)
        assert weekly_focus.focus_draft(session, AUTHOR, "2026-w48", "zh").is_unborn
        assert not weekly_focus.drop_draft(session, AUTHOR, "2026-w48", "zh", seen_id=draft, now=NOW)
        assert weekly_focus.focus_drafts(session, AUTHOR) == []
