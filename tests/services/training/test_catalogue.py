"""What is taught: the shipped things, and what was written here in their place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.resources import shipped_folder
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.training import catalogue
from qaplatform.services.training.texts import TextCodeError, Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import User

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=1, name="带教", grants=(Grant("mentor"),))


@pytest.fixture
def taught(store: Store) -> Store:
    with store.writing() as session:
        session.add(User(id=1, login="lead", name="主管", password_hash="", created_at=NOW))
    return store


def written(store: Store, *, state: Any = "published", by: Viewer = LEAD, **writing: Any) -> int:
    with store.writing() as session:
        return write_text(session, by, Writing(**writing), state=state, now=NOW)


def test_a_published_text_stands_instead_of_the_shipped_one_until_it_is_taken_back(taught: Store) -> None:
    text = (shipped_folder("scenarios") / "wrong-parcel.yaml").read_text(encoding="utf-8")
    changed = text.replace("zh: ", "zh: 新", 1)
    with taught.reading() as session:
        shipped = catalogue.scenarios_now(session)["wrong-parcel"]
    assert shipped == shipped_scenarios()["wrong-parcel"]
    written(taught, state="draft", kind="scenario", code="wrong-parcel", text="no yaml: [")
    written(taught, kind="scenario", code="wrong-parcel", text=changed)
    with taught.reading() as session:
        own = catalogue.scenarios_now(session)
    assert own["wrong-parcel"].title.zh == "新" + shipped.title.zh
    assert own.keys() == shipped_scenarios().keys()
    written(taught, state="withdrawn", kind="scenario", code="wrong-parcel", text="")
    with taught.reading() as session:
        assert "wrong-parcel" not in catalogue.scenarios_now(session)


def test_a_lesson_may_point_at_shipped_ones_and_each_language_stands_by_itself(taught: Store) -> None:
    text = (shipped_folder("packs") / "lessons" / "zh" / "empathy-first.md").read_text(encoding="utf-8")
    written(taught, kind="lesson", code="empathy-first", language="zh", text=text + "\n新的一段。\n")
    with taught.reading() as session:
        lessons = catalogue.lessons_now(session)
    assert "新的一段" in lessons.lesson("empathy-first").body
    assert "新的一段" not in lessons.lesson("empathy-first", "en").body


def test_questions_and_paths_of_ones_own_stand_beside_the_shipped_ones(taught: Store) -> None:
    question = (
        "topic: wording\ntitle: {zh: 我们的}\nquestions:\n  - {id: ours, type: true_false, difficulty: 1, domain: D5,\n"
        "     text: {zh: 对吗？}, answer: true, explanation: {zh: 对。}}\n"
    )
    written(taught, kind="question", code="ours", text=question)
    path = (shipped_folder("packs") / "paths" / "refresher.yaml").read_text(encoding="utf-8")
    written(taught, kind="path", code="short", text=path.replace("id: refresher", "id: short", 1))
    with taught.reading() as session:
        assert "ours" in catalogue.questions_now(session).questions
        assert {"short", "refresher"} <= catalogue.paths_now(session).keys()
        assert catalogue.known_ids(session, frozenset()).questions is not None


def test_what_cannot_be_read_any_more_leaves_the_shipped_one(taught: Store) -> None:
    written(taught, kind="scenario", code="wrong-parcel", text="id: [")
    with taught.reading() as session:
        assert catalogue.scenarios_now(session)["wrong-parcel"] == shipped_scenarios()["wrong-parcel"]


def test_who_may_write_drafts_may_not_publish_and_a_code_is_plain(taught: Store) -> None:
    assert written(taught, state="draft", by=MENTOR, kind="focus", code="2026-w48", text="…")
    with pytest.raises(AccessError):
        written(taught, by=MENTOR, kind="focus", code="2026-w48", text="…")
    with pytest.raises(TextCodeError):
        written(taught, kind="focus", code="本周", text="…")
