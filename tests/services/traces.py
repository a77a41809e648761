"""A customer who left traces everywhere, another who did not, and a look for what is left of the first."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, literal_column, select, text, update

from qaplatform.store import search
from qaplatform.store.engine import Store
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.tables import (
    Account,
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
    GradingRun,
    Import,
    ImportProblem,
    Job,
    LlmEndpoint,
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
from tests.copies import fill_once

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)


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


def data_folder(tmp_path: Path, store: Store) -> Path:
    """The data folder: the database of SQLite lies in it."""
    folder = store.file.parent if store.file else tmp_path / "data"
    (folder / "uploads").mkdir(parents=True)
    (folder / "secret-key").touch()
    return folder


def fill(store: Store, folder: Path) -> Store:
    """Two customers of shop 1; the first left traces wherever the program keeps any."""
    fill_once(store, _fill)
    uploads = folder / "uploads"
    with store.writing() as session:
        for id, name in ((1, "1.txt"), (2, "2.jsonl")):
            session.execute(update(Import).where(Import.id == id).values(file_path=str(uploads / name)))
    (uploads / "1.txt").write_text(f"{NICK} 10:00 {WORDS}", encoding="gb18030")
    (uploads / "2.jsonl").write_text(json.dumps({"id": NICK, "text": WORDS}))
    stray = uploads / "draft.csv"
    stray.write_text(WORDS)
    os.utime(stray, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        session.add_all([
            Shop(id=1, code="s1", name="一店", text_retention_days=None, created_at=NOW),
            Shop(id=2, code="s2", name="二店", text_retention_days=365, created_at=NOW),
            AgentRow(id=1, code="a1", name="小王", created_at=NOW),
            User(id=1, login="lead", name="Lead", password_hash="", created_at=NOW),
            RubricVersion(id=1, code="r", content_hash="h", files={}, created_at=NOW),
            ContextVersion(id=1, content_hash="h", body={}, created_at=NOW),
            LlmEndpoint(id=1, name="m", base_url="http://127.0.0.1:9/v1", model="m", created_at=NOW),
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
                file_bytes=10, file_hash="f1", state="done", error=f"bad value {WORDS}", created_at=NOW,
                options={"roles": {NICK: "customer", "小王": "agent"}, "columns": [NICK, "text"]},
            ),
            Import(
                id=2, origin="upload", file_name="others.jsonl", file_bytes=10,
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
            GradingRun(
                id=1, user_id=1, endpoint_id=1, model="m", kind="list", total_count=0, currency="CNY", created_at=NOW,
                wanted={"query": f"shop=1&q={quote(NICK)}", "most": 5},
            ),
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
