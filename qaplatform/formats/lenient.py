"""One JSON object that means a conversation but is not in the neutral form: other names, words and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.drafts import ConversationDraft, Drafting, RefusedError, Remark, text_of
from qaplatform.formats.fields import field_of, taken_keys
from qaplatform.formats.report import excerpt
from qaplatform.formats.roles import plain_word

_OWN = {
    "id": "conversation", "source": "source", "channel": "channel", "shop": "shop", "queue": "queue",
    "language": "language", "customer": "customer", "order_id": "order", "case_id": "case", "csat": "csat",
    "tags": "tags",
}  # fmt: skip
_OWN_IN_MESSAGE = {
    "id": "message_id", "role": "role", "agent": "agent", "text": "text", "sent_at": "time", "auto": "auto",
    "kind": "kind",
}  # fmt: skip
_OWN_IN_CUSTOMER = {"id": "customer", "tier": "tier", "order_value": "order_value"}
_MESSAGE_LISTS = {
    "messages", "msgs", "messagelist", "dialogue", "dialog", "dialogs", "turns", "utterances", "conversation", "chat",
    "chats", "records", "history", "content", "comments", "消息", "消息列表", "聊天记录", "对话", "对话内容",
    "会话内容",
}  # fmt: skip


def conversation_from(record: Any, line: int, drafting: Drafting, remark: Remark) -> Conversation:
    """The conversation an object means.

    Raises:
        RefusedError: it is no object, lacks an id or messages, or a message lacks its role or text.
    """
    if not isinstance(record, dict):
        raise RefusedError("not_an_object", "", "the line is valid JSON but no object")
    keys = taken_keys((key for key in record if _may_carry(key, record[key])), _OWN)
    values = {field: record[key] for field, key in keys.items()}
    identity = text_of(values.pop("conversation", None))
    if not identity:
        raise RefusedError("missing_id", "id", "the conversation has no id")
    draft = ConversationDraft(identity, line, values=values)
    _take_customer(draft)
    meta = record.get("meta")
    if isinstance(meta, dict):
        draft.meta = meta
    for number, item in enumerate(_messages(record)):
        place = f"messages[{number}]."
        if not isinstance(item, dict):
            raise RefusedError("bad_value", place.rstrip("."), "a message must be an object")
        draft.messages.append(drafting.message(line, message_values(item), place, remark))
    return drafting.conversation(draft, remark)


def message_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """A message object's values by field; an author given as an object is taken apart."""
    keys = taken_keys(item, _OWN_IN_MESSAGE)
    values = {field: item[key] for field, key in keys.items()}
    if "role" in keys and isinstance(values["role"], bool):
        incoming = values["role"] == (plain_word(keys["role"]) in {"inbound", "incoming"})
        values["role"] = "customer" if incoming else "agent"
    for field in ("role", "sender"):
        person = values.get(field)
        if isinstance(person, Mapping):
            values[field] = None
            for key, value in person.items():
                word = plain_word(str(key))
                if word in {"role", "type", "sendertype"}:
                    values["role"] = value
                elif word in {"name", "nick", "nickname", "displayname"} or (word == "id" and not values.get("sender")):
                    values["sender"] = value
    if "time" not in values and "date" in values:
        values["time"] = values["date"]
    return values


def other_names(record: Any) -> dict[str, str]:
    """Which neutral fields a record carries only under other names: a sign that the file must be read leniently.

    ``{"sent_at": "send_time"}`` means that the strict reading would silently lose the times.
    """
    if not isinstance(record, dict):
        return {}
    found = _missed((key for key in record if _may_carry(key, record[key])), _OWN)
    messages = record.get("messages")
    if isinstance(messages, list):
        for item in messages[:20]:
            if isinstance(item, dict):
                found |= _missed(item, _OWN_IN_MESSAGE)
    return found


def _missed(keys: Any, own: dict[str, str]) -> dict[str, str]:
    name_of = {field: name for name, field in own.items()}
    taken = taken_keys(keys, own)
    return {name_of[field]: key for field, key in taken.items() if field in name_of and key != name_of[field]}


def _may_carry(key: str, value: Any) -> bool:
    return not isinstance(value, list) or field_of(key) == "tags"


def _take_customer(draft: ConversationDraft) -> None:
    customer = draft.values.get("customer")
    if isinstance(customer, Mapping):
        draft.values.pop("customer")
        keys = taken_keys((str(key) for key in customer), _OWN_IN_CUSTOMER)
        for field in ("customer", "tier", "order_value"):
            if field in keys and customer[keys[field]] is not None:
                draft.values[field] = customer[keys[field]]


def _messages(record: dict[str, Any]) -> list[Any]:
    if "messages" in record:
        messages = record["messages"]
    else:
        messages = next(
            (record[key] for key in record if isinstance(record[key], list) and plain_word(key) in _MESSAGE_LISTS), None
        )
    if messages is None:
        raise RefusedError("missing_messages", "messages", "the conversation has no list of messages")
    if not isinstance(messages, list):
        raise RefusedError("bad_value", "messages", f"a list of messages is expected, not {excerpt(str(messages))!r}")
    if not messages:
        raise RefusedError("missing_messages", "messages", "the conversation has no message")
    return messages
