"""Taking conversations in, a piece at a time: audited before the transaction opens, stored with their audits in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation
from qaplatform.services.arriving import Arrived, Reception, RefusedConversationError, cleaned, fitting
from qaplatform.services.contexts import ContextBook
from qaplatform.services.judging import Judge, Judged, ToJudge
from qaplatform.store.conversations import Around, Arrival, Key, Taken, hashes_of, store_arrivals
from qaplatform.store.engine import Store
from qaplatform.store.findings import Audit, Version, Versions, version_ids
from qaplatform.store.shop_names import ShopSeen, lock_shops, note_shops

Writing = Callable[[], AbstractContextManager[Session]]
"""Opens a writing transaction."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A conversation that was not taken: its place in the piece, and why, without quoting it."""

    place: int
    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of conversations."""

    new: int = 0
    updated: int = 0
    same: int = 0
    older: int = 0
    messages: int = 0
    """Of all that were not refused."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.new + other.new, self.updated + other.updated, self.same + other.same, self.older + other.older,
            self.messages + other.messages,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """A piece on its way: received, its audits under way, nothing written."""

    conversations: Sequence[Conversation]
    arrived: Sequence[Arrived]
    refused: Sequence[Refused]
    wanted: Sequence[int]
    """Which of those that arrived are being audited."""
    judged: Judged


class Desk:
    """Takes in the conversations of one import, all in the light of the settings as they were at its beginning."""

    def __init__(
        self,
        store: Store,
        judge: Judge,
        *,
        shop_id: int | None,
        as_of: datetime,
        create_shops: bool = False,
        only_shops: Collection[int] | None = None,
    ) -> None:
        """``shop_id`` is the shop of conversations that name none that is known; ``as_of`` the moment of judging.

        Into other shops than ``only_shops`` (``None`` = all) nothing goes, whatever conversations name.
        """
        self._store, self._judge, self._as_of = store, judge, as_of
        self._shop_id, self._create_shops, self._only_shops = shop_id, create_shops, only_shops
        self._book: ContextBook | None = None
        self._by_name: dict[str, ShopSeen | None] = {}

    def prepare(
        self, conversations: Sequence[Conversation], *, writing: Writing, now: datetime, audit_all: bool = False
    ) -> Prepared:
        """Receive a piece and begin with the audits of what may be new."""
        if self._create_shops:
            self._make_shops(conversations, writing, now)
        refused: list[Refused] = []
        arrived: list[Arrived] = []
        with self._store.reading() as session:
            reception = Reception(self._known(session), self._as_of)
            for place, one in enumerate(conversations):
                try:
                    arrived.append(self._receive(session, reception, one))
                except RefusedConversationError as error:
                    refused.append(Refused(place, error.field, error.code, error.reason))
            stored = {} if audit_all else hashes_of(session, dict.fromkeys(one.arrival.key for one in arrived))
        wanted = list(range(len(arrived))) if audit_all else _not_stored([one.arrival for one in arrived], stored)
        judged = self._judge.begin([arrived[place].to_judge for place in wanted], as_of=self._as_of)
        return Prepared(conversations, arrived, refused, wanted, judged)

    def store(self, session: Session, prepared: Prepared, *, import_id: int | None, now: datetime) -> Counts:
        """Write a piece in the caller's transaction.

        Raises:
            UnauditedError: somebody else changed what is stored meanwhile; prepare it again with ``audit_all``.
        """
        return counts_of(prepared, self.store_each(session, prepared, import_id=import_id, now=now))

    def store_each(
        self, session: Session, prepared: Prepared, *, import_id: int | None, now: datetime
    ) -> Sequence[Taken]:
        """As :meth:`store`; says what became of each that arrived, in their order."""
        book = self._known(session)
        arrivals = self._audited(prepared)
        lock_shops(session, {one.shop_id for one in arrivals})
        audits = [one.audit for one in arrivals if one.audit is not None]
        cases = [prepared.arrived[place].to_judge for place in prepared.wanted]
        around = Around(
            import_id=import_id,
            versions=version_ids(session, versions_of(audits, cases), now=now),
            agents={one.code: one.id for one in book.people.agents.values()},
            now=now,
            arrived_at=self._as_of,
        )
        return store_arrivals(session, arrivals, around)

    def _known(self, session: Session) -> ContextBook:
        if self._book is None:
            self._book = ContextBook(session)
            for one in self._book.shops.values():
                self._by_name[one.name] = None if one.name in self._by_name else one
            self._by_name |= {one.code: one for one in self._book.shops.values()}
        return self._book

    def _receive(self, session: Session, reception: Reception, one: Conversation) -> Arrived:
        clean, content_hash = cleaned(one)
        fitting(clean)
        return reception.receive(session, clean, content_hash, self._shop_of(clean.shop))

    def _shop_of(self, name: str | None) -> ShopSeen:
        named = self._by_name.get(name) if name else None
        if named is not None and self._only_shops is not None and named.id not in self._only_shops:
            raise RefusedConversationError("shop", "forbidden_shop", "names a shop that the import may not fill")
        if self._shop_id is not None and self._book is not None:
            if named is not None and named.id != self._shop_id:
                raise RefusedConversationError("shop", "other_shop", "names another shop than the import's")
            return self._book.shops[self._shop_id]
        if named is not None:
            return named
        if name:
            raise RefusedConversationError("shop", "unknown_shop", "there is no shop of the name that is given")
        raise RefusedConversationError("shop", "missing_shop", "names no shop, and the import has none")

    def _make_shops(self, conversations: Sequence[Conversation], writing: Writing, now: datetime) -> None:
        with self._store.reading() as session:
            self._known(session)
        named = {cleaned(one)[0].shop for one in conversations if one.shop not in self._by_name}
        codes = {name for name in named if name and len(name) <= 100}
        if codes:
            with writing() as session:
                note_shops(session, codes, now=now)
            self._book, self._by_name = None, {}

    def _audited(self, prepared: Prepared) -> list[Arrival]:
        arrivals = [one.arrival for one in prepared.arrived]
        for place, audit in zip(prepared.wanted, prepared.judged(), strict=True):
            arrivals[place] = replace(arrivals[place], is_audited=True, audit=audit)
        return arrivals


def versions_of(audits: Iterable[Audit], cases: Sequence[ToJudge]) -> Versions:
    """The rubrics and contexts of audits; ``cases`` are what was to be judged, and maybe more."""
    used = list(audits)
    hashes = {one.context for one in used}
    known = {one.context.content_hash: one.context for one in cases if one.context.content_hash in hashes}
    rubrics = {one.rubric.rubric.content_hash: one.rubric for one in cases if one.rubric is not None}
    return Versions(
        [
            Version(content, rubrics[content].rubric.id, partial(dict, rubrics[content].files))
            for content in {one.rubric for one in used}
        ],
        [Version(one.content_hash, "", partial(msgspec.json.decode, one.body)) for one in known.values()],
    )


def _not_stored(arrivals: Sequence[Arrival], stored: Mapping[Key, str]) -> list[int]:
    """The places of what is not the same as the version before it, which is stored or stands earlier in the piece."""
    newest = dict(stored)
    out = []
    for place, one in enumerate(arrivals):
        if newest.get(one.key) != one.content_hash:
            newest[one.key] = one.content_hash
            out.append(place)
    return out


def counts_of(prepared: Prepared, taken: Sequence[Taken]) -> Counts:
    """What became of a piece, counted."""
    became = Counter(taken)
    messages = sum(len(one.arrival.conversation.messages) for one in prepared.arrived)
    return Counts(became["new"], became["updated"], became["same"], became["older"], messages)
