"""The shelf of lessons: what is found, what counts as read, how they are written and published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import lesson_drafts as drafts
from qaplatform.services.training import lessons as service
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.lesson_search import search
from qaplatform.services.training.lessons import LessonFilter
from qaplatform.services.training.texts import TextCodeError
from qaplatform.store.engine import Store
from qaplatform.store.tables import User
from qaplatform.training.lesson_loading import shipped_lessons
from tests.stores import ONLY_SQLITE

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(user_id=1, name="主管", grants=(Grant("qa_lead"),))
MENTOR = Viewer(user_id=1, name="带教", grants=(Grant("mentor"),))
AGENT = Viewer(user_id=1, name="客服", grants=(Grant("agent"),))


@pytest.fixture
def shelf(store: Store) -> Store:
    with store.writing() as session:
        session.add(User(id=1, login="lead", name="主管", password_hash="", created_at=NOW))
    return store


def test_a_version_that_was_read_is_read_in_both_languages_until_both_change(shelf: Store) -> None:
    def state() -> str:
        with shelf.reading() as session:
            lines = service.lesson_lines(session, AGENT, "zh")
            page = service.lesson_page(session, AGENT, "red-lines", "zh", now=NOW)
        found = {one.lesson.id: one.state for one in lines}["red-lines"]
        assert found == page.line.state
        return found

    def read(content_hash: str, now: datetime = NOW) -> None:
        with shelf.writing() as session:
            service.mark_read(session, AGENT, "red-lines", content_hash, now=now)

    def publish(language: str, addition: str) -> None:
        with shelf.writing() as session:
            found = drafts.lesson_text(session, LEAD, "red-lines", language)  # type: ignore[arg-type]
            text = found.text + addition
            drafts.publish(session, LEAD, "red-lines", found.language, text, seen_id=found.newest_id, now=NOW)

    shipped = shipped_lessons()
    assert state() == "unread"
    read(shipped.lesson("red-lines", "en").content_hash)
    read(shipped.lesson("red-lines", "en").content_hash, NOW + timedelta(days=1))
    assert state() == "read"
    publish("zh", "\n新的一段。\n")
    assert state() == "read", "the English one stands as it was read"
    publish("en", "\nA new paragraph.\n")
    assert state() == "changed"
    with pytest.raises(service.LessonMovedOnError):
        read(shipped.lesson("red-lines", "zh").content_hash)
    with shelf.reading() as session:
        assert service.lessons_read(session, 1) == {"red-lines": NOW}
        read_now = lessons_now(session).lesson("red-lines").content_hash
    read(read_now)
    assert state() == "read"
    with shelf.writing() as session, pytest.raises(NotThereError):
        service.mark_read(session, AGENT, "nowhere", "0", now=NOW)


@ONLY_SQLITE
def test_lessons_are_narrowed_by_tag_level_criterion_and_reading(shelf: Store) -> None:
    with shelf.reading() as session:
        lines = service.lesson_lines(session, AGENT, "zh")
        page = service.lesson_page(session, AGENT, "delayed-delivery", "zh", now=NOW)
    assert [one.lesson.level for one in lines] == sorted(
        (one.lesson.level for one in lines), key=["junior", "intermediate"].index
    )
    tags = dict(service.tags_of(lines))
    for wanted, count in (
        (LessonFilter(), len(lines)),
        (LessonFilter(tag="售后"), tags["售后"]),
        (LessonFilter(tag="售后", level="senior"), 0),
        (LessonFilter(state="unread"), len(lines)),
        (LessonFilter(state="read"), 0),
        (LessonFilter(criterion="empathy_first"), sum("empathy_first" in one.lesson.criteria for one in lines)),
    ):
        assert sum(map(wanted.holds, lines)) == count, wanted
    assert page.tag == "售后"
    assert page.tag_count == tags["售后"]
    assert page.place == 1
    assert page.next is not None
    assert page.previous is None
    assert page.criteria["empathy_first"] is not None
    assert page.languages == ("zh", "en")


@pytest.mark.parametrize(
    ("query", "language", "first", "marked"),
    [
        ("物流延误", "zh", "delayed-delivery", "物流延误"),
        ("差评怎么办", "zh", "bad-reviews", "差评"),
        ("退款多久到账", "zh", "refund-amounts", "退款"),
        ("客戶罵人", "zh", "insulting-customers", "客户骂人"),
        ("ＲＥＦＵＮＤ amo", "en", "refund-amounts", "Refund"),
        ("vip", "zh", "vip-customers", "VIP"),
    ],
)
def test_a_search_finds_what_is_meant(query: str, language: str, first: str, marked: str) -> None:
    hits = search(shipped_lessons().all(language), query)  # type: ignore[arg-type]
    hit = hits[0]
    assert hit.lesson.id == first
    pieces = {hit.lesson.own_title[start:end] for start, end in hit.title_spans}
    pieces |= {one.text[start:end] for one in hit.excerpts for start, end in one.spans}
    assert marked in pieces
    assert [one.score for one in hits] == sorted((one.score for one in hits), reverse=True)


@pytest.mark.parametrize("query", ["", "  ", "!?", "量子纠缠", "zzzz", "\ud800", "(" * 300])
def test_a_search_for_nothing_finds_nothing(query: str) -> None:
    assert search(shipped_lessons().all(), query) == []


def test_an_excerpt_is_cut_around_what_was_found_and_says_under_which_heading() -> None:
    (excerpt, *_) = search(shipped_lessons().all(), "微信")[0].excerpts
    assert excerpt.heading
    assert excerpt.section > 0
    assert len(excerpt.text) < 120
    assert all(excerpt.text[start:end] == "微信" for start, end in excerpt.spans)


def test_a_draft_is_kept_with_its_mistakes_and_published_without(shelf: Store) -> None:
    with shelf.writing() as session:
        drafts.new_lesson(session, MENTOR, "gift-wrapping", "礼品: 包装", 'Gift "wrapping"', now=NOW)
        text = drafts.lesson_text(session, MENTOR, "gift-wrapping", "zh")
        lesson, problems = drafts.problems_of(session, text.id, "zh", text.text, now=NOW)
        assert lesson is not None
        assert lesson.title.en == 'Gift "wrapping"'
        assert [one.severity for one in problems] == ["warning"], "there is no English one"
        faulty = text.text.replace("minutes: 5", "minutes: 500").replace("criteria: []", "criteria: [empaty_first]")
        id = drafts.save_draft(session, MENTOR, text.id, "zh", faulty, seen_id=text.newest_id, now=NOW)
        assert drafts.save_draft(session, MENTOR, text.id, "zh", faulty, seen_id=id, now=NOW) == id, "nothing is new"
        lesson, problems = drafts.problems_of(session, text.id, "zh", faulty, now=NOW)
        assert lesson is None
        assert [(one.line, one.column) for one in problems] == [(5, 12), (6, 10)]
        assert text.id not in lessons_now(session).ids
        assert [one.title for one in drafts.unpublished(session, MENTOR)] == ["礼品: 包装"]
        with pytest.raises(drafts.LessonTextMovedOnError):
            drafts.save_draft(session, MENTOR, text.id, "zh", "mine", seen_id=text.newest_id, now=NOW)
        with pytest.raises(drafts.LessonFaultyError):
            drafts.publish(session, LEAD, text.id, "zh", faulty, seen_id=id, now=NOW)
        with pytest.raises(AccessError):
            drafts.publish(session, MENTOR, text.id, "zh", text.text, seen_id=id, now=NOW)
        quoted = faulty.replace('zh: "礼品: 包装"', 'zh: "礼品 \\"包装\\""')
        assert drafts.title_in(quoted) == '礼品 "包装"', "a head that is broken elsewhere gives its title all the same"
        drafts.publish(session, LEAD, text.id, "zh", text.text, seen_id=id, now=NOW)
        assert lessons_now(session).lesson("gift-wrapping").own_title == "礼品: 包装"
        assert drafts.unpublished(session, LEAD) == []


def test_a_withdrawn_lesson_is_gone_in_that_language_and_comes_back_by_publishing(shelf: Store) -> None:
    with shelf.writing() as session:
        for language in ("zh", "en"):
            drafts.withdraw(session, LEAD, "red-lines", language, now=NOW)
            with pytest.raises(drafts.LessonNotThereError):
                drafts.withdraw(session, LEAD, "red-lines", language, now=NOW)
        assert "red-lines" not in lessons_now(session).ids
        with pytest.raises(NotThereError):
            service.lesson_page(session, AGENT, "red-lines", "zh", now=NOW)
        assert {(one.id, one.state, one.title) for one in drafts.unpublished(session, LEAD)} == {
            ("red-lines", "withdrawn", "红线")
        }
        text = drafts.lesson_text(session, LEAD, "red-lines", "zh")
        assert text.standing_text is None
        assert text.text == drafts.version_text(session, LEAD, "red-lines", "zh", "shipped"), (
            "what an editor begins with"
        )
        drafts.publish(session, LEAD, "red-lines", "zh", text.text, seen_id=text.newest_id, now=NOW)
        assert service.lesson_page(session, AGENT, "red-lines", "en", now=NOW).languages == ("zh",)


@ONLY_SQLITE
def test_a_draft_that_says_what_stands_is_none(shelf: Store) -> None:
    with shelf.writing() as session:
        stands = drafts.lesson_text(session, LEAD, "red-lines", "zh")
        id = drafts.save_draft(session, LEAD, "red-lines", "zh", stands.text + "x", seen_id=0, now=NOW)
        assert drafts.lesson_text(session, LEAD, "red-lines", "zh").draft is not None
        drafts.save_draft(session, LEAD, "red-lines", "zh", stands.text, seen_id=id, now=NOW)
        assert drafts.lesson_text(session, LEAD, "red-lines", "zh").draft is None
        assert drafts.unpublished(session, LEAD) == []


@ONLY_SQLITE
def test_a_new_lesson_has_an_id_of_its_own_and_two_titles(shelf: Store) -> None:
    with shelf.writing() as session:
        for id, zh, en, error in (
            ("red-lines", "红线", "Red lines", drafts.LessonIdTakenError),
            ("new", "新", "New", TextCodeError),
            ("Größe", "大", "Size", TextCodeError),
            ("size", " ", "Size", drafts.LessonTitleError),
            ("size", "大", "x" * 61, drafts.LessonTitleError),
        ):
            with pytest.raises(error):
                drafts.new_lesson(session, MENTOR, id, zh, en, now=NOW)
        with pytest.raises(AccessError):
            drafts.new_lesson(session, AGENT, "size", "大", "Size", now=NOW)
        for ask in (lambda: drafts.lesson_text(session, LEAD, "size", "zh"),
                    lambda: drafts.version_text(session, LEAD, "red-lines", "zh", "9" * 30),
                    lambda: drafts.version_text(session, LEAD, "size", "zh", "shipped")):  # fmt: skip
            with pytest.raises(NotThereError):
                ask()
