"""After an erasure no byte of the customer is left in any file or row; no figure about an agent has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import func, literal_column, select, text

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.erasing import (
    CustomerErasedError,
    CustomerNotFoundError,
    Marks,
    NotConfirmedError,
    ask_erasure,
    erase_customer,
    erasure,
    purge_texts,
    standing,
)
from qaplatform.services.jobs import JobCancelledError
from qaplatform.store import erasing, jobs, search
from qaplatform.store.engine import Store
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.tables import (
    Account,
    Activity,
    AddedFinding,
    AgentRow,
    AuditRow,
    Case,
    ContextVersion,
    ConversationMark,
    ConversationRow,
    CriterionResult,
    Customer,
    FindingRow,
    Import,
    ImportProblem,
    Job,
    MessageRow,
    Note,
    PushBatch,
    Review,
    RubricVersion,
    Ruling,
    Sample,
    SavedSearch,
    Shop,
    User,
    WatchedFile,
    WorkItem,
)
from tests.plain_run import LostError, PlainRun
from tests.runs import dump
from tests.searching import ids_holding

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 10, 19, 0, tzinfo=UTC)
"""Three in the morning in Shanghai."""
LONG_AGO = NOW - timedelta(days=400)

# Characters that nobody else writes; every pair of neighbours is a term of the search index.
WORDS = "龘靐齉爩麤籲虋"
NICK = "zqxj龗鱻爨wvk"
ORDER = "8137404455667788990"
PHONE = "13987650417"
CANARIES = [WORDS, NICK, "zqxj", "wvk", ORDER, PHONE, "vxqztag", "vxqzmeta", "vxqztier", "vxqzid"]
PAIRS = [WORDS[at : at + 2] for at in range(len(WORDS) - 1)] + ["龗鱻", "鱻爨"]

OTHERS = "别人的话 13611112222"


def forms_of(canary: str) -> set[bytes]:
    """The bytes by which a text may stand in a file."""
    escaped = json.dumps(canary)[1:-1]
    written = {canary, canary.upper(), canary.lower(), escaped, escaped.upper().replace("\\U", "\\u"), quote(canary)}
    return {one.encode(code) for one in written for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}


NEEDLES = frozenset(form for canary in (*CANARIES, *PAIRS) for form in forms_of(canary))


def leaks(store: Store, folder: Path) -> list[str]:
    """Where something of the customer is left: files of the data folder, rows of any table."""
    out = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            out += [f"{path.name}: {needle!r}" for needle in NEEDLES if needle in data]
    if not store.is_sqlite:
        with store.engine.connect() as connection:
            names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            for name in names:
                rows = connection.scalars(select(literal_column("t::text")).select_from(text(f'"{name}" t'))).all()
                out += [f"{name}: {needle!r}" for row in rows for needle in NEEDLES if needle in str(row).encode()]
    return out


def figures(store: Store) -> list[object]:
    """What reports about agents are made of."""
    row = ConversationRow
    with store.reading() as session:
        return [
            session.execute(
                select(row.agent_id, func.count(), func.avg(row.score), func.avg(row.csat), func.sum(row.message_count))
                .group_by(row.agent_id)
                .order_by(row.agent_id)
            ).all(),
            session.execute(
                select(CriterionResult.agent_id, CriterionResult.criterion, CriterionResult.outcome, func.count())
                .group_by(CriterionResult.agent_id, CriterionResult.criterion, CriterionResult.outcome)
                .order_by(CriterionResult.criterion)
            ).all(),
            session.scalar(select(func.count()).select_from(FindingRow)),
            session.scalar(select(func.count()).select_from(MessageRow)),
            session.scalar(select(func.count()).select_from(Note)),
            session.scalar(select(func.count()).select_from(Ruling)),
            session.scalar(select(func.count()).where(ConversationMark.kind == "failed")),
        ]


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Path:
    """The data folder: the database of SQLite lies in it."""
    folder = store.file.parent if store.file else tmp_path / "data"
    (folder / "uploads").mkdir(parents=True)
    (folder / "secret-key").touch()
    return folder


@pytest.fixture
def filled(store: Store, folder: Path) -> Store:
    """Two customers of shop 1; the first left traces wherever the program keeps any."""
    with store.writing() as session:
        session.add_all([
            Shop(id=1, code="s1", name="一店", text_retention_days=None, created_at=NOW),
            Shop(id=2, code="s2", name="二店", text_retention_days=365, created_at=NOW),
            AgentRow(id=1, code="a1", name="小王", created_at=NOW),
            User(id=1, login="lead", name="Lead", password_hash="", created_at=NOW),
            RubricVersion(id=1, code="r", content_hash="h", files={}, created_at=NOW),
            ContextVersion(id=1, content_hash="h", body={}, created_at=NOW),
            Sample(id=1, name="抽检", plan={"who": {"nick": NICK, "kept": "一"}}, seed=1, created_at=NOW),
        ])  # fmt: skip
        session.flush()
        session.add_all([
            Customer(id=1, shop_id=1, source_key=NICK, pseudonym="C-1", tier="vxqztier", created_at=NOW),
            Customer(id=2, shop_id=1, source_key="另一个人", pseudonym="C-2", tier="gold", created_at=NOW),
            Case(id=1, shop_id=1, key=f"order:{ORDER}", created_at=NOW),
            Case(id=2, shop_id=1, key="order:42", created_at=NOW),
            Account(id=1, shop_id=1, name="客服01"),
            Import(
                id=1, shop_id=1, origin="upload", file_name=f"与{NICK}的聊天.txt",
                file_path=str(folder / "uploads" / "1.txt"),
                file_bytes=10, file_hash="f1", state="done", error=f"bad value {WORDS}", created_at=NOW,
                options={"roles": {NICK: "customer", "小王": "agent"}, "columns": [NICK, "text"]},
            ),
            Import(
                id=2, origin="upload", file_name="others.jsonl", file_path=str(folder / "uploads" / "2.jsonl"), file_bytes=10,
                file_hash="f2", options={"kind": "jsonl"}, state="failed", created_at=NOW,
            ),
            Job(
                kind="x", payload={"said": [f"{NICK}!"], "id": 1}, state="failed", run_after=NOW, created_at=NOW,
                error=f"could not read {PHONE}", note=f"订单 {ORDER}",
            ),
            SavedSearch(id=1, user_id=1, name=f"找{NICK}", query="?q=1", created_at=NOW),
            SavedSearch(id=2, user_id=1, name="电话", query=f"?q={PHONE[:3]}+{PHONE[3:7]}+{PHONE[7:]}", created_at=NOW),
            SavedSearch(id=3, user_id=1, name="昵称", query=f"?shop=1&q={quote(NICK)}", created_at=NOW),
            SavedSearch(id=4, user_id=1, name="退款", query=f"?q={quote('退款')}&shop=1", created_at=NOW),
            SavedSearch(id=5, user_id=1, name="一句话", query=f"?q={quote(WORDS + '怎么还不发货')}", created_at=NOW),
            WatchedFile(id=1, shop_id=1, name=f"{ORDER}.csv", file_hash="w", seen_at=NOW),
        ])  # fmt: skip
        session.flush()
        session.add_all([
            ImportProblem(import_id=1, place=0, rejected=True, line=3, field="role", code="c", reason=f"unknown {WORDS}"),
            ImportProblem(import_id=2, place=0, rejected=True, line=3, field=NICK, code="c", reason=f"see {NICK}"),
            ImportProblem(import_id=2, place=1, rejected=True, line=4, field="role", code="c", reason="unknown role"),
            PushBatch(
                shop_id=1, idempotency_key=f"{ORDER}-1", body_hash="b", import_id=2, answer={"rejected": [{"id": ORDER}]},
                created_at=NOW,
            ),
        ])  # fmt: skip
        for id in range(1, 61):
            _converse(session, id, is_first=id % 5 == 1)
        session.flush()
        search.add(session, indexed_texts(session, range(1, 61)))
    (folder / "uploads" / "1.txt").write_text(f"{NICK} 10:00 {WORDS}", encoding="gb18030")
    (folder / "uploads" / "2.jsonl").write_text(json.dumps({"id": NICK, "text": WORDS}))
    stray = folder / "uploads" / "draft.csv"
    stray.write_text(WORDS)
    os.utime(stray, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return store


def _converse(session, id: int, *, is_first: bool) -> None:
    said = f"{WORDS}怎么还不发货 电话{PHONE} {id}" if is_first else f"{OTHERS} {id} " + "好" * (id % 7 * 40)
    session.add(
        ConversationRow(
            id=id, shop_id=1, source="taobao", source_id=f"vxqzid-{id}" if is_first else f"c-{id}", content_hash=f"{id}",
            import_id=1 if is_first else 2, customer_id=1 if is_first else 2, case_id=1 if is_first else 2, agent_id=1,
            account="客服01", order_id=ORDER if is_first else "42", order_value=9.5, tier="vxqztier" if is_first else None,
            csat=id % 5, tags=["vxqztag"] if is_first else ["退货"], meta={"a": {"b": "vxqzmeta"}} if is_first else {},
            indexed_names=["小王"], message_count=2, started_at=LONG_AGO, ended_at=LONG_AGO, created_at=NOW,
            updated_at=NOW, audit_id=id, score=id, revision=2,
        )
    )  # fmt: skip
    session.flush()
    who, sent = (NICK, f"vxqzid-m{id}") if is_first else ("另一个人", f"m{id}")
    customer = {"role": "customer", "account": who, "source_id": sent}
    session.add_all([
        MessageRow(conversation_id=id, number=0, last_revision=1, text=said[:20], **customer),
        MessageRow(conversation_id=id, number=0, first_revision=2, text=said, **customer),
        MessageRow(conversation_id=id, number=1, role="agent", account="客服01", agent_id=1, text=f"您好 {said}"),
        MessageRow(conversation_id=id, number=2, role="system", account=NICK if is_first else None, text=f"{said[:9]}进入"),
        AuditRow(
            id=id, conversation_id=id, revision=2, rubric_version_id=1, context_version_id=1, engine_version="1",
            score=id, scored_share=1, verdict="pass", risk=0, priority=0, reasons=["threat"], observations={}, created_at=NOW,
        ),
        Note(conversation_id=id, text=f"看{said}", user_id=1, created_at=NOW),
        ConversationMark(conversation_id=id, kind="tag", mark="vxqztag" if is_first else "退货", started_at=LONG_AGO),
        ConversationMark(conversation_id=id, kind="failed", mark="greeting", started_at=LONG_AGO),
    ])  # fmt: skip
    session.flush()
    session.add(
        WorkItem(
            id=id,
            conversation_id=id,
            revision=2,
            audit_id=id,
            user_id=1,
            draft={"comment": said},
            created_at=NOW,
            replaced_why=said,
            why={"said": NICK if is_first else "x", "kind": "random"},
        )
    )
    session.flush()
    session.add(
        Review(
            id=id,
            conversation_id=id,
            revision=2,
            audit_id=id,
            work_item_id=id,
            user_id=1,
            draw="random",
            score=100,
            scored_share=1,
            verdict="pass",
            failed_count=0,
            machine_score=0,
            machine_verdict="fail",
            summary=said,
            created_at=NOW,
        )
    )
    session.flush()
    session.add_all([
        CriterionResult(
            audit_id=id, criterion="greeting", conversation_id=id, outcome="fail", points=0, max_points=1, agent_id=1
        ),
        FindingRow(
            audit_id=id, criterion="greeting", place=0, message_number=0, start=0, end=2, code="c", facts={"words": said}
        ),
        Ruling(
            review_id=id, conversation_id=id, audit_id=id, criterion="greeting", kind="overrule", from_outcome="fail",
            to_outcome="pass", reason=said, user_id=1, decided_at=NOW,
        ),
        AddedFinding(review_id=id, criterion="greeting", message_number=0, start=0, end=2, comment=said),
        Note(conversation_id=id, kind="praise", review_id=id, text=said, user_id=1, created_at=NOW),
    ])  # fmt: skip


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


# --- retention -------------------------------------------------------------------------------------------


@pytest.fixture
def kept_a_year(filled: Store) -> Iterator[Store]:
    """Shop 1 keeps texts for a year; ten of its conversations are younger."""
    with filled.writing() as session:
        session.get_one(Shop, 1).text_retention_days = 365
        for id in range(51, 61):
            session.get_one(ConversationRow, id).ended_at = NIGHT - timedelta(days=365)
    return filled


def test_texts_go_when_their_shop_keeps_them_no_longer_and_nothing_else(kept_a_year: Store, folder: Path) -> None:
    before = figures(kept_a_year)
    purge_texts(PlainRun(kept_a_year, {}, NIGHT))
    assert figures(kept_a_year) == before
    with kept_a_year.reading() as session:
        row, said = ConversationRow, MessageRow
        purged = session.scalars(select(row.id).where(row.text_purged_at == NIGHT).order_by(row.id)).all()
        assert purged == list(range(1, 51))
        kept = session.scalars(select(said.conversation_id).where(said.text != "").distinct()).all()
        assert sorted(kept) == list(range(51, 61))
        assert session.get_one(Customer, 1).source_key == NICK
        assert session.scalars(select(FindingRow.facts).where(FindingRow.audit_id < 51)).all() == [{}] * 50
        assert ids_holding(session, "别人") != []
        assert ids_holding(session, WORDS[:2]) == [51, 56]
        log = session.execute(select(Activity.action, Activity.subject_id, Activity.details)).all()
        assert log == [("conversations.purged", 1, {"conversations": 50})]
    assert (folder / "uploads" / "1.txt").exists()


def test_by_day_only_what_a_night_has_missed_is_purged(kept_a_year: Store) -> None:
    with kept_a_year.writing() as session:
        session.get_one(ConversationRow, 1).ended_at = NOW - timedelta(days=366, seconds=1)
        for id in range(2, 61):
            session.get_one(ConversationRow, id).ended_at = NOW - timedelta(days=366)
    purge_texts(PlainRun(kept_a_year, {}, NOW))
    with kept_a_year.reading() as session:
        purged = session.scalars(select(ConversationRow.id).where(ConversationRow.text_purged_at.is_not(None)))
        assert purged.all() == [1]


def test_a_purge_again_finds_nothing_to_do_and_an_erasure_may_follow(kept_a_year: Store, folder: Path) -> None:
    purge_texts(PlainRun(kept_a_year, {}, NIGHT))
    again = PlainRun(kept_a_year, {}, NIGHT)
    purge_texts(again)
    assert again.said == []
    erase_customer(PlainRun(kept_a_year, {"customer_id": 1}, NOW))
    assert leaks(kept_a_year, folder) == []


def test_a_purge_that_is_lost_goes_on_where_it_was(kept_a_year: Store) -> None:
    for lost_at in range(20):
        run = PlainRun(kept_a_year, {}, NIGHT, lost_at=lost_at)
        try:
            purge_texts(run)
        except LostError:
            continue
        break
    with kept_a_year.reading() as session:
        assert erasing.ended_before(session, {1: NIGHT - timedelta(days=365)}, limit=10) == []
        assert (
            session.scalar(select(func.sum(func.length(MessageRow.text))).where(MessageRow.conversation_id < 51)) == 0
        )


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
