"""Messages as rows: those of a revision, and the step from one revision to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Message
from qaplatform.store.rows import Row, among, insert_rows, update_rows
from qaplatform.store.tables import MessageRow

_COLUMNS = (
    "conversation_id", "number", "first_revision", "source_id", "role", "kind", "auto", "account", "agent_id", "sent_at", "text",
)  # fmt: skip


class StoredMessage(NamedTuple):
    """A message as it is stored."""

    id: int
    number: int
    source_id: str | None
    role: str
    kind: str
    auto: bool
    account: str | None
    agent_id: int | None
    sent_at: str | None
    text: str


class Revision(NamedTuple):
    """A conversation's messages in one revision, with who wrote each."""

    conversation_id: int
    revision: int
    messages: Sequence[Message]
    agent_ids: Sequence[int | None]


def current_messages(session: Session, conversation_ids: Sequence[int]) -> dict[int, list[StoredMessage]]:
    """The messages of conversations in their newest revisions, in order."""
    return _messages(session, conversation_ids, None)


def messages_of(session: Session, conversation_id: int, revision: int | None = None) -> list[StoredMessage]:
    """The messages of one conversation in a revision, the newest if none is named, in order."""
    return _messages(session, [conversation_id], revision)[conversation_id]


def _messages(session: Session, ids: Sequence[int], revision: int | None) -> dict[int, list[StoredMessage]]:
    row = MessageRow
    columns = (
        row.conversation_id, row.id, row.number, row.source_id, row.role, row.kind, row.auto, row.account, row.agent_id,
        row.sent_at, row.text,
    )  # fmt: skip
    asked = select(*columns).order_by(row.conversation_id, row.number)
    if revision is None:
        asked = asked.where(row.last_revision.is_(None))
    else:
        asked = asked.where(
            row.first_revision <= revision, or_(row.last_revision.is_(None), row.last_revision >= revision)
        )
    out: dict[int, list[StoredMessage]] = {id: [] for id in ids}
    for conversation_id, *values in session.execute(asked.where(among(session, row.conversation_id, ids))):
        out[conversation_id].append(StoredMessage(*values))
    return out


def is_same(message: Message, stored: StoredMessage) -> bool:
    """Whether a message is what is stored; its id in the source, which some exports invent anew, does not count."""
    return (
        message.text == stored.text
        and message.role == stored.role
        and message.sent_at == stored.sent_at
        and message.agent == stored.account
        and message.kind == stored.kind
        and message.auto == stored.auto
    )


def is_beginning(messages: Sequence[Message], stored: Sequence[StoredMessage]) -> bool:
    """Whether messages are fewer than those that are stored, and the first of them."""
    return len(messages) < len(stored) and all(map(is_same, messages, stored))


def insert_messages(session: Session, revisions: Iterable[Revision]) -> None:
    """Rows of all messages of first revisions."""
    rows: list[Row] = []
    for one in revisions:
        rows += [
            _row(one, number, message, agent_id)
            for number, (message, agent_id) in enumerate(zip(one.messages, one.agent_ids, strict=True))
        ]
    insert_rows(session, MessageRow, _COLUMNS, rows)


def renew_messages(session: Session, revisions: Iterable[tuple[Revision, Sequence[StoredMessage]]]) -> None:
    """From the stored messages of the revision before to those of a new one: what did not change stays as it is."""
    rows: list[Row] = []
    ended: list[Row] = []
    for one, stored in revisions:
        for number, (message, agent_id) in enumerate(zip(one.messages, one.agent_ids, strict=True)):
            if number < len(stored):
                if is_same(message, stored[number]):
                    continue
                ended.append((one.revision - 1, stored[number].id))
            rows.append(_row(one, number, message, agent_id))
        ended += [(one.revision - 1, gone.id) for gone in stored[len(one.messages) :]]
    update_rows(session, MessageRow, ("last_revision",), ended)
    insert_rows(session, MessageRow, _COLUMNS, rows)


def set_agents(session: Session, agents: Sequence[tuple[int | None, int]]) -> None:
    """Say who wrote messages: pairs of an agent's id and a message's."""
    update_rows(session, MessageRow, ("agent_id",), agents)


def _row(one: Revision, number: int, message: Message, agent_id: int | None) -> Row:
    return (
        one.conversation_id, number, one.revision, message.id, message.role, message.kind, message.auto, message.agent,
        agent_id, message.sent_at, message.text,
    )  # fmt: skip
