"""The story of the demo's new hires: it names what there is, and its days move with the demo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.demo_days import Days
from qaplatform.services.demo_story import NO_CRITERION, StoryError, load_story, shipped_story
from qaplatform.services.demo_users import DEMO_USERS
from qaplatform.training.drill_loading import shipped_drills
from qaplatform.training.lesson_loading import shipped_lessons
from qaplatform.training.path_loading import shipped_paths
from tests.shipped import shipped_rubric


def test_it_names_nothing_that_is_not_there() -> None:
    story = shipped_story()
    steps = {one.id: one for one in shipped_paths()[story.path].steps}
    criteria = {one.id for one in shipped_rubric().criteria}
    for hire in story.hires:
        assert {hire.mentor, hire.user} <= {one.login for one in DEMO_USERS}
        assert {one.step for one in hire.tests} <= {id for id, one in steps.items() if one.kind == "theory_test"}
        assert {one.step for one in hire.talks} <= {id for id, one in steps.items() if one.kind == "mentor_talk"}
        assert {one.step for one in hire.cases} <= {id for id, one in steps.items() if one.kind == "case_review"}
        assert steps[hire.exam_step].kind == "mock_exam"
        assert {id for one in hire.lessons for id in one.read} <= shipped_lessons().ids
        assert {one.criterion for log in hire.logs for one in log.points} <= criteria | {NO_CRITERION}
        assert {id for one in hire.drills for id in one.criteria} <= set(shipped_drills().criteria)
        for exam in hire.exams:
            references = shipped_scenarios()[exam.scenario].references
            assert references is not None
            assert all(1 <= one.reply <= len(references.good.replies) for one in exam.instead)
        told = [one.day for one in (*hire.logs, *hire.tests, *hire.exams, *hire.talks, *hire.cases, *hire.drills)]
        assert hire.hired_on <= min(told)
        assert max(told) <= story.last_day


def test_its_mistakes_are_said_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "training.yaml"
    path.write_text("path: new-hire\nlast_day: someday\nhires: []\n", encoding="utf-8")
    with pytest.raises(StoryError) as caught:
        load_story(path)
    assert "training.yaml:2:" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "moved"),
    [
        ("我17号试营业", "我7号试营业"),
        ("11月5号到货", "11月26号到货"),
        ("排在28号，来得及", "排在18号，来得及"),
        ("启航路88号禾木家居1号仓", "启航路88号禾木家居1号仓"),
        ("徐公桥路2号", "徐公桥路2号"),
        ("37号", "37号"),
    ],
)
def test_days_that_chats_name_move_with_them(said: str, moved: str) -> None:
    days = Days(timedelta(weeks=3))
    chat = {"id": "x", "messages": [{"text": said, "sent_at": "2026-10-18T09:30:02+08:00"}]}
    line = msgspec.json.encode(chat).decode()
    assert days.chat(line, until=datetime(2026, 11, 8, tzinfo=UTC)) is None, "it is yet to come"
    moved_line = days.chat(line, until=datetime(2026, 11, 9, tzinfo=UTC))
    assert moved_line is not None
    message = msgspec.json.decode(moved_line)["messages"][0]
    assert message["sent_at"] == "2026-11-08T09:30:02+08:00"
    assert message["text"] == moved
    assert days.day(date(2026, 10, 30)) == date(2026, 11, 20)
