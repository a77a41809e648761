"""Taking words out of the database: a conversation's text, and all that tells one customer from another.

Scores, outcomes, counts, times and ids stay, so that no figure about an agent changes. Which column holds what, and what
becomes of it, is listed in ``docs/erasure.md``; a test holds that list against the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from qaplatform.store import search
from qaplatform.store.imports import LIVE, OURS
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.tables import (
    AddedFinding,
    AuditRow,
    Base,
    Case,
    ConversationMark,
    ConversationRow,
    Customer,
    FindingRow,
    GradeRow,
    GradingRun,
    Import,
    ImportProblem,
    Job,
    LlmAnswer,
    LlmCall,
    MessageRow,
    Note,
    PushBatch,
    Review,
    Ruling,
    Sample,
    SamplePlan,
    SavedSearch,
    SentText,
    Shop,
    WatchedFile,
    WorkItem,
)
from qaplatform.store.training.erasing import erase_training, purge_training

Holds = Callable[[str], bool]
"""Whether a text holds something of the customer who is erased."""


class CustomerFound(NamedTuple):
    """A customer as far as an erasure must know; ``key`` is what the source calls them."""

    id: int
    shop_id: int
    key: str | None
    erased_at: datetime | None
    pseudonym: str


class Touched(NamedTuple):
    """How much an erasure of a customer touches; messages of every revision."""

    conversations: int
    messages: int
    notes: int


class JobFound(NamedTuple):
    """The newest job that erases a customer."""

    id: int
    state: str


class StoredUpload(NamedTuple):
    """A file of an import that we keep; ``is_needed`` while the import waits or runs."""

    import_id: int
    path: str
    is_needed: bool


# --- which --------------------------------------------------------------------------------------------


def retentions(session: Session) -> list[tuple[int, int, str]]:
    """Shops that keep texts for so many days only, with their time zones."""
    asked = select(Shop.id, Shop.text_retention_days, Shop.timezone).where(Shop.text_retention_days.is_not(None))
    return [(id, int(days or 0), zone) for id, days, zone in session.execute(asked.order_by(Shop.id))]


def ended_before(session: Session, moments: Mapping[int, datetime], *, limit: int) -> list[tuple[int, int]]:
    """Shop and id of conversations with words in them whose last message is older than a moment, which each shop has."""
    row = ConversationRow
    out: list[tuple[int, int]] = []
    for shop_id, moment in moments.items():
        asked = (
            select(row.shop_id, row.id)
            .where(row.shop_id == shop_id, row.ended_at < moment, row.text_purged_at.is_(None))
            .order_by(row.ended_at, row.id)
            .limit(limit - len(out))
        )
        out += [(shop, id) for shop, id in session.execute(asked)]
        if len(out) >= limit:
            break
    return out


def customer_found(session: Session, customer_id: int) -> CustomerFound | None:
    """The customer of an id."""
    columns = (Customer.id, Customer.shop_id, Customer.source_key, Customer.erased_at, Customer.pseudonym)
    found = session.execute(select(*columns).where(Customer.id == customer_id)).one_or_none()
    return CustomerFound(*found) if found else None


def touched(session: Session, customer_id: int) -> Touched:
    """How much there is of a customer."""
    ids = select(ConversationRow.id).where(ConversationRow.customer_id == customer_id)
    counted = [
        select(func.count()).where(column.in_(ids)).scalar_subquery()
        for column in (ConversationRow.id, MessageRow.conversation_id, Note.conversation_id)
    ]
    return Touched(*session.execute(select(*counted)).one())


def job_of(session: Session, kind: str, key: str) -> JobFound | None:
    """The newest job of a kind and a key, or of one of the rounds that followed it, whose keys go on behind a colon."""
    held = func.coalesce(Job.unique_key, Job.ended_key)
    asked = select(Job.id, Job.state).where(Job.kind == kind, or_(held == key, held.startswith(f"{key}:")))
    found = session.execute(asked.order_by(Job.id.desc()).limit(1)).one_or_none()
    return JobFound(*found) if found else None


def conversations_of(session: Session, customer_id: int, *, after_id: int = 0, limit: int) -> list[int]:
    """Ids of a customer's conversations, ascending."""
    row = ConversationRow
    asked = select(row.id).where(row.customer_id == customer_id, row.id > after_id).order_by(row.id).limit(limit)
    return list(session.scalars(asked))


def names_of(session: Session, ids: Sequence[int]) -> set[str]:
    """What the customer of some conversations is known by in them: names, order and case numbers, the source's ids."""
    row, said = ConversationRow, MessageRow
    found: set[str | None] = set()
    for values in session.execute(select(row.source_id, row.order_id).where(row.id.in_(ids))):
        found |= set(values)
    cases = select(Case.key).join(row, row.case_id == Case.id).where(row.id.in_(ids))
    found |= {key.partition(":")[2] or key for key in session.scalars(cases)}
    accounts = select(said.account).where(said.conversation_id.in_(ids), said.role == "customer").distinct()
    found |= set(session.scalars(accounts))
    return {one for one in found if one}


def texts_of(session: Session, ids: Sequence[int]) -> list[str]:
    """All texts of conversations, of every revision."""
    asked = select(MessageRow.text).where(MessageRow.conversation_id.in_(ids)).order_by(MessageRow.id)
    return list(session.scalars(asked))


def uploads_of(session: Session, shop_id: int) -> list[StoredUpload]:
    """The files we keep of imports that may hold conversations of a shop; those in watched folders are not ours."""
    asked = (
        select(Import.id, Import.file_path, Import.state.in_(LIVE))
        .where(or_(Import.shop_id == shop_id, Import.shop_id.is_(None)), _is_ours())
        .order_by(Import.id)
    )
    return [StoredUpload(id, str(path), needed) for id, path, needed in session.execute(asked)]


def paths_kept(session: Session) -> set[str]:
    """The paths of all files we keep."""
    return {str(path) for path in session.scalars(select(Import.file_path).where(_is_ours()))}


def _is_ours() -> ColumnElement[bool]:
    return Import.file_path.is_not(None) & Import.origin.in_(OURS)


def is_import_under_way(session: Session, shop_id: int) -> bool:
    """Whether an import that may hold conversations of a shop waits or runs."""
    own = or_(Import.shop_id == shop_id, Import.shop_id.is_(None))
    return session.scalar(select(Import.id).where(own, Import.state.in_(LIVE)).limit(1)) is not None


# --- what goes -----------------------------------------------------------------------------------------


def purge(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Take out the words of conversations.

    These are texts, facts of findings, drafts of reviews, what a model was sent and wrote, drills and drafts of scenarios, terms
    of the search index.
    """
    # Whoever is just writing down what a model was sent or said has ended before anything is taken out, or sees it gone.
    session.execute(
        select(ConversationRow.id).where(ConversationRow.id.in_(ids)).order_by(ConversationRow.id).with_for_update()
    )
    search.remove(session, indexed_texts(session, ids))
    audits = select(AuditRow.id).where(AuditRow.conversation_id.in_(ids))
    _set(session, MessageRow, MessageRow.conversation_id.in_(ids), text="")
    _set(session, FindingRow, FindingRow.audit_id.in_(audits), facts={})
    _set(session, WorkItem, WorkItem.conversation_id.in_(ids), draft={})
    for sent in (SentText, LlmAnswer):
        session.execute(delete(sent).where(sent.conversation_id.in_(ids)))
    _set(session, LlmCall, LlmCall.conversation_id.in_(ids), raw=b"")
    _set(session, GradeRow, GradeRow.conversation_id.in_(ids), reason="")
    purge_training(session, ids, now=now)
    unpurged = ConversationRow.id.in_(ids) & ConversationRow.text_purged_at.is_(None)
    _set(session, ConversationRow, unpurged, text_purged_at=now)


def erase(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Take out of conversations all that tells whose they were; doing it again changes nothing."""
    purge(session, ids, now=now)
    row, said = ConversationRow, MessageRow
    here = said.conversation_id.in_(ids)
    _set(session, MessageRow, here, source_id=None)
    _set(session, MessageRow, here & said.role.in_(("customer", "system")), account=None)
    _set(session, Note, Note.conversation_id.in_(ids), text="")
    _set(session, Ruling, Ruling.conversation_id.in_(ids), reason=None)
    _set(session, Review, Review.conversation_id.in_(ids), summary="")
    reviews = select(Review.id).where(Review.conversation_id.in_(ids))
    _set(session, AddedFinding, AddedFinding.review_id.in_(reviews), comment="")
    _set(session, WorkItem, WorkItem.conversation_id.in_(ids), replaced_why=None)
    erase_training(session, ids)
    _set(session, ConversationRow, row.id.in_(ids), content_hash="", order_id=None, tier=None, tags=[], meta={})
    mark = ConversationMark
    session.execute(delete(mark).where(mark.conversation_id.in_(ids), mark.kind == "tag"))
    session.execute(update(ConversationRow), [{"id": id, "source_id": _nameless(id)} for id in ids])
    cases = session.scalars(select(row.case_id).where(row.id.in_(ids), row.case_id.is_not(None)).distinct()).all()
    if cases:
        session.execute(update(Case), [{"id": id, "key": _nameless(id)} for id in cases if id is not None])
    imports = select(row.import_id).where(row.id.in_(ids), row.import_id.is_not(None)).distinct()
    _set(session, ImportProblem, ImportProblem.import_id.in_(imports), reason="")
    _set(session, Import, Import.id.in_(imports), error=None)


def _nameless(id: int) -> str:
    return f"erased-{id}"


def erase_customer(session: Session, customer_id: int, *, now: datetime) -> None:
    """Take out of a customer's row who it was."""
    _set(
        session, Customer, Customer.id == customer_id, source_key=None, tier=None, pseudonym=f"E-{customer_id}",
        erased_at=now,
    )  # fmt: skip


class Change(NamedTuple):
    """New values of a row, by its id; or the row is to go."""

    table: type[Base]
    row: dict[str, Any]
    is_removed: bool = False


def loose_ends(session: Session, shop_id: int, holds: Holds) -> list[Change]:
    """Where the customer stands in what belongs to no conversation: names of files, errors, saved searches."""
    changes = []
    for place in _loose_places(shop_id):
        for id, value in session.execute(place.asked).yield_per(1000):
            clean = _without(value, holds, place.instead(id))
            if clean != value:
                changes.append(Change(place.table, {"id": id, place.column: clean}))
    searches = select(SavedSearch.id, SavedSearch.name, SavedSearch.query).order_by(SavedSearch.id)
    changes += [
        Change(SavedSearch, {"id": id}, is_removed=True)
        for id, name, query in session.execute(searches)
        if any(map(holds, (name, *_asked_for(query))))
    ]
    return changes


def clean(session: Session, changes: Sequence[Change]) -> None:
    """Make changes."""
    for one in changes:
        if one.is_removed:
            session.execute(delete(one.table).where(one.table.id == one.row["id"]))  # type: ignore[attr-defined]
        else:
            session.execute(update(one.table), [one.row])


class _Place(NamedTuple):
    """A column that may hold anything, with rows to look through, and what stands there afterwards."""

    table: type[Base]
    column: str
    asked: Select[Any]
    instead: Callable[[int], str | None]


def _loose_places(shop_id: int) -> Iterator[_Place]:
    own_imports = select(Import.id).where(or_(Import.shop_id == shop_id, Import.shop_id.is_(None)))

    def place(table: Any, column: str, *where: Any, instead: Callable[[int], str | None] = lambda _: "") -> _Place:
        asked = select(table.id, getattr(table, column)).where(getattr(table, column).is_not(None), *where)
        return _Place(table, column, asked.order_by(table.id), instead)

    mine = Import.id.in_(own_imports)
    yield place(Import, "file_name", mine)
    yield place(Import, "error", mine)
    yield place(Import, "options", mine)
    yield place(ImportProblem, "reason", ImportProblem.import_id.in_(own_imports))
    yield place(ImportProblem, "field", ImportProblem.import_id.in_(own_imports))
    yield place(PushBatch, "idempotency_key", PushBatch.shop_id == shop_id, instead=_nameless)
    yield place(PushBatch, "answer", PushBatch.shop_id == shop_id)
    yield place(WatchedFile, "name", WatchedFile.shop_id == shop_id, instead=_nameless)
    yield place(Job, "error")
    yield place(Job, "note")
    yield place(Job, "payload")
    yield place(SamplePlan, "name")
    yield place(SamplePlan, "query")
    yield place(Sample, "name")
    yield place(Sample, "plan")
    yield place(WorkItem, "why")
    yield place(GradingRun, "wanted")


def _without(value: Any, holds: Holds, instead: str | None) -> Any:
    """A value, and in JSON every text of it, without what holds something of the customer, be it as part of an address."""
    if isinstance(value, str):
        return instead if any(map(holds, _asked_for(value))) else value
    if isinstance(value, dict):
        return {key: _without(one, holds, instead) for key, one in value.items() if not holds(key)}
    return [_without(one, holds, instead) for one in value] if isinstance(value, list) else value


def _asked_for(query: str) -> list[str]:
    return [query, *(value for _, value in parse_qsl(query.lstrip("?"), keep_blank_values=True))]


def _set(session: Session, table: type[Base], where: Any, **values: Any) -> None:
    session.execute(update(table).where(where).values(values), execution_options={"synchronize_session": False})
