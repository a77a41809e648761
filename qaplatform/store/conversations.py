"""Storing conversations, many at once.

A conversation is known by shop, source and the source's id. The same content again changes nothing; less of it than is
stored is an older version and changes nothing either; anything else is a new revision, in which messages that did not
change stay the rows they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation
from qaplatform.store import figure_days, marks, reviews, search
from qaplatform.store.customers import CustomerSeen, ShopKey, cases_of, customers_of
from qaplatform.store.engine import StoreError
from qaplatform.store.findings import FIGURES, Audit, AuditOf, VersionIds, figures, new_audit_ids, write_audits
from qaplatform.store.holders import note_accounts
from qaplatform.store.indexed_texts import texts
from qaplatform.store.message_rows import (
    Revision,
    StoredMessage,
    current_messages,
    insert_messages,
    is_beginning,
    renew_messages,
)
from qaplatform.store.rows import Row, among, insert_rows, new_ids, update_rows
from qaplatform.store.tables import ConversationRow, Customer

Taken = Literal["new", "updated", "same", "older"]
Key = tuple[int, str, str]
"""Shop id, source, the source's id."""

_json = msgspec.json.Encoder().encode

_NEW = ("id", "shop_id", "source", "source_id", "revision", "created_at")
_VALUES = (
    "content_hash", "import_id", "customer_id", "case_id", "agent_id", "team_id", "account", "channel", "queue", "language",
    "order_id", "order_value", "tier", "csat", "tags", "meta", "indexed_names", "message_count", "started_at", "ended_at",
    "is_timed", "updated_at", "text_purged_at", *FIGURES,
)  # fmt: skip


class UnauditedError(StoreError):
    """A conversation was changed by somebody else while it was audited; do it again."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A conversation on its way in, clean (see ``services/arriving.py``), with all that its rows need."""

    shop_id: int
    conversation: Conversation
    content_hash: str
    agent_ids: Sequence[int | None]
    """Who wrote, by message."""
    agent_id: int | None
    team_id: int | None
    account: str | None
    agent_names: tuple[str, ...]
    accounts: tuple[str, ...]
    """The names in it that are accounts."""
    started_at: datetime | None
    """``None`` where no message has a time."""
    ended_at: datetime | None
    is_audited: bool = False
    """Whether ``audit`` is known; it need not be where the same was stored already."""
    audit: Audit | None = None

    @property
    def key(self) -> Key:
        """By what it is known."""
        return self.shop_id, self.conversation.source or "", self.conversation.id

    @property
    def customer_key(self) -> ShopKey | None:
        """What the source calls the customer."""
        customer = self.conversation.customer
        return (self.shop_id, customer.id) if customer and customer.id else None

    @property
    def case_key(self) -> ShopKey | None:
        """The matter: the source's own case, else the order."""
        one = self.conversation
        if one.case_id:
            return self.shop_id, f"case:{one.case_id}"
        return (self.shop_id, f"order:{one.order_id}") if one.order_id else None

    @property
    def tier(self) -> str | None:
        """The customer's tier."""
        return self.conversation.customer.tier if self.conversation.customer else None


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored conversation as far as its next revision must know it."""

    id: int
    messages: Sequence[StoredMessage]
    revision: int
    started_at: datetime
    ended_at: datetime
    is_timed: bool
    is_purged: bool
    source_id: str
    order_id: str | None
    indexed_names: Sequence[str]
    customer: str | None
    pseudonym: str | None

    @property
    def texts(self) -> list[str]:
        """The texts under which it stands in the search index."""
        said = [(one.account, one.text) for one in self.messages]
        return texts(self.source_id, self.order_id, (self.customer, self.pseudonym), self.indexed_names, said)


@dataclass(frozen=True, slots=True)
class Around:
    """What arrivals are stored with: the import, versions of rubrics and contexts, agents' ids by code, the time."""

    import_id: int | None
    versions: VersionIds
    agents: Mapping[str, int]
    now: datetime
    arrived_at: datetime
    """When conversations came whose messages have no times."""


def hashes_of(session: Session, keys: Iterable[Key]) -> dict[Key, str]:
    """The content hashes of those conversations that are stored."""
    return {key: content for key, _, content in _known(session, keys)}


def _known(session: Session, keys: Iterable[Key]) -> Iterator[tuple[Key, int, str]]:
    by_source: dict[tuple[int, str], list[str]] = {}
    for shop_id, source, source_id in keys:
        by_source.setdefault((shop_id, source), []).append(source_id)
    columns = (ConversationRow.source_id, ConversationRow.id, ConversationRow.content_hash)
    for (shop_id, source), ids in by_source.items():
        own = (ConversationRow.shop_id == shop_id, ConversationRow.source == source)
        asked = select(*columns).where(*own, among(session, ConversationRow.source_id, ids))
        for source_id, id, content in session.execute(asked):
            yield (shop_id, source, source_id), id, content


def store_arrivals(session: Session, arrivals: Sequence[Arrival], around: Around) -> list[Taken]:
    """Store conversations whose shops are locked (``shop_names.lock_shops``); what became of each.

    Raises:
        UnauditedError: one without an audit is not the same as what is stored.
    """
    out: list[Taken] = ["same"] * len(arrivals)
    for wave in _waves(arrivals):
        for place, taken in zip(wave, _store_wave(session, [arrivals[place] for place in wave], around), strict=True):
            out[place] = taken
    return out


def _waves(arrivals: Sequence[Arrival]) -> list[list[int]]:
    """Places of arrivals, in runs in which no conversation stands twice, its versions in their order."""
    rounds: dict[Key, int] = {}
    waves: list[list[int]] = []
    for place, one in enumerate(arrivals):
        number = rounds.get(one.key, 0)
        rounds[one.key] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(place)
    return waves


def _store_wave(session: Session, arrivals: Sequence[Arrival], around: Around) -> list[Taken]:
    known = {key: (id, content) for key, id, content in _known(session, [one.key for one in arrivals])}
    new = [one for one in arrivals if one.key not in known]
    changed = [one for one in arrivals if one.key in known and known[one.key][1] != one.content_hash]
    stored = _locked(session, [known[one.key][0] for one in changed])
    pairs = [(one, stored[known[one.key][0]]) for one in changed]
    longer = [(one, there) for one, there in pairs if not is_beginning(one.conversation.messages, there.messages)]
    coming = [*new, *(one for one, _ in longer)]
    if not all(one.is_audited for one in coming):
        raise UnauditedError
    if coming:
        writing = _Writing(session, around, coming)
        writing.add(new)
        writing.renew(longer)
    became: dict[Key, Taken] = dict.fromkeys([one.key for one in changed], "older")
    became |= dict.fromkeys([one.key for one in new], "new")
    became |= dict.fromkeys([one.key for one, _ in longer], "updated")
    return [became.get(one.key, "same") for one in arrivals]


def _locked(session: Session, ids: Sequence[int]) -> dict[int, Stored]:
    """Conversations as they stand, which nobody else changes until the transaction ends."""
    row = ConversationRow
    columns = (
        row.id, row.revision, row.started_at, row.ended_at, row.is_timed, row.text_purged_at.is_not(None), row.source_id,
        row.order_id, row.indexed_names, Customer.source_key, Customer.pseudonym,
    )  # fmt: skip
    asked = select(*columns).outerjoin(Customer, Customer.id == row.customer_id).where(among(session, row.id, ids))
    rows = session.execute(asked.order_by(row.id).with_for_update(of=row)).all()
    messages = current_messages(session, ids)
    return {id: Stored(id, messages[id], *about) for id, *about in rows}


class _Writing:
    """Rows of new conversations and new revisions, on their way into one transaction."""

    def __init__(self, session: Session, around: Around, arrivals: Sequence[Arrival]) -> None:
        self._session, self._around = session, around
        tiers = {one.customer_key: one.tier for one in arrivals if one.customer_key}
        self._customers = customers_of(session, tiers, now=around.now)
        cases = dict.fromkeys(one.case_key for one in arrivals if one.case_key)
        self._cases = cases_of(session, list(cases), now=around.now)
        note_accounts(session, dict.fromkeys((one.shop_id, name) for one in arrivals for name in one.accounts))
        audited = [one.key for one in arrivals if one.audit is not None]
        self._audit_ids = dict(zip(audited, new_audit_ids(session, len(audited)), strict=True))

    def add(self, arrivals: Sequence[Arrival]) -> None:
        """Rows of conversations that are not there."""
        now, came = self._around.now, self._around.arrived_at
        ids = new_ids(self._session, ConversationRow, len(arrivals))
        rows = [
            (id, *one.key, 1, now, *self._values(one, one.started_at or came, one.ended_at or came))
            for id, one in zip(ids, arrivals, strict=True)
        ]
        insert_rows(self._session, ConversationRow, (*_NEW, *_VALUES), rows)
        first = [
            (Revision(id, 1, one.conversation.messages, one.agent_ids), one)
            for id, one in zip(ids, arrivals, strict=True)
        ]
        insert_messages(self._session, [revision for revision, _ in first])
        self._finish(first)
        marks.write_new(self._session, [self._marked(revision, one) for revision, one in first])
        figure_days.note_changed(self._session, [(one.shop_id, one.started_at or came) for one in arrivals])

    def renew(self, longer: Sequence[tuple[Arrival, Stored]]) -> None:
        """Rows of new revisions."""
        search.remove(self._session, {there.id: there.texts for _, there in longer if not there.is_purged})
        rows = [(there.revision + 1, *self._renewed(one, there), there.id) for one, there in longer]
        update_rows(self._session, ConversationRow, ("revision", *_VALUES), rows)
        next_ones = [
            (Revision(there.id, there.revision + 1, one.conversation.messages, one.agent_ids), one)
            for one, there in longer
        ]
        stored = [there.messages for _, there in longer]
        renew_messages(self._session, zip([revision for revision, _ in next_ones], stored, strict=True))
        self._finish(next_ones)
        changed = [there.id for _, there in longer]
        reviews.keep_official(self._session, changed)
        marks.refresh(self._session, changed)
        # It may begin on another day now; both are counted anew.
        began = [(one.shop_id, there.started_at) for one, there in longer]
        began += [(one.shop_id, one.started_at or self._around.arrived_at) for one, _ in longer]
        figure_days.note_changed(self._session, began)

    def _renewed(self, one: Arrival, there: Stored) -> Row:
        """Where no message has a time, the conversation began when it first came, and ends when it comes again."""
        came = self._around.arrived_at
        began = came if there.is_timed else there.started_at
        return self._values(one, one.started_at or began, one.ended_at or came)

    def _finish(self, revisions: Sequence[tuple[Revision, Arrival]]) -> None:
        """What goes with new rows: audits and the search index."""
        audits = [
            AuditOf(self._audit_ids[one.key], revision.conversation_id, revision.revision, one.audit)
            for revision, one in revisions
            if one.audit is not None
        ]
        write_audits(self._session, audits, self._around.versions, self._around.agents, now=self._around.now)
        search.add(self._session, {revision.conversation_id: self._texts(one) for revision, one in revisions})

    def _marked(self, revision: Revision, one: Arrival) -> marks.Marked:
        audit = one.audit
        return marks.Marked(
            conversation_id=revision.conversation_id,
            agent_ids=[agent_id for agent_id in one.agent_ids if agent_id is not None],
            failed=[it.criterion for it in audit.results if it.outcome == "fail"] if audit else (),
            tags=one.conversation.tags,
            started_at=one.started_at or self._around.arrived_at,
            priority=audit.priority_now if audit else None,
            score=audit.score if audit else None,
        )

    def _values(self, one: Arrival, started_at: datetime, ended_at: datetime) -> Row:
        """The values of :data:`_VALUES`."""
        said = one.conversation
        customer, case = self._customer(one), one.case_key
        return (
            one.content_hash, self._around.import_id, customer.id if customer else None,
            self._cases[case] if case else None, one.agent_id, one.team_id, one.account, said.channel, said.queue,
            said.language, said.order_id, said.customer.order_value if said.customer else None, one.tier, said.csat,
            _json(said.tags).decode(), _json(said.meta).decode(), _json(one.agent_names).decode(), len(said.messages),
            started_at, ended_at, one.started_at is not None, self._around.now, None,
            *figures(self._audit_ids.get(one.key), one.audit),
        )  # fmt: skip

    def _customer(self, one: Arrival) -> CustomerSeen | None:
        return self._customers[one.customer_key] if one.customer_key else None

    def _texts(self, one: Arrival) -> list[str]:
        said, known = one.conversation, self._customer(one)
        customer = (said.customer.id if said.customer else None, known.pseudonym if known else None)
        return texts(said.id, said.order_id, customer, one.agent_names, [(it.agent, it.text) for it in said.messages])
