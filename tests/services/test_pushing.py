"""Pushed batches: whole or not at all, once a key, late messages as a longer version."""

from __future__ import annotations

import json
import threading

import msgspec
import pytest
from sqlalchemy import func, select

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.options import ReadOptions
from qaplatform.services.pushing import Answer, BatchTooLargeError, KeyReusedError, read_batch, take_batch
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Import, ImportProblem, PushBatch
from tests.runs import NOW, chat, dump, figures, make_shops

ASKED = "customer 10:00:00 什么时候发货?"
ANSWERED = "agent:小王 10:00:20 您好,今天18点前发出"


def body(*conversations: Conversation) -> bytes:
    return msgspec.json.encode(conversations)


def push(store: Store, said: bytes, key: str | None, *, shop_id: int = 1) -> Answer:
    return take_batch(store, read_batch(said, ReadOptions()), shop_id=shop_id, key=key, now=NOW)


def test_a_batch_is_taken_in_with_its_audits(store: Store) -> None:
    make_shops(store, "s1")
    answer = push(store, body(chat("c1", ASKED, ANSWERED, shop=None), chat("c2", ASKED)), "k1")
    assert (answer.new, answer.problems) == (2, ())
    stored = figures(store)
    assert all(row["audit_id"] and row["import_id"] == answer.import_id for row in stored.values())
    with store.reading() as session:
        row = session.get_one(Import, answer.import_id)
    assert (row.origin, row.state, row.file_name, row.new_count, row.message_count) == ("push", "done", "k1", 2, 3)


def test_the_same_key_gets_the_same_answer_and_changes_nothing(store: Store) -> None:
    make_shops(store, "s1", "s2")
    said = body(chat("c1", ASKED, shop=None))
    first = push(store, said, "k1")
    before = dump(store)
    assert push(store, said, "k1") == first
    assert dump(store) == before
    assert push(store, said, "k1", shop_id=2).new == 1, "keys are a shop's own"
    assert push(store, said, "k2").same == 1
    assert push(store, said, None).same == 1


def test_the_same_key_with_another_body_is_an_error(store: Store) -> None:
    make_shops(store, "s1")
    push(store, body(chat("c1", ASKED)), "k1")
    with pytest.raises(KeyReusedError):
        push(store, body(chat("c2", ASKED)), "k1")
    assert list(figures(store)) == ["c1"]


def test_late_messages_are_a_longer_version(store: Store) -> None:
    make_shops(store, "s1")
    push(store, body(chat("c1", ASKED)), "k1")
    assert push(store, body(chat("c1", ASKED, ANSWERED)), "k2").updated == 1
    assert push(store, body(chat("c1", ASKED)), "k3").older == 1
    assert figures(store)["c1"]["message_count"] == 2


def test_one_that_names_another_shop_is_refused(store: Store) -> None:
    make_shops(store, "s1", "s2")
    answer = push(store, body(chat("c1", ASKED), chat("c2", ASKED, shop="s2")), "k1")
    assert answer.new == 1
    assert [(one["field"], one["code"], one["rejected"]) for one in answer.problems] == [("shop", "other_shop", True)]


@pytest.mark.both_databases
def test_a_line_that_cannot_be_read_is_said_and_the_others_are_taken(store: Store) -> None:
    make_shops(store, "s1")
    lines = [msgspec.json.encode(chat("c1", ASKED)), b'{"secret": ', msgspec.json.encode(chat("c2", ASKED))]
    answer = push(store, b"\n".join(lines), "k1")
    assert (answer.new, [(one["line"], one["code"]) for one in answer.problems]) == (2, [(2, "not_json")])
    assert "secret" not in json.dumps(answer.problems)
    with store.reading() as session:
        assert session.scalars(select(ImportProblem.code)).all() == ["not_json"]


@pytest.mark.parametrize("said", [b"", b"[]", b"nonsense", b"\xff\xfe\x00", b"{}"])
def test_what_holds_no_conversation_gets_an_answer_all_the_same(store: Store, said: bytes) -> None:
    make_shops(store, "s1")
    answer = push(store, said, "k1")
    assert (answer.new, answer.same) == (0, 0)
    assert push(store, said, "k1") == answer


@pytest.mark.parametrize("lines", [["customer 10:00:00 在吗"] * 20_001, None])
def test_a_batch_that_is_too_large_is_refused_before_anything_is_stored(lines: list[str] | None) -> None:
    some = [chat("c1", *lines)] if lines else [chat(f"c{number}", ASKED) for number in range(1_001)]
    with pytest.raises(BatchTooLargeError):
        read_batch(body(*some), ReadOptions())


@pytest.mark.both_databases
def test_the_same_batch_sent_several_times_at_once_is_taken_once(store: Store) -> None:
    make_shops(store, "s1")
    said = body(*(chat(f"c{number}", ASKED, ANSWERED) for number in range(30)))
    answers: list[object] = []

    def send() -> None:
        try:
            answers.append(push(store, said, "k1"))
        except BaseException as error:  # noqa: BLE001  said by the test
            answers.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 4
    assert isinstance(answers[0], Answer)
    assert answers[0].new == 30
    with store.reading() as session:
        counts = [session.scalar(select(func.count(row.id))) for row in (ConversationRow, PushBatch, Import)]
    assert counts == [30, 1, 1]
