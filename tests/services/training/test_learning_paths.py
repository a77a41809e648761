"""Paths are written as drafts with their mistakes, stand once they are published, and name only what exists."""

from __future__ import annotations

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import learning_paths as service
from qaplatform.services.training.catalogue import paths_now
from qaplatform.services.training.learning_paths import (
    PathFaultyError,
    PathInUseError,
    PathMovedOnError,
    PathStepError,
    PathTakenError,
)
from qaplatform.services.training.texts import TextCodeError
from qaplatform.store.engine import Store
from qaplatform.training.path_loading import shipped_paths
from tests.services.training.schooled import LEAD, NOW, open_school
from tests.stores import ONLY_SQLITE

pytestmark = ONLY_SQLITE
AUTHOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor"),))


@pytest.fixture
def school(store: Store) -> Store:
    open_school(store)
    return store


def test_the_shipped_paths_name_only_lessons_topics_criteria_and_scenarios_that_exist(school: Store) -> None:
    with school.reading() as session:
        for code in shipped_paths():
            path, problems = service.checked(session, code, service.shipped_text(code), now=NOW)
            assert problems == ()
            assert path == shipped_paths()[code]
        wrong = service.shipped_text("refresher").replace("lesson: escalation", "lesson: escalations")
        path, problems = service.checked(session, "refresher", wrong, now=NOW)
    assert path is None
    assert "'escalation'" in problems[0].message


def test_a_draft_keeps_its_mistakes_and_stands_for_nothing_until_it_is_published(school: Store) -> None:
    text = service.shipped_text("refresher")
    with school.writing() as session:
        assert service.path_text(session, "refresher", now=NOW).seen == 0
        first = service.save_draft(session, AUTHOR, "refresher", "id: [", seen=0, now=NOW)
        seen = service.path_text(session, "refresher", now=NOW)
        assert (seen.text, seen.seen, seen.state, seen.path) == ("id: [\n", first, "draft", None)
        assert seen.problems[0].line >= 1
        assert seen.diffs
        line = next(one for one in service.path_lines(session) if one.code == "refresher")
        assert (line.state, line.has_draft, line.path) == ("shipped", True, shipped_paths()["refresher"])
        with pytest.raises(PathMovedOnError):
            service.save_draft(session, AUTHOR, "refresher", text, seen=0, now=NOW)
        with pytest.raises(PathFaultyError):
            service.publish(session, LEAD, "refresher", "id: [", seen=first, now=NOW)
        with pytest.raises(AccessError):
            service.publish(session, AUTHOR, "refresher", text, seen=first, now=NOW)
        changed = text.replace("老客服复训", "复训")
        second = service.publish(session, LEAD, "refresher", changed.replace("\n", "\r\n"), seen=first, now=NOW)
        assert paths_now(session)["refresher"].title.zh == "复训"
        assert [(one.id, one.state) for one in service.versions(session, "refresher")] == [
            (second, "published"),
            (first, "draft"),
            (None, "shipped"),
        ]
        service.withdraw(session, LEAD, "refresher", now=NOW)
        assert "refresher" not in paths_now(session)
        gone = service.path_text(session, "refresher", now=NOW)
        assert (gone.state, gone.standing, gone.path is not None) == ("withdrawn", "", True)
        with pytest.raises(NotThereError):
            service.withdraw(session, LEAD, "refresher", now=NOW)
        with pytest.raises(PathInUseError):
            service.withdraw(session, LEAD, "new-hire", now=NOW)


def test_a_copy_says_the_same_under_an_id_of_its_own(school: Store) -> None:
    with school.writing() as session:
        service.copy_path(session, AUTHOR, "refresher", "summer", now=NOW)
        copied = service.path_text(session, "summer", now=NOW)
        assert copied.path is not None
        assert (copied.path.id, copied.path.stages) == ("summer", shipped_paths()["refresher"].stages)
        line = next(one for one in service.path_lines(session) if one.code == "summer")
        assert (line.state, line.path) == ("draft", None)
        for code, error in (("summer", PathTakenError), ("new-hire", PathTakenError), ("夏", TextCodeError)):
            with pytest.raises(error):
                service.copy_path(session, AUTHOR, "refresher", code, now=NOW)
        with pytest.raises(NotThereError):
            service.copy_path(session, AUTHOR, "none", "autumn", now=NOW)


def test_a_step_is_changed_by_form_and_everything_else_stays(school: Store) -> None:
    path, text = shipped_paths()["new-hire"], service.shipped_text("new-hire")
    with school.reading() as session:
        for id, later in (("values", 0), ("first_talk", 1), ("theory_values", 0), ("accompanied", 1), ("mock_exam", 1)):
            step = next(one for one in path.steps if one.id == id)
            same = {"zh": step.title.zh, "en": step.title.en}
            assert service.step_changed(text, step, title=same, due=step.due_working_day, times=step.times) == text
            due, title = step.due_working_day + later, {"zh": "改了", "en": "Changed"}
            new = service.step_changed(text, step, title=title, due=due, times=step.times + later)
            changed, problems = service.checked(session, "new-hire", new, now=NOW)
            assert (problems, changed is not None) == ((), True), id
            for one, before in zip(changed.steps, path.steps, strict=True) if changed else ():
                assert one == before or one.id == id
                if one.id == id:
                    assert (one.title.zh, one.title.en, one.due_working_day) == ("改了", "Changed", due)
                    assert one.times == step.times + later
    with pytest.raises(PathStepError):
        service.step_changed(text, path.steps[0], title={"zh": "", "en": "x"}, due=1, times=1)
