"""A conversation on arrival: cleaned, told whose it is and who wrote, with the context it is judged in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.lines import without_surrogates
from qaplatform.services.contexts import SETTLES_AFTER, ContextBook, DayContext
from qaplatform.services.judging import ToJudge
from qaplatform.services.reply_waits import moments_of
from qaplatform.store.conversations import Arrival
from qaplatform.store.holders import AgentSeen
from qaplatform.store.nul import without_nul
from qaplatform.store.shop_names import ShopSeen

_encode: Callable[[Any], bytes] = msgspec.json.Encoder(order="deterministic").encode
_NUL = b"\\u0000"
_LONGEST: Mapping[str, int] = {
    "id": 300, "source": 60, "channel": 60, "queue": 60, "language": 20, "order_id": 290, "case_id": 290,
}  # fmt: skip
"""Characters that the tables have room for."""
_LONGEST_OF_CUSTOMER: Mapping[str, int] = {"id": 300, "tier": 60}
_LONGEST_OF_MESSAGE: Mapping[str, int] = {"id": 300, "agent": 200, "sent_at": 40}
_MOST_LEVELS = 50


class RefusedConversationError(Exception):
    """A conversation that cannot be stored, with the field, a code and a reason that quotes nothing."""

    def __init__(self, field: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrived:
    """An arrival without its audit, and what would be audited."""

    arrival: Arrival
    to_judge: ToJudge


def cleaned(conversation: Conversation) -> tuple[Conversation, str]:
    """A conversation without characters that no database takes, and the hash of what counts of it.

    Halves of characters and NUL become ``�``, one for one, so that places in texts stay. What counts is everything but
    the names by which the source knows the conversation and its messages.

    Raises:
        RefusedConversationError: ``meta`` is nested too deeply for those who are to read it.
    """
    if _is_deeper(conversation.meta, _MOST_LEVELS):
        raise RefusedConversationError("meta", "bad_value", f"nested more than {_MOST_LEVELS} levels deep")
    content = _encoded(conversation)
    if content is None:
        conversation = _without_bad_characters(conversation)
        content = _encode(_content(conversation))
    return conversation, hashlib.sha256(content).hexdigest()


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(isinstance(one, (dict, list)) and _is_deeper(one, levels - 1) for one in inner)


def _content(one: Conversation) -> tuple[Any, ...]:
    said = [(m.role, m.text, m.agent, m.sent_at, m.auto, m.kind) for m in one.messages]
    about = (
        one.channel,
        one.queue,
        one.language,
        one.customer,
        one.order_id,
        one.case_id,
        one.csat,
        one.tags,
        one.meta,
    )
    return (*about, said)


def _encoded(one: Conversation) -> bytes | None:
    """What counts, or ``None`` where something in it or in its names may have to be replaced."""
    try:
        content = _encode(_content(one))
        names = _encode((one.id, one.source, one.shop, [m.id for m in one.messages]))
    except UnicodeEncodeError:
        return None
    return None if _NUL in content or _NUL in names else content


def _without_bad_characters(one: Conversation) -> Conversation:
    return msgspec.convert(without_nul(without_surrogates(msgspec.to_builtins(one))), Conversation)


def fitting(conversation: Conversation) -> None:
    """Make sure that the tables have room for a conversation's names and ids.

    Raises:
        RefusedConversationError: one is too long.
    """
    _fitting(conversation, _LONGEST, "")
    if conversation.customer:
        _fitting(conversation.customer, _LONGEST_OF_CUSTOMER, "customer.")
    for number, message in enumerate(conversation.messages):
        # One look tells of nearly all messages that their names are short enough.
        if len(message.id or "") + len(message.agent or "") > 200 or len(message.sent_at or "") > 40:
            _fitting(message, _LONGEST_OF_MESSAGE, f"messages[{number}].")


def _fitting(value: object, longest: Mapping[str, int], place: str) -> None:
    for field, most in longest.items():
        text = getattr(value, field)
        if text is not None and len(text) > most:
            reason = f"longer than {most} characters"
            raise RefusedConversationError(f"{place}{field}", "value_too_long", reason)


class Reception:
    """Receives conversations for one import: all of them in the light of the same contexts and people."""

    def __init__(self, book: ContextBook, as_of: datetime, *, arrived_at: datetime | None = None) -> None:
        """``as_of`` is the moment of judging: what ended well before it is over.

        ``arrived_at``, otherwise the same, is when conversations without times came.
        """
        self._book, self._as_of = book, as_of
        self._arrived_at = arrived_at or as_of

    def receive(self, session: Session, conversation: Conversation, content_hash: str, shop: ShopSeen) -> Arrived:
        """A cleaned conversation of a shop, ready to be audited and stored."""
        zone = self._book.zones[shop.id]
        moments = moments_of([one.sent_at for one in conversation.messages], zone)
        known = [one for one in moments if one is not None]
        started_at, ended_at = (min(known), max(known)) if known else (None, None)
        people = self._people(shop.id, conversation.messages, moments)
        first = _first_human(conversation.messages)
        person = people[first] if first is not None else None
        here = [one for one in people if one is not None]
        named = {one.agent for one in conversation.messages if one.agent} if len(here) < len(people) or here else set()
        arrival = Arrival(
            shop_id=shop.id,
            conversation=conversation,
            content_hash=content_hash,
            agent_ids=[one.id if one else None for one in people],
            agent_id=person.id if person else None,
            team_id=person.team_id if person else None,
            account=conversation.messages[first].agent if first is not None else None,
            agent_names=tuple(dict.fromkeys(one.name for one in here)),
            accounts=tuple(sorted(name for name in named if self._book.people.is_account(name))),
            started_at=started_at,
            ended_at=ended_at,
        )
        begun_at = started_at or self._arrived_at
        context = self.context_of(session, shop.id, begun_at, ended_at)
        judged = as_judged(conversation, shop, people)
        model = self._book.risks.of(session, arrival.team_id)
        return Arrived(arrival, ToJudge(judged, context, self._book.rubrics.chosen(judged, begun_at), model))

    def context_of(self, session: Session, shop_id: int, started_at: datetime, ended_at: datetime | None) -> DayContext:
        """The context of a conversation; without times (``ended_at`` is ``None``) it is over and of the day it came."""
        zone = self._book.zones[shop_id]
        first = started_at.astimezone(zone).date()
        last = (ended_at or started_at).astimezone(zone).date()
        settled = ended_at is None or ended_at + SETTLES_AFTER <= self._as_of
        return self._book.of(session, shop_id, first, last, settled=settled)

    def _people(
        self, shop_id: int, messages: Sequence[Message], moments: Sequence[datetime | None]
    ) -> list[AgentSeen | None]:
        agent_of = self._book.people.agent_of
        return [
            agent_of(shop_id, message.agent, moment) if message.agent else None
            for message, moment in zip(messages, moments, strict=True)
        ]


def as_judged(conversation: Conversation, shop: ShopSeen, people: Sequence[AgentSeen | None]) -> Conversation:
    """A conversation as audits read it: the shop by its code, agents by theirs where they are known."""
    messages = tuple(
        message
        if person is None or person.code == message.agent
        else msgspec.structs.replace(message, agent=person.code)
        for message, person in zip(conversation.messages, people, strict=True)
    )
    return msgspec.structs.replace(conversation, shop=shop.code, messages=messages)


def _first_human(messages: Sequence[Message]) -> int | None:
    """The number of the first message that a person wrote to the customer."""
    for number, one in enumerate(messages):
        if one.role == "agent" and not one.auto and one.kind != "note":
            return number
    return None
