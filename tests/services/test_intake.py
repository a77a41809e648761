"""Imports: what they store, what a second one changes, and how they go on after a crash, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.errors import InputError
from qaplatform.formats.options import ReadOptions
from qaplatform.services.context_taking import take_over_context
from qaplatform.services.intake import ImportOptions, register_upload, run_import, upload_of, work_off
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import context_named
from qaplatform.store import marks
from qaplatform.store.engine import Store
from qaplatform.store.imports import Step
from qaplatform.store.message_rows import messages_of
from qaplatform.store.tables import AgentRow, AuditRow, ConversationRow, Import, ImportProblem, Job, Shop
from qaplatform.store.tables import Customer as CustomerRow
from tests.conftest import FULL
from tests.runs import NOW, Run, chat, counted, dump, figures, make_shops, register, write_jsonl
from tests.searching import ids_holding
from tests.services.intaking import ASKED, THANKED, WITHOUT_IMPORTS, CrashError, many, state_of
from tests.shipped import shipped_rubric

ANSWERED = "agent:小王 10:00:20 您好,今天18点前发出"


def take_in(store: Store, path: Path, *, shop_id: int | None = None, options: ImportOptions | None = None) -> Step:
    """Import a file to its end; what it counted."""
    import_id = register(store, path, shop_id=shop_id, options=options)
    work_off(Run(store), import_id)
    return counted(store, import_id)


def problems(store: Store) -> list[tuple[int, str, str, bool]]:
    with store.reading() as session:
        rows = session.scalars(select(ImportProblem).order_by(ImportProblem.import_id, ImportProblem.place))
        return [(one.line, one.field, one.code, one.rejected) for one in rows]


def found(store: Store, query: str) -> list[str]:
    with store.reading() as session:
        ids = ids_holding(session, query)
        return sorted(session.scalars(select(ConversationRow.source_id).where(ConversationRow.id.in_(ids))))


@pytest.fixture
def samples(repository: Path) -> Path:
    return repository / "samples"


def test_the_samples_are_stored_with_the_audits_they_get_on_the_command_line(
    store: Store, samples: Path, tmp_path: Path
) -> None:
    context = context_named(samples / "context.yaml")
    make_shops(store, "s1", "s2", "s3")
    with store.writing() as session:
        take_over_context(session, context, now=NOW)
    lines = (samples / "conversations.jsonl").read_bytes().splitlines(keepends=True)
    # All of them with --full; what the database may do otherwise shows in fewer as well.
    step = 1 if FULL else 5 if store.is_sqlite else 10
    (file := tmp_path / "conversations.jsonl").write_bytes(b"".join(lines[::step]))
    taken = take_in(store, file)
    conversations = msgspec.json.Decoder(Conversation).decode_lines(file.read_bytes())
    count = 400 // step
    assert (taken.new, taken.messages, taken.rejected) == (count, sum(len(one.messages) for one in conversations), 0)

    stored = figures(store)
    for card in compiled_auditor(shipped_rubric(), context).audit(conversations).scorecards():
        row = stored[card.id]
        said = (card.score, card.verdict, card.risk, card.priority)
        assert (row["score"], row["verdict"], row["risk"], row["priority"]) == said
        assert row["failed_count"] == sum(one.outcome == "fail" for one in card.criteria)
        assert row["topic"] == card.observations.topic[0]

    before = dump(store)
    again = take_in(store, file)
    assert (again.new, again.updated, again.same) == (0, 0, count)
    after = dump(store)
    del before["imports"], after["imports"]
    assert after == before, "the same file again changes nothing"


def test_a_longer_version_is_a_new_revision_in_which_old_messages_are_the_same_rows(
    store: Store, tmp_path: Path
) -> None:
    make_shops(store, "s1")
    file = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED, order_id="1001")])
    take_in(store, file)
    with store.reading() as session:
        first = messages_of(session, 1)
        (audit,) = session.scalars(select(AuditRow.id)).all()
    write_jsonl(file, [chat("c1", ASKED, ANSWERED, THANKED, order_id="1001")])
    step = take_in(store, file)
    assert (step.new, step.updated, step.same) == (0, 1, 0)
    with store.reading() as session:
        now = messages_of(session, 1)
        assert now[:2] == first
        assert [one.text for one in now] == ["什么时候发货?急死了", "您好,今天18点前发出", "好的谢谢"]
        assert messages_of(session, 1, revision=1) == first
        audits = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        row = session.get_one(ConversationRow, 1)
    assert [(one.id, one.revision) for one in audits] == [(audit, 1), (audits[1].id, 2)]
    assert (row.revision, row.message_count, row.audit_id) == (2, 3, audits[1].id)
    assert found(store, "谢谢") == found(store, "发货") == found(store, "1001") == ["c1"]


@pytest.mark.both_databases
def test_a_message_that_was_edited_gets_a_new_row_and_the_old_one_ends(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED, THANKED)]))
    with store.reading() as session:
        before = messages_of(session, 1)
    edited = "agent:小王 10:00:20 您好,明天发出"
    take_in(store, write_jsonl(tmp_path / "b.jsonl", [chat("c1", ASKED, edited, THANKED)]))
    with store.reading() as session:
        after = messages_of(session, 1)
        assert messages_of(session, 1, revision=1) == before
    assert [one.id == other.id for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert (found(store, "今天"), found(store, "明天")) == ([], ["c1"])


def test_fewer_messages_are_an_older_version_unless_they_say_something_else(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED, THANKED)]))
    before = dump(store, *WITHOUT_IMPORTS)
    step = take_in(store, write_jsonl(tmp_path / "b.jsonl", [chat("c1", ASKED, ANSWERED)]))
    assert (step.older, step.updated) == (1, 0)
    assert dump(store, *WITHOUT_IMPORTS) == before
    step = take_in(store, write_jsonl(tmp_path / "c.jsonl", [chat("c1", ASKED, THANKED)]))
    assert (step.older, step.updated) == (0, 1)
    with store.reading() as session:
        assert [one.text for one in messages_of(session, 1)] == ["什么时候发货?急死了", "好的谢谢"]
        assert len(messages_of(session, 1, revision=1)) == 3


def test_what_stands_beside_the_messages_counts_as_well(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED)]))
    step = take_in(store, write_jsonl(tmp_path / "b.jsonl", [chat("c1", ASKED, ANSWERED, csat=2.0, tags=("催发货",))]))
    assert step.updated == 1
    row = figures(store)["c1"]
    assert (row["revision"], row["csat"], row["tags"], row["message_count"]) == (2, 2.0, ["催发货"], 2)
    with store.reading() as session:
        assert messages_of(session, 1, revision=1) == messages_of(session, 1, revision=2)


def test_message_ids_that_an_export_invents_anew_change_nothing(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    for export in "ab":
        one = chat("c1", ASKED, ANSWERED)
        messages = tuple(msgspec.structs.replace(m, id=f"{export}{n}") for n, m in enumerate(one.messages))
        step = take_in(store, write_jsonl(tmp_path / "a.jsonl", [msgspec.structs.replace(one, messages=messages)]))
    assert step.same == 1


def test_several_versions_in_one_file_count_one_after_the_other(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    versions = [
        chat("c1", ASKED), chat("c2", ASKED), chat("c1", ASKED, ANSWERED), chat("c1", ASKED, ANSWERED), chat("c1", ASKED),
        chat("c1", ASKED, ANSWERED, THANKED),
    ]  # fmt: skip
    step = take_in(store, write_jsonl(tmp_path / "a.jsonl", versions))
    assert (step.new, step.updated, step.same, step.older) == (2, 2, 1, 1)
    assert figures(store)["c1"]["revision"] == 3
    assert found(store, "谢谢") == ["c1"]


@pytest.mark.both_databases
def test_one_id_in_two_shops_or_from_two_sources_is_several_conversations(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1", "s2")
    one = [
        chat("c1", ASKED, customer="u1"),
        chat("c1", ASKED, shop="s2", customer="u1"),
        chat("c1", ASKED, source="jd"),
    ]
    step = take_in(store, write_jsonl(tmp_path / "a.jsonl", one))
    assert step.new == 3
    with store.reading() as session:
        pseudonyms = session.scalars(select(CustomerRow.pseudonym)).all()
    assert len(set(pseudonyms)) == 2, "the customers of two shops are not told to be one"


def test_orders_and_the_sources_own_cases_join_conversations(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1", "s2")
    given = [
        chat("c1", ASKED, order_id="1001"), chat("c2", ASKED, order_id="1001"), chat("c3", ASKED, shop="s2", order_id="1001"),
        chat("c4", ASKED, order_id="1001", case_id="k1"), chat("c5", ASKED, case_id="k1"), chat("c6", ASKED),
    ]  # fmt: skip
    take_in(store, write_jsonl(tmp_path / "a.jsonl", given))
    cases = {name: row["case_id"] for name, row in figures(store).items()}
    assert cases["c1"] == cases["c2"] != cases["c3"]
    assert cases["c4"] == cases["c5"] not in {cases["c1"], cases["c3"]}
    assert cases["c6"] is None


def test_problems_are_kept_without_what_stood_in_the_line(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    canary = "秘密的话"
    table = tmp_path / "a.csv"
    rows = [
        "会话ID,发送人角色,客服昵称,消息内容,发送时间,店铺",
        f"c1,买家,,{canary}一,2026/11/10 10:00,s1",
        f"c1,{canary}二,,{canary}三,2026/11/10 10:01,s1",
        f"c1,客服,小王,好的,{canary}四,s1",
        f"c1,客服,小王,好的,2026/11/10 10:02,{canary}五",
        f",客服,小王,{canary}六,2026/11/10 10:03,s1",
    ]
    table.write_text("\n".join(rows), encoding="utf-8")
    step = take_in(store, table)
    assert step.new == 1
    codes = {(line, code) for line, _, code, _ in problems(store)}
    assert codes >= {(3, "unknown_role"), (4, "bad_time"), (5, "differing_value"), (6, "missing_conversation")}
    with store.reading() as session:
        kept = " ".join(f"{one.field} {one.reason}" for one in session.scalars(select(ImportProblem)))
    assert canary not in kept


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "甲,乙\n1,2\n", "columns"),
        ("a.jsonl", "\x00\x01" * 400, "encoding"),
        ("a.xlsx", "PK\x03\x04broken", "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_fails_with_a_message(
    store: Store, tmp_path: Path, name: str, content: str, said: str
) -> None:
    make_shops(store, "s1")
    path = tmp_path / name
    path.write_bytes(content.encode())
    import_id = register(store, path)
    for _ in range(2):
        with pytest.raises(InputError):
            run_import(Run(store, {"import_id": import_id}))
        state, error = state_of(store, import_id)
        assert state == "failed"
        assert said in str(error)
        assert len(problems(store)) == 1, "another try says it once"


def test_a_file_that_is_gone_or_another_one_by_now_fails(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    path = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED)])
    import_id = register(store, path)
    write_jsonl(path, [chat("c2", ASKED)])
    with pytest.raises(InputError, match="changed"):
        work_off(Run(store), import_id)
    path.unlink()
    with pytest.raises(InputError):
        work_off(Run(store), import_id)
    assert state_of(store, import_id)[0] == "failed"
    assert figures(store) == {}


def test_where_messages_have_no_times_the_conversation_is_of_the_moment_it_came(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    file = tmp_path / "a.jsonl"
    take_in(store, write_jsonl(file, [chat("c1", "customer - 在吗", "agent:小王 - 在的")]))
    row = figures(store)["c1"]
    assert (row["started_at"], row["ended_at"], row["is_timed"], row["account"]) == (NOW, NOW, False, "小王")
    take_in(store, write_jsonl(file, [chat("c1", "customer - 在吗", "agent:小王 - 在的", "customer 10:00:00 谢谢")]))
    row = figures(store)["c1"]
    assert (row["started_at"], row["ended_at"], row["is_timed"]) == (row["ended_at"], row["started_at"], True)


def test_characters_that_no_database_takes_are_replaced_one_for_one(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    line = (
        b'{"id": "c\\u0000", "shop": "s1", "meta": {"a": "\\u0000"},'
        b' "messages": [{"role": "customer", "text": "a\\u0000b \\\\u0000"}]}\n'
    )
    path = tmp_path / "a.jsonl"
    path.write_bytes(line)
    assert take_in(store, path).new == 1
    row = figures(store)["c\ufffd"]
    assert row["meta"] == {"a": "\ufffd"}
    with store.reading() as session:
        assert [one.text for one in messages_of(session, row["id"])] == ["a\ufffdb \\u0000"]
    assert take_in(store, path).same == 1


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"queue": "x" * 61}, "queue"),
        ({"order_id": "1" * 291}, "order_id"),
        ({"customer": Customer(tier="x" * 61)}, "customer.tier"),
        ({"id": "x" * 301}, "id"),
    ],
)
def test_a_value_the_tables_have_no_room_for_costs_its_conversation_only(
    store: Store, tmp_path: Path, about: dict[str, Any], field: str
) -> None:
    make_shops(store, "s1")
    path = write_jsonl(tmp_path / "a.jsonl", [msgspec.structs.replace(chat("c1", ASKED), **about), chat("c2", ASKED)])
    step = take_in(store, path)
    assert problems(store) == [(1, field, "value_too_long", True)]
    assert (step.new, step.rejected, step.position) == (1, 1, 2)


def test_an_upload_is_announced_with_its_import_and_its_bytes_go_once_it_is_taken_in(
    store: Store, tmp_path: Path
) -> None:
    ids = make_shops(store, "s1")
    path = write_jsonl(tmp_path / "k3f9.jsonl", [chat("c1", ASKED)])
    options = ImportOptions(ReadOptions(roles={"店长": "agent"}, split_gap_seconds=60.0))
    with store.writing() as session:
        import_id = register_upload(
            session,
            upload_of(path, "聊天.jsonl"),
            shop_id=ids["s1"],
            origin="upload",
            options=options,
            user_id=None,
            now=NOW,
        )
    with store.reading() as session:
        job = session.scalars(select(Job)).one()
        row = session.get_one(Import, import_id)
    assert (job.kind, job.payload, job.total_count) == ("import", {"import_id": import_id}, path.stat().st_size)
    assert (row.file_name, row.state) == ("聊天.jsonl", "waiting")
    assert ImportOptions.of(row.options).as_json() == options.as_json()
    run = Run(store, job.payload)
    run_import(run)
    assert run.said[-1][:2] == (path_size := row.file_bytes, path_size)
    assert not path.exists()
    with store.reading() as session:
        assert session.get_one(Import, import_id).file_path is None
    run_import(Run(store, job.payload))
    assert counted(store, import_id) == Step(position=1, new=1, messages=1)


def test_registering_that_is_rolled_back_leaves_neither_import_nor_job(store: Store, tmp_path: Path) -> None:
    upload = upload_of(write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED)]))

    def register_and_crash() -> None:
        with store.writing() as session:
            register_upload(
                session, upload, shop_id=None, origin="upload", options=ImportOptions(), user_id=None, now=NOW
            )  # fmt: skip
            raise CrashError

    with pytest.raises(CrashError):
        register_and_crash()
    with store.reading() as session:
        assert session.scalar(select(func.count(Job.id))) == session.scalar(select(func.count(Import.id))) == 0


@pytest.mark.both_databases
def test_a_shops_own_zone_and_name_help_to_read_its_files(store: Store, tmp_path: Path) -> None:
    ids = make_shops(store, "s1")
    with store.writing() as session:
        shop = session.get_one(Shop, ids["s1"])
        shop.timezone, shop.name = "Europe/London", "茶铺"
    path = tmp_path / "窗口.txt"
    path.write_text("小鱼儿 2026-11-10 10:00:00\n在吗\n茶铺 2026-11-10 10:00:20\n在的\n", encoding="utf-8")
    assert take_in(store, path, shop_id=ids["s1"]).new == 1
    (row,) = figures(store).values()
    assert row["started_at"].isoformat() == "2026-11-10T10:00:00+00:00"
    assert row["account"] == "茶铺"
    assert found(store, "小鱼儿") == [row["source_id"]]


def test_moments_are_stored_in_universal_time_whatever_zone_they_were_written_in(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1")
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED)]))
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, ANSWERED, THANKED)]))
    row = figures(store)["c1"]
    moments = [row[name].isoformat() for name in ("started_at", "ended_at")]
    assert moments == ["2026-11-10T02:00:00+00:00", "2026-11-10T02:01:00+00:00"]


def test_marks_of_what_is_new_are_those_that_follow_from_its_rows(store: Store, tmp_path: Path) -> None:
    make_shops(store, "s1", "s2")
    with store.writing() as session:
        session.add_all(AgentRow(code=f"a{number}", name=f"客服{number}", created_at=NOW) for number in range(2))
    given = [msgspec.structs.replace(one, tags=("催发货", "x" * 300, "催发货")) for one in many(12, ids=12)]
    take_in(store, write_jsonl(tmp_path / "a.jsonl", given))
    written = dump(store, "conversation_agents", "conversation_marks")
    assert len(written["conversation_agents"]) == 8
    assert {dict(row)["kind"] for row in written["conversation_marks"]} == {"failed", "tag"}
    with store.writing() as session:
        marks.refresh(session, list(session.scalars(select(ConversationRow.id))))
    assert dump(store, "conversation_agents", "conversation_marks") == written
