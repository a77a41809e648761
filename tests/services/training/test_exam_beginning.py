"""Beginning in the exam room: one sitting at a time, what is drawn when, drafts that are tried out, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from qaplatform.resources import shipped_folder
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    ConversationRow,
    ExamDialogue,
    ExamDraft,
    ExamMessage,
    ExamSitting,
    LearningText,
    LearningVersion,
    TrainingMark,
)
from qaplatform.store.training.erasing import purge_training
from tests.exam.small import SMALL
from tests.services.training.examined import (
    BANNED,
    KIND,
    LEAD,
    NEW_HIRE,
    NOW,
    at,
    begun,
    held,
    only_dialogue,
    row,
    seen,
    sitting_row,
    with_people,
    write,
)
from tests.stores import ONLY_SQLITE, count
from tests.web.chats import good, take_in


@pytest.fixture
def opened(store: Store) -> Store:
    return with_people(store)


def test_only_one_of_several_that_begin_at_once_begins(opened: Store) -> None:
    start = Barrier(4)

    def go(seed: int) -> int | None:
        start.wait()
        try:
            return begun(opened, seed=seed)
        except exam_room.ExamRunningError:
            return None

    with ThreadPoolExecutor(4) as pool:
        begun_ones = [one for one in pool.map(go, range(4)) if one is not None]
    assert len(begun_ones) == count(opened, ExamSitting) == count(opened, ExamDialogue) == 1
    with pytest.raises(exam_room.ExamRunningError) as refused:
        begun(opened)
    assert refused.value.sitting_id == begun_ones[0]


@ONLY_SQLITE
def test_a_draft_of_a_scenario_is_tried_out_and_goes_with_its_chat(opened: Store) -> None:
    take_in(opened, good())
    with opened.reading() as session:
        chat = session.scalars(select(ConversationRow.id)).one()
    with opened.writing() as session:
        writing = Writing(kind="scenario", code="small", text=SMALL, conversation_id=chat)
        right = write_text(session, LEAD, writing, state="draft", now=NOW)
        bad = write_text(session, LEAD, Writing(kind="scenario", code="bad", text="id: ["), state="draft", now=NOW)
    with opened.writing() as session:
        sitting_id = exam_room.begin_trial(session, LEAD, right, now=NOW)
    dialogue_id = only_dialogue(opened, sitting_id, LEAD)
    write(opened, dialogue_id, "您好，请发一下照片", 20, viewer=LEAD)
    with opened.writing() as session:
        exam_room.leave(session, LEAD, sitting_id, now=at(60))
        assert session.scalars(select(LearningVersion.conversation_id)).one() == chat
    assert row(opened, dialogue_id).verdict == "failed"
    assert count(opened, TrainingMark) == 0
    with opened.writing() as session, pytest.raises(exam_room.BadDraftError):
        exam_room.begin_trial(session, LEAD, bad, now=at(70))
    with opened.writing() as session, pytest.raises(AccessError):
        exam_room.begin_trial(session, NEW_HIRE, right, now=at(70))
    with opened.writing() as session:
        purge_training(session, [chat], now=at(90))
    assert [count(opened, table) for table in (ExamSitting, ExamDialogue, ExamMessage)] == [0, 0, 0]
    with opened.reading() as session:
        assert session.scalars(select(LearningText.code)).all() == ["bad"]
        assert session.scalars(select(LearningVersion.content)).one() == {}


NOBODY = Viewer(3, "nobody")
Refused = Callable[[Any, int, int], object]
REFUSED: dict[str, tuple[type[Exception], Refused]] = {
    "empty": (exam_room.EmptyMessageError, lambda s, _, d: exam_room.write(s, NEW_HIRE, d, " \0\n", "k", now=at(9))),
    "too long": (
        exam_room.LongMessageError, lambda s, _, d: exam_room.write(s, NEW_HIRE, d, "好" * 2001, "k", now=at(9)),
    ),
    "a long draft": (
        exam_room.LongMessageError, lambda s, _, d: exam_room.keep_draft(s, NEW_HIRE, d, "好" * 2001, now=at(9)),
    ),
    "no key": (exam_room.SentKeyError, lambda s, _, d: exam_room.write(s, NEW_HIRE, d, "好", "", now=at(9))),
    "a key of words": (exam_room.SentKeyError, lambda s, _, d: exam_room.write(s, NEW_HIRE, d, "好", "键", now=at(9))),
    "somebody else writes": (NotThereError, lambda s, _, d: exam_room.write(s, LEAD, d, "您好", "k", now=at(9))),
    "somebody else's draft": (NotThereError, lambda s, _, d: exam_room.keep_draft(s, LEAD, d, "您好", now=at(9))),
    "somebody else looks": (NotThereError, lambda s, i, _: exam_room.room(s, LEAD, i, now=at(9))),
    "somebody else leaves": (NotThereError, lambda s, i, _: exam_room.leave(s, LEAD, i, now=at(9))),
    "somebody else hangs up": (NotThereError, lambda s, _, d: exam_room.hang_up(s, LEAD, d, now=at(9))),
    "nothing is there": (NotThereError, lambda s, _, d: exam_room.write(s, NEW_HIRE, d + 9, "您好", "k", now=at(9))),
    "a language model": (
        exam_room.NoLlmCustomerError, lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(customer="llm"), now=NOW),
    ),
    "five at once": (exam_room.AtOnceError, lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(at_once=5), now=NOW)),
    "no such kind": (
        exam_room.NoScenarioError, lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(kind="none"), now=NOW),
    ),
    "no such scenario": (
        exam_room.NoScenarioError,
        lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(scenarios=("none",)), now=NOW),
    ),
    "no such step": (
        NotThereError, lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(step="new-hire/none"), now=NOW),
    ),
    "a step that is no exam": (
        NotThereError, lambda s, *_: exam_room.begin(s, LEAD, SittingWanted(step="new-hire/month_talk"), now=NOW),
    ),
    "a chosen exam": (
        exam_room.NotToChooseError,
        lambda s, *_: exam_room.begin(s, NEW_HIRE, SittingWanted(scenarios=("wrong-parcel",)), now=NOW),
    ),
    "nobody": (AccessError, lambda s, *_: exam_room.begin(s, NOBODY, SittingWanted(), now=NOW)),
}  # fmt: skip


@ONLY_SQLITE
def test_what_cannot_be_is_refused_and_writes_nothing(opened: Store) -> None:
    sitting_id = begun(opened)
    dialogue_id = only_dialogue(opened, sitting_id)
    for error, act in REFUSED.values():
        with pytest.raises(error), opened.writing() as session:
            act(session, sitting_id, dialogue_id)
    assert (count(opened, ExamSitting), count(opened, ExamMessage), count(opened, ExamDraft)) == (1, 0, 0)


@ONLY_SQLITE
def test_a_failed_kind_waits_a_day_and_practice_never_does(opened: Store) -> None:
    held(opened, ((20, BANNED),), until=30)
    with pytest.raises(exam_room.TooEarlyError) as refused:
        begun(opened, second=3600)
    assert refused.value.until == at(30) + timedelta(hours=24)
    practice = SittingWanted(purpose="practice", kind=KIND)
    held(opened, ((20, BANNED),), wanted=practice, begins=3600, until=30)
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(ExamSitting).where(ExamSitting.verdict == "failed")) == 2
    other = begun(opened, wanted=SittingWanted(step="new-hire/mock_exam"), second=7200)
    assert seen(opened, other, 7200).dialogues[0].scenario != "wrong-parcel"
    with opened.writing() as session:
        exam_room.leave(session, NEW_HIRE, other, now=at(7300))
    assert begun(opened, second=30 + 24 * 3600)
    assert sitting_row(opened, other).step == "new-hire/mock_exam"


def test_grants_narrow_nothing_of_ones_own(opened: Store) -> None:
    inspector = Viewer(3, "inspector", grants=(Grant("inspector", shop_id=1),))
    assert begun(opened, inspector)


@ONLY_SQLITE
def test_an_exam_is_drawn_of_the_scenarios_its_step_names_in_ones_own_language_where_there_are_any(
    opened: Store,
) -> None:
    def drawn(language: str) -> set[str]:
        viewer = msgspec.structs.replace(NEW_HIRE, language=language)
        wanted = SittingWanted(purpose="practice", step="new-hire/surge_exam")
        found = set()
        for seed in range(6):
            with opened.writing() as session:
                id = exam_room.begin(session, viewer, wanted, now=NOW, seed=seed)
                found |= set(session.scalars(select(ExamDialogue.scenario).where(ExamDialogue.sitting_id == id)))
                session.execute(update(ExamSitting).values(ended_at=NOW))
        return found

    path = (shipped_folder("packs") / "paths" / "new-hire.yaml").read_text(encoding="utf-8")
    named = "[promotion-night, rash-from-cream, installer-no-show, late-gift-en]"
    assert drawn("zh") == {"promotion-night", "rash-from-cream", "installer-no-show"}
    assert drawn("en") == {"late-gift-en"}
    with opened.writing() as session:
        text = path.replace(named, "[promotion-night]")
        assert text != path
        write_text(session, LEAD, Writing(kind="path", code="new-hire", text=text), state="published", now=NOW)
    assert drawn("en") == {"promotion-night"}
