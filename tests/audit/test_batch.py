"""The primitives of a batch against loops a child could read, over random conversations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qaplatform.audit.batch import Batch
from qaplatform.audit.conversation import Conversation, Kind, Message, Role
from tests.audit.small import batch_of, chat

_MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["customer", "agent", "bot", "system"]),
    text=st.sampled_from(["", "!", "在吗", "没办法", "您好 a1"]),
    agent=st.sampled_from([None, "a1", "a2"]),
    auto=st.sampled_from([False, False, True]),
    kind=st.sampled_from(["text", "text", "text", "note", "transfer", "image"]),
)
_CHATS = st.lists(st.lists(_MESSAGES, max_size=9).map(tuple), max_size=5)


def made(chats: list[tuple[Message, ...]]) -> Batch:
    return batch_of(*(Conversation(id=str(number), messages=messages) for number, messages in enumerate(chats)))


def bounds(batch: Batch) -> list[range]:
    """The rows of each conversation."""
    out, begin = [], 0
    for one in batch.conversations:
        out.append(range(begin, begin + len(one.messages)))
        begin += len(one.messages)
    return out


def human(message: Message) -> bool:
    return message.role == "agent" and not message.auto and message.kind != "note"


def customer(message: Message) -> bool:
    return message.role == "customer" and message.kind != "note"


def random_mask(batch: Batch, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(len(batch.messages)) < 0.4


@given(_CHATS)
@example([])
@example([(), ()])
def test_who_wrote_is_said_message_by_message(chats: list[tuple[Message, ...]]) -> None:
    batch = made(chats)
    messages = [message for one in chats for message in one]
    assert batch.is_customer.tolist() == [customer(one) for one in messages]
    assert batch.is_human.tolist() == [human(one) for one in messages]
    assert batch.is_note.tolist() == [one.kind == "note" for one in messages]
    assert batch.is_automatic.tolist() == [
        one.kind != "note" and (one.role == "bot" or (one.role == "agent" and one.auto)) for one in messages
    ]
    assert batch.is_system.tolist() == [one.role == "system" for one in messages]
    assert batch.is_transfer.tolist() == [one.kind == "transfer" for one in messages]
    assert len(batch) == len(chats)


@given(_CHATS, st.integers(0, 99))
@example([], 0)
@example([(), (Message("agent", "x"),), ()], 1)
def test_next_and_last_stay_in_their_conversation(chats: list[tuple[Message, ...]], seed: int) -> None:
    batch = made(chats)
    mask = random_mask(batch, seed)
    following, before = batch.next_of(mask).tolist(), batch.last_of(mask).tolist()
    for rows in bounds(batch):
        for row in rows:
            assert following[row] == next((r for r in rows if r > row and mask[r]), rows.stop)
            assert before[row] == next((r for r in reversed(rows) if r < row and mask[r]), -1)
            assert batch.number(row) == row - rows.start


@given(_CHATS, st.integers(0, 99))
@example([(), (Message("agent", "x"),), ()], 1)
def test_figures_by_conversation_are_those_of_a_loop(chats: list[tuple[Message, ...]], seed: int) -> None:
    batch = made(chats)
    mask = random_mask(batch, seed)
    hits = [[row for row in rows if mask[row]] for rows in bounds(batch)]
    assert batch.first_in_conversation(mask).tolist() == [rows[0] if rows else -1 for rows in hits]
    assert batch.last_in_conversation(mask).tolist() == [rows[-1] if rows else -1 for rows in hits]
    assert batch.any_in_conversation(mask).tolist() == [bool(rows) for rows in hits]
    assert batch.count_in_conversation(mask).tolist() == [len(rows) for rows in hits]


@given(_CHATS)
def test_a_burst_ends_where_a_person_answers_or_nothing_of_the_customer_follows(
    chats: list[tuple[Message, ...]],
) -> None:
    batch = made(chats)
    for rows in bounds(batch):
        for row in rows:
            later = [r for r in rows if r > row and (batch.is_customer[r] or batch.is_human[r])]
            again = any(batch.is_customer[r] for r in later)
            ends = bool(batch.is_customer[row]) and (not again or bool(batch.is_human[later[0]]))
            assert bool(batch.ends_burst[row]) == ends


@given(_CHATS)
def test_a_reply_turn_is_what_people_write_up_to_the_customers_next_message(chats: list[tuple[Message, ...]]) -> None:
    batch = made(chats)
    for rows in bounds(batch):
        for row in rows:
            turn = []
            for later in range(row + 1, rows.stop):
                if batch.is_customer[later] and turn:
                    break
                if batch.is_human[later]:
                    turn.append(later)
            assert batch.reply_rows(row) == turn


@given(_CHATS)
def test_who_answered_first_and_whether_several_did(chats: list[tuple[Message, ...]]) -> None:
    batch = made(chats)
    writers = [[message.agent for message in messages if human(message)] for messages in chats]
    assert batch.main_agent == [names[0] if names else None for names in writers]
    assert batch.several_agents.tolist() == [len(set(names) - {None}) > 1 for names in writers]


@given(_CHATS)
def test_letters_and_words_are_those_of_each_message(chats: list[tuple[Message, ...]]) -> None:
    batch = made(chats)
    assert batch.letters.tolist() == [sum(char.isalnum() for char in text) for text in batch.texts]
    wanted = [message.text == "没办法" and message.role != "customer" for message in batch.messages]
    assert batch.has("bad").tolist() == wanted
    assert [bool(batch.spans(row, "bad")) for row in range(len(wanted))] == wanted


def test_a_column_of_words_cannot_be_spoilt_by_who_reads_it() -> None:
    batch = batch_of(chat(1, "customer 在吗", "agent 没办法"))
    with pytest.raises(ValueError, match="read-only"):
        batch.has("bad")[0] = True


def test_words_of_several_groups_come_in_the_order_of_their_start() -> None:
    batch = batch_of(chat(1, "customer 在吗", "agent 没办法,您好,不可能"))
    assert [batch.texts[1][hit.start : hit.end] for hit in batch.spans(1, "greeting", "bad")] == [
        "没办法",
        "您好",
        "不可能",
    ]


def test_a_group_the_rubric_has_not_stands_nowhere() -> None:
    batch = batch_of(chat(1, "customer 在吗", "agent 没办法"))
    assert not batch.has("nobody/knows").any()
    assert batch.spans(1, "nobody/knows") == ()


@pytest.mark.parametrize(("role", "kind"), [("bot", "text"), ("system", "transfer"), ("agent", "note")])
def test_the_shops_words_are_found_whoever_of_the_shop_wrote_them(role: Role, kind: Kind) -> None:
    batch = batch_of(Conversation(id="1", messages=(Message(role, "没办法", kind=kind),)))
    assert batch.has("bad").tolist() == [True]


def test_an_observer_looks_once() -> None:
    batch = batch_of(chat(1, "customer 在吗", "agent 没办法"))
    assert batch.observe("unanswered") is batch.observe("unanswered")
