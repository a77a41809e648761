"""After an erasure no byte of the customer is left in any file or row; no figure about an agent has changed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.erasing import (
    CustomerErasedError,
    CustomerNotFoundError,
    Marks,
    NotConfirmedError,
    ask_erasure,
    erase_customer,
    erasure,
    standing,
)
from qaplatform.services.jobs import JobCancelledError
from qaplatform.store import jobs, search
from qaplatform.store.engine import Store
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.tables import (
    Activity,
    Case,
    ConversationRow,
    Customer,
    GradingRun,
    Import,
    ImportProblem,
    Job,
    MessageRow,
    Sample,
    SavedSearch,
    WorkItem,
)
from tests.plain_run import LostError, PlainRun
from tests.runs import dump
from tests.searching import ids_holding
from tests.services.traces import (
    LONG_AGO,
    NICK,
    NOW,
    ORDER,
    PHONE,
    WORDS,
    _converse,
    data_folder,
    figures,
    fill,
    leaks,
)


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Path:
    return data_folder(tmp_path, store)


@pytest.fixture
def filled(store: Store, folder: Path) -> Store:
    return fill(store, folder)


def lead(*grants: Grant) -> Viewer:
    return Viewer(user_id=1, name="Lead", grants=grants or (Grant("qa_lead"),))


def test_no_byte_of_an_erased_customer_is_left_and_no_figure_has_changed(filled: Store, folder: Path) -> None:
    assert leaks(filled, folder)
    before = figures(filled)
    with filled.writing() as session:
        ask_erasure(session, lead(), 1, now=NOW)
    run = PlainRun(filled, {"customer_id": 1}, NOW, user_id=1)
    erase_customer(run)
    assert leaks(filled, folder) == []
    assert figures(filled) == before
    assert run.said == [12]
    assert sorted(path.name for path in folder.rglob("uploads/**/*") if path.is_file()) == []
    with filled.reading() as session:
        customer = session.get_one(Customer, 1)
        assert (customer.source_key, customer.pseudonym, customer.erased_at) == (None, "E-1", NOW)
        assert (
            session.scalars(select(ConversationRow.source_id).where(ConversationRow.customer_id == 1)).first()
            == "erased-1"
        )
        searches = session.scalars(select(SavedSearch.name)).all()
        assert searches == ["退款"]
        problems = session.scalars(select(ImportProblem.reason).order_by(ImportProblem.id)).all()
        assert problems == ["", "", "unknown role"]
        assert session.get_one(Import, 1).options == {"roles": {"小王": "agent"}, "columns": ["", "text"]}
        assert session.get_one(Sample, 1).plan == {"who": {"nick": "", "kept": "一"}}
        assert session.get_one(GradingRun, 1).wanted == {"query": "", "most": 5}
        assert session.get_one(WorkItem, 1).why == {"said": "", "kind": "random"}
        log = session.execute(
            select(Activity.action, Activity.subject_id, Activity.details).order_by(Activity.id)
        ).all()
        assert log == [("customer.erasure_asked", 1, {}), ("customer.erased", 1, {"conversations": 12})]


def test_what_others_wrote_stays_and_is_found(filled: Store) -> None:
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    with filled.reading() as session:
        other = session.get_one(Customer, 2)
        assert (other.source_key, other.tier, other.erased_at) == ("另一个人", "gold", None)
        texts = session.scalars(
            select(MessageRow.text).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
            .where(ConversationRow.customer_id == 2)
        ).all()  # fmt: skip
        assert len(texts) == 48 * 4
        assert all(texts)
        assert len(ids_holding(session, "别人的话")) == 48
        assert ids_holding(session, WORDS[:2]) == []
        assert session.get_one(Case, 2).key == "order:42"


def test_an_erasure_that_is_lost_anywhere_goes_on_where_it_was(filled: Store, folder: Path) -> None:
    lost = 0
    for lost_at in range(100):
        run = PlainRun(filled, {"customer_id": 1}, NOW, lost_at=lost_at)
        try:
            erase_customer(run)
        except LostError:
            lost += 1
        else:
            break
    assert lost >= 6
    assert leaks(filled, folder) == []
    with filled.reading() as session:
        assert session.scalars(select(Activity.action)).all() == ["customer.erased"]
        # The index is whole: what is in it can be taken out again.
        left = [id for id in range(1, 61) if id % 5 != 1]
        assert ids_holding(session, "别人的话") == left
    with filled.writing() as session:
        search.remove(session, indexed_texts(session, left))
        assert ids_holding(session, "别人的话") == []


def test_while_an_import_is_under_way_the_customer_stays_known_and_another_round_follows(
    filled: Store, folder: Path
) -> None:
    with filled.writing() as session:
        session.get_one(Import, 2).state = "running"
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    assert (folder / "uploads" / "2.jsonl").exists()
    with filled.writing() as session:
        assert session.get_one(Customer, 1).source_key == NICK
        job = session.scalars(select(Job).where(Job.kind == "customers.erase")).one()
        assert (job.payload, job.run_after) == ({"customer_id": 1, "round": 2}, NOW + timedelta(minutes=5))
        # What the import brings meanwhile is the same customer's.
        _converse(session, 61, is_first=True)
        session.flush()
        search.add(session, indexed_texts(session, [61]))
        session.get_one(Import, 2).state = "done"
    erase_customer(PlainRun(filled, job.payload, NOW + timedelta(minutes=5)))
    assert leaks(filled, folder) == []


def test_files_in_a_watched_folder_are_not_ours_to_remove(filled: Store, tmp_path_factory) -> None:
    watched = tmp_path_factory.mktemp("watched") / "uploads" / "day.csv"
    watched.parent.mkdir()
    watched.write_text("x")
    os.utime(watched, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    with filled.writing() as session:
        one = session.get_one(Import, 1)
        one.origin, one.file_path = "folder", str(watched)
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    assert watched.exists()


def test_a_cancelled_erasure_stops(filled: Store) -> None:
    run = PlainRun(filled, {"customer_id": 1}, NOW)
    run.is_cancelled = True
    with pytest.raises(JobCancelledError):
        erase_customer(run)
    with filled.reading() as session:
        assert session.get_one(Customer, 1).erased_at is None


def test_an_erasure_of_nobody_does_nothing(filled: Store) -> None:
    before = dump(filled)
    erase_customer(PlainRun(filled, {"customer_id": 99}, NOW))
    assert dump(filled) == before


def test_only_who_may_asks_for_an_erasure_and_only_once(filled: Store) -> None:
    with filled.writing() as session:
        with pytest.raises(AccessError):
            ask_erasure(session, lead(Grant("inspector")), 1, now=NOW)
        with pytest.raises(CustomerNotFoundError):
            ask_erasure(session, lead(Grant("qa_lead", shop_id=2)), 1, now=NOW)
        with pytest.raises(CustomerNotFoundError):
            ask_erasure(session, lead(), 99, now=NOW)
        first = ask_erasure(session, lead(Grant("qa_lead", shop_id=1)), 1, now=NOW)
        assert ask_erasure(session, lead(), 1, now=NOW) == first
        session.get_one(Customer, 1).erased_at = NOW
        session.flush()
        with pytest.raises(CustomerErasedError):
            ask_erasure(session, lead(), 1, now=NOW)


def test_what_is_typed_must_be_the_name_that_is_shown(filled: Store) -> None:
    with filled.writing() as session:
        for typed in ("", "C-2", "一店", "Ｃ-２"):
            with pytest.raises(NotConfirmedError):
                ask_erasure(session, lead(), 1, now=NOW, typed=typed)
        ids = set()
        for typed in ("C-1", "c-1", " Ｃ－１ "):
            id = ask_erasure(session, lead(), 1, now=NOW, typed=typed)
            session.get_one(Job, id).state = "cancelled"
            session.get_one(Job, id).unique_key = None
            session.flush()
            ids.add(id)
    assert len(ids) == 3


def test_how_it_stands_follows_from_the_newest_round(filled: Store, folder: Path) -> None:  # noqa: ARG001 - its files
    def seen() -> tuple[str, int | None]:
        with filled.reading() as session:
            found = erasure(session, lead(), 1)
            assert found.state in {"erased", standing(session, 1)}
            return found.state, found.job_id

    with filled.writing() as session:
        session.get_one(Import, 2).state = "running"
        # Of somebody whose id begins like hers.
        jobs.announce(session, "customers.erase", {"customer_id": 12}, now=NOW, unique_key="customers.erase:12")
    assert seen() == ("open", None)
    with filled.writing() as session:
        first = ask_erasure(session, lead(), 1, now=NOW)
    assert seen() == ("under_way", first)
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    with filled.writing() as session:
        job = session.get_one(Job, first)
        job.state, job.ended_key, job.unique_key = "done", job.unique_key, None
    state, second = seen()
    assert (state, second != first) == ("under_way", True)
    with filled.writing() as session:
        job = session.get_one(Job, second)
        job.state, job.ended_key, job.unique_key = "failed", job.unique_key, None
        session.get_one(Import, 2).state = "done"
    assert seen() == ("failed", second)
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    assert seen() == ("erased", None)


def test_what_there_is_of_a_customer_is_counted_before_and_after(filled: Store, folder: Path) -> None:  # noqa: ARG001
    with filled.reading() as session:
        before = erasure(session, lead(), 1).touched
        assert before == (12, session.scalar(select(func.count()).select_from(MessageRow)) // 5, 24)
        with pytest.raises(CustomerNotFoundError):
            erasure(session, lead(Grant("qa_lead", shop_id=2)), 1)
    erase_customer(PlainRun(filled, {"customer_id": 1}, NOW))
    with filled.reading() as session:
        assert erasure(session, lead(), 1).touched == before


# --- marks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_in"),
    [
        (f"与{NICK}的聊天", True),
        ("ＺＱＸＪ龗鱻爨ＷＶＫ", True),
        ("139 8765 0417", True),
        (f"order={ORDER}", True),
        ("小鱼", True),
        ("小鱼儿", False),
        ("C12", False),
        (f"{WORDS} 怎么,还不发货", True),
        ("怎么还不发货", False),
        ("退款", False),
        ("", False),
        ("13611112222", False),
    ],
)
def test_a_customer_is_known_by_names_numbers_and_long_phrases(text: str, is_in: bool) -> None:
    marks = Marks([NICK, ORDER, "小鱼", "12"], [f"{WORDS}怎么还不发货 电话{PHONE}", "退款", ""])
    assert marks.are_in(text) is is_in
