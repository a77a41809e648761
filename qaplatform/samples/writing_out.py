"""A written dialogue, or several of one case, as neutral conversations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.audit.notation import parse_messages
from qaplatform.samples.world import World, WrittenDialogue

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[A-Z]{2})?\d{11,18}(?![0-9Xx])")
_TRANSFER = re.compile(r"\Atransfer\b", re.IGNORECASE)
_IDENTITY_NUMBER = re.compile(r"[1-6]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]\Z")


def messages_of(dialogue: WrittenDialogue, world: World, number: int = 0) -> tuple[Message, ...]:
    """The messages on the day they were written for, slots filled as :meth:`WrittenDialogue.text` says."""
    zone = world.context.timezone
    messages = parse_messages(dialogue.text(number), day=dialogue.day, zone=zone, agent=dialogue.agents[0])
    if dialogue.language != "zh":
        return messages
    return tuple(_in_chinese(one) if one.kind == "transfer" else one for one in messages)


def _in_chinese(message: Message) -> Message:
    """A transfer as a Chinese helpdesk writes it; the notation's own word is English."""
    return msgspec.structs.replace(message, text=_TRANSFER.sub("转接", message.text))


def moment(message: Message) -> datetime:
    """When a message was sent.

    Raises:
        ValueError: it has no time; every line of a written dialogue needs one.
    """
    if message.sent_at is None:
        raise ValueError(f"a written line has no time: {message.text!r}")
    return datetime.fromisoformat(message.sent_at)


def digits(count: int, *keys: object) -> str:
    """``count`` decimal digits that depend on the keys alone, in every process."""
    mark = hashlib.blake2b("|".join(map(str, keys)).encode(), digest_size=16).digest()
    return str(int.from_bytes(mark, "big")).zfill(count)[-count:]


def customer_id(*keys: object) -> str:
    """A pseudonym: the same keys are the same customer."""
    return "c_" + hashlib.blake2b("|".join(map(str, keys)).encode(), digest_size=5).hexdigest()


def order_in(unit: Sequence[WrittenDialogue], world: World) -> str | None:
    """The order number that somebody wrote in one of these dialogues."""
    prefix = world.shops[unit[0].shop].order_prefix
    found = re.search(rf"(?<!\d){prefix}\d{{16}}(?!\d)", "\n".join(dialogue.chat for dialogue in unit))
    return found[0] if found else None


def order_of(unit: Sequence[WrittenDialogue], world: World, key: str) -> str | None:
    """A fresh order number for a case: the shop's two digits and sixteen more; ``None`` before anything was ordered."""
    if not any(dialogue.customer.order_value for dialogue in unit):
        return None
    return world.shops[unit[0].shop].order_prefix + digits(16, "order", key)


def renumbered(key: str, known: dict[str, str]) -> Callable[[str], str]:
    """A function that gives every long number (order, parcel, phone) in a text another tail, the same one everywhere.

    ``known`` holds what is decided already; identity numbers stay, their check digit must remain right.
    """

    def replacement(match: re.Match[str]) -> str:
        old = match[0]
        if _IDENTITY_NUMBER.match(old):
            return old
        if old not in known:
            tail = 4 if len(old) == 11 else 8
            known[old] = old[:-tail] + digits(tail, key, old)
        return known[old]

    return lambda text: _LONG_NUMBER.sub(replacement, text)


def as_written(unit: Sequence[WrittenDialogue], world: World) -> tuple[Conversation, ...]:
    """The dialogues of one case, or a single one, exactly as they stand."""
    key = unit[0].case or unit[0].id
    order = order_in(unit, world) or order_of(unit, world, key)
    return tuple(
        conversation(one, world, messages_of(one, world), id=one.id, key=key, order=order, case=one.case)
        for one in unit
    )


def conversation(
    dialogue: WrittenDialogue,
    world: World,
    messages: Sequence[Message],
    *,
    id: str,
    key: str,
    order: str | None,
    case: str | None,
) -> Conversation:
    """A conversation around these messages with the dialogue's own frame; ``key`` makes the customer."""
    value = dialogue.customer.order_value
    return Conversation(
        id=id,
        messages=tuple(messages),
        source=world.shops[dialogue.shop].source,
        shop=dialogue.shop,
        queue=dialogue.queue,
        language=dialogue.language,
        customer=Customer(id=customer_id(key), tier=dialogue.customer.tier, order_value=value or None),
        order_id=order,
        case_id=case,
        csat=dialogue.csat,
        tags=dialogue.tags,
    )


def at(message: Message, when: datetime) -> Message:
    """The same message at another time."""
    return msgspec.structs.replace(message, sent_at=when.isoformat())
