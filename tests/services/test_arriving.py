"""Cleaning, and what makes two versions of a conversation the same."""

from __future__ import annotations

import msgspec
import pytest

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.services.arriving import RefusedConversationError, cleaned
from tests.runs import chat

ONE = chat("c1", "customer 10:00:00 在吗", "agent:小王 10:00:05 在的", customer="u1", order_id="1001")


def hash_of(one: Conversation) -> str:
    return cleaned(one)[1]


def test_halves_of_characters_and_nul_become_marks_at_the_same_place() -> None:
    spoilt = Conversation("c\0", (Message("customer", "a\ud800b\0c"),), meta={"k\ud800": ["\0"]})
    clean, _ = cleaned(spoilt)
    assert clean == Conversation("c\ufffd", (Message("customer", "a\ufffdb\ufffdc"),), meta={"k\ufffd": ["\ufffd"]})


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(ONE, csat=3.0),
        msgspec.structs.replace(ONE, tags=("x",)),
        msgspec.structs.replace(ONE, meta={"a": 1}),
        msgspec.structs.replace(ONE, customer=Customer("u2")),
        msgspec.structs.replace(ONE, messages=ONE.messages[:1]),
        msgspec.structs.replace(ONE, messages=(ONE.messages[0], msgspec.structs.replace(ONE.messages[1], auto=True))),
        msgspec.structs.replace(ONE, messages=(ONE.messages[0], msgspec.structs.replace(ONE.messages[1], text="在"))),
    ],
)
def test_whatever_says_something_else_is_another_version(changed: Conversation) -> None:
    assert hash_of(changed) != hash_of(ONE)


def test_the_order_of_keys_and_the_ids_of_messages_say_nothing() -> None:
    with_meta = msgspec.structs.replace(ONE, meta={"a": 1, "b": 2})
    turned = msgspec.structs.replace(ONE, meta={"b": 2, "a": 1})
    numbered = msgspec.structs.replace(
        with_meta, messages=tuple(msgspec.structs.replace(one, id="m") for one in ONE.messages)
    )
    assert hash_of(with_meta) == hash_of(turned) == hash_of(numbered)


@pytest.mark.parametrize(("levels", "refused"), [(3, False), (40, False), (60, True), (400, True)])
def test_what_is_nested_too_deeply_is_refused(levels: int, refused: bool) -> None:
    meta: dict[str, object] = {}
    for _ in range(levels):
        meta = {"a": [meta]} if levels % 2 else {"a": meta}
    one = msgspec.structs.replace(ONE, meta=meta)
    if refused:
        with pytest.raises(RefusedConversationError):
            cleaned(one)
    else:
        assert cleaned(one)[0] == one
