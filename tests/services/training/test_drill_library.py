"""Drills written here: given as shipped ones are, followed by the cards people have, taken back, put back; answers stay as asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import drill_library as library
from qaplatform.services.training import drills
from qaplatform.services.training.catalogue import drills_now
from qaplatform.services.training.criterion_training import material_of
from qaplatform.services.training.draft_dropping import DraftMovedOnError
from qaplatform.services.training.drill_library import DrillFilter, DrillTakenError
from qaplatform.services.training.text_editing import FaultyTextError, TextMovedOnError
from qaplatform.services.training.texts import TextCodeError
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, LearningVersion, User
from qaplatform.store.training.drill_library import Played
from qaplatform.training.drill_fields import drill_yaml, fields_in
from qaplatform.training.drill_loading import shipped_drills
from tests.copies import fill_once
from tests.people import open_company

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
LEARNER = Viewer(user_id=1, name="新人", agent_id=1, grants=(Grant("new_hire"),))
AUTHOR = Viewer(user_id=2, name="带教", grants=(Grant("mentor"),))
LEAD = Viewer(user_id=3, name="主管", grants=(Grant("qa_lead"),))
TEXT = """\
criterion: {criterion}
trains: {{acts: [closes]}}
drills:
  - id: {code}
    title: {{zh: 要换颜色, en: Another colour}}
    must: [offers/explains]
    zh:
      chat: |
        customer 10:00:00 {customer}
      panel: [已出库；可到货后免费换色]
      good: {good}
      bad: 不可能，已经发货了。
"""
GOOD = "包裹已经出库，颜色我这边改不了，到货后可以免费给您换蓝色，您看可以吗？"
CODE = "own-colour"


def text(code: str = CODE, customer: str = "我想换成蓝色的", good: str = GOOD, criterion: str = "banned_phrase") -> str:
    return TEXT.format(code=code, customer=customer, good=good, criterion=criterion)


def fill(store: Store) -> None:
    open_company(store)
    with store.writing() as session:
        for n, agent in ((1, 1), (2, None), (3, None)):
            session.add(User(id=n, login=f"u{n}", name=f"用户{n}", password_hash="", agent_id=agent, created_at=NOW))


@pytest.fixture
def school(store: Store) -> Store:
    fill_once(store, fill)
    return store


def publish(store: Store, code: str, written: str) -> None:
    with store.writing() as session:
        base = library.written_drill(session, LEAD, code, written, now=NOW).text.base_id
        library.save_drill(session, LEAD, code, written, base_id=base, publish=True, now=NOW)


def lines(store: Store, **wanted: str) -> dict[str, library.DrillLine]:
    with store.reading() as session:
        found = library.drill_page(session, AUTHOR, DrillFilter(**wanted), page=1, page_size=500)
        assert found.total == len(found.lines)
        return {one.code: one for one in found.lines}


def practised(store: Store, code: str, answer: str, now: datetime) -> int:
    """Answer a certain drill; the answer's id."""
    with store.writing() as session:
        card = drills.give_drill(session, LEARNER, 1, criterion=drills_now(session).by_id[code].criterion, now=now)
        id = drills.show(session, LEARNER, card, now=now)
        drills.answer(session, LEARNER, id, answer, now=now + timedelta(seconds=20))
        return id


def test_a_draft_stands_for_nothing_and_what_is_published_is_given_like_a_shipped_one(school: Store) -> None:
    with school.writing() as session:
        assert library.new_drill(session, AUTHOR, now=NOW).id == "own-1"
        library.create_drill(session, AUTHOR, CODE, text(good="不可能的"), now=NOW)
        for code, error in (("new", DrillTakenError), (CODE, DrillTakenError), ("A b", TextCodeError)):
            with pytest.raises(error):
                library.create_drill(session, AUTHOR, code, "", now=NOW)
        seen = library.drill_seen(session, AUTHOR, CODE, now=NOW)
        said = [one.message for one in seen.problems]
        assert len(said) == 1
        assert said[0].startswith("this answer must pass the drill: 'offers / explains' is not done; ")
        assert (seen.problems[0].line, seen.state, seen.origin) == (11, "unborn", "own")
        assert CODE not in drills_now(session).by_id
        base = seen.text.base_id
        with pytest.raises(FaultyTextError):
            library.save_drill(session, LEAD, CODE, seen.text.text, base_id=base, publish=True, now=NOW)
        with pytest.raises(TextMovedOnError):
            library.save_drill(session, AUTHOR, CODE, text(), base_id=0, publish=False, now=NOW)
        with pytest.raises(AccessError):
            library.save_drill(session, AUTHOR, CODE, text(), base_id=base, publish=True, now=NOW)
        with pytest.raises(AccessError):
            library.drill_page(session, LEARNER, DrillFilter(), page=1, page_size=9)
        with pytest.raises(NotThereError):
            library.withdraw_drill(session, LEAD, CODE, now=NOW)
    assert lines(school)[CODE].has_draft
    publish(school, CODE, text())
    with school.reading() as session:
        assert CODE in {one.id for one in material_of(session, "banned_phrase").drills}
        assert drills_now(session).trained["banned_phrase"] == shipped_drills().trained["banned_phrase"]
    shipped = len(shipped_drills().of("banned_phrase"))
    answers = [practised(school, CODE, GOOD, NOW + timedelta(minutes=n)) for n in range(shipped + 1)]
    line = lines(school, criterion="banned_phrase")[CODE]
    assert (line.state, line.origin, line.has_draft, line.has_english) == ("standing", "own", False, False)
    assert line.customer == "我想换成蓝色的"
    assert line.played == Played(1, 1, 1)
    with school.reading() as session:
        titles = [drills.shown(session, LEARNER, one, now=NOW).situation for one in answers]
        assert "要换颜色" in [one.title for one in titles if one is not None]


def test_a_draft_is_put_aside_and_what_stands_stays(school: Store) -> None:
    code = shipped_drills().of("insult")[0].id
    with school.writing() as session:
        library.create_drill(session, AUTHOR, CODE, "half", now=NOW)
        base = library.drill_seen(session, AUTHOR, CODE, now=NOW).text.base_id
        with pytest.raises(AccessError):
            library.drop_draft(session, LEARNER, CODE, seen_id=base, now=NOW)
        with pytest.raises(NotThereError):
            library.drop_draft(session, AUTHOR, code, seen_id=0, now=NOW)
        second = library.save_drill(session, AUTHOR, CODE, text(), base_id=base, publish=False, now=NOW)
        with pytest.raises(DraftMovedOnError):
            library.drop_draft(session, AUTHOR, CODE, seen_id=base, now=NOW)
        assert not library.drop_draft(session, AUTHOR, CODE, seen_id=second, now=NOW)
        with pytest.raises(NotThereError):
            library.drill_seen(session, AUTHOR, CODE, now=NOW)
        shipped = library.save_drill(session, AUTHOR, code, "half", base_id=0, publish=False, now=NOW)
        assert library.drop_draft(session, AUTHOR, code, seen_id=shipped, now=NOW)
        assert library.drill_seen(session, AUTHOR, code, now=NOW).text.text == library.shipped_text(code)
    publish(school, code, text(code))
    with school.writing() as session:
        stands = library.drill_seen(session, AUTHOR, code, now=NOW).text.base_id
        draft = library.save_drill(session, AUTHOR, code, "half", base_id=stands, publish=False, now=NOW)
        assert library.drop_draft(session, AUTHOR, code, seen_id=draft, now=NOW)
        seen = library.drill_seen(session, AUTHOR, code, now=NOW).text
        assert (seen.text, seen.base_id, seen.is_draft) == (text(code), stands, False)
        dropped = select(Activity.subject_id).where(Activity.action == "training.text_dropped")
        assert session.scalars(dropped.order_by(Activity.id)).all() == [second, shipped, draft]


def test_an_answer_stays_as_it_was_asked_and_cards_follow_what_stands(school: Store) -> None:
    code = shipped_drills().of("insult")[0].id
    first = practised(school, code, "您先消消气，我来帮您处理", NOW)
    with school.reading() as session:
        before = drills.shown(session, LEARNER, first, now=NOW).situation
        assert before is not None
        fields = library.drill_seen(session, LEAD, code, now=NOW).fields
        assert fields is not None
        assert fields_in(drill_yaml(fields)) == fields
    publish(school, code, text(code, customer="换个颜色"))
    later = NOW + timedelta(days=40)
    with school.writing() as session:
        assert drills.overview(session, LEARNER, now=later).due == 1
        again = drills.show_again(session, LEARNER, first, now=later)
        asked = drills.shown(session, LEARNER, again, now=later)
        assert asked.situation is not None
        assert [one.text for one in asked.situation.messages] == ["换个颜色"]
        assert asked.criterion == "banned_phrase", "the card has gone over to the criterion it is about now"
        done = drills.shown(session, LEARNER, first, now=later)
        assert (done.situation, done.criterion) == (before, "insult"), "what was answered was another question"
        assert drills.history(session, 1, page=1, page_size=9, now=later)[0][-1].situation == before
        assert session.scalars(select(LearningVersion.code).where(LearningVersion.kind == "drill")).all() == [code]

    with school.writing() as session:
        library.withdraw_drill(session, LEAD, code, now=later)
        assert drills.overview(session, LEARNER, now=later).due == 0
        with pytest.raises(NotThereError):
            drills.show_again(session, LEARNER, first, now=later)
        with pytest.raises(NotThereError):
            library.put_back_drill(session, LEAD, "own-x", now=later)
        with pytest.raises(AccessError):
            library.put_back_drill(session, AUTHOR, code, now=later)
    assert lines(school, state="withdrawn").keys() == {code}
    with school.writing() as session:
        seen = library.drill_seen(session, LEAD, code, now=later)
        assert seen.text.text == text(code, customer="换个颜色"), "what was withdrawn is there to go on from"
        assert seen.can_be_put_back
        library.put_back_drill(session, LEAD, code, now=later)
        with pytest.raises(NotThereError):
            library.put_back_drill(session, LEAD, code, now=later)
        assert drills_now(session).by_id[code] == shipped_drills().by_id[code]
        assert drills.overview(session, LEARNER, now=later).due == 1
        seen = library.drill_seen(session, LEAD, code, now=later)
        assert seen.text.text == library.shipped_text(code)
        assert [one.state for one in seen.text.versions] == ["reset", "withdrawn", "published"]
        assert not seen.can_be_put_back
    assert (lines(school)[code].origin, lines(school)[code].played.answered) == ("shipped", 1)


def test_the_first_drills_of_a_criterion_say_what_trains_it(school: Store) -> None:
    with school.writing() as session:
        for code in ("a-first", "b-second"):
            with pytest.raises(NotThereError):
                library.save_drill(session, AUTHOR, code, "", base_id=0, publish=False, now=NOW)
            library.create_drill(session, AUTHOR, code, "", now=NOW)
    publish(school, "a-first", text("a-first", criterion="root_cause").replace("trains: {acts: [closes]}\n", ""))
    publish(school, "b-second", text("b-second", criterion="root_cause"))
    with school.reading() as session:
        assert drills_now(session).trained["root_cause"].acts == ("closes",)
        assert library.new_drill(session, AUTHOR, like="a-first", now=NOW).id == "a-first-2"
