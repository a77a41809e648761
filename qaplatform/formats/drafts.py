"""Messages and conversations on the way: values as files hold them, turned into the neutral form.

Lenient JSON, tables and copied chats all end here, so that a word, a number or a time means the same
wherever it was written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from qaplatform.audit.conversation import Conversation, Customer, Kind, Message, Role
from qaplatform.formats.fields import kind_of, kind_of_text, says_automatic, truth_of
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.report import excerpt
from qaplatform.formats.roles import Party, SenderRules, role_of
from qaplatform.formats.times import BadTimeError, read_time, written
from qaplatform.formats.width import half_width

_NUMBER_MARKS = re.compile(r"^\s*¥|[分%星元]\s*$|,")
Remark = Callable[[int, str, str, str, str], None]
"""Called with line, field, code, reason and excerpt for what was kept but not as written."""


class RefusedError(Exception):
    """A line or row cannot become part of a conversation."""

    def __init__(self, code: str, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.field = field_name
        self.reason = reason


@dataclass(slots=True)
class MessageDraft:
    """A message whose role may still hang on who else speaks."""

    line: int
    text: str
    role: Role | None = None
    sender: str = ""
    agent: str | None = None
    id: str | None = None
    moment: datetime | None = None
    auto: bool = False
    kind: Kind = "text"


@dataclass(slots=True)
class ConversationDraft:
    """A conversation being gathered; ``values`` holds its own fields, as texts or as the file gave them."""

    id: str
    line: int
    messages: list[MessageDraft] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What turns values into drafts: the time zone, the rules for senders, the limits."""

    zone: tzinfo
    rules: SenderRules
    max_text_bytes: int
    spreadsheet_times: bool = False

    @classmethod
    def of(cls, options: ReadOptions, *, spreadsheet_times: bool = False) -> Drafting:
        """From the reading options."""
        return cls(options.tz, options.sender_rules, options.max_text_bytes, spreadsheet_times)

    def message(self, line: int, values: Mapping[str, Any], place: str, remark: Remark) -> MessageDraft:
        """One message from its fields (``role``, ``sender``, ``text``, ``time`` …); ``place`` begins field names.

        Raises:
            RefusedError: the text is missing or too long, or the role is unknown.
        """
        kind, auto = self._manner(line, values, place, remark)
        draft = MessageDraft(line, self._text(values, kind, place), kind=kind, auto=auto)
        sender = text_of(values.get("sender"))
        draft.sender = sender.strip() if sender else ""
        role = values.get("role")
        if role is None or role == "":
            known = role_of(draft.sender, self.rules.roles) if draft.sender else None
            draft.role = known[0] if known else None
            if known is None and not draft.sender:
                raise RefusedError("unknown_role", f"{place}role", "neither a role nor a sender's name is given")
        else:
            self._take_role(draft, str(role).strip(), place)
        agent = text_of(values.get("agent"))
        draft.agent = agent.strip() or None if agent else None
        draft.id = text_of(values.get("message_id")) or None
        draft.moment = self.moment(line, values.get("time"), f"{place}sent_at", remark)
        return draft

    def moment(self, line: int, value: Any, name: str, remark: Remark) -> datetime | None:
        """A time, or ``None`` with a remark where it cannot be."""
        try:
            return read_time(value, self.zone, spreadsheet=self.spreadsheet_times)
        except BadTimeError as error:
            remark(line, name, "bad_time", f"no time is kept: {error}", excerpt(str(value)))
            return None

    def _take_role(self, draft: MessageDraft, word: str, place: str) -> None:
        known = role_of(word, self.rules.roles)
        if known is not None:
            draft.role = known[0]
            draft.auto = draft.auto or known[1] == "auto"
            if known[1] == "note" and draft.kind == "text":
                draft.kind = "note"
        elif (party := self.rules.known(word)) is not None:
            draft.role, draft.sender = None, draft.sender or word
            if self.rules.known(draft.sender) is None:
                draft.role, draft.agent = party.role, party.agent
        elif not draft.sender:
            raise RefusedError("unknown_role", f"{place}role", f"{excerpt(word)!r} is no role that is known")

    def _manner(self, line: int, values: Mapping[str, Any], place: str, remark: Remark) -> tuple[Kind, bool]:
        text = values.get("text")
        kind: Kind = "text"
        given = values.get("kind")
        if given not in (None, ""):
            named = kind_of(given)
            if named is None:
                remark(
                    line,
                    f"{place}kind",
                    "unknown_kind",
                    "the kind of message is not known; read as text",
                    excerpt(str(given)),
                )
            kind = named or "text"
        elif isinstance(text, str):
            kind = kind_of_text(text)
        auto = False
        if values.get("auto") is not None:
            truth = truth_of(values["auto"])
            if truth is None:
                remark(
                    line, f"{place}auto", "bad_value", "neither yes nor no; read as no", excerpt(str(values["auto"]))
                )
            auto = bool(truth)
        elif isinstance(text, str):
            auto = says_automatic(text)
        return kind, auto

    def _text(self, values: Mapping[str, Any], kind: Kind, place: str) -> str:
        text = text_of(values.get("text"))
        if text is None:
            if kind == "text":
                raise RefusedError("missing_text", f"{place}text", "the message has no text")
            return ""
        if text_too_long(text, self.max_text_bytes):
            raise RefusedError("text_too_long", f"{place}text", f"the text is longer than {self.max_text_bytes} bytes")
        return text

    def conversation(self, draft: ConversationDraft, remark: Remark) -> Conversation:
        """The finished conversation; senders still without a role get one by the rules."""
        present = {message.role for message in draft.messages if message.role is not None}
        parties = self.rules.assign([message.sender for message in draft.messages if message.role is None], present)
        if any(party.guessed for party in parties.values()):
            guess = ", ".join(f"{name} = {party.role}" for name, party in parties.items())
            remark(draft.line, "role", "guessed_roles", f"roles guessed from who speaks first: {guess}", "")
        messages = tuple(_finished(message, parties.get(message.sender)) for message in draft.messages)
        shop = next((party.shop for party in parties.values() if party.shop), None)
        if not draft.values.get("customer"):
            draft.values["customer"] = _only_customer(draft.messages, messages)
        return self._with_values(draft, messages, shop, remark)

    def _with_values(
        self, draft: ConversationDraft, messages: tuple[Message, ...], shop: str | None, remark: Remark
    ) -> Conversation:
        values = draft.values

        def number(name: str) -> float | None:
            value = values.get(name)
            if value is None or value == "":
                return None
            try:
                found = float(_NUMBER_MARKS.sub("", half_width(value)) if isinstance(value, str) else value)
            except (TypeError, ValueError, OverflowError):
                found = math.nan
            if not math.isfinite(found):
                remark(draft.line, name, "bad_value", "not a number; left out", excerpt(str(value)))
                return None
            return found

        def text(name: str) -> str | None:
            return text_of(values.get(name)) or None

        customer = Customer(id=text("customer"), tier=text("tier"), order_value=number("order_value"))
        return Conversation(
            id=draft.id,
            messages=messages,
            source=text("source"),
            channel=text("channel") or "chat",
            shop=text("shop") or shop or self.rules.shop,
            queue=text("queue"),
            language=text("language"),
            customer=None if customer == Customer() else customer,
            order_id=text("order"),
            case_id=text("case"),
            csat=number("csat"),
            tags=_tags(values.get("tags")),
            meta=draft.meta,
        )


def _finished(draft: MessageDraft, party: Party | None) -> Message:
    role, agent = draft.role, draft.agent
    if role is None:
        role = party.role if party else "customer"
        agent = agent or (party.agent if party else None)
    elif role == "agent" and agent is None and draft.sender and role_of(draft.sender) is None:
        agent = draft.sender
    return Message(
        role=role,
        text=draft.text,
        id=draft.id,
        agent=agent if role == "agent" else None,
        sent_at=written(draft.moment) if draft.moment else None,
        auto=draft.auto and role != "customer",
        kind=draft.kind,
    )


def _only_customer(drafts: Sequence[MessageDraft], messages: Sequence[Message]) -> str | None:
    """The name under which the customer wrote, where it is one name and no role's word."""
    pairs = zip(drafts, messages, strict=True)
    names = {draft.sender for draft, message in pairs if message.role == "customer" and draft.sender}
    return next(iter(names)) if len(names) == 1 and role_of(next(iter(names))) is None else None


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = half_width(value)
        for mark in ";、|":
            value = value.replace(mark, ",")
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, Sequence):
        return tuple(text for item in value if (text := text_of(item)))
    return ()


def text_of(value: Any) -> str | None:
    """A value as text: numbers without a trailing ``.0``, the text of content parts; ``None`` where there is none."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool | float | int):
        return number_text(value)
    if isinstance(value, Mapping):
        return text_of(value.get("text", value.get("content", value.get("name", value.get("id")))))
    parts = [text for item in value if (text := text_of(item)) is not None] if isinstance(value, list) else []
    return "\n".join(parts) if parts else None


def number_text(value: float) -> str:
    """A number as a person writes it: whole ones without ``.0``; ``true`` and ``false`` for truth values."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    return str(value)


def text_too_long(text: str, limit_bytes: int) -> bool:
    """Whether a text takes more than ``limit_bytes`` in UTF-8."""
    return len(text) * 4 > limit_bytes and len(text.encode("utf-8", "surrogatepass")) > limit_bytes
